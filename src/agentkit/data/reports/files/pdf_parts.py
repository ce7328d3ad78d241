"""One part of a PDF that is joined of several: its objects, under new numbers.

Rules: only references, keys of pages and names of cells get other numbers; what stands in texts and streams stays as it
is, whatever it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agentkit.errors import ReportError

from .pdf_objects import PdfObjects

__all__ = ["BOOKMARKS", "DOCUMENT", "FIRST_FREE", "PAGES", "TAGS", "PdfPart"]

# The numbers of what a joined file has once: pages, tags, the document in them, and bookmarks.
PAGES: Final = 1
TAGS: Final = 2
DOCUMENT: Final = 3
BOOKMARKS: Final = 4
FIRST_FREE: Final = 5

_TOKEN = re.compile(rb"\([^()\\]*\)|\(|(?<![\w.])(\d+) 0 R\b|(/StructParents? )(\d+)")
_CELL_NAME = re.compile(rb"\(U(\d+x\d+y\d+)\)")
_PAIR = re.compile(rb"(\d+) (\d+) 0 R")
_NAMED = re.compile(rb"\(([^()\\]*)\)(\d+) 0 R")
_ROLES = re.compile(rb"/RoleMap<<[^<>]*>>")


class PdfPart:
    """A part, and what it becomes.

    Args:
        source: Its objects.
        base: What is added to their numbers.
        number: Which part it is, from 1.
        keys: How many keys of pages the parts before it have.

    Raises:
        ReportError: It is not as typst writes PDFs.
    """

    def __init__(self, source: PdfObjects, *, base: int, number: int, keys: int) -> None:
        self.source: PdfObjects = source
        self._base = base
        self._number = number
        self._keys = keys
        self._nested = False
        self._root = _reference(b"Root", source.trailer)
        said = source.split(self._root)[0]
        self._catalog = said
        self._tree = _reference(b"StructTreeRoot", said)
        self._outline = _reference(b"Outlines", said)
        self._metadata = _reference(b"Metadata", said)
        self._info = _reference(b"Info", source.trailer)
        labels = re.search(rb"/PageLabels (\d+) 0 R", said)
        self._labels = int(labels[1]) if labels else 0
        self._old_pages = _reference(b"Pages", said)
        self._tags = source.split(self._tree)[0]
        self._old_document = _first_kid(self._tags)
        roles = _ROLES.search(self._tags)
        self.roles: bytes = roles[0] if roles else b""
        self.pages: int = self._old_pages + base
        self.document: int = self._old_document + base
        self.page_count: int = _count(rb"/Count (\d+)", source.split(self._old_pages)[0])
        self.next_key: int = keys + _count(rb"/ParentTreeNextKey (\d+)", self._tags)
        self.info: bytes = source.split(self._info)[0]
        self.properties: bytes = source.stream(self._metadata)

    def release(self) -> None:
        """Let go of the bytes; what is needed at the end is kept."""
        self.source = PdfObjects.nothing()

    def catalog(self, properties: int) -> bytes:
        """What stands at the root of the joined file."""
        said = self._catalog
        places = {
            b"Pages": b"%d 0 R" % PAGES,
            b"StructTreeRoot": b"%d 0 R" % TAGS,
            b"Outlines": b"%d 0 R" % BOOKMARKS,
            b"Metadata": b"%d 0 R" % properties,
            b"PageLabels": b"<</Nums[0<</S/D>>]>>",
        }
        for name, place in places.items():
            said = re.sub(rb"/%s \d+ 0 R" % name, b"/%s %s" % (name, place), said, count=1)
        return said

    def marked(self) -> list[bytes]:
        """For each page, its key and which of its marks belong to which element."""
        found = re.search(rb"/ParentTree<</Nums\[([^\]]*)\]", self._tags)
        pairs = _PAIR.findall(found[1]) if found else []
        return [b"%d %d 0 R" % (int(key) + self._keys, int(place) + self._base) for key, place in pairs]

    def named(self) -> list[tuple[bytes, bytes]]:
        """The names of the heads of tables, and which elements they are."""
        found = re.search(rb"/IDTree<</Names\[(.*?)\]>>", self._tags, re.DOTALL)
        pairs = _NAMED.findall(found[1]) if found else []
        return [(self._renamed(b"(%s)" % name)[1:-1], b"%d 0 R" % (int(place) + self._base)) for name, place in pairs]

    def bookmarks(self) -> tuple[int, int, int] | None:
        """The first and the last bookmark under their new numbers, and how many are seen; None if there are none."""
        said = self.source.split(self._outline)[0]
        if b"/First" not in said:
            return None
        first, last = _reference(b"First", said), _reference(b"Last", said)
        return first + self._base, last + self._base, _count(rb"/Count (\d+)", said)

    def objects(self) -> Iterator[tuple[int, bytes]]:
        """Yield the objects that the joined file takes over, under their new numbers."""
        left_out = {self._root, self._tree, self._outline, self._metadata, self._info, self._labels}
        for number in range(1, len(self.source)):
            if number in left_out:
                continue
            said, stream = self.source.split(number)
            told = self._renumbered(said)
            if number == self._old_pages:
                told = b"%s/Parent %d 0 R>>" % (told[: told.rindex(b">>")], PAGES)
            elif number == self._old_document:
                told = told.replace(b"/S/Document", b"/S/Part", 1)
            yield number + self._base, told + stream

    def _renumbered(self, said: bytes) -> bytes:
        self._nested = False
        told = _TOKEN.sub(self._replaced, said)
        return self._renumbered_around_texts(said) if self._nested else told

    def _replaced(self, found: re.Match[bytes]) -> bytes:
        if found[0] == b"(":
            self._nested = True
            return b"("
        told = self._told(found)
        return found[0] if told is None else told

    def _renumbered_around_texts(self, said: bytes) -> bytes:
        """The same, slower, where a text holds parentheses or escapes, so that its end has to be looked for."""
        parts: list[bytes] = []
        done = at = 0
        while found := _TOKEN.search(said, at):
            at = found.end()
            if found[0] == b"(":
                at = _end_of_text(said, found.start())
                continue
            told = self._told(found)
            if told is not None:
                parts += (said[done : found.start()], told)
                done = at
        return b"".join((*parts, said[done:])) if parts else said

    def _told(self, found: re.Match[bytes]) -> bytes | None:
        if found[1]:
            number = int(found[1])
            if number == self._outline:
                return b"%d 0 R" % BOOKMARKS
            return b"%d 0 R" % (DOCUMENT if number == self._tree else number + self._base)
        if found[2]:
            return found[2] + b"%d" % (int(found[3]) + self._keys)
        renamed = self._renamed(found[0])
        return None if renamed == found[0] else renamed

    def _renamed(self, text: bytes) -> bytes:
        found = _CELL_NAME.fullmatch(text)
        return b"(U%dp%s)" % (self._number, found[1]) if found else text


def _reference(name: bytes, said: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % name, said)
    if found is None:
        raise ReportError(f"the PDF has no {name.decode()}: this version of typst writes it otherwise; use another one")
    return int(found[1])


def _first_kid(said: bytes) -> int:
    found = re.search(rb"/K\s?\[?(\d+) 0 R", said)
    if found is None:
        raise ReportError("the PDF has no tags: this version of typst writes it otherwise; use another one")
    return int(found[1])


def _count(pattern: bytes, said: bytes) -> int:
    found = re.search(pattern, said)
    return int(found[1]) if found else 0


def _end_of_text(said: bytes, start: int) -> int:
    """The end of a text in parentheses that holds others, or signs that are escaped."""
    depth = 0
    at = start
    while at < len(said):
        one = said[at : at + 1]
        if one == b"\\":
            at += 1
        elif one == b"(":
            depth += 1
        elif one == b")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return at
