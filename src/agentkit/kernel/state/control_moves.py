"""How conditions, items, turns, waits, effects, doubts and undoings move a stage: a part of `evolve`."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from agentkit.kernel.commands import KnownEffect
from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.events.control import (
    ConditionDecided,
    ItemsMapped,
    LoopEnded,
    SignalAwaited,
    SignalReceived,
    StageFailed,
    TimerFired,
    TimerSet,
    TurnBegan,
    UndoBegan,
)
from agentkit.kernel.events.effects import DoubtRaised, DoubtSettled, EffectCarried, EffectIntended, EffectSettled
from agentkit.kernel.events.people import ApprovalRequested
from agentkit.kernel.facts import Failure

from .attempt_moves import add_items, complete
from .moves import add_step, cease, effects_known, end_stage, fail_stage, next_status, refuse, stop_waiting, wait
from .standing import UNTOUCHED, More, Parts, StageState, Step
from .state import Gate, State, make_ready, next_gate
from .status import OPERATION_TABLE, STAGE_TABLE, StageStatus
from .usage_moves import keep_usage, usage_with

__all__ = ["move_control", "open_by", "raise_doubts", "signal_received", "undo_began"]

Opening: TypeAlias = ConditionDecided | ItemsMapped | TurnBegan | TimerSet | SignalAwaited
Of: TypeAlias = (
    Opening
    | LoopEnded
    | TimerFired
    | EffectIntended
    | EffectSettled
    | EffectCarried
    | DoubtRaised
    | DoubtSettled
    | StageFailed
)


def move_control(state: State, event: Of) -> None:
    """Change the state by an event around the work of one stage or step."""
    match event:
        case ConditionDecided():
            _condition_decided(state, event)
        case ItemsMapped():
            number, stage, more = open_by(state, event, "map", to=STAGE_TABLE["ItemsMapped"]["pending"])
            more.parts = Parts(event.count, event.digest)
            if event.count:
                add_items(state, number, more.parts)
            else:
                stage.status = "completed"
                stage.value = "[]"
                end_stage(state, number)
        case TurnBegan():
            _turn_began(state, event)
        case LoopEnded():
            _loop_ended(state, event)
        case TimerSet():
            number, stage, _ = open_by(state, event, "wait", to=STAGE_TABLE["TimerSet"]["pending"])
            wait(state, number, stage, event.until)
        case TimerFired():
            number, stage = _in(state, event, "TimerFired")
            stop_waiting(state, number, stage)
            _give(state, number, stage, "null")
        case SignalAwaited():
            _signal_awaited(state, event)
        case EffectIntended() | EffectSettled():
            _effect(state, event)
        case EffectCarried():
            next_status(state, event, "ResultCarried")
            # All that lists of a stage did lies together, since another list of it has to know.
            owner = event.stage.rpartition("[")[0] if event.digest else event.stage
            known = state.carried.setdefault(owner, {}).setdefault((event.stage, event.digest), {})
            known[event.name, event.key] = KnownEffect(outcome=event.outcome, result=event.result, under=event.under)
        case DoubtRaised():
            number, stage = _in(state, event, "DoubtRaised")
            if event.attempt != stage.attempt:
                refuse(state, event, f"stage {event.stage!r} is at attempt {stage.attempt}")
            keep_usage(state, number, usage_with(state, event))
            _doubt(state, number, stage, (event.name, event.key))
        case DoubtSettled():
            _doubt_settled(state, event)
        case StageFailed():
            _stage_failed(state, event)
        case _:
            assert_never(event)


def open_by(
    state: State, event: Opening | ApprovalRequested, gate: Gate, *, to: StageStatus
) -> tuple[int, StageState, More]:
    """Take a stage out of those that are to open, by the event that opens this gate of it."""
    number = state.number(event.stage)
    stage = state.touched.get(number)
    if number not in state.opening or next_gate(state.spec(number), stage.more if stage else None) != gate:
        refuse(state, event, f"stage {event.stage!r} does not wait for its {gate}")
    after = OPERATION_TABLE["StageOpened"].get(state.status)
    if after is None:
        refuse(state, event, f"the operation is {state.status}")
    del state.opening[number]
    if stage is None:
        stage = state.touched[number] = StageState()
        stage.started_at = event.at - state.downtime
    state.status = after
    stage.status = to
    return number, stage, stage.furnished()


def _condition_decided(state: State, event: ConditionDecided) -> None:
    status = STAGE_TABLE["ConditionDecided: met" if event.met else "ConditionDecided: not met"]["pending"]
    number, _, more = open_by(state, event, "when", to=status)
    more.met = True
    if event.met:
        make_ready(state, number)
    else:
        end_stage(state, number)


def _turn_began(state: State, event: TurnBegan) -> None:
    if event.turn == 1:
        number, _, more = open_by(state, event, "loop", to=STAGE_TABLE["TurnBegan"]["pending"])
        more.parts = Parts(0)
    else:
        number, _ = _in(state, event, "TurnBegan")
        more = state.touched[number].furnished()
    parts = more.parts
    if parts is None or parts.ended != event.turn - 1 or parts.begun != parts.ended:
        refuse(state, event, f"stage {event.stage!r} is not at the end of turn {event.turn - 1}")
    state.opening.pop(number, None)
    parts.begun += 1
    spec = state.spec(number)
    step = Step(name=f"{spec.name}[{event.turn}]", kind="turn", parent=number, place=event.turn, stage=spec)
    parts.numbers.append(add_step(state, step))


def _loop_ended(state: State, event: LoopEnded) -> None:
    number, stage = _in(state, event, "LoopEnded")
    parts = stage.furnished().parts
    if parts is None or not parts.ended or parts.begun != parts.ended:
        refuse(state, event, f"a turn of stage {event.stage!r} has not ended")
    state.opening.pop(number, None)
    last = state.touched[parts.numbers[-1]]
    if last.more is not None:
        stage.furnished().confidence = last.more.confidence
    stage.furnished().degraded = not event.met or last.is_degraded
    stage.status = "completed"
    stage.value = parts.values[0]
    end_stage(state, number)


def _signal_awaited(state: State, event: SignalAwaited) -> None:
    number, stage, _ = open_by(state, event, "signal", to="waiting")
    name = state.spec(number).signal or ""
    kept = state.signals.get(name)
    if kept:
        _give(state, number, stage, kept.pop(0))
        return
    wait(state, number, stage, event.until)
    state.awaiting.setdefault(name, []).append(number)


def signal_received(state: State, event: SignalReceived) -> None:
    """A signal goes to the first stage that waits for it, or is kept for the first one that will."""
    if state.status not in ("pending", "running"):
        refuse(state, event, f"the operation is {state.status}")
    if event.id and event.id in state.signal_ids:
        refuse(state, event, f"the signal {event.id!r} was received before")
    if event.id:
        state.signal_ids.add(event.id)
    waiting = state.awaiting.get(event.name)
    if not waiting:
        state.signals.setdefault(event.name, []).append(event.value)
        return
    number = waiting.pop(0)
    stage = state.touched[number]
    stop_waiting(state, number, stage)
    _give(state, number, stage, event.value)


def _give(state: State, number: int, stage: StageState, value: str) -> None:
    """A stage that only waited is complete."""
    stage.status = "completed"
    stage.value = value
    end_stage(state, number)


def _effect(state: State, event: EffectIntended | EffectSettled) -> None:
    number = state.number(event.stage)
    stage = state.touched.get(number, UNTOUCHED)
    if stage.status != "running":
        refuse(state, event, f"stage {event.stage!r} is {stage.status}")
    key = event.name, event.key
    known = effects_known(state, number).get(key)
    under = known.under if known is not None else ""
    if isinstance(event, EffectIntended):
        if event.attempt != stage.attempt:
            refuse(state, event, f"stage {event.stage!r} is at attempt {stage.attempt}")
        if known is not None and known.outcome != "failed":
            refuse(state, event, f"effect {event.name!r} of {event.key!r} is {known.outcome}, and is not done twice")
        stage.furnished().effects[key] = KnownEffect(outcome="intended", under=under)
    else:
        if known is None or known.outcome != "intended":
            refuse(state, event, f"effect {event.name!r} of {event.key!r} is not open")
        stage.furnished().effects[key] = KnownEffect(outcome=event.outcome, result=event.result, under=under)


def raise_doubts(state: State) -> None:
    """Another process drives: what was running, and must not be done twice, is in doubt."""
    for number in tuple(state.running):
        if state.spec(number).effect == "at_most_once":
            _doubt(state, number, state.touched[number], ("", ""))


def _doubt(state: State, number: int, stage: StageState, effect: tuple[str, str]) -> None:
    if effect != ("", ""):
        stage.tries -= 1
    stage.status = "in_doubt"
    stage.furnished().doubt = effect
    wait(state, number, stage, None)


def _doubt_settled(state: State, event: DoubtSettled) -> None:
    number, stage = _in(state, event, f"DoubtSettled: {event.decision}")
    if state.status not in ("running", "compensating"):
        refuse(state, event, f"the operation is {state.status}")
    stop_waiting(state, number, stage)
    more = stage.furnished()
    effect, more.doubt = more.doubt or ("", ""), None
    if event.decision == "abort":
        stage.status = "pending"
        _fail(state, number, Failure(code="aborted", type="Aborted", message=event.comment or "given up by a person"))
        return
    if effect != ("", ""):
        known = effects_known(state, number).get(effect)
        more.effects[effect] = KnownEffect(
            outcome="confirmed" if event.decision == "done" else "failed",
            result=event.value,
            under="" if known is None else known.under,
        )
    elif event.decision == "done":
        stage.status = "completed"
        stage.value = event.value
        complete(state, number, stage)
        return
    else:
        stage.tries -= 1
    # Nobody works while a person thinks, and what is done again gets its time again.
    stage.started_at = event.at - state.downtime
    stage.status = "retrying"
    wait(state, number, stage, event.at)


def _stage_failed(state: State, event: StageFailed) -> None:
    number = state.number(event.stage)
    stage = state.touched.get(number, UNTOUCHED)
    opening = number in state.opening
    if stage.status not in STAGE_TABLE["StageFailed"] or (stage.status == "pending" and not opening):
        refuse(state, event, f"stage {event.stage!r} is {stage.status}")
    if state.status not in ("pending", "running"):
        refuse(state, event, f"the operation is {state.status}")
    state.opening.pop(number, None)
    if stage is UNTOUCHED:
        stage = state.touched[number] = StageState()
    stop_waiting(state, number, stage)
    name = state.spec(number).signal
    if name is not None and number in state.awaiting.get(name, ()):
        state.awaiting[name].remove(number)
    _fail(state, number, event.failure)


def _fail(state: State, number: int, failure: Failure) -> None:
    """A stage has failed for good, or the stage whose item or turn it is; an undoing is simply given up."""
    step = state.step(number)
    if step is None:
        fail_stage(state, number, failure)
        return
    stage = state.touched[number]
    stage.status = "failed"
    stage.failure = failure
    if step.kind != "undo":
        fail_stage(state, step.parent, failure)


def undo_began(state: State, event: UndoBegan) -> None:
    """The newest work that can be undone gets a step that does so."""
    after = next_status(state, event)
    number = state.number(event.stage)
    if not state.undoable or state.undoable[-1] != number or state.running or state.steps_open():
        refuse(state, event, f"it is not the turn of stage {event.stage!r}")
    if state.status != after:
        # From here on nothing is wanted but undoing: who is asked about anything else is asked no more.
        for held in tuple(state.held):
            cease(state, held)
            state.touched[held].furnished().open_question = None
        state.ready.clear()
        state.opening.clear()
        state.waiting.clear()
    state.status = after
    state.undoable.pop()
    spec = state.spec(number)
    # Where the work itself has no limit, its undoing has the one of the workflow: it must come to an end too.
    timeout = state.workflow.timeout if spec.timeout is None else spec.timeout
    undo = Stage(
        spec.name,
        agent=spec.undo or "",
        instruction=spec.instruction,
        timeout=timeout,
        retry=spec.retry,
        # Whoever takes work back does so where it was done.
        resource=spec.resource,
    )
    state.undoing = add_step(state, Step(name=f"{event.stage}:undo", kind="undo", parent=number, place=0, stage=undo))


def _in(state: State, event: Of, row: str) -> tuple[int, StageState]:
    """The stage or step of an event, in a status that the table allows for it."""
    number = state.number(event.stage)
    stage = state.touched.get(number, UNTOUCHED)
    if stage.status not in STAGE_TABLE[row]:
        refuse(state, event, f"stage {event.stage!r} is {stage.status}")
    if state.status == "quarantined":
        refuse(state, event, "the operation is quarantined")
    return number, stage
