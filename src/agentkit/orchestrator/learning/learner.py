"""Learning between runs: `Learner` chooses among arms, keeps what became of it, and says why.

Rules: everything is on the journal of a store, choices before they are used, outcomes before their teller is answered;
any number of processes learn into one stream. Learning that is off reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Literal, Self, TypeAlias, TypeVar, get_args

from agentkit.agents import (
    Bench,
    Choice,
    Entry,
    LearningChange,
    LearningPoint,
    LearningPolicy,
    LearningState,
    Outcome,
    Released,
    Reward,
    Switched,
    choose_arm,
    drop_entries,
    judgement_of,
    learning_points,
    outcome_entries,
    rollback_of,
)
from agentkit.engines import Clock, Ids, RandomIds, SystemClock
from agentkit.errors import BudgetExhausted, DefinitionError, InputError, UsageError
from agentkit.kernel import name_problems, shortened
from agentkit.stores import Store

from .per_loop import StreamPerLoop
from .stream import Decide, LearningStream

__all__ = ["Learner", "Mode", "Trial"]

Mode: TypeAlias = Literal["on", "shadow", "off"]
"""`on` uses what was learned; `shadow` uses the first arm and keeps what would have been used; `off` does neither."""

_MOST = 200

T = TypeVar("T")


class Trial:
    """A piece of work with the arm that was chosen for it.

    Attributes:
        choice: The choice.
        outcome: What became of it, if whoever works says so; otherwise it is a success if nothing is raised.
    """

    __slots__ = ("choice", "outcome")

    def __init__(self, choice: Choice) -> None:
        self.choice: Choice = choice
        self.outcome: Outcome | None = None

    @property
    def arm(self) -> str:
        """What to use."""
        return self.choice.arm


class Learner:
    """Chooses among arms by what became of them, and keeps that in a store.

    Until each arm has been tried often enough they are tried evenly; then each is used as often as it is likely to be
    the best for the kind of task. When one is surely better it leads; when it gets worse, it is rolled back by itself.

    Args:
        store: Where it is kept: an address, such as `sqlite:///runs.db`, which is opened for each event loop, or a
            store, which whoever made it opens and closes.
        arms: What is chosen among, by name; the first is used without learning. Without any it only shows.
        name: What it is called; whoever gives the same name, tenant and store learns together.
        tenant: Whose it is.
        policy: How carefully is learned.
        reward: What an outcome is worth.
        mode: Whether what was learned is used.
        seed: What chance is drawn out of, besides names and keys; another seed draws otherwise.
        clock: What time it is.
        ids: What work without a key is called.

    Attributes:
        name: What it is called.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> import asyncio
        >>> async def main() -> None:
        ...     async with Learner("memory://", arms=["draft", "check"], name="invoices") as learner:
        ...         for n in range(60):
        ...             choice = await learner.choose(kind="tax", key=f"{n}")
        ...             await learner.tell(choice, Outcome(success=choice.arm == "check"))
        ...         print((await learner.state()).kinds["tax"].leader)
        >>> asyncio.run(main())
        check
    """

    def __init__(  # noqa: PLR0913 - every setting is an argument
        self,
        store: Store | str,
        *,
        arms: Sequence[str] | None = None,
        name: str = "learner",
        tenant: str | None = None,
        policy: LearningPolicy | None = None,
        reward: Reward | None = None,
        mode: Mode = "on",
        seed: str = "",
        clock: Clock | None = None,
        ids: Ids | None = None,
    ) -> None:
        problems = [*_problems(arms, name, tenant, mode)]
        if problems:
            raise DefinitionError(*problems)
        self.name: str = name
        self._mode = mode
        self._clock = clock or SystemClock()
        self._ids = ids or RandomIds(self._clock)
        self._streams = StreamPerLoop(store, partial(LearningStream, name=name, tenant=tenant, now=self._clock.now))
        self._bench = Bench(
            name=name,
            arms=tuple(arms or ()),
            policy=policy or LearningPolicy(),
            reward=reward or Reward(),
            seed=seed,
            is_shadow=mode == "shadow",
        )

    def __repr__(self) -> str:
        return f"<learner {self.name!r}: {', '.join(self.arms)}>"

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms; the first is used without learning."""
        return self._bench.arms

    async def __aenter__(self) -> Self:
        if self._mode != "off":
            await (await self._streams.open()).look()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the store of this event loop, if it was opened by its address."""
        await self._streams.close()

    async def choose(self, *, kind: str = "", key: str | None = None) -> Choice:
        """Choose an arm for a piece of work; when this returns the choice is kept.

        Args:
            kind: The kind of task; each kind is learned by itself.
            key: The name of the work: whoever asks again gets the same arm. Without one it gets a new name.

        Raises:
            DefinitionError: The learner has no arms.
            InputError: The kind or the key is no text of at most 200 letters.
            StoreError: The store failed; it may have happened.
        """
        if not self.arms:
            raise DefinitionError(f"learner {self.name!r} has no arms to choose among: Learner(..., arms=[...])")
        name = self._ids.operation_id() if key is None else key
        _check_texts(kind=kind, key=name)
        if self._mode == "off":
            first = self.arms[0]
            return Choice(arm=first, kind=kind, key=name, would=first, why="learning is off", is_kept=False)
        return await self._write(
            lambda state: choose_arm(state, self._bench, kind=kind, key=name, at=self._clock.now())
        )

    async def tell(self, choice: Choice, outcome: Outcome) -> None:
        """Say what became of a choice; when this returns that is kept. What is told again changes nothing.

        Raises:
            StoreError: The store failed; it may have happened, and may be told again.
        """
        if choice.is_kept and self._mode != "off":
            await self._record(choice.arm, outcome, kind=choice.kind, key=choice.key)

    async def drop(self, choice: Choice, *, why: str) -> None:
        """Say that nothing can be told of a choice: its arm is not to blame, and nobody learns from it.

        Args:
            choice: Which choice.
            why: Why, for people.

        Raises:
            StoreError: The store failed; it may have happened.
        """
        if choice.is_kept and self._mode != "off":
            at = self._clock.now()
            await self._write(lambda state: (None, drop_entries(state, choice, why=why, at=at)))

    async def record(self, arm: str, outcome: Outcome, *, kind: str = "", key: str | None = None) -> None:
        """Say what became of an arm that nobody here chose, such as in an evaluation.

        In shadow mode this is how something is learned of other arms than the first.

        Args:
            arm: Which arm.
            outcome: What became of it.
            kind: The kind of task.
            key: The name of the work: what is told again under it changes nothing. Without one it counts each time.

        Raises:
            InputError: There is no such arm, or the kind or the key is no short text.
            StoreError: The store failed; it may have happened.
        """
        if arm not in self.arms:
            raise InputError(f"learner {self.name!r} has no arm {shortened(arm)}; it has {', '.join(self.arms)}")
        name = self._ids.operation_id() if key is None else key
        _check_texts(kind=kind, key=name)
        if self._mode != "off":
            await self._record(arm, outcome, kind=kind, key=name)

    async def _record(self, arm: str, outcome: Outcome, *, kind: str, key: str) -> None:
        at = self._clock.now()
        await self._write(
            lambda state: (None, outcome_entries(state, self._bench, outcome, arm=arm, kind=kind, key=key, at=at))
        )

    async def _write(self, decide: Decide[T]) -> T:
        return await (await self._streams.here()).write(decide)

    async def judge(self, key: str, quality: float, *, by: str) -> None:
        """Say later how good a piece of work was: its outcome counts as if that had been told at once.

        It can be said of the last 1,000 outcomes, and again: the last word counts. What leads is decided anew with the
        next outcome that is told.

        Args:
            key: The name of the work, or of what it belongs to, of which the newest is meant: an operation's id, or
                `operation:stage`, for what an `AdaptiveAgent` did there, or in an operation that works for it.
            quality: How good it was, 0 to 1.
            by: Who says so.

        Raises:
            NotFound: Nothing was told lately of work of that name.
            InputError: The quality is no share from 0 to 1.
            StoreError: The store failed; it may have happened, and may be said again.
        """
        if self._mode == "off":
            return
        await self._write(
            lambda state: (
                None,
                [judgement_of(state, self._bench, quality, key=key, by=by, at=self._clock.now())],
            )
        )

    @asynccontextmanager
    async def trial(self, *, kind: str = "", key: str | None = None) -> AsyncGenerator[Trial, None]:
        """Choose an arm, work with it, and have told what became of that.

        It is a success if nothing is raised, with the seconds that it took, unless `trial.outcome` says otherwise. A
        cancel is no outcome, and neither is a `BudgetExhausted`.

        Args:
            kind: The kind of task.
            key: The name of the work.

        Raises:
            InputError: The kind or the key is no short text.
            StoreError: The store failed; it may have happened.
        """
        trial = Trial(await self.choose(kind=kind, key=key))
        began = self._clock.now()
        try:
            yield trial
        except BudgetExhausted as error:
            await self.drop(trial.choice, why=f"there was not enough left for it: {error}")
            raise
        except Exception:
            await self.tell(trial.choice, Outcome(success=False, seconds=max(0.0, self._clock.now() - began)))
            raise
        usual = Outcome(success=True, seconds=max(0.0, self._clock.now() - began))
        await self.tell(trial.choice, trial.outcome or usual)

    async def state(self) -> LearningState:
        """Where learning stands now; to be read only, and it goes on with what is told next.

        Raises:
            StoreError: The store failed.
        """
        return await (await self._streams.here()).look()

    async def points(self) -> Sequence[LearningPoint]:
        """What was learned: patterns, and what to do about them.

        Raises:
            StoreError: The store failed.
        """
        return learning_points(await self.state(), self._bench.policy)

    async def changes(self, *, kind: str | None = None) -> Sequence[LearningChange]:
        """What changed and why, the newest last; at most the last 200.

        Raises:
            StoreError: The store failed.
        """
        return [each for each in (await self.state()).changes if kind in (None, each.kind)]

    async def history(self) -> AsyncGenerator[Entry, None]:
        """Every choice, outcome and change, the oldest first.

        Raises:
            StoreError: The store failed.
        """
        async with aclosing((await self._streams.here()).entries()) as entries:
            async for _, entry in entries:
                yield entry

    async def rollback(self, *, by: str, kind: str = "", to: str | None = None, why: str = "") -> str:
        """Take back that an arm leads for a kind of task; what it goes back to is used until `release`.

        Args:
            by: Who does it.
            kind: For which kind.
            to: To which arm; by default what led before.
            why: Why, for whoever asks later.

        Returns:
            What is used now.

        Raises:
            NotFound: Nobody knows that kind, or this learner, or without arms whoever chose last, has no such arm.
            UsageError: There is nothing to roll back.
            StoreError: The store failed.
        """

        def decide(state: LearningState) -> tuple[str, Sequence[Entry]]:
            back = rollback_of(state, self._bench, kind=kind, to=to, by=by, why=why, at=self._clock.now())
            return back.to, [back]

        return await self._write(decide)

    async def release(self, *, by: str, kind: str = "") -> None:
        """Let a kind of task go on learning that a person rolled back.

        Raises:
            UsageError: It is not held.
            StoreError: The store failed.
        """

        def decide(state: LearningState) -> tuple[None, Sequence[Entry]]:
            if not state.kind(kind).held:
                raise UsageError(f"learner {self.name!r}: nobody has rolled back kind {kind!r}")
            return None, [Released(at=self._clock.now(), kind=kind, by=by)]

        await self._write(decide)

    async def switch(self, is_on: bool, *, by: str) -> None:
        """Switch learning on or off, for every process that uses this learner; off, the first arm is used.

        What was chosen before goes on as it was chosen, and its outcome still counts.

        Raises:
            StoreError: The store failed.
        """
        await self._write(
            lambda state: (
                None,
                () if state.is_on == is_on else [Switched(at=self._clock.now(), is_on=is_on, by=by)],
            )
        )


def _problems(arms: Sequence[str] | None, name: str, tenant: str | None, mode: str) -> Iterator[str]:
    yield from name_problems("learner", name)
    if isinstance(arms, str) or (arms is not None and not arms):
        yield f"learner {name!r}: arms are a list of names, such as arms=['quick', 'careful'], not {shortened(arms)}"
        return
    for arm in arms or ():
        yield from name_problems(f"learner {name!r}: an arm", arm)
    if arms and len(set(arms)) < len(arms):
        yield f"learner {name!r}: two arms have one name: {', '.join(arms)}"
    if tenant is not None and not tenant:
        yield f"learner {name!r}: a tenant is a text that is not empty"
    if mode not in get_args(Mode):
        yield f"learner {name!r}: mode must be 'on', 'shadow' or 'off', not {shortened(mode)}"


def _check_texts(**texts: object) -> None:
    for what, text in texts.items():
        if not isinstance(text, str) or len(text) > _MOST or (what == "key" and not text):
            raise InputError(f"the {what} of a choice is a text of at most {_MOST} letters, not {shortened(text)}")
