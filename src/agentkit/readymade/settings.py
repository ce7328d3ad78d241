"""Agents out of plain data: what a file of agents says.

    agents:
      sales:   {is: extraction, sources: [{kind: csv, name: sales, path: sales.csv}]}
      clean:   {is: processing, operations: [{kind: dedupe, by: [id]}]}
      report:  {is: report, layout: {title: "Sales of {month}", sections: [...]}}

Rules: a file says what agents do, and never what they may reach: folders, networks and secrets come from whoever reads
the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Never, cast

from pydantic import TypeAdapter, ValidationError

from agentkit.agents import Agent
from agentkit.data import Access
from agentkit.errors import AgentKitError, DefinitionError

from .extraction import ExtractionAgent, ExtractionSettings
from .insights import InsightsAgent, InsightsSettings
from .processing import ProcessingAgent, ProcessingSettings
from .report import ReportAgent, ReportSettings

__all__ = ["agents_from_data"]

_SETTINGS: Final[Mapping[str, type]] = {
    "extraction": ExtractionSettings,
    "processing": ProcessingSettings,
    "insights": InsightsSettings,
    "report": ReportSettings,
}


def agents_from_data(data: object, *, access: Access | None = None) -> list[Agent[Never, object]]:
    """The agents that a file describes.

    Args:
        data: What is in the file: `{"agents": {name: {"is": kind, ...}}}`.
        access: What sources may reach, and the secrets that they and mail servers may ask for.

    Raises:
        DefinitionError: Something is not as it has to be; each problem has its line, with where it is.

    Example:
        >>> (agent,) = agents_from_data({"agents": {"clean": {"is": "processing", "key": ["id"]}}})
        >>> agent.name, agent.settings.key
        ('clean', ('id',))
    """
    whole = cast("dict[object, object]", data) if isinstance(data, dict) else {}
    described = whole.get("agents") if set(whole) == {"agents"} else None
    if not isinstance(described, dict) or not described:
        raise DefinitionError("a file of agents has one entry, `agents`, with each agent by its name")
    found: list[Agent[Never, object]] = []
    problems: list[str] = []
    for name, settings in cast("dict[object, object]", described).items():
        try:
            found.append(_agent(str(name), settings, access or Access()))
        except DefinitionError as error:
            problems.extend(str(error).splitlines())
    if problems:
        raise DefinitionError(*problems)
    return found


def _agent(name: str, given: object, access: Access) -> Agent[Never, object]:
    kinds = ", ".join(_SETTINGS)
    if not isinstance(given, dict):
        raise DefinitionError(f"agent {name}: say what it is, and its settings")
    settings = dict(cast("dict[str, Any]", given))
    kind = settings.pop("is", None)
    if kind not in _SETTINGS:
        raise DefinitionError(f"agent {name}: `is` has to be one of {kinds}, not {kind!r:.50}")
    made = _read(name, _SETTINGS[kind], settings)
    match made:
        case ExtractionSettings():
            return ExtractionAgent(made, access=access, name=name)
        case ProcessingSettings():
            return ProcessingAgent(made, name=name)
        case InsightsSettings():
            return InsightsAgent(made, name=name)
        case _:
            return ReportAgent(cast("ReportSettings", made), secrets=access.secrets, name=name)


def _read(name: str, kind: type, settings: Mapping[str, object]) -> object:
    try:
        return TypeAdapter[object](cast("Any", kind)).validate_python(settings)
    except ValidationError as error:
        lines: list[str] = []
        for each in error.errors(include_url=False, include_input=False, include_context=False):
            place = ".".join(map(str, each["loc"])) or "settings"
            lines.append(f"agent {name}: {place}: {each['msg'].removeprefix('Value error, ')}")
        raise DefinitionError(*lines) from error
    except AgentKitError as error:
        raise DefinitionError(f"agent {name}: {error}") from error
