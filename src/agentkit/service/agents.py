"""Agents out of modules that the caller allows.

Rules: only what stands on the allow-list is imported, and a workflow file can never add to it. `module` gives every
agent at the top of a module, `module:name` gives one, and `folder/file.py` does the same for a file. A file of data
describes ready-made agents, and imports nothing.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Never, cast

from agentkit.agents import Agent
from agentkit.data import Access
from agentkit.errors import DefinitionError

from .definitions import FILE_FORMATS, read_data

__all__ = ["load_agents"]


def load_agents(references: Sequence[str], *, access: Access | None = None) -> list[Agent[Never, object]]:
    """The agents of the given modules and files, each once.

    Args:
        references: `module` or `folder/file.py` for all agents at its top, objects and classes that need no arguments;
            with `:name` behind it for one agent, or one list of agents. `folder/file.yaml` (or `.yml`, `.toml`,
            `.json`) for the ready-made agents that a file describes.
        access: What the sources of ready-made agents may reach, and the secrets they may ask for: nothing unless said.

    Raises:
        DefinitionError: A module cannot be imported, or has no such agent; or a file does not describe agents.
        MissingExtra: A file is YAML, and PyYAML is not installed.
    """
    found: dict[int, Agent[Never, object]] = {}
    for reference in references:
        agents = _described(Path(reference), access) if _is_data(reference) else _agents_of(reference)
        for agent in agents:
            found.setdefault(id(agent), agent)
    return list(found.values())


def _is_data(reference: str) -> bool:
    return Path(reference).suffix.lower() in FILE_FORMATS


def _described(path: Path, access: Access | None) -> list[Agent[Never, object]]:
    from agentkit.readymade import agents_from_data

    try:
        return agents_from_data(read_data(path), access=access)
    except DefinitionError as error:
        raise DefinitionError(
            *(f"{path}: {problem.removeprefix(f'{path}: ')}" for problem in error.problems)
        ) from error


def _agents_of(reference: str) -> list[Agent[Never, object]]:
    place, colon, attribute = reference.partition(":")
    module = _imported(place)
    if not colon:
        own = [value for value in vars(module).values() if _is_agent_of(value, module.__name__)]
        if not own:
            raise DefinitionError(f"agents {reference!r}: there is no agent at the top of that module")
        return [_made(value, reference) for value in own]
    try:
        value = getattr(module, attribute)
    except AttributeError as error:
        raise DefinitionError(f"agents {reference!r}: {place!r} has no {attribute!r}") from error
    if isinstance(value, list | tuple):
        return [_made(item, reference) for item in cast("Sequence[object]", value)]
    return [_made(value, reference)]


def _imported(place: str) -> ModuleType:
    name, folder = place, Path.cwd()
    if place.endswith(".py"):
        file = Path(place).resolve()
        if not file.is_file():
            raise DefinitionError(f"agents {place!r}: there is no such file")
        name, folder = file.stem, file.parent
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise DefinitionError(f"agents {place!r}: cannot be imported: {type(error).__name__}: {error}") from error


def _is_agent_of(value: object, module_name: str) -> bool:
    if isinstance(value, Agent):
        return True
    return isinstance(value, type) and issubclass(value, Agent) and value.__module__ == module_name


def _made(value: object, reference: str) -> Agent[Never, object]:
    if isinstance(value, Agent):
        return cast("Agent[Never, object]", value)
    if isinstance(value, type) and issubclass(value, Agent):
        try:
            return cast("Agent[Never, object]", value())
        except TypeError as error:
            raise DefinitionError(f"agents {reference!r}: {value.__name__} cannot be made: {error}") from error
    raise DefinitionError(f"agents {reference!r}: {value!r} is not an agent")
