"""Workflows in files: YAML, TOML and JSON, both ways.

Rules: a file is data; nothing that it names is imported or executed. Agents are given by the caller, out of modules
that the caller allows (`agents.py`).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast, overload

from agentkit.errors import DefinitionError, MissingExtra
from agentkit.kernel import Workflow, workflow_data, workflow_from_data
from agentkit.objects import each_once

__all__ = [
    "FILE_FORMATS",
    "FileFormat",
    "dump_workflow",
    "load_workflow",
    "parse_workflow",
    "read_data",
    "shorten_workflow",
]

FileFormat: TypeAlias = Literal["yaml", "toml", "json"]
Output = TypeVar("Output")
MAX_FILE = 16 * 1024 * 1024
FILE_FORMATS: Final[Mapping[str, FileFormat]] = {".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}
"""The formats of files, by the ending of their names."""


@overload
def load_workflow(path: str | Path) -> Workflow: ...
@overload
def load_workflow(path: str | Path, *, returns: type[Output]) -> Workflow[Output]: ...
def load_workflow(path: str | Path, *, returns: type[Output] | None = None) -> Workflow | Workflow[Output]:
    """Read a workflow from a file; its ending says the format.

    Args:
        path: A file that ends in `.yaml`, `.yml`, `.toml` or `.json`.
        returns: The type of its output, which no file can say.

    Raises:
        DefinitionError: The file is missing, too large or not readable, or what it says is no correct workflow.
        MissingExtra: It is YAML, and PyYAML is not installed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "greet.json"
        ...     _ = path.write_text('{"name": "greet", "stages": [{"name": "ask", "agent": "clerk"}]}')
        ...     load_workflow(path).name
        'greet'
    """
    data = read_data(Path(path))
    try:
        workflow = workflow_from_data(data)
    except DefinitionError as error:
        raise DefinitionError(*(f"{path}: {problem}" for problem in error.problems)) from error
    return workflow if returns is None else replace(workflow, returns=returns)


def read_data(file: Path) -> object:
    """What is in a file of data; its ending says the format.

    Raises:
        DefinitionError: The file is missing, too large, or not readable as its format.
        MissingExtra: It is YAML, and PyYAML is not installed.
    """
    form = FILE_FORMATS.get(file.suffix.lower())
    if form is None:
        raise DefinitionError(f"{file}: the name of a workflow file ends in {', '.join(FILE_FORMATS)}")
    try:
        size = file.stat().st_size
        if size > MAX_FILE:
            raise DefinitionError(f"{file}: has {size:,} bytes; at most {MAX_FILE:,} are allowed")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise DefinitionError(f"{file}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DefinitionError(f"{file}: is not UTF-8 text: {error}") from error
    try:
        return _parsed(text, form)
    except DefinitionError as error:
        raise DefinitionError(*(f"{file}: {problem}" for problem in error.problems)) from error


def parse_workflow(text: str, form: FileFormat) -> Workflow:
    """Read a workflow from text.

    Raises:
        DefinitionError: The text is not of that format, or what it says is no correct workflow.
        MissingExtra: It is YAML, and PyYAML is not installed.
    """
    return workflow_from_data(_parsed(text, form))


def shorten_workflow(workflow: Workflow[Output], seconds: float) -> Workflow[Output]:
    """The same workflow with at most so much time: whoever asks for a run may make it shorter, never longer.

    Raises:
        DefinitionError: That is no time that a workflow may take.

    Example:
        >>> from agentkit import Stage
        >>> flow = Workflow("greet", [Stage("ask", agent="clerk")], timeout=30)
        >>> shorten_workflow(flow, 5).timeout, shorten_workflow(flow, 60).timeout
        (5, 30)
    """
    return replace(workflow, timeout=min(seconds, workflow.timeout or seconds))


def dump_workflow(workflow: Workflow, form: FileFormat = "yaml") -> str:
    """Write a workflow as text; `parse_workflow` reads an equal one back.

    Raises:
        MissingExtra: The library for that format is not installed.

    Example:
        >>> from agentkit import Stage
        >>> dump_workflow(Workflow("greet", [Stage("ask", agent="clerk")]), "json").splitlines()[1]
        '  "name": "greet",'
    """
    data = workflow_data(workflow)
    match form:
        case "json":
            return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        case "toml":
            try:
                import tomli_w
            except ImportError as error:
                raise MissingExtra("cli", "tomli-w") from error
            return tomli_w.dumps(data)
        case "yaml":
            try:
                import yaml
            except ImportError as error:
                raise MissingExtra("cli", "PyYAML") from error
            # The stub's `width` names a type that it does not define.
            dump = yaml.safe_dump  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - of PyYAML
            return dump(data, sort_keys=False, allow_unicode=True, width=100)


def _parsed(text: str, form: FileFormat) -> object:
    try:
        match form:
            case "json":
                return json.loads(text, object_pairs_hook=each_once)
            case "toml":
                return tomllib.loads(text)
            case "yaml":
                return _parsed_yaml(text)
    except DefinitionError:
        raise
    except (ValueError, RecursionError) as error:
        raise DefinitionError(f"is not {form.upper()}: {error}") from error


def _parsed_yaml(text: str) -> object:
    try:
        import yaml
    except ImportError as error:
        raise MissingExtra("cli", "PyYAML") from error
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        _check_keys([root])
        return None if root is None else cast("Any", loader).construct_document(root)
    except yaml.YAMLError as error:
        raise DefinitionError(f"is not YAML: {' '.join(str(error).split())}") from error


def _check_keys(nodes: list[Any]) -> None:
    """Refuse YAML in which a key stands twice in one mapping: the first one would be lost without a word."""
    seen = set[int]()
    while nodes:
        node = nodes.pop()
        # What has an anchor may stand in several places, and even in itself.
        if node is None or node.id == "scalar" or id(node) in seen:
            continue
        seen.add(id(node))
        if node.id == "sequence":
            nodes.extend(node.value)
            continue
        keys = set[tuple[str, str]]()
        for key, value in node.value:
            if (key.tag, str(key.value)) in keys:
                raise DefinitionError(f"line {key.start_mark.line + 1}: the key {key.value!r:.60} stands there twice")
            keys.add((key.tag, str(key.value)))
            nodes.append(value)
