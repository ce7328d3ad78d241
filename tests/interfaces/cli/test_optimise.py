"""`optimise show`, `plan`, `apply` and `undo`, on a store of this machine."""

import asyncio
import json

import pytest

from agentkit import Limits, Orchestrator, Stage, Workflow
from agentkit.orchestrator import Optimizer
from agentkit.testing import ScriptedAgent, Sleep
from tests.interfaces.cli.conftest import STORE, Line

pytestmark = pytest.mark.blocking
FLOW = Workflow("one", [Stage("only", agent="clerk")])


async def worked(count: int = 8, *, looks: bool = True) -> int:
    """Work for real, one at a time where nobody has changed that; how many may run at once in the end."""
    clerk = ScriptedAgent("clerk", [Sleep(0.2)])
    async with Orchestrator([clerk], limits=Limits(max_parallel=1), store=STORE) as orchestrator:
        if looks:
            await Optimizer(orchestrator).follow()
        for operation in [await orchestrator.submit(FLOW) for _ in range(count)]:
            await operation.result()
        return orchestrator.load.most_attempts


def test_a_plan_is_shown_applied_followed_reported_and_undone(cli: Line) -> None:
    assert asyncio.run(worked()) == 1
    shown = cli("optimise", "show").stdout
    planned = cli("optimise", "plan").stdout
    applied = cli("optimise", "apply", "--by", "ada").stderr

    assert shown.startswith("8 operations, 8 attempts: ")
    assert "high    full_limit: all 1 of max_parallel were taken in" in shown
    assert planned.startswith("max_parallel: 1 to 4\nexpected: ")
    assert applied.startswith("change 1: max_parallel 1 to 4;")

    assert cli("optimise", "plan").stdout == "nothing to change\n"
    assert "moves nothing" in cli.error("optimise", "apply", code=2)

    assert asyncio.run(worked(4)) == 4
    reported = cli("optimise", "show").stdout
    assert "no bottleneck" in reported
    assert "change 1 by ada: max_parallel 1 to 4" in reported
    assert reported.rstrip().endswith("4 operations")

    assert "change 1 is undone" in cli("optimise", "undo").stderr
    assert asyncio.run(worked(1)) == 1
    assert "undone by command line" in cli("optimise", "show").stdout
    assert "no change to undo" in cli.error("optimise", "undo", code=1)


def test_what_is_shown_can_be_had_as_json_and_of_the_newest_alone(cli: Line) -> None:
    asyncio.run(worked())
    shown = json.loads(cli("optimise", "show", "--json").stdout)
    planned = json.loads(cli("optimise", "plan", "--json").stdout)

    assert (shown["performance"]["operations"], shown["report"]) == (8, None)
    assert {one["kind"] for one in shown["bottlenecks"]} == {"full_limit", "long_queue"}
    assert planned["steps"] == [{"lever": "max_parallel", "before": 1, "after": 4}]
    newest = json.loads(cli("optimise", "show", "--json", "--operations", "3").stdout)
    assert newest["performance"]["operations"] == 3


def test_a_store_whose_processes_told_nothing_gets_no_plan(cli: Line) -> None:
    asyncio.run(worked(looks=False))
    planned = cli("optimise", "plan")

    assert planned.stdout == "nothing to change\n"
    assert "no process has told its limits" in planned.stderr
    refused = cli("optimise", "apply", code=2).stderr
    assert "no process has told its limits" in refused
    assert "moves nothing" in refused
