"""A fallback chain alone: what it goes on from, what it keeps, what it never does."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import FallbackChain, Notes, Paused, Strategy, Task, agent
from agentkit.errors import AgentKitError, ChainFailed, DefinitionError, GiveUp, TryAgain
from agentkit.kernel import Approval, Asked, Doubtful, RetryPolicy
from agentkit.testing.agents import Hang, ScriptedAgent, Sleep
from tests.agents.chains import failing, scripted, sure, told


class Spent(AgentKitError):
    code = "budget_exhausted"


def now() -> float:
    return asyncio.get_running_loop().time()


def codes(error: ChainFailed) -> list[str]:
    return [item.error_code for item in error.attempts.exceptions if isinstance(item, AgentKitError)]


async def test_the_first_strategy_that_succeeds_gives_the_answer() -> None:
    second = scripted("second", 2)

    result = await FallbackChain(scripted("first", 1), second, minimal=0).run("x")

    assert (result.value, result.strategy, result.level, result.confidence) == (1, "first", 0, 1.0)
    assert not result.is_degraded
    assert second.runs == 0


async def test_the_next_one_takes_over_and_the_value_is_degraded() -> None:
    result = await FallbackChain(failing("first"), scripted("second", 2)).run("x")

    assert (result.value, result.strategy, result.level, result.is_degraded) == (2, "second", 1, True)
    assert told(result) == ["first: error", "second: ok"]
    assert isinstance(result.attempts[0].error, ConnectionError)


async def test_the_minimal_answer_always_comes_and_is_not_sure() -> None:
    result = await FallbackChain(failing("first"), failing("second"), minimal=0).run("x")

    assert (result.value, result.strategy, result.level) == (0, "minimal", 2)
    assert (result.is_degraded, result.confidence) == (True, 0.0)


async def test_a_minimal_answer_may_be_made_of_the_task() -> None:
    def shortest(task: Task[str]) -> int:
        return len(task.input)

    assert (await FallbackChain(failing("first"), minimal=shortest).run("four")).value == 4


async def test_without_a_minimal_answer_the_error_has_every_attempt_and_its_cause() -> None:
    chain: FallbackChain[str, object] = FallbackChain(failing("first"), failing("second", KeyError("k")), name="rates")

    with pytest.raises(ChainFailed, match="chain 'rates' failed after 2 attempt") as failed:
        await chain.run("x")

    assert failed.value.chain == "rates"
    assert [type(item.__cause__) for item in failed.value.attempts.exceptions] == [ConnectionError, KeyError]


async def test_a_minimal_function_that_fails_or_gives_something_else_is_one_more_failure() -> None:
    @agent
    def typed(task: Task[str]) -> int:
        raise ConnectionError

    def wrong(task: Task[str]) -> int:
        return "no number"  # type: ignore[return-value] # wrong on purpose

    with pytest.raises(ChainFailed) as failed:
        await FallbackChain(typed, minimal=wrong).run("x")

    assert codes(failed.value) == ["error", "input_invalid"]


@pytest.mark.parametrize(
    ("line", "trigger"),
    [
        (ConnectionError, "error"),
        (Sleep(9, 1), "timeout"),
        (sure(0.2), "low_confidence"),
        (Spent("no money"), "budget"),
        (SystemExit(1), "error"),
        (asyncio.CancelledError, "error"),
    ],
)
async def test_every_trigger_has_those_who_wait_for_it(line: object, trigger: str) -> None:
    others = sorted({"error", "timeout", "invalid_output", "low_confidence", "budget"} - {trigger})
    chain: FallbackChain[str, object] = FallbackChain(
        Strategy(scripted("first", line), timeout=5, min_confidence=0.5),
        Strategy(scripted("deaf", "wrong"), on=others),
        Strategy(scripted("second", "right"), on=[trigger]),
    )

    result = await chain.run("x")

    assert (result.value, result.level) == ("right", 2)


async def test_an_output_of_another_type_is_invalid() -> None:
    @agent
    async def liar(task: Task[str]) -> Decimal:
        return "no amount"  # type: ignore[return-value] # wrong on purpose

    @agent
    async def honest(task: Task[str]) -> Decimal:
        return Decimal(1)

    result = await FallbackChain(liar, Strategy(honest, on="invalid_output")).run("x")

    assert told(result) == ["liar: output_invalid", "honest: ok"]
    assert result.attempts[0].work == "no amount"


async def test_a_class_of_errors_is_a_trigger_and_its_subclasses_count() -> None:
    chain: FallbackChain[str, object] = FallbackChain(
        failing("first"), Strategy(scripted("deaf"), on=[ValueError]), Strategy(scripted("second", 2), on=[OSError])
    )

    assert (await chain.run("x")).strategy == "second"


async def test_the_work_of_a_value_that_was_not_sure_enough_is_kept() -> None:
    result = await FallbackChain(scripted("first", sure(0.4)), scripted("second", 2), min_confidence=0.5).run("x")

    first = result.attempts[0]
    assert (first.code, first.work, first.confidence) == ("low_confidence", "guess", 0.4)


async def test_the_confidence_that_is_asked_for_can_differ_by_strategy() -> None:
    lenient = Strategy(scripted("second", sure(0.4)), min_confidence=0.3)

    result = await FallbackChain(scripted("first", sure(0.4)), lenient, min_confidence=0.5).run("x")

    assert (result.strategy, result.confidence) == ("second", 0.4)


async def test_retries_wait_longer_and_longer_within_one_strategy() -> None:
    began = now()
    policy = RetryPolicy(attempts=4, delay=1, factor=3, jitter=0, max_delay=5)

    result = await FallbackChain(scripted("first", *[OSError] * 3, 1), retry=policy).run("x")

    assert (len(result.attempts), result.strategy, now() - began) == (4, "first", 1 + 3 + 5)
    assert [item.number for item in result.attempts] == [1, 2, 3, 4]


async def test_jitter_only_shortens_and_differs_from_run_to_run() -> None:
    chain: FallbackChain[str, object] = FallbackChain(
        failing("first"), minimal=0, retry=RetryPolicy(attempts=2, delay=100, max_delay=100, jitter=0.5)
    )
    waits = [(await chain.run("x")).seconds for _ in range(4)]

    assert all(50 <= wait <= 100 for wait in waits)
    assert len(set(waits)) == 4


@pytest.mark.parametrize(
    ("error", "runs"),
    [(OSError, 3), (KeyError, 1), (GiveUp, 1), (TryAgain, 3), (Spent("no"), 1)],
)
async def test_an_error_is_tried_again_if_it_is_worth_it(error: object, runs: int) -> None:
    first = scripted("first", error)

    await FallbackChain(first, minimal=0, retry=RetryPolicy(attempts=3, retry_on=[OSError])).run("x")

    assert first.runs == runs


@pytest.mark.parametrize(("after", "waited"), [(90.0, 90.0), (-1.0, 2.0), (float("nan"), 2.0), (None, 2.0)])
async def test_an_error_may_ask_for_a_wait_of_its_own(after: float | None, waited: float) -> None:
    policy = RetryPolicy(attempts=2, delay=2, jitter=0)

    result = await FallbackChain(scripted("first", TryAgain(after=after), 1), retry=policy).run("x")

    assert result.seconds == waited


async def test_a_strategy_has_a_policy_of_its_own() -> None:
    first, second = failing("first"), failing("second")
    chain: FallbackChain[str, object] = FallbackChain(
        first,
        Strategy(second, retry=RetryPolicy(attempts=3, delay=0)),
        retry=RetryPolicy(attempts=2, delay=0),
        minimal=0,
    )

    await chain.run("x")

    assert (first.runs, second.runs) == (2, 3)


@pytest.mark.parametrize("policy", [None, RetryPolicy(attempt_timeout=7), RetryPolicy(attempt_timeout=3)])
async def test_the_shorter_limit_of_an_attempt_counts(policy: RetryPolicy | None) -> None:
    slow = Strategy(scripted("slow", Hang()), timeout=5, retry=policy)

    result = await FallbackChain(slow, minimal=0).run("x")

    assert result.seconds == min(5, (policy and policy.attempt_timeout) or 5)


async def test_the_time_of_the_whole_chain_bounds_attempts_and_waits() -> None:
    first, second = scripted("first", Sleep(6, OSError())), scripted("second", Hang())
    chain: FallbackChain[str, object] = FallbackChain(
        first, second, scripted("third"), timeout=10, minimal="least", retry=RetryPolicy(attempts=5, delay=4, jitter=0)
    )

    result = await chain.run("x")

    # The second attempt of the first would begin when the time is over, so the next strategy has what is left.
    assert (result.value, result.seconds) == ("least", 10)
    assert told(result) == ["first: error", "second: timeout"]


async def test_a_limit_holds_whatever_a_strategy_does() -> None:
    stubborn = scripted("stubborn", Sleep(100, swallow_cancel=True))
    chain: FallbackChain[str, object] = FallbackChain(Strategy(stubborn, timeout=5), minimal=0, grace_seconds=3)

    result = await chain.run("x")

    assert (result.seconds, chain.abandoned) == (8, 1)
    await asyncio.sleep(100)
    assert chain.abandoned == 0


async def test_a_timeout_error_of_the_strategy_itself_is_an_error() -> None:
    result = await FallbackChain(Strategy(failing("first", TimeoutError("mine")), timeout=5), minimal=0).run("x")

    assert result.attempts[0].code == "error"


@pytest.mark.parametrize("settings", [{}, {"timeout": 50}, {"retry": RetryPolicy(attempts=9, delay=30)}])
async def test_a_cancel_is_never_swallowed_and_nothing_runs_after_it(settings: dict[str, Any]) -> None:
    first, second = scripted("first", Sleep(20, OSError())), scripted("second")
    running = asyncio.ensure_future(FallbackChain(first, second, minimal=0, **settings).run("x"))
    await asyncio.sleep(10 if "retry" not in settings else 30)

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.sleep(100)
    assert (first.runs, first.working, second.runs) == (1, 0, 0)


async def test_a_pause_is_not_the_chains_to_judge() -> None:
    pause = Paused(Asked(name="pay", approval=Approval()))
    second = scripted("second")

    with pytest.raises(Paused):
        await FallbackChain(scripted("first", pause), second, minimal=0).run("x")

    assert second.runs == 0


async def test_a_pause_in_a_task_group_goes_through_too() -> None:
    pause = Paused(Doubtful(reason="who knows"))
    second = scripted("second")

    with pytest.raises(BaseExceptionGroup):
        await FallbackChain(scripted("first", BaseExceptionGroup("both", [pause, OSError()])), second).run("x")

    assert second.runs == 0


async def test_a_group_of_errors_is_an_error() -> None:
    group = BaseExceptionGroup("both", [SystemExit(1), OSError()])

    assert (await FallbackChain(scripted("first", group), scripted("second", 2)).run("x")).value == 2


async def test_after_an_effect_that_nobody_knows_of_no_strategy_takes_over() -> None:
    async def pay(task: Task[str]) -> object:
        async with task.effect("pay", key=task.input):
            raise ConnectionError("the line dropped")

    second = scripted("second")

    with pytest.raises(ChainFailed) as failed:
        await FallbackChain[str, object](pay, second, minimal="none").run("i-1")

    assert (codes(failed.value)[-1], second.runs) == ("in_doubt", 0)


async def test_plain_functions_work_in_threads_and_may_hang() -> None:
    import threading

    released = threading.Event()
    places: list[bool] = []

    def hang(task: Task[str]) -> int:
        released.wait(5)
        return 1

    def quick(task: Task[str]) -> int:
        places.append(threading.current_thread() is threading.main_thread())
        return 2

    result = await FallbackChain(Strategy(hang, timeout=0.05), quick, grace_seconds=0.05).run("x")
    released.set()

    assert (result.value, places) == (2, [False])


async def test_each_attempt_has_its_number_and_notes_of_its_own() -> None:
    first = scripted("first", sure(0.1, usage=True), OSError(), sure(0.9, usage=True))
    task = Task.standalone("x", instruction="do it")

    await FallbackChain(Strategy(first, retry=RetryPolicy(attempts=1)), first, first, min_confidence=0.5).run(task)

    assert [item.attempt for item in first.tasks] == [1, 2, 3]
    assert {item.instruction for item in first.tasks} == {"do it"}
    assert isinstance(task.notes, Notes)
    assert (task.notes.confidence, task.notes.degraded, task.notes.usage and task.notes.usage.calls) == (0.9, True, 2)
    assert [item[0] for item in task.notes.messages] == ["said"]


async def test_an_input_of_another_type_is_the_strategys_failure() -> None:
    @agent
    async def counts(task: Task[int]) -> int:
        return task.input

    result = await FallbackChain(counts, minimal=0).run("text")  # type: ignore[arg-type] # wrong on purpose

    assert result.attempts[0].code == "input_invalid"


def test_it_runs_from_code_that_is_not_async() -> None:
    assert FallbackChain(scripted("first", 1)).run_sync("x").value == 1


@pytest.mark.blocking
async def test_it_runs_blocking_inside_a_loop_too() -> None:
    assert FallbackChain(scripted("first", 1)).run_sync("x").value == 1


async def test_it_shows_itself_without_trusting_what_it_shows() -> None:
    chain: FallbackChain[str, object] = FallbackChain(failing("first"), scripted("second", "<b>2"))
    result = await chain.run("x")
    shown = result._repr_mimebundle_()

    assert str(result) == "'<b>2' by second, confidence 1, degraded, 2 attempt(s)"
    assert "&lt;b&gt;2" in shown["text/html"]
    assert "<b>" not in shown["text/html"]
    assert "1. first (0 s) error: no line\n2. second (0 s) gave the value" in shown["text/plain"]
    assert repr(chain) == "<chain 'first': first, second>"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (FallbackChain, "needs a strategy"),
        (lambda: FallbackChain(scripted("a"), min_confidence=2), "chain 'a': min_confidence must be a share"),
        (lambda: FallbackChain(scripted("a"), timeout=0), "chain 'a': timeout must be more than 0"),
        (lambda: FallbackChain(scripted("a"), retry=3), "chain 'a': retry must be a RetryPolicy"),  # type: ignore[arg-type]
        (lambda: FallbackChain(scripted("a"), grace_seconds=-1), "chain 'a': grace_seconds must be at least 0"),
        (lambda: FallbackChain(scripted("a"), name="a b"), "chain 'a b': the name 'a b' must begin"),
        (lambda: FallbackChain(7), "a strategy is an agent, a function"),  # type: ignore[arg-type]
        (lambda: FallbackChain(lambda task: 1), "has no name to be called by"),
        (lambda: Strategy(scripted("a"), on=["timout"]), "strategy 'a': on must be some of error, timeout"),
        (lambda: Strategy(scripted("a"), on=[]), "strategy 'a': on must be a list"),
        (lambda: Strategy(scripted("a"), timeout=-1), "strategy 'a': timeout must be more than 0"),
        (lambda: Strategy(scripted("a"), retry=1), "strategy 'a': retry must be a RetryPolicy"),  # type: ignore[arg-type]
        (lambda: Strategy(scripted("a"), min_confidence=9), "strategy 'a': min_confidence must be a share"),
    ],
)
def test_wrong_settings_are_refused_when_it_is_made(make: Any, problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        make()

    assert problem in str(refused.value)


def test_a_minimal_answer_of_another_type_is_refused_when_it_is_made() -> None:
    @agent
    def counts(task: Task[str]) -> int:
        return 1

    with pytest.raises(DefinitionError, match="its minimal answer is not what 'counts' gives"):
        FallbackChain[Any, Any](counts, minimal="none")


def test_a_scripted_agent_is_an_agent_of_the_chain() -> None:
    chain: FallbackChain[object, object] = FallbackChain(ScriptedAgent("a", [1]), ScriptedAgent("b", [1]))

    assert [item.name for item in chain.agents] == ["a", "b"]
