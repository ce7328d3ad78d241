"""What comes out of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, cast

from typing_extensions import TypeVar

from agentkit.agents import ANY, AgentRegistry, ValueType
from agentkit.errors import AttemptError, OperationCancelled, OperationFailed, OperationQuarantined, OperationTimedOut
from agentkit.kernel import (
    AttemptFailed,
    AttemptStarted,
    Event,
    State,
    TierUsed,
    Workflow,
    join_texts,
    output_confidence,
)
from agentkit.kernel import OperationQuarantined as Quarantined
from agentkit.markup import bundle, outcome
from agentkit.views import seconds_text

__all__ = ["Result", "is_degraded", "output_text", "raise_unless_completed", "result_of", "why_not_completed"]

Output = TypeVar("Output", default=object, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[Output]):
    """What a completed operation gives.

    Attributes:
        operation_id: Which operation.
        output: The value of the workflow's result stage, of its only last stage, or a mapping of all last stages.
        output_json: The same as JSON, as the journal has it.
        values: The value of every stage that has one, read when it is asked for.
        missing: Optional stages that failed.
        fallbacks: Stages whose value came from a fallback, with the agent that gave it.
        degraded: Stages whose value is less than was asked for: it came from a fallback, is the minimal answer, lacks
            items, or is the last turn of a loop that never was good enough.
        confidence: How sure the output is, 0 to 1, by the confidence of the stages that it came from.
        tiers: The capability tier that a stage's value was worked on with, and why, by stage; of those that chose one.
        seconds: How long it took.
    """

    operation_id: str
    output: Output
    output_json: str
    values: Mapping[str, object]
    missing: tuple[str, ...]
    fallbacks: Mapping[str, str]
    degraded: tuple[str, ...]
    confidence: float
    tiers: Mapping[str, TierUsed]
    seconds: float

    @property
    def is_degraded(self) -> bool:
        """Whether something is missing, or less than was asked for."""
        return bool(self.missing or self.degraded)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The output, and what there is to know about it, as text and HTML, for notebooks."""
        known = {
            "operation": self.operation_id,
            "time": seconds_text(self.seconds),
            "confidence": f"{self.confidence:g}" if self.confidence < 1 else "",
            "missing": ", ".join(self.missing),
            "less than was asked for": ", ".join(self.degraded),
            "by a fallback": ", ".join(f"{stage}: {agent}" for stage, agent in self.fallbacks.items()),
        }
        notes = [f"{name}: {words}" for name, words in known.items() if words]
        return bundle("\n".join([f"{self.output!r}", *notes]), outcome(self.output, self.output_json, notes))


class _Values(Mapping[str, object]):
    """Values by stage, each read with its agent's type when it is asked for."""

    __slots__ = ("_agents", "_fallbacks", "_texts", "_workflow")

    def __init__(self, state: State, agents: AgentRegistry, fallbacks: Mapping[str, str]) -> None:
        stages = state.workflow.stages
        # Texts only: a result may be kept for long, and the state behind it need not be.
        self._texts = {
            stages[number].name: stage.value
            for number, stage in state.touched.items()
            if number < state.base and stage.value is not None
        }
        self._workflow = state.workflow
        self._fallbacks = fallbacks
        self._agents = agents

    def __getitem__(self, stage: str) -> object:
        return self.type_of(stage).decode(self._texts[stage])

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"<values of {', '.join(self._texts) or 'no stage'}>"

    def text(self, stage: str) -> str | None:
        """A value as JSON."""
        return self._texts.get(stage)

    def type_of(self, stage: str) -> ValueType:
        """What the agent that gave the value declares."""
        spec = self._workflow[stage]
        entry = self._agents.find(self._fallbacks.get(stage) or spec.agent)
        # The items of a map are typed; the list of them is not.
        return entry.output_type if entry and spec.items is None else ANY


def result_of(state: State, agents: AgentRegistry, workflow: Workflow[Output]) -> Result[Output]:
    """The result of a completed operation.

    Raises:
        InputError: A value is not of its declared type any more.
    """
    stages = state.workflow.stages
    failed: list[str] = []
    fallbacks: dict[str, str] = {}
    degraded: list[str] = []
    tiers: dict[str, TierUsed] = {}
    for number, stage in state.touched.items():
        if number >= state.base or stage.is_plain:
            continue
        name = stages[number].name
        if stage.status == "failed":
            failed.append(name)
        elif stage.is_degraded:
            degraded.append(name)
        if stage.more is not None and stage.more.tier is not None:
            tiers[name] = stage.more.tier
        if stage.level and stage.status == "completed" and not stage.is_minimal:
            fallbacks[name] = stages[number].agents[stage.level]
    values = _Values(state, agents, fallbacks)
    output, text = _output(values, state.workflow, workflow.returns)
    return Result(
        operation_id=state.operation_id,
        output=cast("Output", output),
        output_json=text,
        values=values,
        missing=tuple(failed),
        fallbacks=fallbacks,
        degraded=tuple(degraded),
        confidence=output_confidence(state),
        tiers=tiers,
        seconds=state.at - state.accepted_at,
    )


def _sources(workflow: Workflow[object]) -> Sequence[int]:
    """The stages that the output comes from."""
    return workflow.graph.sinks if workflow.result is None else (workflow.graph.index[workflow.result],)


def is_degraded(state: State) -> bool:
    """Whether a stage failed or gave less than was asked for."""
    return any(
        stage.is_degraded or stage.status == "failed" for number, stage in state.touched.items() if number < state.base
    )


def output_text(state: State) -> str:
    """The output of a completed operation as JSON."""
    stages = state.workflow.stages
    texts = {stages[number].name: state.touched[number].value for number in _sources(state.workflow)}
    if len(texts) == 1:
        return next(iter(texts.values())) or "null"
    return join_texts(texts)


def why_not_completed(state: State) -> str:
    """What became of an operation that is settled and not completed, for a sentence."""
    if state.status == "quarantined":
        return "is quarantined"
    reason = state.stop.reason if state.stop else ""
    return f"{'was cancelled' if state.status == 'cancelled' else 'failed'}{': ' if reason else ''}{reason}"


def _output(values: _Values, workflow: Workflow[object], returns: type[Any] | None) -> tuple[object, str]:
    """The output and its JSON."""
    names = [workflow.stages[number].name for number in _sources(workflow)]
    if len(names) > 1:
        texts = {name: text for name in names if (text := values.text(name)) is not None}
        return {name: values[name] for name in texts}, join_texts(texts)
    text = values.text(names[0])
    if text is None:
        return None, "null"
    declared = values.type_of(names[0])
    return (declared if returns in (None, declared.declared) else ValueType(returns)).decode(text), text


def raise_unless_completed(state: State, journal: Sequence[Event]) -> None:
    """Raise what an operation's end means for whoever waits for its result.

    Raises:
        OperationFailed: A required stage failed.
        OperationTimedOut: It took too long.
        OperationCancelled: It was cancelled.
        OperationQuarantined: Too many processes died while they ran it.
    """
    identity = state.operation_id
    stop = state.stop
    match state.status:
        case "completed":
            return
        case "quarantined":
            deaths = max((event.deaths for event in journal if isinstance(event, Quarantined)), default=state.deaths)
            raise OperationQuarantined(
                f"operation {identity}: {deaths} processes died while they ran it; look at its history, then resume it",
                operation_id=identity,
            )
        case "cancelled":
            reason = f": {stop.reason}" if stop and stop.reason else ""
            raise OperationCancelled(f"operation {identity} was cancelled{reason}", operation_id=identity)
        case _:
            _raise_failed(state, journal)


def _raise_failed(state: State, journal: Sequence[Event]) -> NoReturn:
    identity, stop = state.operation_id, state.stop
    if stop is None or stop.cause == "timed_out":
        reason = stop.reason if stop else "took too long"
        raise OperationTimedOut(f"operation {identity} {reason}", operation_id=identity)
    attempts = _failed_attempts(journal, stop.stage)
    failure = stop.failure
    why = f"{failure.type}: {failure.message}" if failure and failure.type else stop.reason
    raise OperationFailed(
        f"operation {identity}: stage {stop.stage!r} failed after {len(attempts)} attempt(s): {why}",
        operation_id=identity,
        stage=stop.stage,
        attempts=attempts,
    )


def _failed_attempts(journal: Sequence[Event], stage: str | None) -> list[AttemptError]:
    agents: dict[int, str] = {}
    errors: list[AttemptError] = []
    for event in journal:
        if isinstance(event, AttemptStarted) and event.stage == stage:
            agents[event.attempt] = event.agent
        elif isinstance(event, AttemptFailed) and event.stage == stage:
            errors.append(
                AttemptError(
                    event.failure.message,
                    stage=event.stage,
                    attempt=event.attempt,
                    agent=agents[event.attempt],
                    error_code=event.failure.code,
                    error_type=event.failure.type,
                )
            )
    return errors
