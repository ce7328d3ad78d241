"""`learn`: what was learned, looked at and taken back in a store or on a server."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator

from rich.text import Text

from agentkit.client import Client
from agentkit.errors import NotFound
from agentkit.views import one_line
from agentkit.wire import ArmLine, LearnerPage, LearnerRelease, LearnerRollback, LearnerSwitch, TaskKindLine

from .options import is_json
from .places import Place, ask_at
from .screen import errors, output

__all__ = ["explain_learner", "release_kind", "roll_back", "show_learner", "show_learners", "switch"]

_QUIET = "bright_black"


def show_learners(place: Place, *, as_json: bool) -> None:
    """List the learners of a place."""

    async def work(client: Client) -> int:
        found = await client.learners()
        for line in found:
            told = line.model_dump_json() if is_json(as_json) else _called(line.name, line.tenant)
            sys.stdout.write(f"{told}\n")
        if not found and not is_json(as_json):
            _say(f"nothing has learned in {place.words} yet")
        return 0

    ask_at(place, work)


def show_learner(name: str, place: Place, *, tenant: str | None, kind: str | None, as_json: bool) -> None:
    """Show the arms of a learner, by kind, and what follows from them."""

    async def work(client: Client) -> int:
        page = await client.learner(name, tenant=tenant)
        kinds = [each for each in page.kinds if kind in (None, each.name)]
        if kind is not None and not kinds:
            raise NotFound(f"learner {name!r} knows no kind {kind!r}; see: agentkit learn show {name}")
        points = [point for point in page.points if kind in (None, point.kind)]
        shown = page.model_copy(update={"kinds": kinds, "points": points})
        if is_json(as_json):
            sys.stdout.write(shown.model_dump_json() + "\n")
            return 0
        for line in _page_lines(shown):
            output().print(line, soft_wrap=True)
        return 0

    ask_at(place, work)


def _page_lines(page: LearnerPage) -> Iterator[Text]:
    yield Text(f"{_called(page.name, page.tenant)}{'' if page.on else ', switched off'}")
    for kind in page.kinds:
        yield from _kind_lines(kind)
    for point in page.points:
        told = f"learned: {_kind(point.kind)}: {point.pattern}; {point.improvement}"
        yield Text(one_line(told, 1_000))


def _kind_lines(kind: TaskKindLine) -> Iterator[Text]:
    held = f", held at {kind.held} by a person" if kind.held else ""
    leads = f"{kind.leader} leads" if kind.leader else "nothing was chosen yet"
    yield Text(one_line(f"{_kind(kind.name)}: {kind.outcomes} outcomes, {leads}{held}", 1_000))
    wide = max((len(arm.name) for arm in kind.arms), default=3)
    title = f"{'arm':{wide}}  {'outcomes':>8}  {'success':>7}  {'reward':>6}  {'quality':>7}  {'seconds':>8}  cost"
    yield Text(f"  {title}", _QUIET)
    for arm in kind.arms:
        more = "  nobody has it any more" if arm.gone else "  set aside for now" if arm.resting else ""
        yield Text(f"  {arm.name:{wide}}  {_figures(arm)}{more}")


def _figures(arm: ArmLine) -> str:
    success = "-" if arm.success_rate is None else f"{arm.success_rate:.0%}"
    reward, quality, seconds = ("-" if one is None else f"{one:.2f}" for one in (arm.reward, arm.quality, arm.seconds))
    costs = ", ".join(f"{amount} {currency}".strip() for currency, amount in arm.costs.items()) or "-"
    return f"{arm.outcomes:>8}  {success:>7}  {reward:>6}  {quality:>7}  {seconds:>8}  {costs}"


def explain_learner(
    name: str, place: Place, *, tenant: str | None, kind: str | None, key: str | None, as_json: bool
) -> None:
    """Say what changed and why; with a key, what was chosen for that work."""

    async def work(client: Client) -> int:
        found = [
            line
            for line in await client.learner_changes(name, key=key, tenant=tenant)
            if kind is None or line.kind == kind
        ]
        for line in found:
            if is_json(as_json):
                sys.stdout.write(line.model_dump_json() + "\n")
                continue
            told = f"{line.at:%Y-%m-%d %H:%M:%S} UTC  {one_line(line.text, 1_000)}"
            output().print(Text(told), soft_wrap=True)
        if not found and not is_json(as_json):
            _say("nothing has changed yet" if key is None else f"nothing was chosen for {key}")
        return 0

    ask_at(place, work)


def roll_back(name: str, place: Place, *, tenant: str | None, kind: str, to: str | None, by: str, why: str) -> None:
    """Take back that an arm leads."""

    async def work(client: Client) -> int:
        page = await client.roll_back_learner(name, LearnerRollback(kind=kind, to=to, why=why), tenant=tenant)
        held = next(each.held for each in page.kinds if each.name == kind)
        words = ["agentkit", "learn", "release", name]
        words += ["--kind", kind] if kind else []
        words += [] if tenant is None else ["--tenant", tenant]
        _say(f"{_kind(kind)}: {held} is used until it is released: {shlex.join(words)}")
        return 0

    ask_at(place, work, by=by)


def release_kind(name: str, place: Place, *, tenant: str | None, kind: str, by: str) -> None:
    """Let a kind of task learn again."""

    async def work(client: Client) -> int:
        await client.release_learner(name, LearnerRelease(kind=kind), tenant=tenant)
        _say(f"{_kind(kind)}: it learns again")
        return 0

    ask_at(place, work, by=by)


def switch(name: str, place: Place, *, tenant: str | None, is_on: bool, by: str) -> None:
    """Switch a learner on or off."""

    async def work(client: Client) -> int:
        page = await client.switch_learner(name, LearnerSwitch(on=is_on), tenant=tenant)
        _say(f"{_called(page.name, page.tenant)} is {'on' if page.on else 'off'}")
        return 0

    ask_at(place, work, by=by)


def _kind(name: str) -> str:
    return name or "all tasks"


def _called(name: str, tenant: str | None) -> str:
    return name if tenant is None else f"{name} of {tenant}"


def _say(line: str) -> None:
    errors().print(Text(line), soft_wrap=True)
