"""Parameters: what the operation was given, for the settings of an agent.

Rules: a `{name}` in a text of settings stands for a parameter and nothing else; in an expression a parameter is
`$name`, a value that is never read as words. Data of sources fills neither, and nothing is filled into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar, cast

from agentkit.data import RecordsSource
from agentkit.errors import InputError
from agentkit.kernel import render

from .handing import AnyTask

__all__ = ["Parameters", "fill", "parameters_of"]

Parameters: TypeAlias = Mapping[str, "str | int | Decimal | bool | None"]
"""Values by name: texts, whole numbers, decimals, flags, or nothing."""

Settings = TypeVar("Settings")

_READ: Final = frozenset({"query", "expression", "pattern"})
"""Texts that are read as a language: what is filled in there would be read too, so nothing is."""


def parameters_of(task: AnyTask) -> Parameters:
    """The input of the operation, as far as it is texts, whole numbers and flags by name.

    Raises:
        InputError: A number in it is a float: give it as a text.
    """
    given = task.operation_input if not task.is_standalone else task.input
    if not isinstance(given, Mapping):
        return {}
    found: dict[str, str | int | Decimal | bool | None] = {}
    for name, value in cast("Mapping[object, object]", given).items():
        if not isinstance(name, str):
            continue
        if isinstance(value, float):
            raise InputError(f"parameter {name!r} is {value!r}: give a decimal number as a text, so that it is exact")
        if value is None or isinstance(value, str | int | Decimal | bool):
            found[name] = value
    return found


def fill(settings: Settings, parameters: Parameters) -> Settings:
    """The settings with their `{name}` filled in, in every text of them.

    Raises:
        InputError: They name a parameter that the operation was not given.
    """
    texts = {name: "" if value is None else str(value) for name, value in parameters.items()}
    return cast("Settings", _filled(settings, texts))


def _filled(value: object, texts: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return render(value, texts)
    if isinstance(value, tuple | list):
        parts = [_filled(each, texts) for each in cast("list[object]", value)]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, Mapping):
        return {key: _filled(each, texts) for key, each in cast("Mapping[object, object]", value).items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed: dict[str, object] = {}
        for item in fields(value):
            if item.init and not _stays(value, item.name):
                old: object = getattr(value, item.name)
                if (new := _filled(old, texts)) != old:
                    changed[item.name] = new
        return replace(cast("Any", value), **changed) if changed else value
    return value


def _stays(settings: object, name: str) -> bool:
    """Whether a field stays as it is: what is read as a language, and rows, which are data."""
    return name in _READ or (name == "records" and isinstance(settings, RecordsSource))
