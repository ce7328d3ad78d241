"""What fields are made of, and what widgets hold besides texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias

from pydantic import JsonValue

__all__ = ["MISSING", "REST", "FileEncoding", "Missing", "Option", "Upload", "below"]


class Missing(Enum):
    """What is not there: no default, or nothing said."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING
"""There is no default; null would be one."""

REST: Final = "*"
"""The key of the field that takes what a group has no field for."""

FileEncoding: TypeAlias = Literal["base64", "base64url", "text"]
"""How the bytes of a file become the text that JSON can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that somebody has chosen.

    Attributes:
        content: Its bytes.
        name: What it is called; for people only.
    """

    content: bytes
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of several values to choose from.

    Attributes:
        key: What a widget holds; unique among its siblings.
        label: What people see.
        value: The value itself.
    """

    key: str
    label: str
    value: JsonValue


def below(path: str, step: str | int) -> str:
    """The path of what lies in a value.

    Example:
        >>> below("/rows", 0), below("", "a/b")
        ('/rows/0', '/a~1b')
    """
    return f"{path}/{str(step).replace('~', '~0').replace('/', '~1')}"
