"""The command line, called in this process, in a folder of its own.

Commands read their files before anything else runs on their loop, so the watch for blocking calls looks away here.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import Result

from agentkit import Stage, Workflow
from agentkit.service import dump_workflow
from tests.interfaces.commands import call

STORE = "sqlite:///runs.db"
ACTORS = "tests.interfaces.cli.actors"


@dataclass(frozen=True, slots=True)
class Line:
    """The command line of a user who has set the store and the agents."""

    folder: Path

    def __call__(self, *words: str, code: int = 0) -> Result:
        """Call it, and check how it ends."""
        result = call(*words, env={"AGENTKIT_STORE": STORE, "AGENTKIT_AGENTS": ACTORS})
        assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
        assert "Traceback" not in result.stderr
        return result

    def error(self, *words: str, code: int = 2) -> str:
        """The one line that says what is wrong."""
        result = self(*words, code=code)
        lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
        assert (len(lines), result.stdout) == (1, "")
        return lines[0].removeprefix("error: ")

    def flow(self, *stages: Stage, name: str = "flow", **more: object) -> str:
        """Write a workflow file; its name."""
        text = dump_workflow(Workflow(name, stages or [Stage("ask", agent="echo")], **more), "json")  # type: ignore[arg-type] # whatever a test wants to set
        (self.folder / f"{name}.json").write_text(text)
        return f"{name}.json"

    def ids(self) -> list[str]:
        """All operations, the newest first."""
        return [json.loads(line)["id"] for line in self("list", "--json").stdout.splitlines()]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.chdir(tmp_path)
    return Line(tmp_path)
