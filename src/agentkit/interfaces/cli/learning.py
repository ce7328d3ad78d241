"""`learn`: what was learned, looked at and taken back in a store of this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import NoReturn

from rich.text import Text

from agentkit.agents import ArmStanding, Entry, KindStanding, LearningState, entry_data, entry_words
from agentkit.errors import NotFound
from agentkit.orchestrator import Learner, learner_names
from agentkit.service import moment
from agentkit.stores import Store
from agentkit.views import one_line

from .ending import finish, guarded
from .finding import existing
from .options import is_json
from .screen import errors, output

__all__ = ["explain_learner", "release_kind", "roll_back", "show_learner", "show_learners", "switch"]

_QUIET = "bright_black"


def show_learners(address: str, *, as_json: bool) -> None:
    """List the learners of a store."""

    async def work() -> int:
        async with existing(address) as store:
            found = await learner_names(store)
        for tenant, name in found:
            told = json.dumps({"name": name, "tenant": tenant}) if is_json(as_json) else _called(name, tenant)
            sys.stdout.write(f"{told}\n")
        if not found and not is_json(as_json):
            _say(f"nothing has learned in {address} yet")
        return 0

    finish(guarded(work))


def show_learner(name: str, address: str, *, tenant: str | None, kind: str | None, as_json: bool) -> None:
    """Show the arms of a learner, by kind, and what follows from them."""

    async def work(learner: Learner) -> int:
        state = await learner.state()
        if kind is not None and kind not in state.kinds:
            raise NotFound(f"learner {name!r} knows no kind {kind!r}; see: agentkit learn show {name}")
        kinds = {each: standing for each, standing in sorted(state.kinds.items()) if kind in (None, each)}
        points = [point for point in await learner.points() if point.kind in kinds]
        if is_json(as_json):
            for each, standing in kinds.items():
                told = {"kind": each, "is_on": state.is_on, "first": state.first, **standing.to_data()}
                sys.stdout.write(json.dumps(told) + "\n")
            return 0
        lines = [Text(f"{_called(name, tenant)}{'' if state.is_on else ', switched off'}")]
        for each, standing in kinds.items():
            lines += _kind_lines(each, standing, state)
        lines += [Text(f"learned: {one_line(str(point), 500)}") for point in points]
        for line in lines:
            output().print(line, soft_wrap=True)
        return 0

    _at(name, address, tenant, work)


def _kind_lines(name: str, kind: KindStanding, state: LearningState) -> Iterator[Text]:
    leader = kind.leader or state.first
    held = f", held at {kind.held} by a person" if kind.held else ""
    yield Text(f"{name or 'all tasks'}: {kind.outcomes} outcomes, {leader} leads{held}")
    wide = max(map(len, kind.arms), default=3)
    title = f"{'arm':{wide}}  {'outcomes':>8}  {'success':>7}  {'reward':>6}  {'quality':>7}  {'seconds':>8}  cost"
    yield Text(f"  {title}", _QUIET)
    for arm, standing in sorted(kind.arms.items(), key=lambda pair: -pair[1].mean):
        rests = f"  set aside until outcome {standing.rests}" if standing.rests > kind.outcomes else ""
        yield Text(f"  {arm:{wide}}  {_figures(standing)}{rests}")


def _figures(arm: ArmStanding) -> str:
    success = f"{arm.successes / arm.outcomes:.0%}" if arm.outcomes else "-"
    reward = f"{arm.mean:.2f}" if arm.known else "-"
    quality = f"{arm.quality / arm.judged:.2f}" if arm.judged else "-"
    seconds = f"{arm.seconds / arm.timed:.2f}" if arm.timed else "-"
    costs = ", ".join(f"{amount} {currency}".strip() for currency, amount in arm.costs.items()) or "-"
    return f"{arm.outcomes:>8}  {success:>7}  {reward:>6}  {quality:>7}  {seconds:>8}  {costs}"


def explain_learner(
    name: str, address: str, *, tenant: str | None, kind: str | None, key: str | None, as_json: bool
) -> None:
    """Say what changed and why; with a key, what was chosen for that work."""

    async def work(learner: Learner) -> int:
        if key is None:
            found: list[Entry] = [*await learner.changes(kind=kind)]
        else:
            found = [each async for each in learner.history() if _is_of(each, key) and kind in (None, each.kind)]
        for entry in found:
            if is_json(as_json):
                sys.stdout.write(json.dumps(entry_data(entry)) + "\n")
                continue
            at = f"{moment(entry.at):%Y-%m-%d %H:%M:%S} UTC"
            output().print(Text(f"{at}  {one_line(entry_words(entry), 1_000)}"), soft_wrap=True)
        if not found and not is_json(as_json):
            _say("nothing has changed yet" if key is None else f"nothing was chosen for {key}")
        return 0

    _at(name, address, tenant, work)


def _is_of(entry: Entry, key: str) -> bool:
    """Whether it is about some work: that of this key, or of an operation of this id."""
    own: str = getattr(entry, "key", "")
    return own == key or own.startswith(f"{key}:")


def roll_back(name: str, address: str, *, tenant: str | None, kind: str, to: str | None, by: str, why: str) -> None:
    """Take back that an arm leads."""

    async def work(learner: Learner) -> int:
        arm = await learner.rollback(by=by, kind=kind, to=to, why=why)
        _say(f"{kind or 'all tasks'}: {arm} is used until it is released: agentkit learn release {name}")
        return 0

    _at(name, address, tenant, work)


def release_kind(name: str, address: str, *, tenant: str | None, kind: str, by: str) -> None:
    """Let a kind of task learn again."""

    async def work(learner: Learner) -> int:
        await learner.release(by=by, kind=kind)
        _say(f"{kind or 'all tasks'}: it learns again")
        return 0

    _at(name, address, tenant, work)


def switch(name: str, address: str, *, tenant: str | None, is_on: bool, by: str) -> None:
    """Switch a learner on or off."""

    async def work(learner: Learner) -> int:
        await learner.switch(is_on, by=by)
        _say(f"{_called(name, tenant)} is {'on' if is_on else 'off'}")
        return 0

    _at(name, address, tenant, work)


def _at(name: str, address: str, tenant: str | None, work: Callable[[Learner], Coroutine[None, None, int]]) -> NoReturn:
    async def at() -> int:
        async with _learner(name, existing(address), tenant) as learner:
            return await work(learner)

    finish(guarded(at))


@asynccontextmanager
async def _learner(name: str, store: Store, tenant: str | None) -> AsyncGenerator[Learner, None]:
    """A learner that is there; to look at one must not make it.

    Raises:
        NotFound: There is none of this name.
    """
    async with store:
        if (tenant, name) not in await learner_names(store):
            raise NotFound(f"there is no learner {_called(name, tenant)} in this store; see: agentkit learn show")
        yield Learner(store, name=name, tenant=tenant)


def _called(name: str, tenant: str | None) -> str:
    return name if tenant is None else f"{name} of {tenant}"


def _say(line: str) -> None:
    errors().print(Text(line), soft_wrap=True)
