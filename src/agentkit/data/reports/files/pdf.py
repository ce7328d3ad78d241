"""A report as a tagged PDF (PDF/UA-1), set by typst."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from agentkit.data.progress import Progress
from agentkit.data.reports.controls import TableControl, check_controls, control_totals
from agentkit.data.reports.fonts.glyphs import FOLDER, missing_in
from agentkit.data.reports.report import Report
from agentkit.data.reports.texts import plain
from agentkit.data.reports.words import words_of
from agentkit.errors import MissingExtra, ReportError
from agentkit.money import find_locale

from .blocks import Piece, parts_of
from .facts import facts_of
from .pdf_controls import PdfRows
from .pdf_joining import PdfJoiner

if TYPE_CHECKING:
    from typst import Compiler, Fonts

__all__ = ["make_pdf"]

_TEMPLATE = Path(__file__).with_name("report.typ")
_EMPTY = b"#set document(title: [-])"
# typst keeps what it has set for so many documents; a long report has no use for it, and no room.
_REMEMBERED = 11
_LETTERS = ["Noto Sans", "Noto Sans Arabic", "Libertinus Serif"]


def make_pdf(report: Report, path: Path, *, fonts: Sequence[Path] = (), progress: Progress | None = None) -> None:
    """Write a report as a PDF to a path that is not there yet, and compare its control totals.

    Raises:
        MissingExtra: typst is not installed.
        ReportError: No font has one of the characters, or typst cannot set it.
        ControlTotalWrong: The file says something else than the report.
    """
    typst = _typst()
    compiler = cast("Compiler", typst.Compiler(_EMPTY, font_paths=_fonts(tuple(fonts)), ignore_system_fonts=True))
    pieces = iter(parts_of(report))
    first = next(pieces)
    following = next(pieces, None)
    with path.open("wb") as file:
        if following is None:
            file.write(_set(compiler, report, first, fonts, first_page=1, single=True))
            plan = [first.tables]
        else:
            plan = _write_parts(compiler, report, _chain(first, following, pieces), file.write, fonts, progress)
    _check(report, path, [table for tables in plan for table in tables])


def _write_parts(
    compiler: Compiler,
    report: Report,
    pieces: Iterable[Piece],
    write: Callable[[bytes], object],
    fonts: Sequence[Path],
    progress: Progress | None,
) -> list[list[tuple[int, tuple[int, ...]]]]:
    joiner = PdfJoiner(write)
    plan: list[list[tuple[int, tuple[int, ...]]]] = []
    page, done = 1, 0
    total = sum(len(table.table) for table in report.tables)
    for piece in pieces:
        page += joiner.add(_set(compiler, report, piece, fonts, first_page=page, single=False))
        for _ in range(_REMEMBERED):
            compiler.compile(_EMPTY, format="pdf", sys_inputs=None)
        plan.append(piece.tables)
        done += sum(1 for _ in piece.tables)
        if progress is not None:
            progress(page - 1, None, f"pages of the PDF ({total:,} rows)")
    joiner.close()
    return plan


def _set(
    compiler: Compiler, report: Report, piece: Piece, fonts: Sequence[Path], *, first_page: int, single: bool
) -> bytes:
    data = _head(report, fonts) | {"blocks": piece.blocks, "first_page": first_page, "single": single}
    data["opening"] = first_page == 1
    told = [report.title, report.subtitle, report.author, report.period, *piece.texts]
    if missing := missing_in((plain(text) for text in told), fonts):
        raise ReportError(_about(missing))
    try:
        made = compiler.compile(
            _TEMPLATE.read_bytes(),
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=report.created.astimezone(UTC).replace(microsecond=0),
        )
    except RuntimeError as error:
        raise ReportError(f"the PDF of {report.title!r} cannot be set: {error}") from error
    return cast("bytes", made)


def _head(report: Report, fonts: Sequence[Path]) -> dict[str, object]:
    """What all parts of a report have in common."""
    words = words_of(report.language)
    tag = find_locale(report.language).tag.split("-")
    created = report.created.astimezone(UTC)
    return {
        "title": plain(report.title).replace("\n", " "),
        "subtitle": plain(report.subtitle),
        "author": plain(report.author),
        "facts": list[object](facts_of(report, words)),
        "created": list(created.timetuple()[:6]),
        "language": tag[0],
        "region": next((part for part in tag[1:] if len(part) == 2), ""),
        "page": words.page,
        "of": words.of,
        "warning": words.warning,
        "fonts": [*_LETTERS, *_families(tuple(fonts))],
    }


def _check(report: Report, path: Path, plan: Sequence[tuple[int, tuple[int, ...]]]) -> None:
    rows = PdfRows(report)
    rows.read(path.read_bytes(), plan)
    found: dict[str, TableControl] = {control.table: control for control in rows.controls()}
    check_controls(path.name, control_totals(report), found)


def _about(missing: Sequence[str]) -> str:
    named = [f"{one!r} (U+{ord(one):04X} {unicodedata.name(one, 'without a name')})" for one in missing[:5]]
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return (
        f"no font of the report has {', '.join(named)}{more}; give fonts=[folder] with a font that has them,"
        " such as one of the Noto family, or write Excel, CSV or HTML"
    )


def _chain(first: Piece, second: Piece, others: Iterator[Piece]) -> Iterator[Piece]:
    yield first
    yield second
    yield from others


@lru_cache(maxsize=8)
def _fonts(folders: tuple[Path, ...]) -> Fonts:
    paths = [str(folder) for folder in (FOLDER, *folders)]
    return cast("Fonts", _typst().Fonts(include_system_fonts=False, font_paths=paths))


@lru_cache(maxsize=8)
def _families(folders: tuple[Path, ...]) -> list[str]:
    """The names of the fonts that were given, which come after those of agentkit."""
    if not folders:
        return []
    known = set(_fonts(()).families())
    return [name for name in _fonts(folders).families() if name not in known]


def _typst() -> ModuleType:
    try:
        import typst
    except ImportError as missing:
        raise MissingExtra("reports", "typst") from missing
    return typst
