"""The royalty run on the ready-made agents: two files of data and no code."""

import csv
import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from anyio import to_thread

from agentkit import Orchestrator, Workflow
from agentkit.data import Access, unpack_table
from agentkit.money import verifier_text
from agentkit.orchestrator import Operation
from agentkit.readymade import agents_from_data
from agentkit.service import load_agents, load_workflow, write_evidence

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "royalties"
SHARED = ROOT.parent / "shared" / "data"
WORKFLOW = load_workflow(EXAMPLE / "royalties.yaml")

pytestmark = pytest.mark.blocking
real = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data is not beside the project")


def agents(source: str, access: Access, engine: str = "auto") -> list[Any]:
    """The agents of the example's files, each table engine in turn."""
    data = yaml.safe_load((EXAMPLE / "agents.yaml").read_text())
    for settings in data["agents"].values():
        if settings["is"] == "processing":
            settings["engine"] = engine
    return [*agents_from_data(data), *load_agents([str(EXAMPLE / source)], access=access)]


async def files_of(operation: Operation) -> dict[str, bytes]:
    names = [line.artifact.name for line in await operation.artifacts() if line.artifact.is_for_people]
    return {name: await operation.artifact(name) for name in names}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A JSON API on loopback, two sales a page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(self.path.rpartition("=")[2]) if "page=" in self.path else 1
            rows = json.loads((folder / "sales.json").read_text())
            body = json.dumps({"items": rows[2 * page - 2 : 2 * page]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("engine", ["python", "polars"])
async def test_the_made_up_sales_become_statements_to_the_cent(engine: str, tmp_path: Path) -> None:
    made = agents("files.yaml", Access(root=str(ROOT)), engine)
    async with Orchestrator(made) as orchestrator:
        operation = await orchestrator.submit(WORKFLOW, {"period": "2024"})
        await operation
        files = await files_of(operation)
        journal = await orchestrator.history(operation.id)
    artists = {row["artist"]: row for row in table(files["royalties-2024-artists.csv"])}

    assert len(artists) == 6
    assert total(list(artists.values()), "sold for (USD)") == Decimal("61.74")
    assert artists["Ibis & Oak"]["artist's share (USD)"] == "11.62"
    assert artists["Måne Trio"]["artist's share (USD)"] == "2.42"
    for row in artists.values():
        assert Decimal(row["artist's share (USD)"]) + Decimal(row["label's share (USD)"]) == Decimal(
            row["sold for (USD)"]
        )
    assert {name.rpartition(".")[2] for name in files} == {"csv", "jsonl", "pdf", "xlsx"}
    assert files["royalties-2024.pdf"].startswith(b"%PDF")
    assert len([name for name in files if name.endswith(".csv")]) == 1 + 6 + 4

    # Each sale is in a statement or among those kept apart, and none in both.
    sold = {
        row["id"] for name, content in files.items() if name.endswith(".csv") for row in table(content) if "id" in row
    }
    unclear = table(files["royalties-2024-sales-that-are-not-certain.csv"])
    assert [row["row"] for row in table(files["royalties-2024-rows-out-of-shape.csv"])] == ["39"]
    assert table(files["royalties-2024-sales-that-cannot-be-booked.csv"]) == []
    assert [row["row"] for row in table(files["royalties-2024-sales-that-came-twice.csv"])] == ["13"]
    assert len(sold) == 27
    assert {row["raw"] for row in unclear} >= {"02/03/2024", "1.234", "2024-02-30"}

    # The whole of it in one file, which an outsider verifies without agentkit.
    pack, verifier = tmp_path / "evidence.zip", tmp_path / "verify.py"
    trail = files.pop("shares.audit.jsonl")
    write_evidence(pack, journal, trails={"shares.audit.jsonl": trail.splitlines(keepends=True)}, files=dict(files))
    verifier.write_bytes(verifier_text())
    command = [sys.executable, "-I", "-S", str(verifier), str(pack)]
    done = await to_thread.run_sync(lambda: subprocess.run(command, capture_output=True, text=True, check=False))
    assert done.returncode == 0, done.stderr
    assert "54 entries verify" in done.stdout, "a conversion and a share for each sale"


@pytest.mark.parametrize(
    ("period", "sold"),
    [("2024", 27), ("2024-02", 5), ("all", 31), ("2024-0", 0), ("02", 0), ("", 0), ("' or 1 == 1", 0)],
)
async def test_a_period_is_a_year_a_month_or_all(period: str, sold: int) -> None:
    stages = [stage for stage in WORKFLOW.stages if stage.name in {"read", "sales"}]
    async with Orchestrator(agents("files.yaml", Access(root=str(ROOT)))) as orchestrator:
        operation = await orchestrator.submit(Workflow("sales", stages), {"period": period})
        await operation
        rows = unpack_table(await operation.artifact("sales.table", stage="sales"))

    assert len(rows) == sold


@real
@pytest.mark.parametrize("engine", ["python", "polars"])
@pytest.mark.parametrize(("period", "artists", "sold"), [("2024", 119, "477.53"), ("all", 165, "2328.60")])
async def test_the_sales_of_a_real_store_come_out_of_its_database(
    period: str, artists: int, sold: str, engine: str
) -> None:
    made = agents("database.yaml", Access(root=str(SHARED)), engine)
    async with Orchestrator(made) as orchestrator:
        operation = await orchestrator.submit(WORKFLOW, {"period": period})
        await operation
        rows = table(await operation.artifact(f"royalties-{period}-artists.csv"))

    assert (len(rows), total(rows, "sold for (USD)")) == (artists, Decimal(sold))
    shares = total(rows, "artist's share (USD)") + total(rows, "label's share (USD)")
    assert shares == Decimal(sold)


async def test_the_sales_come_from_an_api_page_by_page(tmp_path: Path) -> None:
    rows = table((EXAMPLE / "sales.csv").read_bytes())
    (tmp_path / "sales.json").write_text(json.dumps(rows[2:9]))
    with served(tmp_path) as host:
        data = yaml.safe_load((ROOT / "examples" / "api" / "agents.yaml").read_text())
        made = agents_from_data(data, access=Access(networks=("127.0.0.1/32",)))
        flow = load_workflow(ROOT / "examples" / "api" / "sales.yaml")
        async with Orchestrator(made) as orchestrator:
            operation = await orchestrator.submit(flow, {"host": host})
            await operation
            files = await files_of(operation)

    assert total(table(files["sales-by-artist.csv"]), "quantity") == 3 + 1 + 2 + 1 + 1 + 1 + 2
