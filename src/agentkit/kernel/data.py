"""Definitions as data: what a workflow is in JSON, both ways.

Rules: only what differs from the default is written; what is not known is refused, by its place; reading never
imports or executes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import MISSING, fields
from typing import Any, TypeAlias, cast

from agentkit.errors import DefinitionError

from .checks import shortened
from .definition import RetryPolicy, Stage, Workflow

__all__ = ["Json", "workflow_as_written", "workflow_data", "workflow_from_data"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_WORKFLOW = ("name", "description", "timeout", "max_parallel", "result")
_WORKFLOW_SETTINGS = dict.fromkeys((*_WORKFLOW, "stages")).keys()
_STAGE = tuple(field.name for field in fields(Stage))
_RETRY = tuple(field.name for field in fields(RetryPolicy))
_STAGE_DEFAULTS = {f.name: f.default for f in fields(Stage)}
_RETRY_DEFAULTS = {f.name: f.default for f in fields(RetryPolicy)}
# The setters of the slots go round the frozen class, at a quarter of the time that its own __init__ takes.
_STAGE_SLOTS: Mapping[str, Callable[[Stage, object], None]] = {name: getattr(Stage, name).__set__ for name in _STAGE}
_STAGE_OPTIONAL = tuple((_STAGE_SLOTS[name], value) for name, value in _STAGE_DEFAULTS.items() if value is not MISSING)


def workflow_data(workflow: Workflow[object]) -> dict[str, Json]:
    """The workflow as JSON data; `workflow_from_data` gives an equal one back.

    Example:
        >>> workflow_data(Workflow("greet", [Stage("ask", agent="clerk")]))
        {'name': 'greet', 'stages': [{'name': 'ask', 'agent': 'clerk'}]}
    """
    data: dict[str, Json] = {}
    for name in _WORKFLOW:
        value = getattr(workflow, name)
        if value is not None and value != "":
            data[name] = value
    data["stages"] = [_stage_data(stage) for stage in workflow.stages]
    return data


def workflow_from_data(data: object) -> Workflow[object]:
    """The workflow that the data describes.

    Raises:
        DefinitionError: The data is not a workflow, or the workflow is wired wrongly; every problem has its line.
    """
    content = _mapping("workflow", data, _WORKFLOW_SETTINGS, ("name", "stages"))
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
    if problems:
        raise DefinitionError(*problems)
    known = {name: content[name] for name in _WORKFLOW if name in content and name != "name"}
    # The values are whatever the file says; the definition itself checks every one of them.
    return Workflow(cast("str", content["name"]), made, **cast("dict[str, Any]", known))


def workflow_as_written(data: Mapping[str, Json]) -> Workflow[object]:
    """The workflow whose `workflow_data` this is, as a journal keeps it.

    Its stages were checked when they were made, and the journal vouches for its rows, so they are not checked again:
    a journal of 10,000 events is read at every resume. The wiring is made anew, and with it checked.
    """
    stages = [_stage_as_written(item) for item in cast("list[dict[str, Any]]", data["stages"])]
    settings = {name: data[name] for name in _WORKFLOW[1:] if name in data}
    return Workflow(cast("str", data["name"]), stages, **cast("dict[str, Any]", settings))


def _stage_as_written(item: Mapping[str, Any]) -> Stage:
    stage = object.__new__(Stage)
    for fill, default in _STAGE_OPTIONAL:
        fill(stage, default)
    for name, value in item.items():
        given = value
        if type(value) is list:
            given = tuple(cast("list[str]", value))
        elif name == "retry":
            given = RetryPolicy(**value)
        _STAGE_SLOTS[name](stage, given)
    return stage


def _stage_data(stage: Stage) -> dict[str, Json]:
    data: dict[str, Json] = {}
    for name in _STAGE:
        value: object = getattr(stage, name)
        if value == _STAGE_DEFAULTS[name]:
            continue
        if isinstance(value, RetryPolicy):
            data[name] = _retry_data(value)
        else:
            data[name] = _plain(value)
    return data


def _retry_data(retry: RetryPolicy) -> dict[str, Json]:
    pairs = ((name, getattr(retry, name)) for name in _RETRY)
    return {name: _plain(value) for name, value in pairs if value != _RETRY_DEFAULTS[name]}


def _plain(value: object) -> Json:
    """A setting as JSON: everything that a definition holds is a number, a text, or texts."""
    return list(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else cast("Json", value)


def _stage_from(position: int, item: object) -> Stage:
    name = _name_in(item)
    what = f"stage {shortened(name)}" if name is not None else f"stage number {position}"
    content = dict(_mapping(what, item, _STAGE_DEFAULTS.keys(), ("name", "agent")))
    for key in ("after", "fallback", "expertise"):
        if key in content:
            content[key] = _names(f"{what}: {key}", content[key])
    if not isinstance(content.get("required", True), bool):
        raise DefinitionError(f"{what}: required must be true or false, not {content['required']!r}")
    if "retry" in content:
        retry = dict(_mapping(f"{what}: retry", content["retry"], _RETRY_DEFAULTS.keys(), ()))
        if "retry_on" in retry:
            retry["retry_on"] = _names(f"{what}: retry_on", retry["retry_on"])
        try:
            content["retry"] = RetryPolicy(**cast("dict[str, Any]", retry))
        except DefinitionError as error:
            raise DefinitionError(*(f"{what}: {problem}" for problem in error.problems)) from error
    return Stage(cast("str", content.pop("name")), **cast("dict[str, Any]", content))


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
