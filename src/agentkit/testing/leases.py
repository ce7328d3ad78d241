"""`check_leases`: what every store promises about who may drive a stream, tried on one.

Rules: as for `check_journal`. Death cannot be asked for through the port: whoever can simulate it brings it
along.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from agentkit.errors import JournalConflict, LeaseLost, UsageError
from agentkit.stores import Lease, Store

from .promises import promise, refused
from .samples import notes, summary_of

__all__ = ["check_leases"]

_PATIENCE = 30.0
_AnyStore = TypeVar("_AnyStore", bound=Store)


async def check_leases(make: Callable[[], _AnyStore], die: Callable[[_AnyStore], None] | None = None) -> None:
    """Hold leases to their promises.

    Args:
        make: Makes a store that is not opened yet: another owner, on the same storage, at every call. The storage is
            empty at the first one.
        die: Does to an open store what the death of its process would do. Without it nobody dies in this check.

    Raises:
        AssertionError: A promise is broken; the message says which.
    """
    async with asyncio.timeout(_PATIENCE):
        async with make() as one, make() as two:
            promise(one.owner != two.owner, "no two owners have the same name")
            for check in (_begins, _is_claimed_once, _fences, _releases, _lists_orphans, _lets_others_speak):
                await check(one, two)
            await _has_one_claimant(one, two)
        await _gives_back_at_close(make)
        if die is not None:
            await _survives_death(make, die)


async def _begin(store: Store, stream: str, at: float = 1.0) -> Lease:
    lease = store.fresh(stream)
    await store.append(stream, notes(1, 1), expected=0, lease=lease, summary=summary_of(stream, at=at))
    return lease


async def _begins(one: Store, two: Store) -> None:
    lease = await _begin(one, "born")
    promise(lease == Lease(stream="born", owner=one.owner, token=1), "a stream begins with token 1")
    promise(await one.renew(lease), "who begins a stream under a lease holds it")
    promise(await two.claim("born") is None, "what a living owner drives cannot be claimed")
    promise(await one.claim("born") is None, "who holds a stream does not get it twice")
    promise(await two.claim("born", own=True) is None, "what another living owner drives is not one's own")
    again = await one.claim("born", own=True)
    if again is None:
        raise AssertionError("broken promise: who holds a stream may ask for it anew")
    promise(again.token > lease.token and not again.orphaned, "a lease that was asked for anew is newer")
    lease = again
    await refused(JournalConflict, two.append("born", notes(1, 1), expected=0, lease=two.fresh("born")))
    await refused(UsageError, one.append("born", notes(2, 2), expected=1, lease=replace(lease, stream="other")))
    await one.append("born", notes(2, 2), expected=1, lease=lease)
    promise(not await two.renew(two.fresh("unborn")), "a lease for a stream that does not exist holds nothing")


async def _is_claimed_once(one: Store, two: Store) -> None:
    promise(await one.claim("nowhere") is None, "a stream that does not exist cannot be claimed")
    promise(list(await one.read("nowhere")) == [], "a claim creates no stream")
    await one.append("free", notes(1, 1), expected=0)
    lease = await two.claim("free")
    if lease is None:
        raise AssertionError("broken promise: a stream that nobody drives can be claimed")
    promise(lease.owner == two.owner, "a claimed stream belongs to who claimed it")
    promise(not lease.orphaned, "a stream that nobody ever drove was not orphaned")
    promise(await one.claim("free") is None, "a claimed stream cannot be claimed again")


async def _fences(one: Store, two: Store) -> None:
    old = await _begin(one, "fenced")
    new = await two.claim("fenced", take=True)
    if new is None:
        raise AssertionError("broken promise: a stream can be taken from a living owner")
    promise(new.token > old.token and not new.orphaned, "the token grows with every change of hands")
    await refused(LeaseLost, one.append("fenced", notes(2, 2), expected=1, lease=old))
    await refused(LeaseLost, one.append("fenced", notes(2, 2), expected=7, lease=old))
    promise(not await one.renew(old) and await two.renew(new), "only the newest lease is held")
    await one.release(old)
    promise(await two.renew(new), "an old lease is given back without effect")
    await two.append("fenced", notes(2, 2), expected=1, lease=new)
    again = await two.claim("fenced", take=True)
    promise(again is not None and again.token > new.token, "taking from oneself makes a new lease")
    await refused(LeaseLost, two.append("fenced", notes(3, 3), expected=2, lease=new))
    promise(len(await one.read("fenced")) == 2, "nothing of a fenced writer is kept")


async def _releases(one: Store, two: Store) -> None:
    lease = await _begin(one, "released")
    await one.release(lease)
    await one.release(lease)
    promise(not await one.renew(lease), "a released lease holds nothing")
    await refused(LeaseLost, one.append("released", notes(2, 2), expected=1, lease=lease))
    new = await two.claim("released")
    if new is None:
        raise AssertionError("broken promise: a released stream can be claimed at once")
    promise(new.token > lease.token and not new.orphaned, "a released stream is handed over, not orphaned")


async def _lists_orphans(one: Store, two: Store) -> None:
    leases = [await _begin(one, f"orphan {n}", at=float(10 - n)) for n in range(4)]
    promise(await _orphans(two) == [], "what a living owner drives is no orphan")
    for lease in leases:
        await one.release(lease)
    ended = replace(summary_of("orphan 0"), ended=True)
    await one.append("orphan 0", notes(2, 2), expected=1, summary=ended)
    await _begin(one, "orphan 4")
    parked = replace(summary_of("orphan 4"), parked=True)
    await one.append("orphan 4", notes(2, 2), expected=1, summary=parked)
    promise(await one.get("orphan 4") == replace(parked, version=2), "a summary tells that its stream is parked")
    await one.claim("orphan 4", take=True)
    await one.release(Lease(stream="orphan 4", owner=one.owner, token=2))
    promise(
        await _orphans(one) == ["orphan 3", "orphan 2", "orphan 1"],
        "orphans are listed oldest first, ended and parked ones not",
    )
    promise(len(await one.orphans(now=0.0, limit=2)) == 2, "at most as many orphans are listed as were asked for")
    await two.claim("orphan 2")
    promise(await _orphans(one) == ["orphan 3", "orphan 1"], "a claimed stream is no orphan any more")


async def _orphans(store: Store) -> list[str]:
    return [stream for stream in await store.orphans(now=0.0, limit=10_000) if stream.startswith("orphan ")]


async def _lets_others_speak(one: Store, two: Store) -> None:
    lease = await _begin(one, "asked")
    await two.append("asked", notes(2, 2), expected=1)
    await refused(JournalConflict, one.append("asked", notes(2, 2), expected=1, lease=lease))
    await one.append("asked", notes(3, 3), expected=2, lease=lease)
    promise(list(await two.read("asked")) == notes(1, 3), "who only asks for something needs no lease")


async def _has_one_claimant(one: Store, two: Store) -> None:
    for number in range(10):
        await one.append(f"contested {number}", notes(1, 1), expected=0)
        claims = await asyncio.gather(*(store.claim(f"contested {number}") for store in (one, two) * 5))
        promise(sum(lease is not None for lease in claims) == 1, "of many claims at once exactly one wins")


async def _gives_back_at_close(make: Callable[[], Store]) -> None:
    async with make() as store:
        await _begin(store, "closed")
    async with make() as store:
        lease = await store.claim("closed")
        promise(lease is not None and not lease.orphaned, "a store that closes releases its leases")


async def _survives_death(make: Callable[[], _AnyStore], die: Callable[[_AnyStore], None]) -> None:
    victim = make()
    await victim.open()
    old = await _begin(victim, "orphan dead")
    async with make() as heir:
        promise(await heir.claim("orphan dead") is None, "a living owner keeps what it drives")
        die(victim)
        promise("orphan dead" in await _orphans(heir), "what a dead owner drove is an orphan at once")
        new = await heir.claim("orphan dead")
        if new is None:
            raise AssertionError("broken promise: what a dead owner drove can be claimed at once")
        promise(new.orphaned and new.token > old.token, "the heir learns that the owner before died")
        await refused(LeaseLost, heir.append("orphan dead", notes(2, 2), expected=1, lease=old))
        await heir.append("orphan dead", notes(2, 2), expected=1, lease=new)
    await victim.close()
