"""What the tests of the royalty run share: a run with its journal, and what it wrote."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from agentkit import Orchestrator, Result
from agentkit.kernel import Event
from agentkit.service import load_agents, load_workflow
from examples.royalties_in_python.model import Summary

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "royalties"
WORKFLOW = load_workflow(ROOT / "examples" / "royalties_in_python" / "royalties.yaml")
AGENTS = load_agents(["examples.royalties_in_python.agents"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A completed run."""

    result: Result
    summary: Summary
    journal: Sequence[Event]

    def stages_of(self, kind: type[Event]) -> list[str]:
        """The stages of all events of one type, in order."""
        return [getattr(event, "stage", "") for event in self.journal if type(event) is kind]


async def royalty_run(out: Path, **options: str) -> Run:
    async with Orchestrator(AGENTS) as orchestrator:
        operation = await orchestrator.submit(WORKFLOW, {"period": "2024", "out": str(out), **options})
        result = await operation
        assert isinstance(result.output, Summary)
        return Run(result=result, summary=result.output, journal=await orchestrator.history(operation.id))


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(path: Path, name: str) -> list[Decimal]:
    """The amounts of one column, the line of totals last."""
    return [Decimal(record[name]) for record in records(path)]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for the audit trail, which each run adds to."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "audit.jsonl"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
