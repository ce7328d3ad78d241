"""Definitions as data: what a workflow is in JSON, both ways.

Rules: only what differs from the default is written; what is not known is refused, by its place; reading never
imports or executes anything. The short forms that Python takes are taken here too: a lone name for a list of one, the
name of a stage for a condition or a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import MISSING, fields
from decimal import Decimal
from typing import Any, TypeAlias, cast

from agentkit.errors import DefinitionError
from agentkit.kernel.checks import shortened

from .approval import Approval, BusinessDays
from .controls import Allowance, Loop, Map, When
from .retry import Fallback, RetryPolicy
from .stage import Stage
from .workflow import Workflow

__all__ = [
    "Json",
    "approval_data",
    "approval_from_data",
    "workflow_as_written",
    "workflow_data",
    "workflow_from_data",
]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_WORKFLOW = ("name", "description", "timeout", "max_parallel", "result", "budget", "confidence")
_NAMED_BUDGETS = ("group_budgets", "agent_budgets")
_SETTINGS = (*_WORKFLOW[1:], *_NAMED_BUDGETS)
_WORKFLOW_KEYS = dict.fromkeys(("name", *_SETTINGS, "stages")).keys()
_VALUES = (RetryPolicy, Fallback, When, Map, Loop, Approval, BusinessDays, Allowance, Stage)

_DEFAULTS: Mapping[type, Mapping[str, object]] = {
    kind: {
        item.name: item.default if item.default_factory is MISSING else item.default_factory()
        for item in fields(cast("Any", kind))
    }
    for kind in _VALUES
}
"""The settings of each kind of value, with what each of them is by default."""

_PARTS: Mapping[type, Mapping[str, type]] = {
    Stage: {"retry": RetryPolicy, "when": When, "map": Map, "loop": Loop, "approval": Approval, "budget": Allowance},
    Fallback: {"retry": RetryPolicy},
    Loop: {"until": When},
    Approval: {"deadline": BusinessDays},
}
"""Settings that are values of a kind themselves, where the data has a mapping."""

_NAMES: Mapping[type, Sequence[str]] = {
    Stage: ("after", "expertise", "reads"),
    RetryPolicy: ("retry_on",),
    Fallback: ("on",),
    Approval: ("by", "escalate_to"),
    BusinessDays: ("holidays",),
}
"""Settings that are lists of names."""

_NEEDED: Mapping[type, Sequence[str]] = {
    Stage: ("name",),
    Fallback: ("agent",),
    Loop: ("until", "most"),
    BusinessDays: ("days",),
}

_SCALARS = (str, int, float, bool)

_FLAGS: Mapping[type, Sequence[str]] = {Stage: ("required",), Approval: ("by_requester",)}


def workflow_data(workflow: Workflow[object]) -> dict[str, Json]:
    """The workflow as JSON data; `workflow_from_data` gives an equal one back.

    Example:
        >>> workflow_data(Workflow("greet", [Stage("ask", agent="clerk")]))
        {'name': 'greet', 'stages': [{'name': 'ask', 'agent': 'clerk'}]}
    """
    data: dict[str, Json] = {}
    for name in _WORKFLOW:
        value = getattr(workflow, name)
        if value is not None and value != "" and not (name == "confidence" and value == "lowest"):
            data[name] = _plain(value)
    for name in _NAMED_BUDGETS:
        budgets: Mapping[str, Allowance] = getattr(workflow, name)
        if budgets:
            data[name] = {each: _plain(budget) for each, budget in budgets.items()}
    data["stages"] = [_plain(stage) for stage in workflow.stages]
    return data


def workflow_from_data(data: object) -> Workflow[object]:
    """The workflow that the data describes.

    Raises:
        DefinitionError: The data is not a workflow, or the workflow is wired wrongly; every problem has its line.
    """
    content = _mapping("workflow", data, _WORKFLOW_KEYS, ("name", "stages"))
    stages = content["stages"]
    if not isinstance(stages, list | tuple):
        raise DefinitionError(f"workflow: stages must be a list, not {type(stages).__name__}")
    made: list[Stage] = []
    problems: list[str] = []
    for position, item in enumerate(cast("Sequence[object]", stages), start=1):
        try:
            made.append(_stage_from(position, item))
        except DefinitionError as error:
            problems.extend(error.problems)
    known = {name: content[name] for name in _SETTINGS if name in content}
    try:
        _read_budgets(known)
    except DefinitionError as error:
        problems.extend(error.problems)
    if problems:
        raise DefinitionError(*problems)
    # The values are whatever the file says; the definition itself checks every one of them.
    return Workflow(cast("str", content["name"]), made, **cast("dict[str, Any]", known))


def approval_data(approval: Approval) -> Json:
    """An approval as JSON data; `approval_from_data` gives an equal one back."""
    return _plain(approval)


def approval_from_data(data: object) -> Approval:
    """The approval that the data describes.

    Raises:
        DefinitionError: The data is not an approval.
    """
    return cast("Approval", _value_from("approval", Approval, data))


def workflow_as_written(data: Mapping[str, Json]) -> Workflow[object]:
    """The workflow whose `workflow_data` this is, as a journal keeps it.

    Its stages were checked when they were made, and the journal vouches for its rows, so they are not checked again:
    a journal of 10,000 events is read at every resume. The wiring is made anew, and with it checked.
    """
    stages = [_stage_as_written(item) for item in cast("list[dict[str, Any]]", data["stages"])]
    settings: dict[str, Any] = {name: data[name] for name in _SETTINGS if name in data}
    _read_budgets(settings)
    return Workflow(cast("str", data["name"]), stages, **settings)


def _read_budgets(settings: dict[str, Any]) -> None:
    """Make allowances of what a workflow's data says about budgets; what is no mapping is left to the definition.

    Raises:
        DefinitionError: Some are not valid; every problem has its line.
    """
    problems: list[str] = []

    def read(what: str, data: object) -> object:
        try:
            return _value_from(what, Allowance, data)
        except DefinitionError as error:
            problems.extend(error.problems)
            return data

    if "budget" in settings:
        settings["budget"] = read("workflow: budget", settings["budget"])
    for setting in _NAMED_BUDGETS:
        if isinstance(settings.get(setting), Mapping):
            named = cast("Mapping[object, object]", settings[setting])
            settings[setting] = {
                name: read(f"workflow: {setting}: {shortened(name)}", data) for name, data in named.items()
            }
    if problems:
        raise DefinitionError(*problems)


def _stage_as_written(item: Mapping[str, Any]) -> Stage:
    stage = object.__new__(Stage)
    # What is not given lies in the class, so this is all that there is to fill in.
    settings = stage.__dict__
    settings["writes"] = _DEFAULTS[Stage]["writes"]
    for name, value in item.items():
        settings[name] = value if type(value) in _SCALARS else _as_written(name, value)
    return stage


def _as_written(name: str, value: Any) -> object:
    if name in _PARTS[Stage]:
        return _value_from(name, _PARTS[Stage][name], value)
    if name == "fallback":
        return tuple(map(_fallback_as_written, value))
    if name == "workflow":
        return workflow_as_written(value)
    return tuple(value) if name in _NAMES[Stage] else value


def _fallback_as_written(item: object) -> object:
    return item if isinstance(item, str) else _value_from("fallback", Fallback, item)


def _plain(value: object) -> Json:
    """A setting as JSON."""
    match value:
        case tuple():
            return [_plain(item) for item in cast("tuple[object, ...]", value)]
        case Mapping():
            return dict(cast("Mapping[str, Json]", value))
        case Decimal():
            return str(value)
        case Workflow():
            return workflow_data(cast("Workflow[object]", value))
        case _ if (defaults := _DEFAULTS.get(type(value))) is not None:
            return {name: _plain(item) for name, item in _settings(value, defaults)}
        case _:
            return cast("Json", value)


def _settings(value: object, defaults: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, default in defaults.items():
        setting = getattr(value, name)
        if setting is not default and (setting != default or type(setting) is not type(default)):
            yield name, setting


def _stage_from(position: int, item: object) -> Stage:
    name = _name_in(item)
    what = f"stage {shortened(name)}" if name is not None else f"stage number {position}"
    return cast("Stage", _value_from(what, Stage, item))


def _value_from(what: str, kind: type, data: object) -> object:
    """A value of a kind, out of its data or its short form."""
    if kind in (When, Map) and isinstance(data, str):
        return kind(data)
    content = dict(_mapping(what, data, _DEFAULTS[kind].keys(), _NEEDED.get(kind, ())))
    for key in _NAMES.get(kind, ()):
        if key in content:
            content[key] = _names(f"{what}: {key}", content[key])
    for key in _FLAGS.get(kind, ()):
        if not isinstance(content.get(key, True), bool):
            raise DefinitionError(f"{what}: {key} must be true or false, not {content[key]!r}")
    for key, part in _PARTS.get(kind, {}).items():
        if key in content and (key != "deadline" or isinstance(content[key], Mapping)):
            content[key] = _value_from(f"{what}: {key}", part, content[key])
    if kind is Stage:
        _read_stage(what, content)
    try:
        return kind(**cast("dict[str, Any]", content))
    except DefinitionError as error:
        if kind is Stage:
            raise
        # A value names its own kind; the place says whose it is.
        where, _, last = what.rpartition(": ")
        raise DefinitionError(*(_placed(where, last, problem) for problem in error.problems)) from error


def _placed(where: str, setting: str, problem: str) -> str:
    own = problem if problem.startswith(setting) or not setting else f"{setting}: {problem}"
    return f"{where}: {own}" if where else own


def _read_stage(what: str, content: dict[str, object]) -> None:
    if "fallback" in content:
        given = content["fallback"]
        content["fallback"] = [
            item if isinstance(item, str) else _value_from(f"{what}: fallback", Fallback, item)
            for item in (cast("Sequence[object]", given) if isinstance(given, list | tuple) else [given])
        ]
    if "workflow" in content:
        try:
            content["workflow"] = workflow_from_data(content["workflow"])
        except DefinitionError as error:
            raise DefinitionError(*(f"{what}: its workflow: {problem}" for problem in error.problems)) from error


def _name_in(item: object) -> object:
    return cast("Mapping[str, object]", item).get("name") if isinstance(item, Mapping) else None


def _as_list(value: object) -> Sequence[object]:
    """A list as it is; a lone value stands for a list of one."""
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else [value]


def _names(what: str, value: object) -> list[str]:
    given = _as_list(value)
    names = [name for name in given if isinstance(name, str)]
    if len(names) != len(given):
        raise DefinitionError(f"{what} must be a list of names, not {shortened(value)}")
    return names


def _mapping(what: str, data: object, allowed: Set[str], needed: Sequence[str]) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise DefinitionError(f"{what} must be a mapping of settings, not {type(data).__name__}")
    content = cast("Mapping[str, object]", data)
    if content.keys() <= allowed and all(key in content for key in needed):
        return content
    problems = [
        f"{what}: unknown setting {shortened(key)}; known are {', '.join(allowed)}"
        for key in content
        if key not in allowed
    ]
    problems.extend(f"{what}: {key} is missing" for key in needed if key not in content)
    raise DefinitionError(*problems)
