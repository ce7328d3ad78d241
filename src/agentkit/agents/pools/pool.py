"""Pools: several replicas of an agent that stand in a workflow as one.

Rules: a task goes to the replica that the strategy chooses. One that the replica lost (it is gone, or answers too late)
goes to another; one that failed by itself is not tried again here: that is the stage's policy. A task is with one
replica at a time, and what a lost try said is forgotten; work that goes on although it was given up keeps its room.
Time is the event loop's.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, Never, Self, TypeVar, cast

from agentkit.agents.chains.limiting import Limiter
from agentkit.agents.definition import Agent, FunctionAgent
from agentkit.agents.failures import ended_by
from agentkit.agents.notes import Notes
from agentkit.agents.personality import AgentPersonality
from agentkit.agents.registration import AnyTask, Registration, declare_types, registration_of
from agentkit.agents.safety import consent_problems, tools_of
from agentkit.agents.task import Task
from agentkit.agents.values import ANY
from agentkit.errors import Closed, DefinitionError, Overloaded
from agentkit.kernel import Failed, count_problems, name_problems, seconds_problems

from .balancing import Balancing, PowerOfTwo
from .ejection import Ejection
from .gauges import check_installed
from .loads import Chance, dice
from .member import Member
from .metrics import PoolMetrics
from .replicas import Replica, as_replica
from .roster import Roster
from .trial import Trial
from .watching import Watch

if TYPE_CHECKING:
    from agentkit.kernel import Approval

__all__ = ["AgentPool"]

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)


class AgentPool(FunctionAgent[In, Out]):
    """Several replicas that work as one agent: it can stand wherever an agent can.

    Args:
        name: What stages call it by.
        replicas: Agents, functions that take a task, or `Replica` values; all of the same types.
        strategy: Chooses the replica of each task: `PowerOfTwo`, `LeastLoaded`, `WeightedLoad`, or one of yours.
        most: How many tasks a replica may work on at once, where it does not say; None is as many as come.
        max_waiting: How many tasks may wait for a replica; more are refused. None is as many as come.
        tries: How many replicas may try a task that was lost, at most; one replica tries it once.
        timeout: Seconds that one try may take, before the replica counts as having lost it; None is not limited.
        ejection: When a replica is taken out, and how it comes back.
        load_seconds: For how long the measured load of a machine counts.
        chance: The dice; by default some that differ from pool to pool.

    Raises:
        DefinitionError: A setting is not valid, or the replicas do not fit together.
        MissingExtra: The strategy needs the load of this machine, and psutil is not installed.

    Example:
        >>> import asyncio
        >>> def read(task: Task[str]) -> int:
        ...     return len(task.input)
        >>> pool = AgentPool("reader", [read, read], most=4)
        >>> asyncio.run(pool.run(Task.standalone("four")))
        4
        >>> [one.name for one in pool.metrics().replicas]
        ['read-1', 'read-2']
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, and has a default
        self,
        name: str,
        replicas: Sequence[
            Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out] | Replica[In, Out]
        ],
        *,
        strategy: Balancing | None = None,
        most: int | None = None,
        max_waiting: int | None = None,
        tries: int = 3,
        timeout: float | None = None,
        ejection: Ejection | None = None,
        load_seconds: float = 1.0,
        chance: Chance | None = None,
    ) -> None:
        known = [as_replica(one) for one in replicas]
        entries = [registration_of(one.worker) for one in known]
        what = f"pool {name!r}"
        problems = [
            *name_problems("pool", name),
            *_setting_problems(what, {"tries": tries, "most": most, "max_waiting": max_waiting}),
            *seconds_problems(f"{what}: timeout", timeout),
            *seconds_problems(f"{what}: load_seconds", load_seconds, optional=False),
            *_replica_problems(what, entries),
        ]
        if problems:
            raise DefinitionError(*problems)
        self._tries, self._timeout, self._most = tries, timeout, most
        self._ejection = ejection or Ejection()
        self._limiter = Limiter(grace_seconds=1.0)
        self._tried_again = 0
        typed = next((one for one in entries if not one.output_type.is_plain), entries[0])
        self._output = typed.output_type
        super().__init__(self._body(typed), personality=_personality(name, entries), tools=tools_of(entries))
        chosen = strategy or PowerOfTwo()
        self._roster = Roster(
            name, strategy=chosen, chance=chance or dice(id(self)), ejection=self._ejection, max_waiting=max_waiting
        )
        needs_machine = getattr(chosen, "needs_machine", False)
        if needs_machine and any(one.gauge is None for one in known):
            check_installed()
        self._watch = Watch(
            self._roster,
            check_seconds=self._ejection.check_seconds,
            load_seconds=load_seconds if needs_machine else None,
        )
        named = Counter(one.name or one.worker.name for one in known)
        for one, entry in zip(known, entries, strict=True):
            self._add(one, entry, many=named[one.worker.name] > 1)

    def __repr__(self) -> str:
        return f"<pool {self.name!r}: {', '.join(member.name for member in self._roster.members)}>"

    async def __aenter__(self) -> Self:
        """Look after the replicas: `check` every `check_seconds`, until the block ends, which drains the pool.

        Raises:
            UsageError: It is entered already.
        """
        self._watch.start()
        self.resume()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.drain()
        finally:
            await self._watch.stop()

    def metrics(self) -> PoolMetrics:
        """What it does now, and what it has done."""
        return PoolMetrics(
            name=self.name,
            waiting=self._roster.waiting,
            refused=self._roster.refused,
            tried_again=self._tried_again,
            replicas=tuple(member.metrics() for member in self._roster.members),
        )

    async def check(self) -> PoolMetrics:
        """Look once whether the replicas that have a check are well; who is not is taken out, who is comes back."""
        await self._watch.check()
        return self.metrics()

    async def drain(self, replica: str | None = None) -> None:
        """Begin nothing new, and wait for what is in flight. Tasks that wait for a replica are refused.

        Args:
            replica: The name of the one that is drained; the others go on. None is the whole pool.

        Raises:
            NotFound: There is no such replica.
        """
        members = self._roster.members if replica is None else [self._roster.find(replica)]
        drained = self._roster.drain(tuple(members), whole=replica is None)
        try:
            await drained.wait()
        finally:
            self._roster.drained(drained)

    def resume(self, replica: str | None = None) -> None:
        """Begin new work again after `drain`.

        Args:
            replica: The name of one; None is all.

        Raises:
            NotFound: There is no such replica.
        """
        members = self._roster.members if replica is None else [self._roster.find(replica)]
        self._roster.resume(members, whole=replica is None)

    def _body(self, typed: Registration) -> Callable[[Task[In]], Awaitable[Out]]:
        async def run(task: Task[In]) -> Out:
            return cast("Out", await self._work(task))

        run.__doc__ = f"The pool {typed.agent.name!r}."
        # The types of the replicas are the pool's own.
        declare_types(run, typed)
        return run

    def add(
        self,
        replica: Agent[In, Out] | Callable[[Task[In]], Awaitable[Out]] | Callable[[Task[In]], Out] | Replica[In, Out],
    ) -> str:
        """Have one more replica, which gets work at once.

        Returns:
            Its name in the pool.

        Raises:
            DefinitionError: It does not fit to the others, or another one has its name.
        """
        known = as_replica(replica)
        entry = registration_of(known.worker)
        entries = [member.entry for member in self._roster.members]
        problems = [*_replica_problems(f"pool {self.name!r}", [*entries, entry])]
        if problems:
            raise DefinitionError(*problems)
        more = {
            "permissions": frozenset(entry.agent.personality.permissions) - frozenset(self.personality.permissions),
            "tools": tools_of([entry]).keys() - self.tools.keys(),
        }
        for kind, names in more.items():
            if names:
                # What takes the pool for a fallback has looked at what it may do.
                raise DefinitionError(
                    f"pool {self.name!r}: replica {entry.agent.name!r} has {kind} that the pool lacks:"
                    f" {', '.join(sorted(names))}; make a pool of its own with it"
                )
        name = self._add(known, entry, many=any(one.agent.name == entry.agent.name for one in entries))
        self._roster.serve()
        return name

    async def remove(self, replica: str) -> None:
        """Drain a replica, and have it no more.

        Raises:
            NotFound: There is no such replica.
            DefinitionError: It is the only one, or all others are being removed.
        """
        member = self._roster.find(replica)
        self._roster.begin_leaving(member)
        try:
            await self.drain(replica)
        except BaseException:
            member.is_leaving = False
            raise
        self._roster.leave_for_good(member)

    def limit(self, most: int | None, replica: str | None = None) -> None:
        """Change how many tasks a replica may work on at once; what it works on already goes on.

        Args:
            most: How many; None is as many as come.
            replica: The name of one; None is all, and those that are added.

        Raises:
            DefinitionError: It is no whole number from 1 on.
            NotFound: There is no such replica.
        """
        problems = [*_setting_problems(f"pool {self.name!r}", {"most": most})]
        if problems:
            raise DefinitionError(*problems)
        if replica is None:
            self._most = most
        for member in self._roster.members if replica is None else [self._roster.find(replica)]:
            member.most = most
        self._roster.serve()

    async def _work(self, task: AnyTask) -> object:
        """Have one replica after the other try the task, until one does not lose it."""
        tried: list[Member] = []
        lost: BaseException | None = None
        while True:
            self._watch.measure()
            try:
                member = await self._roster.enter(tried)
            except (Closed, Overloaded) as nobody:
                if lost is None:
                    raise
                # Why it was lost says more than why nobody else is there.
                raise lost from nobody
            tried.append(member)
            tries = min(self._tries, len(self._roster.members))
            answer = await self._try(member, task, len(tried), is_last=len(tried) >= tries)
            if isinstance(answer, _Answer):
                return answer.value
            lost = answer
            self._tried_again += 1
            task.log(f"replica {member.name!r} lost the task; another one tries it")

    async def _try(self, member: Member, task: AnyTask, number: int, *, is_last: bool) -> _Answer | BaseException:
        """One try on one replica: its value, or why it was lost, if it is to be tried again."""
        now = asyncio.get_running_loop().time
        began, cancels = now(), _cancels()
        how, problem = "cancelled", ""
        part: AnyTask | None = None
        trial = Trial(member, self._roster.serve)
        try:
            part = task.part(number, member.entry.input_type)
            body = partial(trial.run, part)
            value = await (body() if self._timeout is None else self._limiter.run(body, self._timeout))
            value = self._fitted(member, value)
            how = "succeeded"
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            ended = ended_by(error)
            if _cancels() > cancels:
                # The task was cancelled, whatever the replica made of that.
                raise asyncio.CancelledError from error
            if isinstance(ended, Failed):
                how = "lost" if self._ejection.is_lost(ended) else "failed"
                problem = f"{ended.failure.type}: {ended.failure.message}"
            # By another replica an effect that may have happened might happen again.
            if how != "lost" or is_last or task.open_effect is not None:
                raise
            return error
        finally:
            trial.leave()
            self._roster.leave(member, how, now() - began, problem)
            notes = None if part is None else part.notes
            if notes is not None or number > 1:
                task.take(notes or Notes(), succeeded=how == "succeeded", degraded=False)
        return _Answer(value)

    def _fitted(self, member: Member, value: object) -> object:
        """The value of a replica that declares no type, such as one far away, in the pool's own."""
        if member.entry.output_type.is_plain and not self._output.is_plain:
            return self._output.decode(ANY.encode(value))
        return value

    def _add(self, replica: Replica[Never, object], entry: Registration, *, many: bool) -> str:
        name = replica.name or replica.worker.name
        taken = {member.name for member in self._roster.members}
        if not replica.name and many:
            name = next(option for number in count(1) if (option := f"{name}-{number}") not in taken)
        elif name in taken:
            raise DefinitionError(f"pool {self.name!r}: two replicas are called {name!r}; rename one of them")
        member = Member(name, entry, most=replica.most or self._most)
        member.check, member.gauge = replica.check, replica.gauge
        self._roster.members.append(member)
        return name


class _Answer(NamedTuple):
    """A value, which may be None."""

    value: object


def _cancels() -> int:
    """How many cancels the running task has been told of: one more is a cancel of what the pool works on."""
    current = asyncio.current_task()
    return 0 if current is None else current.cancelling()


def _setting_problems(what: str, counts: Mapping[str, object]) -> Iterator[str]:
    for name, number in counts.items():
        if number is not None:
            yield from count_problems(f"{what}: {name}", number, least=0 if name == "max_waiting" else 1)


def _replica_problems(what: str, entries: Sequence[Registration]) -> Iterator[str]:
    if not entries:
        yield f"{what}: it needs at least one replica"
    typed = [entry for entry in entries if not entry.output_type.is_plain]
    firsts: dict[str, tuple[str, Sequence[Approval | None]]] = {}
    for entry in entries:
        for tool, mine in tools_of([entry]).items():
            first, asked = firsts.setdefault(tool, (entry.agent.name, mine))
            if any(consent_problems(asked, mine)) or any(consent_problems(mine, asked)):
                yield (
                    f"{what}: replicas do the same work, and whom replica {entry.agent.name!r} asks before it calls"
                    f" {tool!r} differs from {first!r}"
                )
        if entry.agent.isolation == "process":
            yield (
                f"{what}: replica {entry.agent.name!r} has isolation='process', which a pool cannot give it;"
                f" make it agentkit.engines.ProcessWorker({entry.agent.name})"
            )
        if typed and not entry.output_type.is_plain and entry.output_type.declared != typed[0].output_type.declared:
            yield (
                f"{what}: replica {entry.agent.name!r} gives {entry.output_type.name}, and"
                f" {typed[0].agent.name!r} {typed[0].output_type.name}; replicas do the same work"
            )


def _personality(name: str, entries: Sequence[Registration]) -> AgentPersonality:
    """What all replicas are good at, and what any of them may touch."""
    known = [entry.agent.personality for entry in entries]
    return AgentPersonality(
        name=name,
        role=known[0].role,
        expertise=frozenset(known[0].expertise).intersection(*(frozenset(one.expertise) for one in known)),
        permissions={word for one in known for word in one.permissions},
    )
