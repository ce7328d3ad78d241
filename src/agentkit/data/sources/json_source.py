"""JSON and JSON lines.

Rules: a number is an int or a Decimal, exactly as it is written; NaN, infinities and a key that stands twice in one
object are refused. Objects in objects become columns with dotted names, lists become text, in canonical JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import BinaryIO, Literal, Never, cast

from agentkit.data.issues import Quarantined
from agentkit.errors import SourceMalformed, SourceTooLarge
from agentkit.objects import each_once

from .building import kept_apart
from .ports import Extracted
from .reading import Reading
from .records import Record, extracted_records
from .texts import find_encoding, text_of, whole_text

__all__ = ["JsonLinesSource", "JsonSource", "at", "listed", "parse_json", "read_json", "read_json_lines"]


_HALF = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSource:
    """A JSON file with a list of objects in it, each of which is a row.

    Attributes:
        name: What people call it.
        path: The file, below the folder that `Access` allows.
        records: Where the list is, like `data.items`; empty if the file is the list. One object counts as a list of it.
        encoding: Unless given, a byte order mark decides, and without one it is UTF-8.
        optional: Whether the others count without it.

    Example:
        >>> JsonSource(name="sales", path="sales.json", records="data.items").kind
        'json'
    """

    name: str
    path: str
    kind: Literal["json"] = "json"
    records: str = ""
    encoding: str | None = None
    optional: bool = False

    def read(self, reading: Reading) -> Extracted:
        """Read the whole file.

        Raises:
            SourceError: It cannot be read.
        """
        with reading.open(self.path) as stream:
            return read_json(stream, self.records, reading, encoding=self.encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLinesSource:
    """A file with an object of JSON a line. A line that is none goes to quarantine; blank lines are skipped.

    Attributes:
        name: What people call it.
        path: The file, below the folder that `Access` allows.
        encoding: Unless given, a byte order mark decides, and without one it is UTF-8.
        optional: Whether the others count without it.
    """

    name: str
    path: str
    kind: Literal["json_lines"] = "json_lines"
    encoding: str | None = None
    optional: bool = False

    def read(self, reading: Reading) -> Extracted:
        """Read the whole file.

        Raises:
            SourceError: It cannot be read.
        """
        with reading.open(self.path) as stream:
            return read_json_lines(stream, reading, encoding=self.encoding)


def read_json(stream: BinaryIO, path: str, reading: Reading, *, encoding: str | None = None) -> Extracted:
    """Read a document of JSON.

    Raises:
        SourceError: It cannot be read.
    """
    text, found = whole_text(stream, reading, encoding=encoding, detect=False)
    records = listed(at(parse_json(text), path), path)
    return extracted_records(enumerate(records, start=1), reading, format="json", encoding=found)


def read_json_lines(
    stream: BinaryIO, reading: Reading, *, encoding: str | None = None, counted: bool = False
) -> Extracted:
    """Read lines of JSON.

    Raises:
        SourceError: It cannot be read.
    """
    found = find_encoding(stream, reading, encoding=encoding, detect=False, counted=counted)
    text = text_of(stream, found)
    broken: list[Quarantined] = []
    try:
        records = _lines(text, broken, reading)
        return extracted_records(records, reading, format="json_lines", encoding=found.encoding, broken=broken)
    finally:
        text.detach()


def parse_json(text: str) -> object:
    """The value of a text, with its numbers as they are written.

    Raises:
        SourceMalformed: It is no JSON, or has NaN, an infinity, or a key twice in one object.
        SourceTooLarge: Its levels are too many, or one of its numbers too long.
    """
    try:
        value: object = _DECODER.decode(text)
        if _HALF.search(text):
            json.dumps(value, ensure_ascii=False, default=str).encode()
        return value
    except UnicodeEncodeError as error:
        raise SourceMalformed("a text has half a character in it (a lone surrogate)") from error
    except json.JSONDecodeError as error:
        raise SourceMalformed(f"line {error.lineno}, column {error.colno}: it is no JSON: {error.msg}") from error
    except RecursionError as error:
        raise SourceTooLarge("its objects and lists lie in each other deeper than is allowed") from error


def at(value: object, path: str) -> object:
    """What lies at a dotted path; numbers count the items of a list from 0.

    Raises:
        SourceMalformed: Nothing lies there.
    """
    for part in path.split(".") if path else []:
        match value:
            case dict() if part in value:
                value = cast("Mapping[str, object]", value)[part]
            case list() if part.isdecimal() and int(part) < len(cast("Sequence[object]", value)):
                value = cast("Sequence[object]", value)[int(part)]
            case _:
                there = ", ".join(cast("Mapping[str, object]", value)) if isinstance(value, dict) else _called(value)
                raise SourceMalformed(f"there is nothing at {path!r}: no {part!r}, but {there[:200] or 'nothing'}")
    return value


def listed(value: object, path: str) -> Sequence[object]:
    """The records that lie there.

    Raises:
        SourceMalformed: It is no list, and no object.
    """
    match value:
        case list():
            return cast("Sequence[object]", value)
        case dict():
            return [cast("object", value)]
        case _:
            place = f"at {path!r}" if path else "at the top"
            raise SourceMalformed(f"{place} there is {_called(value)}, and no list of objects; say records='...'")


def _lines(text: Iterator[str], broken: list[Quarantined], reading: Reading) -> Iterator[tuple[int, Record]]:
    for number, line in enumerate(text, start=1):
        if not line.strip():
            continue
        try:
            yield number, parse_json(line)
        except (SourceMalformed, SourceTooLarge) as error:
            message = str(error).removeprefix("line 1, ")
            broken.append(kept_apart(reading, number, {"": line.rstrip("\r\n")}, "invalid_json", message))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:  # an exponent that no computer holds
        raise SourceTooLarge(f"the number {text[:40]} is too large") from error


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:  # Python reads no more than some thousand digits
        raise SourceTooLarge(f"the number {text[:40]}… has {len(text):,} digits") from error


def _no_number(text: str) -> Never:
    raise SourceMalformed(f"{text} is no number of JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    try:
        return each_once(pairs)
    except ValueError as error:
        raise SourceMalformed(str(error)) from error


def _called(value: object) -> str:
    match value:
        case None:
            return "null"
        case str():
            return "a text"
        case bool():
            return "a boolean"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number"


# Made once: to make one takes longer than to read a line.
_DECODER = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=_no_number, object_pairs_hook=_unique
)
