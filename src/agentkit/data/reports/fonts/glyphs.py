"""What the fonts of reports can write, and how wide it gets.

Rules: only fonts that are given count, never those of the machine, so that a report is the same everywhere; a character
that none of them has is found before a page is made, and named.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agentkit.errors import ReportError

__all__ = ["FOLDER", "Font", "missing_in", "read_font", "width_of"]

FOLDER = Path(__file__).parent
"""The fonts that come with agentkit, under the SIL Open Font License; see the OFL files beside them."""

_UNKNOWN_WIDTH = 0.6
_HEBREW = range(0x0590, 0x0600)
# Characters that are written with no glyph: controls of line breaks and of direction.
_WITHOUT_GLYPH = {"Cc", "Cf", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Font:
    """The characters of a font, and their widths as parts of its size.

    Attributes:
        widths: By code point.
    """

    widths: Mapping[int, float]


def width_of(text: str, size: float = 1.0) -> float:
    """How wide a text gets in the font of reports, at a size."""
    widths = _of_reports().widths
    return size * sum(widths.get(ord(one), _UNKNOWN_WIDTH) for one in text)


def missing_in(texts: Iterable[str], folders: Sequence[Path] = ()) -> list[str]:
    """The characters of some texts that no font can write, in order of their code.

    Args:
        texts: What is to be written.
        folders: Where more fonts are, besides those of agentkit.
    """
    used: set[str] = set()
    for text in texts:
        used.update(text)
    left = {one for one in used if ord(one) not in _of_reports().widths and not _is_silent(one)}
    for path in _font_files((FOLDER, *folders)):
        if not left:
            break
        left -= {one for one in left if ord(one) in read_font(path).widths}
    return sorted(one for one in left if ord(one) not in _HEBREW)


def _is_silent(one: str) -> bool:
    return unicodedata.category(one) in _WITHOUT_GLYPH


def _of_reports() -> Font:
    return read_font(FOLDER / "NotoSans-Regular.ttf")


def _font_files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in folder.glob("*") if path.suffix.lower() in (".ttf", ".otf"))


@lru_cache(maxsize=64)
def read_font(path: Path) -> Font:
    """Read which characters a font has.

    Raises:
        ReportError: It is no TrueType or OpenType font, or cannot be read.
    """
    try:
        data = path.read_bytes()
        tables = dict(_tables(data))
        units = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
        advances = _advances(data, tables)
        last = len(advances) - 1
        widths = {code: advances[min(glyph, last)] / units for code, glyph in _glyphs(data, tables[b"cmap"])}
    except (OSError, KeyError, struct.error, ZeroDivisionError) as error:
        raise ReportError(f"{path} is no font that can be read; give folders of .ttf and .otf files") from error
    return Font(widths)


def _tables(data: bytes) -> Iterator[tuple[bytes, int]]:
    for number in range(struct.unpack_from(">H", data, 4)[0]):
        name, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        yield name, offset


def _advances(data: bytes, tables: Mapping[bytes, int]) -> list[int]:
    count = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    numbers = struct.unpack_from(f">{2 * count}H", data, tables[b"hmtx"])
    return list(numbers[::2])


def _glyphs(data: bytes, cmap: int) -> Iterator[tuple[int, int]]:
    """Yield the code points of a font and their glyphs, from its tables of Unicode."""
    for number in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * number)
        if platform != 0 and (platform, encoding) not in ((3, 1), (3, 10)):
            continue
        start = cmap + offset
        form = struct.unpack_from(">H", data, start)[0]
        if form == 4:
            yield from _in_segments(data, start)
        elif form == 12:
            yield from _in_groups(data, start)


def _in_segments(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    count = struct.unpack_from(">H", data, start + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, start + 14)
    begins = struct.unpack_from(f">{count}H", data, start + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", data, start + 16 + 4 * count)
    at = start + 16 + 6 * count
    offsets = struct.unpack_from(f">{count}H", data, at)
    for place, (begin, end, delta, offset) in enumerate(zip(begins, ends, deltas, offsets, strict=True)):
        for code in range(begin, min(end, 0xFFFE) + 1):
            glyph = code
            if offset:
                glyph = struct.unpack_from(">H", data, at + 2 * place + offset + 2 * (code - begin))[0]
            if glyph or not offset:
                yield code, (glyph + delta) & 0xFFFF


def _in_groups(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    for number in range(struct.unpack_from(">I", data, start + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", data, start + 16 + 12 * number)
        for code in range(first, last + 1):
            yield code, glyph + code - first
