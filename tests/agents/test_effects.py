"""Effects: what an agent does to the world outside, alone and with a journal that listens."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import Effect, Paused, Task
from agentkit.errors import EffectFailed, InputError, TryAgain, UnstorableValue, UsageError
from agentkit.kernel import Doubtful, EffectTold, KnownEffect, RunAttempt, Situation, Wish

KEY = "agentkit:o:s:pay:INV-1"


class Told:
    """A recorder that keeps what it is told, in words."""

    def __init__(self, refuses: str = "") -> None:
        self.words: list[str] = []
        self.told: list[EffectTold] = []
        self._refuses = refuses

    async def record(self, command: RunAttempt, wish: Wish) -> None:
        assert isinstance(wish, EffectTold)
        if wish.word == self._refuses:
            raise UsageError("not now")
        await asyncio.sleep(0)
        self.told.append(wish)
        self.words.append(wish.word)

    async def keep(self, command: RunAttempt, content: bytes) -> str:
        raise AssertionError("an effect keeps no files")

    async def fetch(self, command: RunAttempt, sha256: str) -> bytes:
        raise AssertionError("an effect reads no files")


def tasked(known: KnownEffect | None = None, told: Told | None = None) -> Task[object]:
    situation = None if known is None else Situation(effects={("pay", "INV-1"): known})
    command = RunAttempt(
        operation_id="o",
        stage="s",
        attempt=1,
        agent="a",
        instruction="",
        input="null",
        outputs={},
        missing=(),
        timeout=None,
        situation=situation,
    )
    return Task(command, recorder=told)


DONE = KnownEffect(outcome="confirmed", result='"receipt"')
UNKNOWN = KnownEffect(outcome="intended")
NEVER = KnownEffect(outcome="failed")


def pay(task: Task[object], **more: Any) -> Effect[Any]:
    return task.effect("pay", key="INV-1", **more)


def refuse(key: str) -> object:
    raise AssertionError(f"{key} is done twice")


async def test_what_is_done_is_intended_before_and_confirmed_after() -> None:
    told = Told()
    seen: list[tuple[str, list[str]]] = []

    async def transfer(key: str) -> str:
        seen.append((key, list(told.words)))
        return "receipt"

    assert await pay(tasked(told=told), amount=Decimal("1.50"), to="Ada").run(transfer) == "receipt"

    assert seen == [(KEY, ["intended"])]
    assert [(each.word, each.content) for each in told.told] == [
        ("intended", '{"amount":"1.50","to":"Ada"}'),
        ("confirmed", '"receipt"'),
    ]


async def test_what_was_confirmed_is_never_done_again() -> None:
    told = Told()

    assert await pay(tasked(DONE, told)).run(refuse) == "receipt"
    assert await asyncio.to_thread(pay(tasked(DONE)).run_sync, refuse) == "receipt"
    assert told.words == []


@pytest.mark.parametrize("error", [ConnectionError("the line dropped"), asyncio.CancelledError(), TryAgain()])
async def test_any_error_leaves_it_unknown(error: BaseException) -> None:
    told = Told()
    task = tasked(told=told)

    def drop(key: str) -> object:
        raise error

    with pytest.raises(type(error)):
        await pay(task).run(drop)

    assert told.words == ["intended"]
    with pytest.raises(Paused) as pause:
        await pay(task).run(refuse)
    assert pause.value.outcome == Doubtful(
        name="pay", key="INV-1", reason="it was begun, and nobody knows what became of it"
    )


async def test_what_surely_failed_may_be_tried_again() -> None:
    told = Told()
    task = tasked(told=told)

    def decline(key: str) -> object:
        raise EffectFailed("no cover")

    with pytest.raises(EffectFailed):
        await pay(task).run(decline)
    assert await pay(task).run(lambda key: 7) == 7

    assert told.words == ["intended", "failed", "intended", "confirmed"]
    assert told.told[1].content == '"no cover"'


@pytest.mark.parametrize(
    ("found", "words", "result"), [("old", ["confirmed"], "old"), (None, ["again", "confirmed"], "new")]
)
@pytest.mark.parametrize("is_async", [True, False])
async def test_an_unknown_effect_is_looked_for_first(
    found: str | None, words: list[str], result: str, is_async: bool
) -> None:
    told, asked = Told(), list[str]()

    def find(key: str) -> str | None:
        asked.append(key)
        return found

    async def find_slowly(key: str) -> str | None:
        return find(key)

    effect = pay(tasked(UNKNOWN, told), reconcile=find_slowly if is_async else find)

    assert await effect.run(lambda key: "new") == result
    assert (told.words, asked) == (words, [KEY])


async def test_where_looking_fails_a_person_decides() -> None:
    def find(key: str) -> object:
        raise ConnectionError("the bank is closed")

    with pytest.raises(Paused) as pause:
        await pay(tasked(UNKNOWN), reconcile=find).run(refuse)

    assert isinstance(pause.value.outcome, Doubtful)
    assert "ConnectionError: the bank is closed" in pause.value.outcome.reason


async def test_looking_may_ask_to_be_tried_again() -> None:
    def find(key: str) -> object:
        raise TryAgain("come back later", after=60)

    with pytest.raises(TryAgain):
        await pay(tasked(UNKNOWN), reconcile=find).run(refuse)


async def test_it_keeps_the_name_that_the_world_knows_it_under() -> None:
    known = KnownEffect(outcome="intended", under="agentkit:before:s:pay:INV-1")
    asked: list[str] = []

    def find(key: str) -> None:
        asked.append(key)

    await pay(tasked(known), reconcile=find).run(asked.append)

    assert asked == [known.under, known.under]


async def test_a_block_does_what_is_left_to_do() -> None:
    told = Told()
    task = tasked(told=told)
    for _ in range(2):
        async with pay(task) as effect:
            if not effect.done:
                assert effect.key == KEY
                effect.confirm({"receipt": 7})
        assert effect.result == {"receipt": 7}

    assert told.words == ["intended", "confirmed"]


async def test_what_was_said_holds_whatever_comes_after() -> None:
    told = Told()

    async def fail_later() -> None:
        async with pay(tasked(told=told)) as effect:
            effect.confirm("receipt")
            raise ValueError("later")

    with pytest.raises(ValueError, match="later"):
        await fail_later()
    async with pay(tasked(NEVER, told)) as effect:
        effect.fail("no cover")

    assert told.words == ["intended", "confirmed", "intended", "failed"]


async def test_a_block_that_forgets_to_look_cannot_use_the_key_of_what_was_done() -> None:
    with pytest.raises(UsageError, match=r"look at effect\.done first"):
        async with pay(tasked(DONE)) as effect:
            refuse(effect.key)


async def test_a_block_that_never_looks_is_told_so() -> None:
    with pytest.raises(UsageError, match=r"did not look at effect\.done"):
        async with pay(tasked(DONE)):
            pass


def never(effect: Effect[Any]) -> None:
    """Leave the block without a word."""


def twice(effect: Effect[Any]) -> None:
    effect.fail()
    effect.confirm()


def unwritten(effect: Effect[Any]) -> None:
    effect.confirm(object())


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (never, UsageError, "without effect.confirm"),
        (twice, UsageError, "was failed already"),
        (unwritten, UnstorableValue, "cannot be written"),
    ],
)
async def test_a_block_says_once_what_became_of_it(
    body: Callable[[Effect[Any]], None], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        async with pay(tasked()) as effect:
            body(effect)


async def test_nothing_happens_if_the_journal_does_not_take_the_intention() -> None:
    with pytest.raises(UsageError, match="not now"):
        await pay(tasked(told=Told("intended"))).run(refuse)


async def test_an_effect_is_asked_inside_of_its_block_only() -> None:
    effect = pay(tasked())

    for ask in (lambda: effect.key, lambda: effect.done, effect.confirm):
        with pytest.raises(UsageError, match="outside of its block"):
            ask()
    with pytest.raises(UsageError, match="has no result"):
        effect.result  # noqa: B018 - reading it is what is tested
    assert await effect.run(lambda key: 1) == 1
    with pytest.raises(UsageError, match=r"call task\.effect again"):
        await effect.run(refuse)


@dataclass(frozen=True)
class Receipt:
    number: int
    amount: Decimal


async def test_a_result_of_a_declared_type_comes_back_as_that() -> None:
    task, receipt = tasked(), Receipt(7, Decimal("1.50"))

    first = await task.effect("pay", key="INV-1", returns=Receipt).run(lambda key: receipt)
    second = await task.effect("pay", key="INV-1", returns=Receipt).run(lambda key: Receipt(0, Decimal(0)))
    plain = await task.effect("pay", key="INV-1").run(refuse)

    assert first == second == receipt
    assert plain == {"number": 7, "amount": "1.50"}


@pytest.mark.parametrize(("name", "key"), [("", "a"), ("pay", ""), ("pay", "x" * 201), ("pay", 7)])
def test_names_and_keys_are_short_texts(name: str, key: Any) -> None:
    with pytest.raises(InputError, match="1 to 200 letters"):
        tasked().effect(name, key=key)


async def test_plain_functions_have_effects_in_their_threads() -> None:
    told = Told()
    task = tasked(told=told)

    def work() -> object:
        with pay(task) as effect:
            if not effect.done:
                effect.confirm(effect.key)
        return task.effect("mail", key="INV-1").run_sync(lambda key: "sent")

    assert await asyncio.to_thread(work) == "sent"
    assert told.words == ["intended", "confirmed"] * 2


async def test_a_coroutine_does_not_block_its_loop_with_an_effect() -> None:
    with pytest.raises(UsageError, match="async with"), pay(tasked(told=Told())):
        pass
    with pytest.raises(UsageError, match="async with"):
        pay(tasked()).run_sync(refuse)


async def test_a_plain_function_looks_with_a_plain_function() -> None:
    async def find(key: str) -> object:
        return key

    with pytest.raises(UsageError, match="await `run`"):
        await asyncio.to_thread(pay(tasked()).run_sync, find)
    with pytest.raises(Paused) as pause:
        await asyncio.to_thread(pay(tasked(UNKNOWN), reconcile=find).run_sync, refuse)
    assert isinstance(pause.value.outcome, Doubtful)
    assert "plain function" in pause.value.outcome.reason
