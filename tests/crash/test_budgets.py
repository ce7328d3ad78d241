"""What is left to a group and an agent after a kill is what the journal says."""

from pathlib import Path

import pytest

from agentkit import Orchestrator
from agentkit.kernel import AttemptFailed, replay
from tests.crash.processes import KILLED, Place, run
from tests.crash.spender import Search

pytestmark = pytest.mark.blocking


async def test_after_a_kill_a_group_and_an_agent_go_on_with_what_is_left(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert run("-m", "tests.crash.spender", place.store).returncode == KILLED

    async with Orchestrator([Search()], store=f"sqlite:///{place.store}", adopt=False) as orchestrator:
        (line,) = await orchestrator.list()
        operation = await orchestrator.get(line.stream)
        before = (await operation.state()).counted_by
        await orchestrator.adopt()
        await operation
        journal = [entry.event async for entry in operation.events()]

    assert {name: (usage.calls, usage.tokens) for name, usage in before.items()} == {
        "group searches": (1, 30),
        "agent search": (1, 30),
    }
    # The one that died is a call too, and what else it used nobody knows.
    assert {name: (usage.calls, usage.tokens) for name, usage in replay(journal).counted_by.items()} == {
        "group searches": (4, 90),
        "agent search": (4, 90),
    }
    (refused,) = [event for event in journal if isinstance(event, AttemptFailed)]
    assert (refused.stage, refused.failure.code) == ("four", "budget_exhausted")
    assert "budget 'group searches'" in refused.failure.message
