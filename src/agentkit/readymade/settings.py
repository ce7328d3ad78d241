"""Agents out of plain data: what a file of agents says.

    agents:
      sales:   {is: extraction, sources: [{kind: csv, name: sales, path: sales.csv}]}
      clean:   {is: processing, operations: [{kind: dedupe, by: [id]}]}
      words:   {is: model, model: "openai:gpt-5-mini", role: Writes for the board}
      tell:    {is: insights, config: {value: price}, writer: words}
      report:  {is: report, layout: {title: "Sales of {month}", sections: [...]}}

Rules: a file says what agents do, and never what they may reach: folders, networks, secrets and the keys of models come
from whoever reads the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Never, cast

from pydantic import TypeAdapter, ValidationError

from agentkit.agents import Agent
from agentkit.data import Access
from agentkit.errors import AgentKitError, DefinitionError

from .extraction import ExtractionAgent, ExtractionSettings
from .insights import InsightsAgent, InsightsSettings
from .model import ModelSettings
from .processing import ProcessingAgent, ProcessingSettings
from .report import ReportAgent, ReportSettings

__all__ = ["agents_from_data"]

_SETTINGS: Final[Mapping[str, type]] = {
    "extraction": ExtractionSettings,
    "processing": ProcessingSettings,
    "insights": InsightsSettings,
    "model": ModelSettings,
    "report": ReportSettings,
}


def agents_from_data(data: object, *, access: Access | None = None) -> list[Agent[Never, object]]:
    """The agents that a file describes.

    Args:
        data: What is in the file: `{"agents": {name: {"is": kind, ...}}}`.
        access: What sources may reach, and the secrets that they and mail servers may ask for.

    Raises:
        DefinitionError: Something is not as it has to be; each problem has its line, with where it is.
        MissingExtra: One asks a model, and pydantic-ai is not installed.

    Example:
        >>> (agent,) = agents_from_data({"agents": {"clean": {"is": "processing", "key": ["id"]}}})
        >>> agent.name, agent.settings.key
        ('clean', ('id',))
    """
    whole = cast("dict[object, object]", data) if isinstance(data, dict) else {}
    described = whole.get("agents") if set(whole) == {"agents"} else None
    if not isinstance(described, dict) or not described:
        raise DefinitionError("a file of agents has one entry, `agents`, with each agent by its name")
    plans = {str(name): settings for name, settings in cast("dict[object, object]", described).items()}
    made: dict[str, Agent[Never, object]] = {}
    problems: dict[str, Sequence[str]] = {}
    # Who has a writer comes after all that could be one.
    for name in sorted(plans, key=lambda name: _writer_of(plans[name]) is not None):
        try:
            made[name] = _agent(name, plans[name], access or Access(), plans, made)
        except DefinitionError as error:
            problems[name] = error.problems
    if problems:
        raise DefinitionError(*(line for name in plans for line in problems.get(name, ())))
    return [made[name] for name in plans]


def _agent(
    name: str,
    given: object,
    access: Access,
    plans: Mapping[str, object],
    made: Mapping[str, Agent[Never, object]],
) -> Agent[Never, object]:
    kinds = ", ".join(_SETTINGS)
    if not isinstance(given, dict):
        raise DefinitionError(f"agent {name}: say what it is, and its settings")
    settings = dict(cast("dict[str, Any]", given))
    kind = settings.pop("is", None)
    if kind not in _SETTINGS:
        raise DefinitionError(f"agent {name}: `is` has to be one of {kinds}, not {kind!r:.50}")
    writer = settings.pop("writer", None) if kind == "insights" else None
    if writer is not None and not _writes(plans.get(writer) if isinstance(writer, str) else None):
        raise DefinitionError(
            f"agent {name}: writer: {writer!r:.50} is no agent of this file with `is: model` and without `answer`"
        )
    read = _read(name, _SETTINGS[kind], settings)
    match read:
        case ExtractionSettings():
            return ExtractionAgent(read, access=access, name=name)
        case ProcessingSettings():
            return ProcessingAgent(read, name=name)
        case InsightsSettings():
            # Of a writer that could not be made it is told why, and then nothing is made of the file.
            return InsightsAgent(read, name=name, writer=None if writer is None else made.get(writer))
        case ModelSettings():
            return read.agent(name)
        case _:
            return ReportAgent(cast("ReportSettings", read), secrets=access.secrets, name=name)


def _writer_of(plan: object) -> object:
    return cast("dict[str, object]", plan).get("writer") if isinstance(plan, dict) else None


def _writes(plan: object) -> bool:
    """Whether an agent that is described so gives texts of its own."""
    settings = cast("dict[str, object]", plan) if isinstance(plan, dict) else {}
    return settings.get("is") == "model" and settings.get("answer") is None


def _read(name: str, kind: type, settings: Mapping[str, object]) -> object:
    try:
        return TypeAdapter[object](cast("Any", kind)).validate_python(settings)
    except ValidationError as error:
        lines: list[str] = []
        for each in error.errors(include_url=False, include_input=False):
            place = ": ".join(["agent " + name, *([".".join(map(str, each["loc"]))] if each["loc"] else [])])
            cause: object = each.get("ctx", {}).get("error")
            said = cause.problems if isinstance(cause, DefinitionError) else [each["msg"].removeprefix("Value error, ")]
            lines.extend(f"{place}: {problem}" for problem in said)
        raise DefinitionError(*lines) from error
    except AgentKitError as error:
        raise DefinitionError(f"agent {name}: {error}") from error
