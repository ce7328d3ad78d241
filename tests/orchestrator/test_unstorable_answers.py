"""What people answer, or an agent asks, is kept exactly or refused with a typed error before it is written."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import AgentKitError, InputError, OperationFailed, UnstorableValue
from agentkit.kernel import Approval, RetryPolicy, Stage, VoteCast, Workflow
from agentkit.testing.agents import Sleep
from tests.orchestrator.scenes import ended, journal_of, opened, scripted, words

PAIR = "\ud83d\ude00"
"""Two surrogates: written as JSON and read again, they would be one letter."""

FORM = {"note": "text?", "count": "whole?", "amount": "decimal?"}
ASKING: Workflow[object] = Workflow(
    "asking", [Stage("ask", approval=Approval(form=FORM)), Stage("long", agent="ada", after=["ask"])]
)
BUSY: Workflow[object] = Workflow("busy", [Stage("ask", approval=Approval(form=FORM)), Stage("long", agent="ada")])


@pytest.mark.parametrize("workflow", [ASKING, BUSY], ids=["at rest", "driven"])
@pytest.mark.parametrize(
    ("form", "error"),
    [
        pytest.param({"note": PAIR}, UnstorableValue, id="surrogates"),
        pytest.param({"count": 10**5_000}, UnstorableValue, id="too many digits"),
        pytest.param({"count": float("nan")}, InputError, id="no number"),
        pytest.param({"amount": Decimal("1e999999999")}, InputError, id="an amount without end"),
        pytest.param({"note": object()}, InputError, id="no data"),
    ],
)
async def test_an_answer_that_cannot_be_kept_is_refused_and_the_next_one_counts(
    workflow: Workflow[object], form: Mapping[str, object], error: type[AgentKitError]
) -> None:
    async with opened(scripted("ada", Sleep(100, "done"))) as orchestrator:
        operation = await orchestrator.submit(workflow)
        await asyncio.sleep(20)
        before = words(await orchestrator.history(operation.id))
        with pytest.raises(error):
            await operation.approve("ask", by="ann", form=form)
        assert words(await orchestrator.history(operation.id)) == before

        await operation.approve("ask", by="ann", form={"note": "fine", "count": 1, "amount": Decimal("1.50")})
        await operation
        votes = [event for event in await journal_of(operation) if isinstance(event, VoteCast)]
    assert [vote.form for vote in votes] == ['{"note":"fine","count":1,"amount":"1.50"}']


@pytest.mark.parametrize(
    "settings", [{"question": PAIR}, {"question": "?", "by": {PAIR}}, {"name": PAIR}], ids=["question", "role", "name"]
)
async def test_a_question_of_an_agent_that_cannot_be_kept_fails_its_stage_once(settings: dict[str, Any]) -> None:
    runs = 0

    @agent
    async def asking(task: Task[object]) -> bool:
        nonlocal runs
        runs += 1
        return bool(await task.approval(**{"name": "sure", **settings}))

    flow: Workflow[object] = Workflow("w", [Stage("s", agent="asking", retry=RetryPolicy(attempts=3))])
    async with opened(asking) as orchestrator:
        operation = await orchestrator.submit(flow)
        async with asyncio.timeout(60):
            error = await ended(operation)
        failure = (await operation.state()).stage("s").failure

    assert isinstance(error, OperationFailed)
    assert "stage 's'" in str(error)
    assert failure is not None
    assert (failure.code, runs) == ("value_unstorable", 1)
