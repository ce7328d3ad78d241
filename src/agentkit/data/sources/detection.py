"""Which format a file has, by what is in it.

Rules: what is in a file decides, not how it is called; nobody guesses: what cannot be told is an error.
"""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

from agentkit.errors import FormatUnknown, SourceError, SourceMalformed

from .delimited import CsvSource
from .json_source import JsonLinesSource, JsonSource, parse_json
from .pages import HtmlSource
from .parquet import ParquetSource
from .ports import Extracted
from .reading import Reading
from .sheets import ExcelSource

__all__ = ["FileFormat", "FileSource", "find_format"]

FileFormat = Literal["csv", "json", "json_lines", "excel", "parquet", "html"]

_HEAD: Final = 1 << 16
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXT_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A file of any format that can be told by what is in it. The report says which it was.

    Attributes:
        name: What people call it.
        path: The file, below the folder that `Access` allows.
        encoding: For texts; unless given, a byte order mark decides, and without one it is UTF-8.
        optional: Whether the others count without it.

    Example:
        >>> FileSource(name="sales", path="upload.bin").kind
        'file'
    """

    name: str
    path: str
    kind: Literal["file"] = "file"
    encoding: str | None = None
    optional: bool = False

    def read(self, reading: Reading) -> Extracted:
        """Find out the format, and read the whole file.

        Raises:
            SourceError: It cannot be read, or nobody can tell its format.
        """
        with reading.open(self.path) as stream:
            found = find_format(stream, self.encoding)
        reading.note(f"format: {found} was found")
        return self._source(found).read(reading)

    def _source(
        self, found: FileFormat
    ) -> CsvSource | JsonSource | JsonLinesSource | ExcelSource | ParquetSource | HtmlSource:
        match found:
            case "csv":
                return CsvSource(name=self.name, path=self.path, encoding=self.encoding)
            case "json":
                return JsonSource(name=self.name, path=self.path, encoding=self.encoding)
            case "json_lines":
                return JsonLinesSource(name=self.name, path=self.path, encoding=self.encoding)
            case "excel":
                return ExcelSource(name=self.name, path=self.path)
            case "parquet":
                return ParquetSource(name=self.name, path=self.path)
            case "html":
                return HtmlSource(name=self.name, path=self.path, encoding=self.encoding)


def find_format(stream: BinaryIO, encoding: str | None = None) -> FileFormat:
    """The format of a file.

    Raises:
        FormatUnknown: It is none that can be read, or none that can be told.
        SourceMalformed: There is not a single byte.
    """
    head = stream.read(_HEAD)
    if not head:
        raise SourceMalformed("it is empty: 0 bytes")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_OLD_EXCEL) or (head.startswith(b"PK\x03\x04") and _is_workbook(stream)):
        return "excel"
    if head.startswith(b"SQLite format 3\0"):
        raise FormatUnknown("it is a database of SQLite: ask it by a source of kind 'sql'")
    return _text_format(_beginning(head, encoding))


def _text_format(text: str) -> FileFormat:
    begin = text.lstrip()
    if begin[:1] == "<":
        return "html"
    if begin[:1] == "[":
        return "json"
    if begin[:1] == "{":
        line, _, rest = begin.partition("\n")
        return "json_lines" if rest.lstrip()[:1] == "{" and _is_json(line) else "json"
    if not begin:
        raise FormatUnknown("there is nothing but white space in it")
    return "csv"


def _beginning(head: bytes, encoding: str | None) -> str:
    mark = next((mark for mark in _TEXT_MARKS if head.startswith(mark)), b"")
    name = encoding or _TEXT_MARKS.get(mark) or "utf-8"
    try:
        text = codecs.getincrementaldecoder(name)("replace" if encoding is None and not mark else "strict").decode(
            head[len(mark) :], False
        )
    except (UnicodeDecodeError, LookupError) as error:
        raise FormatUnknown(f"it is no text of encoding {name}: {error}") from error
    strange = sum(not (character.isprintable() or character in "\t\r\n\f") for character in text)
    if strange * 20 > len(text):
        raise FormatUnknown("it is neither text nor any format that is known; say which it is by another kind")
    return text


def _is_workbook(stream: BinaryIO) -> bool:
    try:
        names = zipfile.ZipFile(stream).namelist()
    except zipfile.BadZipFile as error:
        raise FormatUnknown("it begins like a zip archive, and is none that can be read") from error
    if any(name.startswith("xl/") for name in names) or "content.xml" in names:
        return True
    raise FormatUnknown("it is a zip archive, and no workbook")


def _is_json(line: str) -> bool:
    try:
        parse_json(line)
    except SourceError:
        return False
    return True
