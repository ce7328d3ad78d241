"""Looking after the replicas of a pool: whether they are well, and how busy their machines are.

Rules: a check or a gauge that hangs is given up after its time; a check that fails says so in the metrics. Only one
looks at a time. Machines are measured beside the work: no task waits for a gauge.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from agentkit.agents.threads import Threads
from agentkit.errors import UsageError

from .gauges import measure_machine
from .loads import MachineLoad
from .member import Member
from .roster import Roster

__all__ = ["Watch"]


class Watch:
    """What looks after the replicas of a pool.

    Args:
        roster: The replicas.
        check_seconds: How often it looks whether they are well, and how long a check may take.
        load_seconds: For how long a measured load counts; None is not measured at all.
    """

    def __init__(self, roster: Roster, *, check_seconds: float, load_seconds: float | None) -> None:
        self._roster = roster
        roster.probe = self.probe
        self._check_seconds = check_seconds
        self._load_seconds = load_seconds
        self._measured: float | None = None
        self._round: asyncio.Task[None] | None = None
        self._probes: set[asyncio.Task[None]] = set()
        self._measuring: dict[Member | None, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Look again and again, from now on.

        Raises:
            UsageError: It does so already.
        """
        if self._round is not None and not self._round.done():
            raise UsageError("this pool is entered already: one `async with` looks after it for all who use it")
        self._round = asyncio.get_running_loop().create_task(self._go_on())

    async def stop(self) -> None:
        """Look no more."""
        round_, self._round = self._round, None
        tasks = [*self._probes, *self._measuring.values(), *(() if round_ is None else (round_,))]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def check(self) -> None:
        """Look once at all that have a check, at the same time."""
        await asyncio.gather(*(self._look(member) for member in self._roster.members if member.check is not None))

    def probe(self, member: Member) -> None:
        """Look whether one that is out may come back, without anybody waiting for it."""
        member.is_probing = True
        task = asyncio.get_running_loop().create_task(self._looked(member))
        self._probes.add(task)
        task.add_done_callback(self._probes.discard)

    def measure(self) -> None:
        """Have the machines measured, if what is known of them is too old; meanwhile that counts on."""
        now = asyncio.get_running_loop().time()
        if self._load_seconds is None or (self._measured is not None and now - self._measured < self._load_seconds):
            return
        self._measured = now
        # Those without a gauge are measured together.
        for member in dict.fromkeys(None if one.gauge is None else one for one in self._roster.members):
            # A gauge that hangs gets no second call beside the first one.
            if member not in self._measuring:
                task = asyncio.get_running_loop().create_task(self._measure(member))
                self._measuring[member] = task
                task.add_done_callback(partial(self._forget, member))

    async def _go_on(self) -> None:
        while True:
            await self.check()
            await asyncio.sleep(self._check_seconds)

    async def _look(self, member: Member) -> None:
        """Have the replica's check decide whether it is in or out; once, if several ask for it."""
        if not member.is_probing:
            member.is_probing = True
            await self._looked(member)

    async def _looked(self, member: Member) -> None:
        assert member.check is not None
        try:
            async with asyncio.timeout(self._check_seconds):
                await member.check()
        except Exception as error:  # noqa: BLE001 - the border: a check says by whatever error that the replica is not well
            self._roster.eject(member, f"its check failed: {type(error).__name__}: {error}")
        else:
            if member.ejected_until is not None:
                member.recover()
        finally:
            member.is_probing = False
        self._roster.serve()

    def _forget(self, member: Member | None, _: asyncio.Task[None]) -> None:
        del self._measuring[member]

    async def _measure(self, member: Member | None) -> None:
        """Measure the machine of a replica that has a gauge, or, for all others, this one."""
        gauge = _measured_here if member is None or member.gauge is None else member.gauge
        # What cannot be measured counts as average, which `WeightedLoad` says.
        given: object = None
        with suppress(Exception):
            async with asyncio.timeout(self._check_seconds):
                given = await gauge()
        load = given if isinstance(given, MachineLoad) and _is_share(given.cpu) and _is_share(given.memory) else None
        for one in self._roster.members:
            if one is member or (member is None and one.gauge is None):
                one.machine = load


def _is_share(value: object) -> bool:
    """Whether it can be compared: gauges may divide 0 by 0."""
    return isinstance(value, int | float) and 0 <= value < float("inf")


async def _measured_here() -> MachineLoad:
    threads = Threads(1)
    try:
        load = await threads.run(measure_machine)
    finally:
        threads.close()
    assert isinstance(load, MachineLoad)
    return load
