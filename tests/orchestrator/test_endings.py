"""How operations end: failures, retries, fallbacks, what is missing; values that are refused."""

import asyncio
from itertools import pairwise
from typing import Any, cast

import pytest

from agentkit.agents import Task, agent
from agentkit.errors import GiveUp, OperationFailed, TryAgain
from agentkit.kernel import AttemptFailed, RetryPolicy, Stage, Workflow
from agentkit.testing.agents import Hang, Sleep
from tests.orchestrator.scenes import CHAIN, ONE, ended, journal_of, now, opened, scripted, words


def single(**settings: Any) -> Workflow[object]:
    return Workflow("single", [Stage("only", agent="ada", **settings)])


async def test_a_failed_operation_tells_every_attempt() -> None:
    flow = single(retry=RetryPolicy(attempts=2, delay=1), fallback=["bob"])
    ada, bob = scripted("ada", ValueError("one"), KeyError("two")), scripted("bob", OSError("three"))
    async with opened(ada, bob) as orchestrator:
        with pytest.raises(OperationFailed, match="stage 'only' failed after 4 attempt") as caught:
            await orchestrator.run(flow)

    assert caught.value.stage == "only"
    assert caught.value.attempts is not None
    errors = caught.value.attempts.exceptions
    assert [(e.attempt, e.agent, e.error_type, str(e)) for e in errors if not isinstance(e, ExceptionGroup)] == [
        (1, "ada", "ValueError", "one"),
        (2, "ada", "KeyError", "'two'"),
        (3, "bob", "OSError", "three"),
        (4, "bob", "OSError", "three"),
    ]


async def test_retries_are_exact_and_wait_as_the_policy_says() -> None:
    times: list[float] = []

    def fail(_: object) -> Exception:
        times.append(now())
        return ValueError("again")

    ada = scripted("ada", fail)
    flow = single(retry=RetryPolicy(attempts=4, delay=1, factor=3, max_delay=5, jitter=0))
    async with opened(ada) as orchestrator:
        assert isinstance(await ended(await orchestrator.submit(flow)), OperationFailed)

    waits = [round(later - earlier, 3) for earlier, later in pairwise(times)]
    assert waits == [1, 3, 5]


async def test_an_error_may_say_when_to_try_again() -> None:
    ada = scripted("ada", TryAgain("busy", after=30), "done")
    async with opened(ada) as orchestrator:
        began = now()
        await orchestrator.run(single(retry=RetryPolicy(attempts=2, delay=1)))

        assert now() - began == pytest.approx(30)


async def test_giving_up_goes_on_to_the_fallback_at_once() -> None:
    ada, bob = scripted("ada", GiveUp("not me")), scripted("bob", "rescued")
    async with opened(ada, bob) as orchestrator:
        result = await orchestrator.run(single(retry=RetryPolicy(attempts=5), fallback=["bob"]))

    assert (result.output, dict(result.fallbacks), result.is_degraded) == ("rescued", {"only": "bob"}, True)
    assert (ada.runs, bob.runs) == (1, 1)


async def test_errors_that_are_not_worth_it_are_not_tried_again() -> None:
    ada = scripted("ada", ValueError("no"))
    async with opened(ada) as orchestrator:
        await ended(await orchestrator.submit(single(retry=RetryPolicy(attempts=5, retry_on=[OSError]))))

    assert ada.runs == 1


async def test_a_required_failure_stops_its_siblings() -> None:
    stages = [Stage("a", agent="ada"), Stage("b", agent="bob"), Stage("c", agent="cyd", after=["b"])]
    ada, bob, cyd = scripted("ada", Sleep(5, ValueError("no"))), scripted("bob", Hang()), scripted("cyd")
    async with opened(ada, bob, cyd) as orchestrator:
        began = now()
        operation = await orchestrator.submit(Workflow("siblings", stages))
        error = await ended(operation)
        journal = await journal_of(operation)

        assert now() - began == pytest.approx(5)
    assert isinstance(error, OperationFailed)
    assert error.stage == "a"
    assert words(journal)[-2:] == ["AttemptCancelled b", "OperationFailed a"]
    assert (bob.working, cyd.runs) == (0, 0)


async def test_what_waits_for_a_failed_optional_stage_runs_without_it() -> None:
    stages = [
        Stage("a", agent="ada", required=False),
        Stage("b", agent="bob"),
        Stage("c", agent="cyd", after=["a", "b"]),
    ]
    cyd = scripted("cyd", lambda task: [task.input, list(task.missing)])
    async with opened(scripted("ada", ValueError), scripted("bob", 2), cyd) as orchestrator:
        result = await orchestrator.run(Workflow("optional", stages))

    assert result.output == [{"b": 2}, ["a"]]
    assert (result.missing, result.is_degraded) == (("a",), True)
    assert dict(result.values) == {"b": 2, "c": result.output}


async def test_a_missing_last_stage_is_none() -> None:
    async with opened(scripted("ada", ValueError)) as orchestrator:
        result = await orchestrator.run(single(required=False))

    assert (result.output, result.output_json, result.missing) == (None, "null", ("only",))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (float("inf"), "value_unstorable"),
        ({1: 2}, "value_unstorable"),
        ((1, 2), "value_unstorable"),
        (object(), "value_unstorable"),
        ("x" * 2_000, "output_too_large"),
    ],
)
async def test_a_value_that_cannot_be_kept_fails_its_stage(value: object, code: str) -> None:
    ada = scripted("ada", value)
    async with opened(ada, max_result=1_000) as orchestrator:
        operation = await orchestrator.submit(single(retry=RetryPolicy(attempts=3)))
        assert isinstance(await ended(operation), OperationFailed)
        failures = [event for event in await journal_of(operation) if isinstance(event, AttemptFailed)]

    assert failures[0].failure.code == code
    assert "agent 'ada'" in failures[0].failure.message
    assert ada.runs == len(failures)


async def test_a_value_of_another_type_than_declared_fails_its_stage() -> None:
    @agent
    async def ada(task: Task[object]) -> list[int]:
        wrong: Any = ["secret"]
        return cast("list[int]", wrong)

    async with opened(ada) as orchestrator:
        with pytest.raises(OperationFailed, match=r"list given where list\[int\] is declared") as caught:
            await orchestrator.run(ONE)

    assert "secret" not in str(caught.value)


async def test_input_of_another_type_than_declared_never_reaches_the_agent() -> None:
    ran: list[object] = []

    @agent
    async def ada(task: Task[list[int]]) -> None:
        ran.append(task)

    async with opened(ada) as orchestrator:
        with pytest.raises(OperationFailed, match="the value is not a"):
            await orchestrator.run(ONE, {"not": "a list"})

    assert ran == []


async def test_what_an_agent_changes_is_seen_by_nobody_else() -> None:
    def spoil(task: Task[object]) -> object:
        assert isinstance(task.input, dict)
        task.input["list"].append("spoiled")
        assert isinstance(task.operation_input, dict)
        task.operation_input.clear()
        return task.input

    flow: Workflow[object] = Workflow("two", [Stage("a", agent="ada"), Stage("b", agent="bob")])
    given = {"list": [1]}
    bob = scripted("bob", Sleep(1, lambda task: [task.input, task.operation_input]))
    async with opened(scripted("ada", spoil), bob) as orchestrator:
        result = await orchestrator.run(flow, given)

    assert given == {"list": [1]}
    assert result.values["b"] == [{"list": [1]}, {"list": [1]}]


async def test_a_result_is_a_new_value_at_every_reading() -> None:
    async with opened(scripted("ada", [1])) as orchestrator:
        result = await orchestrator.run(ONE)
    value = result.values["only"]
    assert isinstance(value, list)
    value.append(2)

    assert result.values["only"] == [1]


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError(), BaseException("odd")]
)
async def test_whatever_an_agent_raises_fails_its_stage_alone(error: BaseException) -> None:
    async with opened(scripted("ada", error), scripted("bob", Sleep(1, "fine"))) as orchestrator:
        bad = await orchestrator.submit(ONE)
        good = await orchestrator.submit(Workflow("good", [Stage("only", agent="bob")]))
        outcome = await ended(bad)

        assert (await good).output == "fine"
    assert isinstance(outcome, OperationFailed)
    assert type(error).__name__ in str(outcome)


async def test_an_error_that_cannot_be_shown_is_still_a_failure() -> None:
    class Unspeakable(Exception):
        def __str__(self) -> str:
            raise SystemExit("not even this")

    async with opened(scripted("ada", Unspeakable())) as orchestrator:
        with pytest.raises(OperationFailed, match="cannot be shown"):
            await orchestrator.run(ONE)


async def test_a_task_that_an_agent_leaves_behind_harms_nobody() -> None:
    left: list[asyncio.Task[None]] = []

    async def leak() -> None:
        await asyncio.sleep(10)

    def start(_: object) -> str:
        left.append(asyncio.get_running_loop().create_task(leak()))
        return "done"

    async with opened(scripted("ada", start)) as orchestrator:
        assert (await orchestrator.run(ONE)).output == "done"
    await asyncio.wait(left)


async def test_a_dependent_gets_what_its_dependency_gave() -> None:
    bob = scripted("bob", lambda task: [task.input, task.output("first", dict)])
    async with opened(scripted("ada", {"a": 1}), bob) as orchestrator:
        result = await orchestrator.run(CHAIN, "unused")

    assert result.output == [{"a": 1}, {"a": 1}]
