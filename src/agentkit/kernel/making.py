"""Frozen values that are cheap to make.

A frozen dataclass sets each of its fields by a call of `object.__setattr__`, which costs several times what setting an
attribute does. Events, commands and outcomes are made for every attempt, and an operation with many stages would spend
a tenth of its time on that.

Rules: what comes out is the dataclass that went in, as frozen as before; only its `__init__` is another one.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar, cast

__all__ = ["quickly_made"]

T = TypeVar("T")


def quickly_made(kind: type[T]) -> type[T]:
    """Give a frozen dataclass with slots, keyword-only fields and no `__post_init__` an `__init__` that costs half.

    It cannot have subclasses then. While its fields are set, the new object is of a subclass that is not frozen; nobody
    else sees it before that is over.

    Example:
        >>> from dataclasses import dataclass
        >>> @quickly_made
        ... @dataclass(frozen=True, slots=True, kw_only=True)
        ... class Point:
        ...     x: int
        ...     y: int = 0
        >>> Point(x=3)
        Point(x=3, y=0)
    """
    # Both, or Python would take the slow way for either.
    setting = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    thawed = type(kind.__name__, (kind,), {"__slots__": (), **setting})
    scope: dict[str, Any] = {"become": object.__setattr__, "thawed": thawed, "frozen": kind, "MISSING": MISSING}
    parameters: list[str] = []
    body = ["become(self, '__class__', thawed)"]
    for member in fields(cast("Any", kind)):
        name = member.name
        parameter, given = name, name
        if member.default_factory is not MISSING:
            scope[f"{name}_factory"] = member.default_factory
            parameter, given = f"{name}=MISSING", f"{name}_factory() if {name} is MISSING else {name}"
        elif member.default is not MISSING:
            scope[f"{name}_default"] = member.default
            parameter = f"{name}={name}_default"
        parameters.append(parameter)
        body.append(f"self.{name} = {given}")
    body.append("become(self, '__class__', frozen)")
    text = f"def __init__(self, *, {', '.join(parameters)}):\n    " + "\n    ".join(body)
    exec(text, scope)  # noqa: S102 - the names of fields are identifiers, and the values are in the scope
    init = scope["__init__"]
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    init.__annotations__ = cast("Any", kind).__init__.__annotations__
    cast("Any", kind).__init__ = init
    cast("Any", kind).__init_subclass__ = classmethod(_refuse)
    return kind


def _refuse(cls: type) -> None:
    raise TypeError(f"{cls.__bases__[0].__name__} cannot have subclasses: what it makes is of no other class")
