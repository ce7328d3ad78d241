"""What the tables of a PDF say, read back from its pages by way of its tags.

Rules: this reads the letters on the pages, by the tables that say which letter a glyph is, and not what was sent to be
written; so it finds what went wrong on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .pdf_objects import PdfObjects

__all__ = ["PdfTable", "read_tables"]

_ROOT = re.compile(rb"/Root (\d+) 0 R")
_TREE = re.compile(rb"/StructTreeRoot (\d+) 0 R")
_TYPE = re.compile(rb"/S/(\w+)")
_KIDS = re.compile(rb"/K\s?(?:\[(.*?)\](?=/|>>|\s)|(\d+ 0 R|\d+))", re.DOTALL)
_KID = re.compile(rb"<<([^>]*)>>|(\d+) 0 R|(\d+)")
_PAGE = re.compile(rb"/Pg (\d+) 0 R")
_MARK = re.compile(rb"/MCID (\d+)")
_CONTENTS = re.compile(rb"/Contents (\d+) 0 R")
_RESOURCES = re.compile(rb"/Resources (\d+) 0 R")
_FONTS = re.compile(rb"/Font<<(.*?)>>", re.DOTALL)
_FONT = re.compile(rb"/(\w+) (\d+) 0 R")
_LETTERS = re.compile(rb"/ToUnicode (\d+) 0 R")
_TEXT = rb"(?:[^\\()]++|\\.)*+"
_STEP = re.compile(
    rb"/\w+\s*(?:<<(?P<marked>(?:[^<>()]|<[0-9A-Fa-f]*>|\(" + _TEXT + rb"\))*)>>\s*BDC|(?P<bare>BMC))"
    rb"|(?P<end>\bEMC)|/(?P<font>\w+) [-\d.]+ Tf"
    rb"|\((?P<plain>" + _TEXT + rb")\)|(?P<nested>\()|<(?P<hexed>[0-9A-Fa-f]+)>",
    re.DOTALL,
)
_SAID = re.compile(rb"/ActualText\s?(?:\(((?:[^\\()]|\\.)*)\)|<([0-9A-Fa-f]*)>)", re.DOTALL)
_NEXT_IN_TEXT = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_SECTION = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>|\[([^\]]*)\]")


@dataclass(slots=True)
class PdfTable:
    """A table of a PDF.

    Attributes:
        rows: The texts of the cells of each row between head and foot.
        foot: The same for the rows at the end, which hold sums.
    """

    rows: list[list[str]] = field(default_factory=list[list[str]])
    foot: list[list[str]] = field(default_factory=list[list[str]])


def read_tables(data: bytes) -> Iterator[PdfTable]:
    """The tables of a PDF, in the order in which they are read."""
    return _Reader(PdfObjects(data)).tables()


class _Reader:
    __slots__ = ("_letters", "_objects", "_page")

    def __init__(self, objects: PdfObjects) -> None:
        self._objects = objects
        self._letters: dict[int, dict[int, str]] = {}
        # The page that was read last: a table goes on from page to page.
        self._page: dict[int, dict[int, str]] = {}

    def tables(self) -> Iterator[PdfTable]:
        root = _number(_ROOT, self._objects.trailer)
        tree = _number(_TREE, self._objects.split(root)[0])
        return self._tables_in(self._objects.split(tree)[0])

    def _tables_in(self, said: bytes) -> Iterator[PdfTable]:
        for kid, _ in _kids(said):
            if kid is None:
                continue
            inner = self._objects.split(kid)[0]
            if _type(inner) == b"Table":
                yield self._table(inner)
            else:
                yield from self._tables_in(inner)

    def _table(self, said: bytes) -> PdfTable:
        table = PdfTable()
        for kid, _ in _kids(said):
            part = self._objects.split(kid or 0)[0]
            if _type(part) == b"TR" and not self._is_head(part):
                table.rows.append(self._row(part))
            elif _type(part) in (b"TBody", b"TFoot"):
                rows = [self._row(self._objects.split(row or 0)[0]) for row, _ in _kids(part)]
                (table.foot if _type(part) == b"TFoot" else table.rows).extend(rows)
        return table

    def _is_head(self, said: bytes) -> bool:
        return all(_type(self._objects.split(cell or 0)[0]) == b"TH" for cell, _ in _kids(said))

    def _row(self, said: bytes) -> list[str]:
        return [self._text(self._objects.split(cell or 0)[0]) for cell, _ in _kids(said)]

    def _text(self, said: bytes) -> str:
        found = _PAGE.search(said)
        page = int(found[1]) if found else 0
        texts: list[str] = []
        for kid, mark in _kids(said):
            if kid is not None:
                texts.append(self._text(self._objects.split(kid)[0]))
            else:
                texts.append(self._marked(mark[0] or page).get(mark[1], ""))
        return "".join(texts)

    def _marked(self, page: int) -> dict[int, str]:
        """The texts of a page by their marks."""
        if page not in self._page:
            if len(self._page) > 8:
                self._page.clear()
            said = self._objects.split(page)[0]
            content = self._objects.stream(_number(_CONTENTS, said))
            resources = self._objects.split(_number(_RESOURCES, said))[0]
            fonts = _FONTS.search(resources)
            named = {name: int(number) for name, number in _FONT.findall(fonts[1])} if fonts else {}
            self._page[page] = self._read(content, {name: self._font(number) for name, number in named.items()})
        return self._page[page]

    def _read(self, content: bytes, fonts: dict[bytes, dict[int, str]]) -> dict[int, str]:
        texts: dict[int, str] = {}
        # What is open: the mark that texts belong to, and whether another text was given in place of the glyphs.
        marks: list[tuple[int | None, bool]] = [(None, False)]
        letters: dict[int, str] = {}
        steps = _STEP.finditer(content)
        while (step := next(steps, None)) is not None:
            kind = step.lastgroup
            mark, is_said = marks[-1]
            if kind in ("marked", "bare"):
                told = step["marked"] or b""
                found = _MARK.search(told)
                mark = int(found[1]) if found else mark
                said = _SAID.search(told)
                if said is not None and mark is not None and not is_said:
                    texts[mark] = texts.get(mark, "") + _actual(said)
                marks.append((mark, is_said or said is not None))
            elif kind == "end":
                marks.pop()
            elif kind == "font":
                letters = fonts.get(step["font"], {})
            else:
                end = step.end()
                if kind == "nested":
                    end = _end_of_text(content, end)
                    steps = _STEP.finditer(content, end)
                if mark is None or is_said:
                    continue
                codes = content[step.start() + 1 : end - 1]
                codes = bytes.fromhex(codes.decode()) if kind == "hexed" else _unescaped(codes)
                texts[mark] = texts.get(mark, "") + _spelt(codes, letters)
        return texts

    def _font(self, number: int) -> dict[int, str]:
        if number not in self._letters:
            found = _LETTERS.search(self._objects.split(number)[0])
            self._letters[number] = _letters_of(self._objects.stream(int(found[1]))) if found else {}
        return self._letters[number]


def _number(pattern: re.Pattern[bytes], said: bytes) -> int:
    found = pattern.search(said)
    return int(found[1]) if found else 0


def _type(said: bytes) -> bytes:
    found = _TYPE.search(said)
    return found[1] if found else b""


def _kids(said: bytes) -> Iterator[tuple[int | None, tuple[int, int]]]:
    """Yield what is in an element: the number of another one, or the page and mark of a text; page 0 for its own."""
    found = _KIDS.search(said)
    if found is None:
        return
    for kid in _KID.finditer(found[1] if found[1] is not None else found[2]):
        if kid[2]:
            yield int(kid[2]), (0, 0)
        elif kid[3]:
            yield None, (0, int(kid[3]))
        elif b"/MCID" in kid[1]:
            yield None, (_number(_PAGE, kid[1]), _number(_MARK, kid[1]))


def _end_of_text(content: bytes, at: int) -> int:
    """The end of a text with pairs of parentheses in it, from behind its first one."""
    depth = 1
    for found in _NEXT_IN_TEXT.finditer(content, at):
        depth += 1 if found[0] == b"(" else -1 if found[0] == b")" else 0
        if not depth:
            return found.end()
    return len(content)


def _actual(said: re.Match[bytes]) -> str:
    data = _unescaped(said[1]) if said[1] is not None else bytes.fromhex(said[2].decode())
    if data.startswith(b"\xfe\xff"):
        return data[2:].decode("utf-16-be", "replace")
    return data.decode("latin-1")


def _unescaped(text: bytes) -> bytes:
    if b"\\" not in text:
        return text
    if b"\\(" in text or b"\\)" in text:
        return _ESCAPE.sub(_meant, text)
    # Python escapes as PDF does, parentheses aside.
    return text.decode("unicode_escape").encode("latin-1")


def _meant(found: re.Match[bytes]) -> bytes:
    said = found[1]
    return bytes([int(said, 8)]) if said[:1].isdigit() else _ESCAPED.get(said, said)


def _spelt(codes: bytes, letters: dict[int, str]) -> str:
    """The letters of glyphs, each given by two bytes."""
    return codes.decode("utf-16-be", "replace").translate(letters)


def _letters_of(table: bytes) -> dict[int, str]:
    letters: dict[int, str] = {}
    for section in _SECTION.finditer(table):
        items = [(_hex(found[1]), found[2]) for found in _HEX.finditer(section[2])]
        if section[1] == b"char":
            for (code, _), (text, _) in zip(items[::2], items[1::2], strict=False):
                letters[int.from_bytes(code, "big")] = text.decode("utf-16-be", "replace")
            continue
        for (first, _), (last, _), (text, many) in zip(items[::3], items[1::3], items[2::3], strict=False):
            begin = int.from_bytes(first, "big")
            listed = [_hex(one[1]) for one in _HEX.finditer(many)] if many else None
            for step in range(int.from_bytes(last, "big") - begin + 1):
                one = (
                    listed[step] if listed else text[:-2] + (int.from_bytes(text[-2:], "big") + step).to_bytes(2, "big")
                )
                letters[begin + step] = one.decode("utf-16-be", "replace")
    return letters


def _hex(digits: bytes | None) -> bytes:
    return bytes.fromhex(digits.decode()) if digits else b""
