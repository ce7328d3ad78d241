"""What every way to a service promises to those who look after it: a part of `check_calls`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from agentkit.errors import InputError, NotAllowed, NotFound, TooLate
from agentkit.wire import (
    Calls,
    DeliveryQuery,
    FiguresQuery,
    KeyRequest,
    LearnerRelease,
    LearnerRollback,
    LearnerSwitch,
    ScheduleRequest,
    SubmitRequest,
)

from .promises import promise, refused

__all__ = ["UPKEEP_CHECKS", "People"]

# Found on this machine and then refused, so that no check calls anybody.
_URL: Final = "http://localhost/in"
_SEASON: Final = 90 * 86_400
"""Longer than any check takes: nothing is started meanwhile."""


@dataclass(frozen=True, slots=True)
class People:
    """Two of one tenant, one of another, one who sees everybody's things, and an admin of each tenant."""

    ada: Calls
    bob: Calls
    eve: Calls
    root: Calls
    amy: Calls
    zoe: Calls


def _schedule(name: str, *, every: int = _SEASON, **more: str) -> ScheduleRequest:
    given = {"name": "Ada", "times": [1, 2]}
    return ScheduleRequest.model_validate({"name": name, "workflow": "greet", "input": given, "every": every, **more})


async def _keeps_schedules(people: People) -> None:
    amy, root = people.amy, people.root
    made = await amy.add_schedule(_schedule("season"))
    promise((made.name, made.tenant, made.requester, made.every) == ("season", "acme", "amy", _SEASON), "it says whose")
    promise(made.input == {"name": "Ada", "times": [1, 2]}, "a schedule's input is what was given")
    promise(made.due_at is not None and not made.paused and made.problem == "", "it says when it is due")
    promise(await amy.add_schedule(_schedule("season")) == made, "what is said twice is there once")
    await refused(InputError, amy.add_schedule(_schedule("season", every=_SEASON + 1)))
    await refused(InputError, amy.add_schedule(_schedule("season", cron="0 6 * * *")))
    await refused(InputError, amy.add_schedule(_schedule("Mars", zone="Mars")))
    await refused(NotFound, amy.add_schedule(_schedule("other", workflow="nothing")))
    paused = await amy.pause_schedule("season")
    promise(paused.paused and paused.due_at is None, "what is paused is not due")
    promise(await people.ada.schedule("season") == paused, "who may read sees it as it stands")
    resumed = await root.resume_schedule("season", tenant="acme")
    promise(not resumed.paused, "who belongs to no tenant may name one")
    promise([one.name for one in await people.ada.schedules()] == ["season"], "schedules are listed")
    await refused(NotAllowed, people.ada.add_schedule(_schedule("mine")))
    await refused(NotAllowed, people.ada.remove_schedule("season"))
    await root.add_schedule(_schedule("season", tenant="other"))
    promise([one.tenant for one in await root.schedules()] == ["acme", "other"], "who belongs to none sees all")
    await root.remove_schedule("season", tenant="other")
    promise((await amy.remove_schedule("season")).name == "season", "what is removed is shown as it was")
    promise(await amy.schedules() == [], "what is removed is gone")


async def _hides_schedules(people: People) -> None:
    await people.amy.add_schedule(_schedule("secret"))
    zoe = people.zoe
    promise(await zoe.schedules() == [], "no schedule of another tenant is listed")
    for call in (zoe.schedule, zoe.pause_schedule, zoe.resume_schedule, zoe.remove_schedule):
        await _looks_alike(call, "secret")
    for name in ("secret", "no-such"):
        await refused(NotAllowed, zoe.schedule(name, tenant="acme"))
        await refused(NotAllowed, zoe.add_schedule(_schedule(name, tenant="acme")))
    promise((await zoe.add_schedule(_schedule("secret"))).tenant == "other", "a name is one of a tenant")
    await zoe.remove_schedule("secret")
    await people.amy.remove_schedule("secret")


async def _announces(people: People) -> None:
    ada = people.ada
    started = await ada.submit(SubmitRequest(workflow="ask", callback_url=_URL))
    (line,) = (await people.bob.deliveries(DeliveryQuery())).items
    promise((line.operation, line.url, line.status) == (started.id, _URL, "waiting"), "announcements are listed")
    promise(await ada.delivery(line.id) == line, "one announcement is shown as in the list")
    promise(await ada.replay(line.id) == line, "what is not dead is left as it is")
    promise((await ada.deliveries(DeliveryQuery(dead=True))).items == [], "what is not dead is not said to be")
    others = [(await ada.submit(SubmitRequest(workflow="ask", callback_url=_URL))).id for _ in range(2)]
    first = await ada.deliveries(DeliveryQuery(limit=2))
    rest = await ada.deliveries(DeliveryQuery(limit=2, cursor=first.next_cursor))
    promise([one.operation for one in [*first.items, *rest.items]] == [*others[::-1], started.id], "pages follow")
    promise(rest.next_cursor is None, "the last page says so")
    await refused(InputError, ada.deliveries(DeliveryQuery(cursor="none of ours")))
    promise((await people.eve.deliveries(DeliveryQuery())).items == [], "no announcement to others is listed")
    promise(len((await people.root.deliveries(DeliveryQuery())).items) == 3, "who belongs to no tenant sees all")
    await _looks_alike(people.eve.delivery, line.id)
    await _looks_alike(people.eve.replay, line.id)
    # An operation that is no announcement is none to anybody.
    await _looks_alike(ada.delivery, started.id)
    for operation_id in (started.id, *others):
        await ada.cancel(operation_id)


async def _tells_secrets(people: People) -> None:
    page = await people.amy.webhook_secret()
    promise((page.tenant, page.secret[:6], page.old_secret) == ("acme", "whsec_", None), "a tenant has a secret")
    promise(page.secret != (await people.zoe.webhook_secret()).secret, "each tenant has another one")
    promise(await people.root.webhook_secret(tenant="acme") == page, "who belongs to no tenant may name one")
    await refused(NotAllowed, people.ada.webhook_secret())
    await refused(NotAllowed, people.zoe.webhook_secret(tenant="acme"))


async def _gives_keys(people: People) -> None:
    amy = people.amy
    request = KeyRequest(name="olga", scopes=["read"], roles=["finance"], seconds=3_600)
    made = await amy.create_key(request, key="olga's")
    promise(made.key.startswith(f"agk_{made.id}_"), "a key is shown once, when it is made")
    promise(
        (made.name, made.tenant, made.scopes, made.roles) == ("olga", "acme", ["read"], ["finance"]), "it says what"
    )
    promise(made.active and made.expires_at is not None, "a key may end")
    again = await refused(TooLate, amy.create_key(request, key="olga's"))
    promise(made.id in str(again), "what is said twice makes one key, and says which")
    promise(await _listed(people.zoe, made.id) == [], "no key of another tenant is listed")
    promise(await _listed(people.root, made.id) == ["acme"], "who belongs to no tenant sees all")
    (shown,) = [line for line in await amy.keys() if line.id == made.id]
    promise(not hasattr(shown, "key"), "a list shows no secret")
    await refused(NotAllowed, amy.create_key(KeyRequest(name="x", tenant="other")))
    promise((await people.root.create_key(KeyRequest(name="x", tenant="other"))).tenant == "other", "none may name one")
    for call in (people.ada.keys(), people.ada.create_key(request), people.ada.revoke_key(made.id)):
        await refused(NotAllowed, call)
    await _looks_alike(people.zoe.revoke_key, made.id)
    promise(not (await amy.revoke_key(made.id)).active, "what is revoked opens nothing")
    promise(not (await amy.revoke_key(made.id)).active, "what is revoked again stays so")


async def _tells_of_learning(people: People) -> None:
    amy, back, off = people.amy, LearnerRollback(), LearnerSwitch(on=False)
    promise(all(line.tenant == "acme" for line in await people.ada.learners()), "no learner of others is listed")
    for call in (amy.learner, amy.learner_changes):
        await refused(NotFound, call("no-such"))
        await refused(NotAllowed, call("no-such", tenant="other"))
    for calls, error in ((people.ada, NotAllowed), (amy, NotFound)):
        await refused(error, calls.roll_back_learner("no-such", back))
        await refused(error, calls.release_learner("no-such", LearnerRelease()))
        await refused(error, calls.switch_learner("no-such", off))


async def _counts(people: People) -> None:
    ada, began = people.ada, datetime.now(UTC) - timedelta(hours=1)
    before = await ada.figures(FiguresQuery(since=began))
    begun = await ada.submit(SubmitRequest(workflow="greet", input={"name": "Ada"}))
    ended = [page async for page in ada.progress(begun.id)][-1]
    promise(ended.status == "completed", f"it is completed, and not {ended.status}")
    found = await ada.figures(FiguresQuery(since=began))
    now, then = found.current, before.current
    promise(now.completed == then.completed + 1 and now.accepted == then.accepted + 1, "what is completed counts")
    promise(now.p95_seconds is not None and now.mean_seconds is not None, "and how long it took")
    promise(now.success_rate is not None and now.success_rate > 0, "and how well it went")
    promise(found.previous.completed == 0 and found.previous.success_rate is None, "nothing was never a success")
    promise(found.previous.until <= found.current.since <= found.at, "the period before ends as this one begins")
    worked = [agent for agent in found.agents if agent.completed]
    promise(bool(worked), "agents are told by what they did")
    none = await ada.figures(FiguresQuery(since=began, workflow="nothing", recent=0))
    promise((none.current.accepted, none.active) == (0, 0), "only one workflow's are counted where one is named")
    foreign = (await people.zoe.figures(FiguresQuery(since=began))).current
    promise(foreign.accepted < now.accepted, "what is another tenant's does not count")


async def _listed(calls: Calls, key_id: str) -> Sequence[str | None]:
    return [line.tenant for line in await calls.keys() if line.id == key_id]


async def _looks_alike(call: Callable[[str], Awaitable[object]], foreign: str) -> None:
    words = {str(await refused(NotFound, call(name))).replace(name, "ID") for name in (foreign, "no-such")}
    promise(len(words) == 1, "what is foreign looks like what does not exist")


UPKEEP_CHECKS: Final[Sequence[Callable[[People], Awaitable[None]]]] = (
    _keeps_schedules,
    _hides_schedules,
    _announces,
    _tells_secrets,
    _gives_keys,
    _tells_of_learning,
    _counts,
)
