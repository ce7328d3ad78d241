"""A far operation is followed to each of its changes, and its last picture is always drawn."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, cast

import pytest

from agentkit import GiveUp, Map, Orchestrator, Stage, Task, Workflow, agent
from agentkit.client import BlockingClient, Client
from agentkit.errors import NotFound
from agentkit.interfaces.notebook import LiveView, watch
from agentkit.interfaces.notebook.drawing import drawn
from agentkit.interfaces.notebook.far import FollowedSource
from agentkit.interfaces.notebook.near import NearSource
from agentkit.interfaces.notebook.sight import Row, Sight
from agentkit.markup import bundle, columns, outcome
from agentkit.screens import trouble_of
from agentkit.service import Caller, Service
from agentkit.wire import DrawingPage, EventLine, FailureLine, OperationPage, StageLine, moment
from tests.interfaces.notebook.pictures import Kept

ESCAPE = "\x1b[31mred"
ITEMS = Workflow(
    "items", [Stage("list", agent="numbers"), Stage("each", agent="each", after=["list"], map=Map("list"))]
)


@agent
def numbers(task: Task[object]) -> list[int]:
    return [0, 1]


def page(*stages: StageLine, status: str = "running", events: int = 2, ended: bool = False) -> OperationPage:
    return OperationPage(
        id="op-1",
        workflow="flow",
        status=status,
        created_at=moment(0),
        updated_at=moment(1),
        events=events,
        ended=ended,
        fraction=0.5,
        seconds=1.0,
        stages=list(stages),
        waiting=() if ended else ("approval",),
    )


class SlowAsks:
    """A client whose answer to the second question is on its way while a decision is heard."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_decided = False
        self.heard = asyncio.Event()
        self.news: asyncio.Queue[EventLine] = asyncio.Queue()

    async def operation(self, operation_id: str) -> OperationPage:
        self.asked += 1
        waits = None if self.is_decided else "approval"
        stages = [StageLine(name="a", status="waiting" if waits else "completed", fraction=0, waits_for=waits)]
        answer = page(*stages, StageLine(name="b", status="waiting", fraction=0, waits_for="approval"))
        if self.asked == 2:
            self.is_decided = True
            self.news.put_nowait(
                EventLine(operation="op-1", number=4, at=moment(2), type="approval.decided", stage="a")
            )
            await self.heard.wait()
            await asyncio.sleep(0)
        return answer

    async def events(self, operation_id: str, *, after: int = 0) -> AsyncGenerator[EventLine, None]:
        yield EventLine(operation="op-1", number=3, at=moment(2), type="vote.cast", stage="a")
        while True:
            found = await self.news.get()
            yield found
            self.heard.set()

    async def drawing(self, operation_id: str, *, format: str = "text") -> DrawingPage:
        return DrawingPage(operation="op-1", format="svg", drawing="<svg/>")

    async def approvals(self, operation_id: str | None = None) -> Sequence[Any]:
        return []


async def test_what_happens_while_an_answer_is_on_its_way_is_asked_for_once_more() -> None:
    sights = FollowedSource(cast("Any", SlowAsks()), "op-1").sights(0)

    async with asyncio.timeout(20):
        async for sight in sights:
            if sight.rows[0].status == "completed":
                break
    await sights.aclose()


async def test_a_far_operation_does_not_rest_while_an_item_is_worked_on() -> None:
    goes_on = asyncio.Event()

    @agent
    async def each(task: Task[int]) -> int:
        if task.input == 0:
            await goes_on.wait()
        await task.approval("go", question="Go on?")
        return 1

    async with Orchestrator([numbers, each]) as orchestrator:
        operation = await orchestrator.submit(ITEMS)
        client = Client(Service(orchestrator, [ITEMS]).desk())
        async with asyncio.timeout(20):
            async with aclosing(client.events(operation.id)) as events:
                async for event in events:
                    if event.type == "approval.requested":
                        break
            resting = asyncio.get_running_loop().create_task(FollowedSource(client, operation.id).at_rest())
            done, _ = await asyncio.wait([resting], timeout=0.3)
            assert not done
            goes_on.set()
            await resting
            assert len(await operation.questions()) == 2
            # Nothing is heard any more: who comes now is told at once.
            await FollowedSource(client, operation.id).at_rest()


async def test_an_operation_that_there_is_not_is_said_to_be_not_found(sheets: list[Kept]) -> None:
    async with Orchestrator() as orchestrator:
        with pytest.raises(NotFound):
            await watch("unknown", Client(Service(orchestrator, []).desk()))

    assert sheets[0].pictures == []


def test_a_value_that_cannot_draw_itself_is_shown_as_data() -> None:
    class Broken:
        def _repr_html_(self) -> str:
            raise ValueError("boom")

    class Both:
        def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> object:
            return {"text/html": "<b>both</b>"}, {"isolated": True}

    class Odd:
        def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> None: ...

    assert "text" in outcome(Broken(), '"text"')
    assert "text" in outcome(Odd(), '"text"')
    assert "<b>both</b>" in outcome(Both(), '"text"')


def test_the_last_picture_of_a_run_that_was_set_aside_is_drawn(sheets: list[Kept]) -> None:
    class Answers:
        def drawing(self, operation_id: str, *, format: str = "text") -> DrawingPage:
            return DrawingPage(operation="op-1", format="svg", drawing="<svg/>")

        def approvals(self, operation_id: str | None = None) -> Sequence[Any]:
            return []

        def files(self, operation_id: str) -> Sequence[Any]:
            return []

    view = LiveView(cast("BlockingClient", Answers()), seconds=60)
    view(page())
    view(page(events=3))
    view(page(status="quarantined", events=4))

    assert ["flow: quarantined" in picture["text/plain"] for picture in sheets[0].pictures] == [False, True]


async def test_each_vote_is_seen_also_where_two_questions_are_open() -> None:
    @agent
    async def each(task: Task[int]) -> int:
        await task.approval("pay", question=f"Pay {task.input}?", quorum=2)
        return 1

    async with Orchestrator([numbers, each]) as orchestrator:
        operation = await orchestrator.submit(ITEMS)
        await operation.at_rest()
        caller = Caller(name="ada", scopes=frozenset({"admin"}))
        source = FollowedSource(Client(Service(orchestrator, [ITEMS]).desk(caller)), operation.id)
        before = (await source.sight()).wanted
        asked = (await operation.questions())[1]
        await operation.approve(asked.stage, name=asked.name, by="bo")
        after = (await source.sight()).wanted

    assert [wanted.facts for wanted in before] == ["of anybody, 0 of 2 agreed"] * 2
    assert sorted(wanted.facts for wanted in after) == ["of anybody, 0 of 2 agreed", "of anybody, 1 of 2 agreed"]


def test_nothing_in_a_text_steers_a_terminal() -> None:
    row = Row(name=ESCAPE, status=ESCAPE, fraction=0, agent=ESCAPE, attempt=1, seconds=1, said=f"{ESCAPE}\n{ESCAPE}")
    sight = Sight(
        operation_id=ESCAPE,
        workflow=ESCAPE,
        status=ESCAPE,
        is_over=False,
        percent=1,
        seconds=1,
        seconds_left=None,
        rows=(row,),
    )
    picture = drawn(sight, f"{ESCAPE}\n{ESCAPE}")["text/plain"]
    stage = StageLine(name=ESCAPE, status=ESCAPE, fraction=0, message=f"{ESCAPE}\nnext")
    failed = OperationPage.model_copy(page(stage), update={"failure": FailureLine(code=ESCAPE, message=ESCAPE)})

    for text in (picture, bundle_text(failed), bundle_text(DrawingPage(operation="o", format="text", drawing=ESCAPE))):
        assert re.sub(r"[\n\t]", "", text).isprintable()
    assert len(picture.splitlines()) == 3
    assert columns([("a\nb", "c")]) == ["a b  c"]
    assert bundle("10\u202f000\u00a0€", "")["text/plain"] == "10 000 €"


def bundle_text(value: object) -> str:
    found: dict[str, str] = getattr(value, "_repr_mimebundle_")()  # noqa: B009 - as notebooks ask for it
    return found["text/plain"]


def test_states_read_as_at_every_door() -> None:
    row = Row(name="pay", status="in_doubt", fraction=0, agent="bank", attempt=1, seconds=1, said="")
    sight = Sight(
        operation_id="op-1",
        workflow="flow",
        status="dreaming",
        is_over=False,
        percent=1,
        seconds=1,
        seconds_left=None,
        rows=(row,),
    )
    picture = drawn(sight)

    assert "¿ in doubt" in picture["text/html"]
    assert picture["text/plain"].startswith("? flow: dreaming")
    assert "¿  in doubt  pay" in picture["text/plain"]


async def test_what_to_do_about_a_failure_is_said_in_the_same_words_everywhere() -> None:
    @agent
    def give_up(task: Task[object]) -> None:
        raise GiveUp("no")

    flow = Workflow("flow", [Stage("a", agent="give_up")])
    async with Orchestrator([give_up]) as orchestrator:
        operation = await orchestrator.submit(flow)
        await operation.at_rest()
        client = Client(Service(orchestrator, [flow]).desk())
        near = (await NearSource(operation).sight()).trouble
        far = (await FollowedSource(client, operation.id).sight()).trouble

    assert near is not None
    assert far is not None
    assert near.remedy == far.remedy == trouble_of(FailureLine(code="give_up", message="no")).remedy
    assert (near.call, far.call) == (
        f"operation = await orchestrator.resume({operation.id!r})",
        f"await client.retry({operation.id!r})",
    )
