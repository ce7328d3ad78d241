"""What attempts waited for is room alone; what people, times and earlier stages take is nobody's queue."""

import asyncio
from itertools import pairwise

import pytest

from agentkit import Approval, Limits, Loop, Map, Orchestrator, RetryPolicy, Stage, Task, When, Workflow, agent
from agentkit.errors import IllegalEvent, OperationFailed
from agentkit.kernel import ApprovalRequested, DoubtSettled, Event, OperationAdopted
from agentkit.testing import ScriptedAgent, Sleep, VirtualClock, run_virtual
from agentkit.views import Job, jobs_of, performance_of, play_back
from tests.kernel.scenes import accepted, started, succeeded
from tests.kernel.scenes import flow as flow_of


def worked(flow: Workflow[object], given: object = None, *, script: list[object] | None = None) -> list[Job]:
    """The jobs of one run, with all the room in the world, in seconds since its acceptance."""

    async def run() -> list[Job]:
        clerk = ScriptedAgent("clerk", script or [Sleep(10, [1, 2, 3])])
        orchestrator = Orchestrator([clerk], limits=Limits(max_parallel=50), clock=VirtualClock())
        async with orchestrator:
            operation = await orchestrator.submit(flow, given)
            if any(stage.approval for stage in flow.stages):
                await _approve(orchestrator, operation.id)
            await operation.result()
            return list(jobs_of(await orchestrator.history(operation.id)))

    return run_virtual(run())


async def _approve(orchestrator: Orchestrator, operation_id: str) -> None:
    await asyncio.sleep(100)
    operation = await orchestrator.get(operation_id)
    (asked,) = await orchestrator.approvals()
    await operation.approve(asked.stage, by="ada")


@pytest.mark.parametrize(
    "flow",
    [
        Workflow("chain", [Stage("a", agent="clerk"), Stage("b", agent="clerk", after=["a"])]),
        Workflow("timed", [Stage("a", wait=60), Stage("b", agent="clerk", after=["a"])]),
        Workflow("asked", [Stage("a", agent="clerk", approval=Approval())]),
        Workflow("mapped", [Stage("a", agent="clerk"), Stage("b", agent="clerk", after=["a"], map=Map("a"))]),
        Workflow(
            "narrow",
            [Stage("a", agent="clerk"), Stage("b", agent="clerk", after=["a"], map=Map("a", parallel=1))],
        ),
        Workflow("bounded", [Stage(name, agent="clerk") for name in "abcd"], max_parallel=2),
        Workflow("skipped", [Stage("a", agent="clerk", when=When(path="x")), Stage("b", agent="clerk", after=["a"])]),
    ],
    ids=lambda flow: flow.name,
)
def test_nothing_waits_for_room_where_there_is_plenty(flow: Workflow[object]) -> None:
    jobs = worked(flow, {"x": False})

    assert [job.waited for job in jobs] == [0.0] * len(jobs)
    assert {job.seconds for job in jobs} == {10.0}
    assert {job.end for job in jobs} == {"completed"}


def means(jobs: list[Job], at: float) -> tuple[float, float]:
    """How long an operation took that was accepted then, as it was and as it is played back."""
    begun = {jobs[0].operation_id: at}
    seen = performance_of(jobs, begun, total=None, resources={})
    return seen.mean_seconds, play_back(jobs, begun, total=None, resources={}).mean_seconds


@agent(name="asker")
async def asker(task: Task[object]) -> str:
    """Asks in the middle of its work, and works ten seconds after it."""
    await task.approval("sure")
    await asyncio.sleep(10)
    return "done"


@pytest.mark.parametrize(
    ("flow", "seconds"),
    [
        (Workflow("asked", [Stage("a", agent="clerk", approval=Approval())]), 10.0),
        (Workflow("asks", [Stage("a", agent="asker")]), 10.0),
        (Workflow("timed", [Stage("a", wait=1_000), Stage("b", agent="clerk", after=["a"])]), 10.0),
        (Workflow("told", [Stage("a", signal="go"), Stage("b", agent="clerk", after=["a"])]), 10.0),
        (Workflow("beside", [Stage("a", agent="clerk", approval=Approval()), Stage("b", agent="clerk")]), 20.0),
        (
            Workflow(
                "behind",
                [
                    Stage("a", agent="clerk"),
                    Stage("b", approval=Approval(), after=["a"]),
                    Stage("c", wait=1_000, after=["b"]),
                    Stage("d", agent="clerk", after=["c"]),
                ],
            ),
            20.0,
        ),
        # What the child does once somebody has answered is its own time; the parent hears of it at its end.
        (
            Workflow(
                "within",
                [
                    Stage("a", agent="clerk"),
                    Stage("b", workflow=Workflow("c", [Stage("d", agent="asker")]), after=["a"]),
                ],
            ),
            10.0,
        ),
    ],
    ids=lambda one: one.name if isinstance(one, Workflow) else "",
)
def test_what_people_timers_and_signals_take_is_no_time_of_an_operation(flow: Workflow[object], seconds: float) -> None:
    async def run() -> tuple[list[Job], float]:
        agents = [ScriptedAgent("clerk", [Sleep(10)]), asker]
        async with Orchestrator(agents, clock=VirtualClock()) as here:
            operation = await here.submit(flow)
            begun = here.now()
            await operation.at_rest()
            await asyncio.sleep(1_000)
            for asked in await here.approvals():
                await (await here.get(asked.operation_id)).approve(asked.stage, by="ada")
            if any(stage.signal for stage in flow.stages):
                await operation.signal("go")
            await operation.result()
            return list(jobs_of(await here.history(operation.id))), begun

    jobs, at = run_virtual(run())

    assert means(jobs, at) == pytest.approx((seconds, seconds), abs=0.01)
    assert performance_of(jobs, {jobs[0].operation_id: at}, total=None, resources={}).span_seconds >= 1_000


def test_what_a_person_takes_to_settle_a_doubt_is_no_time_of_an_operation() -> None:
    once = flow_of(Stage("one", agent="ada", effect="at_most_once"))
    events: list[Event] = [
        accepted(once),
        started("one", at=1.0),
        OperationAdopted(at=5.0, owner="b", after_death=True),
        DoubtSettled(at=1_005.0, stage="one", decision="redo"),
        started("one", 2, at=1_005.0),
        succeeded("one", 2, at=1_008.0),
    ]
    jobs = jobs_of(events)

    assert [(job.end, job.held) for job in jobs] == [("cancelled", 0.0), ("completed", 1_000.0)]
    assert performance_of(jobs, {"op": 0.0}, total=None, resources={}).mean_seconds == 8.0


@agent(name="flaky")
async def flaky(task: Task[object]) -> str:
    """Works ten seconds, and fails at first."""
    await asyncio.sleep(10)
    if task.attempt == 1:
        raise OSError("gone")
    return "done"


@agent(name="picky")
async def picky(task: Task[int]) -> str:
    """Fails after five seconds; asks before for the first item."""
    if task.input == 0:
        await task.approval("sure")
    await asyncio.sleep(5)
    raise OSError("gone")


LATER = RetryPolicy(attempts=2, delay=60, jitter=0)


@pytest.mark.parametrize(
    ("stages", "given", "seconds"),
    [
        (
            [
                Stage("a", agent="flaky", approval=Approval(), retry=LATER),
                Stage("b", wait=50, after=["a"]),
                Stage("c", agent="clerk", after=["b"]),
            ],
            None,
            90.0,
        ),
        (
            [
                Stage("a", agent="clerk"),
                Stage("b", signal="go", after=["a"]),
                Stage("c", agent="flaky", after=["b"], retry=LATER),
            ],
            None,
            90.0,
        ),
        (
            [
                Stage("a", agent="picky", map=Map(most=10), required=False),
                Stage("b", agent="flaky", after=["a"], retry=LATER),
            ],
            [0, 1],
            85.0,
        ),
    ],
    ids=["behind a timer", "early signal", "failed beside one who asks"],
)
def test_a_pause_between_attempts_is_time_of_an_operation_whoever_was_waited_for_before(
    stages: list[Stage], given: object, seconds: float
) -> None:
    async def run() -> tuple[list[Job], float]:
        async with Orchestrator([ScriptedAgent("clerk", [Sleep(10)]), flaky, picky], clock=VirtualClock()) as here:
            operation = await here.submit(Workflow("f", stages), given)
            begun = here.now()
            if any(stage.signal for stage in stages):
                await operation.signal("go")
            if stages[0].approval is not None:
                await operation.at_rest()
                await asyncio.sleep(1_000)
                await operation.approve("a", by="ada")
            await operation.result()
            return list(jobs_of(await here.history(operation.id))), begun

    assert means(*run_virtual(run())) == pytest.approx((seconds, seconds), abs=0.01)


def test_what_worked_beside_a_question_when_its_process_ended_is_time_of_an_operation() -> None:
    asked = flow_of(Stage("pay", agent="ada", approval=Approval()), Stage("b", agent="ada"))
    events: list[Event] = [
        accepted(asked),
        ApprovalRequested(at=0.0, stage="pay"),
        started("b", at=0.0),
        OperationAdopted(at=100.0, owner="b", after_death=True),
        succeeded("b", at=200.0),
    ]

    assert performance_of(jobs_of(events), {"op": 0.0}, total=None, resources={}).mean_seconds == 200.0


def test_a_pause_that_a_retry_policy_asks_for_is_no_wait_for_room() -> None:
    retry = RetryPolicy(attempts=2, delay=5, jitter=0)
    first, second = worked(
        Workflow("retried", [Stage("a", agent="clerk", retry=retry)]), script=[Sleep(3, ValueError()), Sleep(1)]
    )

    assert (first.end, first.seconds, first.pause) == ("failed", 3.0, 0.0)
    assert (second.end, second.waited, second.pause, second.follows) == ("completed", 0.0, 5.0, 0)


def test_turns_of_a_loop_follow_each_other() -> None:
    flow = Workflow("again", [Stage("a", agent="clerk", loop=Loop(most=3, until=When(path="x"), otherwise="keep"))])
    jobs = worked(flow, script=[Sleep(2, {"x": False})])

    assert [(job.step, job.waited, job.seconds) for job in jobs] == [(f"a[{n}]", 0.0, 2.0) for n in (1, 2, 3)]


def test_work_that_is_played_back_without_limits_takes_as_long_as_it_did() -> None:
    flow = Workflow(
        "mapped",
        [
            Stage("a", agent="clerk"),
            Stage("b", agent="clerk", after=["a"], map=Map("a")),
            Stage("c", agent="clerk", after=["b"]),
        ],
    )
    jobs = worked(flow)
    begun = {jobs[0].operation_id: jobs[0].ready_at}

    assert play_back(jobs, begun, total=None, resources={}).span_seconds == 30.0
    one = play_back(jobs, begun, total=1, resources={})
    # Three items, one after the other: the second waits ten seconds, the third twenty.
    assert (one.span_seconds, one.wait_seconds) == (50.0, 30.0)
    assert play_back([], {}, total=1, resources={}).span_seconds == 0.0


def test_a_resource_that_is_named_bounds_the_playback() -> None:
    flow = Workflow("printed", [Stage(name, agent="clerk", resource="ink") for name in "ab"])

    async def run() -> list[Job]:
        clock = VirtualClock()
        async with Orchestrator([ScriptedAgent("clerk", [Sleep(10)])], resources={"ink": 2}, clock=clock) as here:
            operation = await here.submit(flow)
            await operation.result()
            return list(jobs_of(await here.history(operation.id)))

    jobs = run_virtual(run())
    begun = {jobs[0].operation_id: jobs[0].ready_at}

    assert play_back(jobs, begun, total=None, resources={"ink": 2}).span_seconds == 10.0
    assert play_back(jobs, begun, total=None, resources={"ink": 1}).span_seconds == 20.0


def test_a_journal_without_its_beginning_is_refused() -> None:
    with pytest.raises(IllegalEvent, match="begins with OperationAccepted"):
        jobs_of([])


async def test_an_undoing_occupies_what_its_stage_does_and_is_recorded_so() -> None:
    child = Workflow("child", [Stage("inner", agent="clerk")])
    flow = Workflow(
        "undone",
        [
            Stage("print", agent="clerk", undo="shredder", resource="printer"),
            Stage("within", workflow=child, undo="shredder"),
            Stage("fail", agent="broken", after=["print", "within"]),
        ],
    )
    clerk, shredder = ScriptedAgent("clerk", [Sleep(1)]), ScriptedAgent("shredder", [Sleep(10)])
    broken = ScriptedAgent("broken", [ValueError("no")])
    async with Orchestrator([clerk, shredder, broken], resources={"printer": 1}, clock=VirtualClock()) as orchestrator:
        operations = [await orchestrator.submit(flow) for _ in range(3)]
        for operation in operations:
            with pytest.raises(OperationFailed):
                await operation.result()
        jobs = [job for one in operations for job in jobs_of(await orchestrator.history(one.id))]

    undone = {step: [job for job in jobs if job.step == step] for step in ("print:undo", "within:undo")}
    assert {job.resource for job in undone["print:undo"]} == {"printer"}
    assert {job.resource for job in undone["within:undo"]} == {None}
    printed = sorted((job for job in jobs if job.resource == "printer"), key=lambda job: job.started_at)
    assert all(one.ended_at is not None and one.ended_at <= next_.started_at for one, next_ in pairwise(printed))
