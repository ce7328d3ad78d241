"""Whatever the OpenAPI document allows or forbids is answered as it says, and nothing makes an error in the log."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from agentkit import Orchestrator
from agentkit.interfaces.rest import create_app
from agentkit.service import ApiKeys, Service, Settings
from tests.interfaces.rest.site import AGENTS, FLOWS, listening

# What is right depends on where an operation stands, so a body that fits may be refused all the same.
NOT_CHECKED = "positive_data_acceptance"


async def make_key(store: str, **more: object) -> str:
    async with Orchestrator(store=store, adopt=False) as orchestrator:
        keys = ApiKeys(orchestrator.store, now=orchestrator.now)
        return (await keys.create("ada", tenant="acme", **more)).key  # type: ignore[arg-type]  # scopes


def answers_as_described(folder: Path, caplog: pytest.LogCaptureFixture, *words: str) -> None:
    """Run schemathesis on a real server with a key, and look into the server's log."""
    store = f"sqlite:///{folder}/runs.db"
    key = asyncio.run(make_key(store, scopes={"admin"}))
    service = Service(Orchestrator(AGENTS, store=store), FLOWS, modules={"shop.agents": ["greet"]})
    with listening(create_app(service, settings=Settings(rate=10**9))) as url:
        done = subprocess.run(
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

    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_p21_what_is_drawn_from_the_document_is_answered_as_it_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answers_as_described(tmp_path, caplog, "--phases", "examples,fuzzing,stateful", "--max-examples", "3")


@pytest.mark.long
def test_p21_every_phase_on_many_examples(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    answers_as_described(tmp_path, caplog, "--max-examples", "40")
