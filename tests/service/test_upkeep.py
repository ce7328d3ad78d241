"""Those who look after a service: what holds beside `check_calls` and the routes."""

from typing import Any

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import InputError, NotAllowed, Unauthenticated
from agentkit.service import Caller, Service
from agentkit.wire import KeyRequest, ScheduleRequest

AMY = Caller(name="amy", tenant="acme")


@agent
async def note(task: Task[Any]) -> Any:
    """Gives what it is given."""
    return task.input


FLOW = Workflow("note", [Stage("note", agent="note")])


async def test_nobody_gives_away_what_they_may_not_do_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    # An admin may all. If keys ever take less than that, this is what holds.
    monkeypatch.setattr(Caller, "check", lambda *_: None)
    async with Orchestrator([note]) as orchestrator:
        desk = Service(orchestrator, [FLOW]).desk(Caller(name="bob", tenant="acme", scopes={"read", "run"}))

        assert (await desk.create_key(KeyRequest(name="olga", scopes=["read"]))).scopes == ["read"]
        with pytest.raises(NotAllowed, match="approve, admin"):
            await desk.create_key(KeyRequest(name="olga", scopes=["read", "approve", "admin"]))


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, True),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": 1}, {"a": True}, False),
        (None, {}, False),
    ],
)
async def test_a_schedule_said_twice_is_the_same_if_its_input_is(first: Any, second: Any, *, is_same: bool) -> None:
    async with Orchestrator([note]) as orchestrator:
        service = Service(orchestrator, [FLOW])
        made = await service.desk(AMY).add_schedule(ScheduleRequest(name="s", workflow="note", every=60, input=first))
        again = ScheduleRequest(name="s", workflow="note", every=60, input=second)
        if is_same:
            assert await service.desk(AMY).add_schedule(again) == made
            other = Caller(name="ann", tenant="acme")
            with pytest.raises(InputError, match="already"):
                await service.desk(other).add_schedule(again)
        else:
            with pytest.raises(InputError, match="already"):
                await service.desk(AMY).add_schedule(again)


async def test_what_is_kept_under_the_pepper_of_a_service_opens_nothing_under_another() -> None:
    async with Orchestrator([note]) as orchestrator:
        service, other = Service(orchestrator, [FLOW]), Service(orchestrator, [FLOW])
        service.pepper = "salt"
        made = await service.desk().create_key(KeyRequest(name="olga"))

        assert (await service.keys.caller(made.key)).name == "olga"
        with pytest.raises(Unauthenticated, match="opens nothing"):
            await other.keys.caller(made.key)
