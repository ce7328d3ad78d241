"""Whatever the OpenAPI document allows or forbids is answered as it says, and nothing makes an error in the log."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from agentkit import Orchestrator
from agentkit.interfaces.rest import create_app
from agentkit.interfaces.rest.door import found_door
from agentkit.service import ApiKeys, Service, Settings
from tests.interfaces.rest.site import AGENTS, FLOWS, listening

# What is right depends on where an operation stands, so a body that fits may be refused all the same.
NOT_CHECKED = "positive_data_acceptance"
TENANTS = {"ada": "acme", "eve": "acme-corp"}


async def make_keys(store: str) -> dict[str, str]:
    """An admin's key for each of two tenants."""
    async with Orchestrator(store=store, adopt=False) as orchestrator:
        keys = ApiKeys(orchestrator.store, now=orchestrator.now)
        return {
            name: (await keys.create(name, tenant=tenant, scopes={"admin"})).key for name, tenant in TENANTS.items()
        }


@contextmanager
def errors_logged() -> Iterator[list[str]]:
    """What any logger says of errors, whichever thread it is in."""
    said: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"{record.name}: {record.getMessage()}")

    handler = Listening(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield said
    finally:
        logging.getLogger().removeHandler(handler)


def schemathesis(url: str, key: str, folder: Path, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Ask whatever can be drawn from the document of a server."""
    folder.mkdir()
    return subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json"),
            *("--header", f"Authorization: Bearer {key}", "--exclude-checks", NOT_CHECKED, "--seed", "7"),
            *("--request-timeout", "10", "--no-color", *words),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def answers_as_described(folder: Path, words: dict[str, Sequence[str]]) -> None:
    """Have two tenants ask one real server at once, and look at what it answered, logged and kept."""
    store = f"sqlite:///{folder}/runs.db"
    keys = asyncio.run(make_keys(store))
    service = Service(Orchestrator(AGENTS, store=store), FLOWS, modules={"shop.agents": ["greet"]})
    app = create_app(service, settings=Settings(rate=10**9))
    with errors_logged() as errors, listening(app) as url, ThreadPoolExecutor() as pool:
        asked = {name: pool.submit(schemathesis, url, keys[name], folder / name, words[name]) for name in TENANTS}
        for one in asked.values():
            done = one.result()
            assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
        for name, tenant in TENANTS.items():
            headers = {"Authorization": f"Bearer {keys[name]}"}
            seen = httpx2.get(f"{url}/v1/operations?limit=200", headers=headers, timeout=20).json()["items"]
            assert {line["tenant"] for line in seen} == {tenant}
        figures = found_door(app).figures

        assert (figures.requests > 500, figures.error_rate) == (True, 0)
    assert errors == []


def test_p21_what_two_tenants_draw_from_the_document_is_answered_as_it_says(tmp_path: Path) -> None:
    drawn = ["--phases", "examples,fuzzing,stateful", "--max-examples", "2"]
    answers_as_described(tmp_path, {"ada": drawn, "eve": ["--phases", "coverage"]})


@pytest.mark.long
def test_p21_every_phase_on_many_examples_of_two_tenants(tmp_path: Path) -> None:
    words = ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "40"]
    answers_as_described(tmp_path, dict.fromkeys(TENANTS, words))
