"""Several tagged PDFs of typst as one: a long report is set in parts, as no machine has the memory to set it whole.

Rules: parts are joined as they are, page behind page; what there may be once only (pages, tags, bookmarks, properties)
is made anew around them, so that the whole is tagged as each part was. Written part by part, never held as a whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

from .pdf_objects import PdfObjects
from .pdf_parts import BOOKMARKS, DOCUMENT, FIRST_FREE, PAGES, TAGS, PdfPart

__all__ = ["PdfJoiner"]

_PAGE_COUNT = re.compile(rb"<xmpTPg:NPages>\d+</xmpTPg:NPages>")
_UNIQUE = re.compile(rb"<xmpMM:(InstanceID|DocumentID)>[^<]*</xmpMM:\1>")


class PdfJoiner:
    """Writes parts behind each other, and what holds them together at the end.

    Args:
        write: Takes bytes of the file.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._at = 0
        self._offsets: dict[int, int] = {}
        self._next = FIRST_FREE
        self._parts: list[PdfPart] = []
        self._marked: list[bytes] = []
        self._named: list[tuple[bytes, bytes]] = []
        # The last bookmark of a part waits, as it has to name the first one of the next part.
        self._waiting: tuple[int, bytes] | None = None
        self._bookmarks: list[tuple[int, int, int]] = []
        self._digest = hashlib.sha256()
        self._put(b"%PDF-1.7\n%\x80\x80\x80\x80\n\n")

    def add(self, data: bytes) -> int:
        """Write one more part; return how many pages it has."""
        self._digest.update(data)
        keys = self._parts[-1].next_key if self._parts else 0
        part = PdfPart(PdfObjects(data), base=self._next - 1, number=len(self._parts) + 1, keys=keys)
        self._marked += part.marked()
        self._named += part.named()
        for number, text in self._chained(part):
            self._put_object(number, text)
        self._next += len(part.source) - 1
        pages = part.page_count
        part.release()
        self._parts.append(part)
        return pages

    def close(self) -> None:
        """Write what holds the parts together."""
        if self._waiting:
            self._put_object(*self._waiting)
        first = self._parts[0]
        pages = sum(part.page_count for part in self._parts)
        kids = b" ".join(b"%d 0 R" % part.pages for part in self._parts)
        self._put_object(PAGES, b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids))
        self._put_object(TAGS, self._tags(first))
        elements = b" ".join(b"%d 0 R" % part.document for part in self._parts)
        self._put_object(DOCUMENT, b"<</Type/StructElem/S/Document/P %d 0 R/K[%s]>>" % (TAGS, elements))
        self._put_object(BOOKMARKS, self._outline())
        info, properties, catalog = self._next, self._next + 1, self._next + 2
        self._put_object(info, first.info)
        unique = self._digest.hexdigest()[:32].encode()
        told = _PAGE_COUNT.sub(b"<xmpTPg:NPages>%d</xmpTPg:NPages>" % pages, first.properties)
        told = _UNIQUE.sub(lambda found: b"<xmpMM:%s>%s</xmpMM:%s>" % (found[1], unique, found[1]), told)
        head = b"<</Length %d/Type/Metadata/Subtype/XML>>" % len(told)
        self._put_object(properties, b"%s\nstream\n%s\nendstream" % (head, told))
        self._put_object(catalog, first.catalog(properties))
        self._finish(catalog, info, unique)

    def _chained(self, part: PdfPart) -> Iterator[tuple[int, bytes]]:
        """Yield the objects of a part, its bookmarks hung behind those of the part before."""
        ends = part.bookmarks()
        if ends is None:
            yield from part.objects()
            return
        first, last, _ = ends
        before = self._waiting
        if before:
            yield before[0], _with(before[1], b"/Next %d 0 R" % first)
        for number, text in part.objects():
            told = _with(text, b"/Prev %d 0 R" % before[0]) if before and number == first else text
            if number == last:
                self._waiting = number, told
            else:
                yield number, told
        self._bookmarks.append(ends)

    def _tags(self, first: PdfPart) -> bytes:
        names = b"".join(b"(%s)%s" % pair for pair in sorted(self._named))
        return b"<</Type/StructTreeRoot%s/K[%d 0 R]/ParentTree<</Nums[%s]>>%s/ParentTreeNextKey %d>>" % (
            first.roles,
            DOCUMENT,
            b" ".join(self._marked),
            b"/IDTree<</Names[%s]>>" % names if names else b"",
            self._parts[-1].next_key,
        )

    def _outline(self) -> bytes:
        if not self._bookmarks:
            return b"<</Type/Outlines>>"
        count = sum(many for _, _, many in self._bookmarks)
        ends = self._bookmarks[0][0], self._bookmarks[-1][1]
        return b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % (*ends, count)

    def _finish(self, catalog: int, info: int, unique: bytes) -> None:
        start = self._at
        free = b"0000000000 65535 f "
        lines = [b"xref", b"0 %d" % (catalog + 1), free]
        for number in range(1, catalog + 1):
            offset = self._offsets.get(number)
            lines.append(free if offset is None else b"%010d 00000 n " % offset)
        self._put(b"\n".join(lines))
        self._put(
            b"\ntrailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF"
            % (catalog + 1, catalog, info, unique, unique, start)
        )

    def _put_object(self, number: int, text: bytes) -> None:
        self._offsets[number] = self._at
        self._put(b"%d 0 obj\n%s\nendobj\n" % (number, text))

    def _put(self, data: bytes) -> None:
        self._write(data)
        self._at += len(data)


def _with(text: bytes, entry: bytes) -> bytes:
    """A dictionary with one entry more."""
    return text[: text.rindex(b">>")] + entry + b">>"
