"""How the bytes of a text are encoded: found out, and said.

Rules: a byte order mark decides; without one it is UTF-8, strictly, or an error. Only who asks for it gets a guess, and
the guess is named in the report. A byte order mark is no part of the text.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from typing import BinaryIO, Final

from agentkit.errors import EncodingError, SourceMalformed

from .reading import Reading

__all__ = ["Encoded", "find_encoding", "text_of", "whole_text"]

# The longer ones first: the mark of UTF-32 begins like that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESS: Final = "cp1252"  # what programs of western Europe and America wrote before UTF-8
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """How a text is encoded.

    Attributes:
        encoding: By the name that Python has for it.
        skip: How many bytes of a byte order mark come before the text.
        nul: Whether a NUL character is in it.
    """

    encoding: str
    skip: int
    nul: bool


def find_encoding(
    stream: BinaryIO, reading: Reading, *, encoding: str | None, detect: bool, counted: bool = False
) -> Encoded:
    """Read all of it once, and say how it is encoded; the stream is at its beginning again.

    Args:
        stream: Where it can be read, more than once.
        reading: Who counts.
        encoding: What is asked for.
        detect: Whether to guess where it is no UTF-8.
        counted: Whether its bytes were counted when they came.

    Raises:
        EncodingError: It is no text of the encoding that was asked for, or no UTF-8 where none was.
        SourceMalformed: There is not a single byte.
        SourceTooLarge: It has more bytes than are allowed.
    """
    stream.seek(0)
    head = stream.read(4)
    if not head:
        raise SourceMalformed("it is empty: 0 bytes")
    mark, marked = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", None))
    wanted = _known(encoding) if encoding else None
    if marked and wanted and wanted not in (marked, marked.rsplit("-", 1)[0]) and wanted.startswith("utf"):
        raise EncodingError(f"it begins with the byte order mark of {marked}, and {encoding} is asked for")
    skip = len(mark) if marked and (wanted is None or wanted.startswith("utf")) else 0
    name = marked if skip and marked else wanted or "utf-8"
    try:
        found = _read_through(stream, name, skip, None if counted else reading)
    except EncodingError:
        if wanted or marked or not detect:
            raise
        found = _read_through(stream, _GUESS, 0, None)
        reading.note(f"encoding: no UTF-8, so {_GUESS} was guessed, as was asked for")
    stream.seek(0)
    return found


def text_of(stream: BinaryIO, found: Encoded) -> io.TextIOWrapper:
    """The text from its beginning, line ends as they are; detach it, so that the stream stays open."""
    stream.seek(found.skip)
    return io.TextIOWrapper(stream, encoding=found.encoding, errors="strict", newline="")


def whole_text(
    stream: BinaryIO, reading: Reading, *, encoding: str | None, detect: bool, counted: bool = False
) -> tuple[str, str]:
    """All of the text, and its encoding.

    Raises:
        EncodingError: It is no text of that encoding.
        SourceMalformed: There is not a single byte.
        SourceTooLarge: It has more bytes than are allowed.
    """
    found = find_encoding(stream, reading, encoding=encoding, detect=detect, counted=counted)
    stream.seek(found.skip)
    return stream.read().decode(found.encoding), found.encoding


def _read_through(stream: BinaryIO, name: str, skip: int, reading: Reading | None) -> Encoded:
    stream.seek(skip)
    decoder = codecs.getincrementaldecoder(name)("strict")
    nul, before = False, skip
    while True:
        chunk = stream.read(_CHUNK)
        if reading is not None:
            reading.count_bytes(len(chunk))
        try:
            text = decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            raise EncodingError(_what_to_do(error, name, before)) from error
        nul = nul or "\0" in text
        before += len(chunk)
        if not chunk:
            return Encoded(encoding=name, skip=skip, nul=nul)


def _what_to_do(error: UnicodeDecodeError, name: str, before: int) -> str:
    byte = error.object[error.start : error.start + 1].hex()
    return (
        f"it is no {name}: byte 0x{byte} near offset {before + error.start:,} ({error.reason});"
        " say encoding='cp1252' or what it was written in, or detect_encoding=true for a guess"
    )


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)  # refuses what Python calls a codec and is no encoding, like base64
        return codecs.lookup(encoding).name.replace("_", "-").removesuffix("-sig")
    except LookupError as error:
        raise EncodingError(f"there is no encoding {encoding!r}; utf-8, utf-16 and cp1252 are some") from error
