"""What a run is given: `NAME=VALUE`, a JSON file, or a file of rows.

Rules: what stands in a file of rows stays text, as it was written: whoever reads it as money or a date says how.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Never, cast

from agentkit.data import Access, CsvSource, extract
from agentkit.errors import InputError, SourceError

from .reaching import refuse

__all__ = ["Request", "chosen_agents", "given_input", "parse_json", "read_input", "rows_file"]

_ROWS: Final = frozenset({".csv", ".tsv"})
_WHOLE: Final = frozenset({*_ROWS, ".json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a run is given.

    Attributes:
        given: `NAME=VALUE`, one for each input; or one file that is all of it.
        input_file: A JSON file with the input.
        key: The caller's name for the run.
        by: Who asks for it.
        files: The folder into which the files of the stages are written at the end; None writes none.
        task: What one agent is to do, where there is no workflow.
        agent: Which agent.
        agents: Who does a stage instead of its own agent, by the stage's name.
        timeout: How many seconds it may take; never more than the workflow allows.
    """

    given: Sequence[str]
    input_file: Path | None
    key: str | None = None
    by: str | None = None
    files: Path | None = None
    task: str = ""
    agent: str | None = None
    agents: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout: float | None = None


def chosen_agents(given: Sequence[str]) -> dict[str, str]:
    """Who does which stage, out of `STAGE=NAME`.

    Raises:
        SystemExit: One is not written like that, or a stage is there twice.
    """
    chosen: dict[str, str] = {}
    for item in given:
        stage, _, agent = item.partition("=")
        if not stage or not agent:
            refuse(f"--agent {item[:100]!r}: write STAGE=NAME; a workflow says itself who does the other stages")
        if stage in chosen:
            refuse(f"--agent: stage {stage[:100]!r} is given to two agents; name one")
        chosen[stage] = agent
    return chosen


async def given_input(request: Request) -> object:
    """The input that a command was given: the rows of a file, or as `read_input` reads it.

    Raises:
        InputError: It cannot be read.
    """
    path = _whole_file(request.given)
    if path is None:
        return read_input(request.given, request.input_file)
    if len(request.given) > 1 or request.input_file is not None:
        raise InputError(f"--input {path}: a file is all of the input; nothing can be given beside it")
    if path.suffix.lower() == ".json":
        return _content(path, "--input")
    source = CsvSource(name=path.name, path=path.name, delimiter="\t" if path.suffix.lower() == ".tsv" else None)
    try:
        extraction = await extract([source], access=Access(root=str(path.absolute().parent)))
    except SourceError as error:
        raise InputError(f"--input {path}: {error}") from error
    if extraction.quarantine:
        bad = extraction.quarantine[0]
        raise InputError(f"--input {path}: row {bad.row}: {bad.issues[0].message}")
    return list(extraction.tables[path.name].records())


def rows_file(request: Request) -> Path | None:
    """The file of rows that is the input; None if it is something else."""
    path = _whole_file(request.given)
    return path if path is not None and path.suffix.lower() in _ROWS else None


def _whole_file(given: Sequence[str]) -> Path | None:
    """The file that is the whole input, by its ending."""
    return next((Path(item) for item in given if "=" not in item and Path(item).suffix.lower() in _WHOLE), None)


def read_input(given: Sequence[str], input_file: Path | None) -> object:
    """The input that a command was given.

    Raises:
        InputError: It cannot be read.
    """
    fields: dict[str, object] = {}
    if input_file is not None:
        content = _content(input_file, "--input-file")
        if not given:
            return content
        if not isinstance(content, dict):
            raise InputError(f"--input-file {input_file}: holds no object that --input could add to")
        fields = cast("dict[str, object]", content)
    for item in given:
        name, equals, text = item.partition("=")
        if not equals or not name:
            raise InputError(f"--input {item!r}: write NAME=VALUE, or the name of a .csv, .tsv or .json file")
        fields[name] = _value(text)
    return fields


def _content(path: Path, option: str) -> object:
    try:
        return parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{option} {path}: cannot be read as JSON: {error}") from error


def _value(text: str) -> object:
    """Text as it is; with a `json:` in front, JSON."""
    if text.startswith("json:"):
        with suppress(ValueError, RecursionError):
            return parse_json(text[5:])
        raise InputError(f"--input: {text[5:105]!r} is not JSON")
    return text


def parse_json(text: str) -> object:
    """The value of a JSON text.

    Raises:
        ValueError: It is none; Python would also take `NaN`, which is not JSON.
        RecursionError: It has too many levels.
    """

    def refuse(word: str) -> Never:
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)
