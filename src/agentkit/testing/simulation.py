"""`simulate`: a workflow in virtual time, on real orchestrators, with people, faults and deaths.

Rules: one seed is one run, the same every time. A process that dies does nothing any more: what it was told to do and
what it was told by its store stays undone, and the next one starts on the same storage. Between two moments at which
something happens no time passes on the wall, be it a month.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from typing import Never, TypeAlias, TypedDict, TypeVar, Unpack

from typing_extensions import TypeVar as DefaultTypeVar

from agentkit.agents import Agent
from agentkit.errors import UsageError
from agentkit.kernel import Workflow
from agentkit.orchestrator import Limits
from agentkit.stores import Store

from .agents import ScriptedAgent
from .claims import assert_same_end
from .clock import VirtualLoop
from .faults import Fault
from .people import Line
from .simulated import Simulated
from .world import Setting, World

__all__ = ["SimulationSettings", "Simulator", "crash_everywhere", "simulate"]

Output = DefaultTypeVar("Output", default=object)
T = TypeVar("T")
Agents: TypeAlias = "Iterable[Agent[Never, object]] | Callable[[], Iterable[Agent[Never, object]]]"

_MOST_POINTS = 10_000


class SimulationSettings(TypedDict, total=False):
    """What a simulation may be given besides its workflow and agents.

    Attributes:
        input: What the operation is given.
        people: Who says what, and when.
        faults: What goes wrong at which call of the store, counted over all processes; a kill is a death of the
            simulated process, which starts again after a second.
        by: Who asks for the operation.
        limits: The orchestrators' bounds; looking for abandoned operations costs no time here.
        resources: How many attempts may use each limited resource at once.
        store: Makes another owner on the same storage; by default everything is in memory.
        die: Has an owner of that storage die as a killed process does.
        longest: When to stop, if something still goes on: by default after a year.
    """

    input: object
    people: Sequence[Line]
    faults: Sequence[Fault]
    by: str | None
    limits: Limits | None
    resources: dict[str, int] | None
    store: Callable[[], Store]
    die: Callable[[Store], None]
    longest: timedelta


def simulate(
    workflow: Workflow[Output], agents: Agents, *, seed: int = 0, **settings: Unpack[SimulationSettings]
) -> Simulated[Output]:
    """Run a workflow in virtual time, until it has ended or nothing will ever happen again.

    It works wherever it is called, inside a running loop too, which stands still meanwhile. Scripted agents begin their
    script anew, and an attempt that is run again after a death takes the line that it had.

    Args:
        workflow: What to do.
        agents: Who can work; or a function that makes them, if they keep something that a run must not inherit.
        seed: Decides the order of tasks that are ready at the same moment; another seed tries another order.
        settings: See `SimulationSettings`.

    Raises:
        DefinitionError: A stage names an agent or a resource that does not exist.
        InputError: The input does not fit.
        UnstorableValue: The input cannot be written exactly.

    Example:
        >>> from datetime import timedelta
        >>> from agentkit import Stage
        >>> from agentkit.kernel import Approval
        >>> from agentkit.testing import Approve, ScriptedAgent
        >>> flow = Workflow("order", [
        ...     Stage("wait", wait=timedelta(days=30)),
        ...     Stage("pay", agent="clerk", after=["wait"], approval=Approval(by={"finance"})),
        ... ])
        >>> ann = Approve("pay", by="ann", roles={"finance"}, after=timedelta(days=3))
        >>> run = simulate(flow, [ScriptedAgent("clerk", ["paid"])], people=[ann])
        >>> run.output, run.seconds / 86_400
        ('paid', 33.0)
    """
    setting = _setting(settings, seed)
    return _apart(partial(_run, workflow, _renewed(agents), setting))


def crash_everywhere(
    workflow: Workflow[Output], agents: Agents, *, seed: int = 0, **settings: Unpack[SimulationSettings]
) -> list[Simulated[Output]]:
    """Kill the process before and after every write, start it again, and claim that the end is always the same.

    Args:
        workflow: What to do.
        agents: Who can work. Each run must begin alike: scripted agents begin anew by themselves; for others that keep
            something, such as the fake of a bank, give a function that makes them.
        seed: As for `simulate`.
        settings: As for `simulate`; the faults are those of every run.

    Returns:
        The run without a death, and then one for each point.

    Raises:
        AssertionError: A run ended otherwise; the message says which one, and how to see it again.
        AgentKitError: See `simulate`.

    Example:
        >>> from agentkit import Stage
        >>> from agentkit.testing import ScriptedAgent, assert_exactly_once
        >>> flow = Workflow("order", [Stage("pick", agent="clerk"), Stage("pack", agent="clerk", after=["pick"])])
        >>> runs = crash_everywhere(flow, [ScriptedAgent("clerk", ["picked", "packed"])])
        >>> assert_exactly_once(runs, "pack")
        >>> sum(run.deaths for run in runs) == len(runs) - 1
        True
    """
    given = settings.get("faults", ())
    runs = [simulate(workflow, agents, seed=seed, **settings)]
    point = 1
    # As many writes as there are without a death: those that a death adds repeat what is tried already.
    while point <= runs[0].writes and point < _MOST_POINTS:
        for kind in ("kill_before", "kill_after"):
            fault = Fault(kind=kind, number=point, call="append")
            settings["faults"] = [*given, fault]
            runs.append(simulate(workflow, agents, seed=seed, **settings))
            assert_same_end(runs[0], runs[-1])
        point += 1
    return runs


class Simulator:
    """`simulate` and `crash_everywhere` under one seed; the fixture `simulation` is one.

    Attributes:
        seed: The seed.

    Example:
        >>> from agentkit import Stage
        >>> from agentkit.testing import ScriptedAgent
        >>> flow = Workflow("order", [Stage("pick", agent="clerk")])
        >>> Simulator(7)(flow, [ScriptedAgent("clerk", ["picked"])]).output
        'picked'
    """

    def __init__(self, seed: int) -> None:
        self.seed: int = seed

    def __call__(
        self, workflow: Workflow[Output], agents: Agents, **settings: Unpack[SimulationSettings]
    ) -> Simulated[Output]:
        """See `simulate`.

        Raises:
            AgentKitError: See `simulate`.
        """
        return simulate(workflow, agents, seed=self.seed, **settings)

    def crash_everywhere(
        self, workflow: Workflow[Output], agents: Agents, **settings: Unpack[SimulationSettings]
    ) -> list[Simulated[Output]]:
        """See `crash_everywhere`.

        Raises:
            AssertionError: A run ended otherwise.
            AgentKitError: See `simulate`.
        """
        return crash_everywhere(workflow, agents, seed=self.seed, **settings)


def _setting(settings: SimulationSettings, seed: int) -> Setting:
    if ("store" in settings) != ("die" in settings):
        raise UsageError(
            "a simulation on a store of yours needs both: `store` makes an owner of it, and `die` kills it"
        )
    return Setting(
        seed=seed,
        input=settings.get("input"),
        people=tuple(settings.get("people", ())),
        faults=tuple(settings.get("faults", ())),
        by=settings.get("by"),
        limits=settings.get("limits"),
        resources=settings.get("resources"),
        store=settings.get("store"),
        die=settings.get("die"),
        longest=settings.get("longest", timedelta(days=366)).total_seconds(),
    )


def _renewed(agents: Agents) -> list[Agent[Never, object]]:
    made = [*(agents() if callable(agents) else agents)]
    for agent in made:
        if isinstance(agent, ScriptedAgent):
            agent.rehearse()
    return made


def _run(workflow: Workflow[Output], agents: Sequence[Agent[Never, object]], setting: Setting) -> Simulated[Output]:
    async def live() -> Simulated[Output]:
        return await World(workflow, agents, setting).run()

    with asyncio.Runner(loop_factory=partial(VirtualLoop, seed=setting.seed)) as runner:
        return runner.run(live())


def _apart(work: Callable[[], T]) -> T:
    """Do it here or, where a loop runs, in a thread that this one waits for."""
    if not _is_in_loop():
        return work()
    told: list[T] = []
    failed: list[BaseException] = []

    def do() -> None:
        try:
            told.append(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again where it is waited for
            failed.append(error)

    thread = threading.Thread(target=copy_context().run, args=(do,), name="agentkit simulation")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return told[0]


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
