"""The file with settings that a project has: `agentkit.toml`, or a table of its `pyproject.toml`.

Rules: it is read at a door, once, and only from where it is looked for; what is not there sets nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from pydantic import JsonValue

from agentkit.errors import DefinitionError

__all__ = ["Configuration", "read_configuration"]

_NAMED: Final = "AGENTKIT_CONFIG"
_OWN: Final = "agentkit.toml"
_SHARED: Final = "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a file sets.

    Attributes:
        name: What it is called, for messages; empty if there is none.
        content: Its tables, such as `doors`.
    """

    name: str = ""
    content: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


def read_configuration(environment: Mapping[str, str], folder: Path | None = None) -> Configuration:
    """Read the file that `AGENTKIT_CONFIG` names; without, `agentkit.toml`, or `[tool.agentkit]` of `pyproject.toml`.

    Args:
        environment: The environment.
        folder: Where to look; by default where the process is.

    Raises:
        DefinitionError: The file that is named is not there, or one cannot be read; it says which, and why.

    Example:
        >>> read_configuration({}, Path("/no/such/folder"))
        Configuration(name='', content={})
    """
    here = folder or Path()
    if named := environment.get(_NAMED):
        path = here / named
        found = _tables(path)
        if found is None:
            raise DefinitionError(f"{_NAMED}: there is no file {named}")
        return Configuration(name=named, content=found if path.name != _SHARED else _section(found))
    if (found := _tables(here / _OWN)) is not None:
        return Configuration(name=_OWN, content=found)
    section = _section(_tables(here / _SHARED) or {})
    return Configuration(name=f"{_SHARED} tool.agentkit", content=section) if section else Configuration()


def _tables(path: Path) -> Mapping[str, JsonValue] | None:
    """What a file says; None if there is none."""
    try:
        return cast("Mapping[str, JsonValue]", tomllib.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DefinitionError(f"{path}: it cannot be read: {error.strerror or type(error).__name__}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path}: it is no TOML: {error}") from error


def _section(tables: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    tool = tables.get("tool")
    section = tool.get("agentkit") if isinstance(tool, dict) else None
    return section if isinstance(section, dict) else {}
