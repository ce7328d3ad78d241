"""The objects of a PDF as typst writes it: numbered, uncompressed dictionaries, and streams.

Rules: read by the table of contents at the file's end, not by searching, as a stream can hold anything; nothing of it
is changed here.
"""

from __future__ import annotations

import re
import zlib
from array import array
from itertools import pairwise

from agentkit.errors import ReportError

__all__ = ["PdfObjects"]

_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_STREAM = re.compile(rb">>\s*stream\r?\n")
_LENGTH = re.compile(rb"/Length (\d+)")


class PdfObjects:
    """The objects of one file, cut out when they are asked for.

    Raises:
        ReportError: It is no such file.
    """

    __slots__ = ("_data", "_ends", "_offsets", "trailer")

    def __init__(self, data: bytes) -> None:
        self._data = data
        start = _START.search(data[-1024:])
        if start is None:
            raise ReportError("the PDF has no end; it was cut off while it was written")
        at = int(start[1])
        lines = data[at:].split(b"\n")
        try:
            count = int(lines[1].split()[1])
            self._offsets = array("Q", (int(line[:10]) for line in lines[2 : 2 + count]))
        except (IndexError, ValueError) as error:
            raise ReportError(
                "the PDF has no table of its objects; typst writes one, so another version is needed"
            ) from error
        self.trailer: bytes = b"\n".join(lines[2 + count :])
        order = sorted(range(1, count), key=self._offsets.__getitem__)
        self._ends = array("Q", bytes(8 * count))
        for before, after in pairwise(order):
            self._ends[before] = self._offsets[after]
        if order:
            self._ends[order[-1]] = at

    @classmethod
    def nothing(cls) -> PdfObjects:
        """No objects: what a part is read from after it was joined."""
        return cls(b"xref\n0 1\n0000000000 65535 f \ntrailer\nstartxref\n0\n%%EOF")

    def __len__(self) -> int:
        """How many objects there are, the empty one numbered 0 included."""
        return len(self._offsets)

    def whole(self, number: int) -> bytes:
        """An object with its head and its end."""
        return self._data[self._offsets[number] : self._ends[number]]

    def split(self, number: int) -> tuple[bytes, bytes]:
        """What an object says, and its stream with the words around it, as it is in the file, if it has one."""
        whole = self.whole(number)
        head = whole[whole.index(b"obj") + 3 :]
        head = head[: head.rindex(b"endobj")].rstrip()
        found = _STREAM.search(head)
        if found is None:
            return head.strip(), b""
        return head[: found.start() + 2].strip(), head[found.start() + 2 :]

    def stream(self, number: int) -> bytes:
        """The content of a stream, unpacked."""
        said, rest = self.split(number)
        begin = rest.index(b"stream") + 6
        begin += 2 if rest[begin : begin + 2] == b"\r\n" else 1
        length = _LENGTH.search(said)
        packed = rest[begin : begin + int(length[1])] if length else b""
        return zlib.decompress(packed) if b"/FlateDecode" in said else packed
