"""`agentkit gradio` in a process of its own: near, until it is told to end; and what it refuses."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from agentkit.interfaces.cli.app import app

AGENTS = """
from agentkit import Task, agent

@agent
async def greet(task: Task[dict[str, str]]) -> str:
    return "Hello"
"""
FLOW = '{"name": "hello", "stages": [{"name": "greet", "agent": "greet"}]}'


def test_the_page_is_served_on_this_machine_until_sigterm(tmp_path: Path) -> None:
    (tmp_path / "agents.py").write_text(AGENTS)
    (tmp_path / "hello.json").write_text(FLOW)
    command = [sys.executable, "-c", "from agentkit.interfaces.cli import main; main()", "gradio", "hello.json"]
    process = subprocess.Popen(
        [*command, "--agents", "agents.py", "--store", "sqlite:///runs.db", "--port", "0"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "NO_COLOR": "1",
            "AGENTKIT_GRADIO_THEME": "dark",
            "AGENTKIT_GRADIO_UPLOAD_BYTES": "1000000",
            "GRADIO_TEMP_DIR": str(tmp_path / "gradio"),
        },
    )
    assert process.stderr is not None
    try:
        said = next(line for line in process.stderr if "http://" in line)
        url = said[said.index("http://") :].split()[0]
        assert httpx2.get(f"{url}/config", timeout=60).json()["title"] == "agentkit"
        # A page elsewhere that gave its own name this address gets nothing.
        assert httpx2.get(f"{url}/config", headers={"Host": "evil.test"}, timeout=60).status_code == 400
        # Nor does a page elsewhere that sends something without asking first.
        for origin, status in (("http://evil.test", 403), ("null", 403), (url, 200)):
            sent = httpx2.post(
                f"{url}/gradio_api/upload", files={"files": b"x"}, headers={"Origin": origin}, timeout=60
            )
            assert sent.status_code == status
        large = httpx2.post(f"{url}/gradio_api/upload", files={"files": b" " * 2_000_000}, timeout=60)
        assert large.status_code == 413
        assert '.contains("dark") === true' in httpx2.get(f"{url}/config", timeout=60).json()["head"]
        # Somebody looks at it, so a stream is open.
        with httpx2.stream("GET", f"{url}/gradio_api/heartbeat/ada", timeout=60) as stream:
            process.send_signal(signal.SIGTERM)
            assert stream.status_code == 200
            process.wait(60)
    finally:
        process.kill()
        rest = process.communicate(timeout=60)[1]
    assert (process.returncode, rest) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name the files of the workflows"),
        (["a", "b", "--server", "http://127.0.0.1:1"], "name one workflow"),
        (["a", "--server", "http://127.0.0.1:1", "--role", "finance"], "your key says who you are"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], said: str) -> None:
    found = CliRunner().invoke(app, ["gradio", *words])
    assert found.exit_code == 2
    assert said in " ".join(found.output.split())
