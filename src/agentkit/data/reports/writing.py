"""Writes the files of a report: each whole and checked, or none of them.

Rules: a file gets its name only after it was read back and its control totals are those of the report; whatever fails
on the way leaves the folder as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from agentkit.data.progress import Progress
from agentkit.errors import ReportError

from .files.csv_files import make_csv
from .files.disk import drafts
from .files.excel import make_excel
from .files.html import make_html
from .files.pdf import make_pdf
from .report import Report, ReportTable
from .texts import safe_name

__all__ = [
    "FORMATS",
    "ReportFormat",
    "WrittenFile",
    "write_csv",
    "write_excel",
    "write_html",
    "write_pdf",
    "write_report",
]

ReportFormat: TypeAlias = Literal["pdf", "excel", "csv", "html"]
"""What a report can be written as."""

FORMATS: Final[tuple[ReportFormat, ...]] = get_args(ReportFormat)

_MEDIA_TYPES: Final[dict[ReportFormat, str]] = {
    "pdf": "application/pdf",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file that was written and checked.

    Attributes:
        name: Its name in the folder.
        format: What it is.
        media_type: The same for programs that send it.
        size: Its bytes.
        sha256: Their hash, in hexadecimal digits.
    """

    name: str
    format: ReportFormat
    media_type: str
    size: int
    sha256: str


def write_report(
    report: Report,
    folder: str | Path,
    *,
    formats: Sequence[ReportFormat] = ("pdf", "excel", "csv"),
    name: str = "",
    fonts: Sequence[str | Path] = (),
    progress: Progress | None = None,
) -> tuple[WrittenFile, ...]:
    """Write a report in several formats: all its files, or none.

    Args:
        report: The report.
        folder: Where they are to be; it is made if it is not there. Files of these names are replaced.
        formats: What to write.
        name: How the files are called, without an ending; made of the title if empty.
        fonts: Folders with more fonts for the PDF, for scripts that agentkit brings none for.
        progress: Is told how far it is. What it raises stops the writing.

    Returns:
        The files, in the order of the formats; for CSV one for each table.

    Raises:
        ReportError: A format is not known, a name is no plain name, or a file cannot be written.
        ControlTotalWrong: A file says something else than the report.
        MissingExtra: typst or xlsxwriter is not installed.

    Example:
        >>> from datetime import UTC, datetime
        >>> from agentkit.data import Column, Table
        >>> from agentkit.data.reports.report import Report, ReportTable, Section
        >>> sales = Table.of([Column(name="sold", kind="integer")], [(3,), (4,)])
        >>> section = Section(parts=(ReportTable(table=sales, title="Sold"),))
        >>> report = Report(title="Sales", created=datetime(2025, 1, 31, tzinfo=UTC), sections=(section,))
        >>> [file.name for file in write_report(report, "reports", formats=("csv", "html"))]
        ['sales-sold.csv', 'sales.html']
    """
    stem = _stem(report, name)
    wanted = _wanted(formats)
    if "csv" in wanted and not report.tables:
        wanted.remove("csv")
    if not wanted:
        raise ReportError("there is nothing to write: a report without tables has no CSV; name another format")
    files: list[WrittenFile] = []
    with drafts(Path(folder), [f"{stem} as {one}" for one in wanted]) as draft:
        for one in wanted:
            for file_name, make in _jobs(report, one, stem, fonts, progress):
                path = draft.path(file_name)
                make(path)
                files.append(_written(path, one))
    return tuple(files)


def write_pdf(
    report: Report, path: str | Path, *, fonts: Sequence[str | Path] = (), progress: Progress | None = None
) -> WrittenFile:
    """Write a report as a tagged PDF (PDF/UA-1).

    Args:
        report: The report.
        path: The file.
        fonts: Folders with more fonts, for scripts that agentkit brings none for: it has those of Latin, Greek,
            Cyrillic, Devanagari, Arabic and Hebrew.
        progress: Is told how far it is.

    Raises:
        ReportError: No font has a character of it, or it cannot be written.
        ControlTotalWrong: The file says something else than the report.
        MissingExtra: typst is not installed.
    """
    folders = [Path(folder) for folder in fonts]
    return _write_one(path, "pdf", lambda place: make_pdf(report, place, fonts=folders, progress=progress))


def write_excel(report: Report, path: str | Path, *, progress: Progress | None = None) -> WrittenFile:
    """Write a report as an Excel workbook, with its charts as charts of Excel.

    Args:
        report: The report.
        path: The file.
        progress: Is told how far it is.

    Raises:
        ReportError: It is more than Excel can hold, or it cannot be written.
        ControlTotalWrong: The file says something else than the report.
        MissingExtra: xlsxwriter is not installed.
    """
    return _write_one(path, "excel", lambda place: make_excel(report, place, progress=progress))


def write_html(report: Report, path: str | Path, *, progress: Progress | None = None) -> WrittenFile:
    """Write a report as one page of HTML that needs nothing else.

    Args:
        report: The report.
        path: The file.
        progress: Is told how far it is.

    Raises:
        ReportError: It cannot be written.
        ControlTotalWrong: The file says something else than the report.
    """
    return _write_one(path, "html", lambda place: make_html(report, place, progress=progress))


def write_csv(
    report: Report, folder: str | Path, *, name: str = "", progress: Progress | None = None
) -> tuple[WrittenFile, ...]:
    """Write the tables of a report as CSV, one file each: all, or none.

    Args:
        report: The report.
        folder: Where they are to be; it is made if it is not there.
        name: What their names begin with; made of the title if empty.
        progress: Is told how far it is.

    Raises:
        ReportError: The report has no tables, or they cannot be written.
        ControlTotalWrong: A file says something else than the report.
    """
    return write_report(report, folder, formats=("csv",), name=name, progress=progress)


_Make: TypeAlias = Callable[[Path], None]


def _jobs(
    report: Report, wanted: ReportFormat, stem: str, fonts: Sequence[str | Path], progress: Progress | None
) -> list[tuple[str, _Make]]:
    match wanted:
        case "pdf":
            folders = [Path(folder) for folder in fonts]
            return [(f"{stem}.pdf", lambda path: make_pdf(report, path, fonts=folders, progress=progress))]
        case "excel":
            return [(f"{stem}.xlsx", lambda path: make_excel(report, path, progress=progress))]
        case "html":
            return [(f"{stem}.html", lambda path: make_html(report, path, progress=progress))]
        case "csv":
            names = _table_names(report, stem)
            return [(name, _csv_job(report, table, progress)) for name, table in zip(names, report.tables, strict=True)]


def _csv_job(report: Report, table: ReportTable, progress: Progress | None) -> _Make:
    return lambda path: make_csv(report, table, path, progress=progress)


def _table_names(report: Report, stem: str) -> list[str]:
    """The names of the files of tables; titles that make the same name get a number."""
    names: list[str] = []
    for number, table in enumerate(report.tables, start=1):
        name = f"{stem}-{safe_name(table.title, otherwise=f'table-{number}')}.csv"
        names.append(name if name not in names else f"{stem}-{number}-{safe_name(table.title, otherwise='table')}.csv")
    return names


def _write_one(path: str | Path, wanted: ReportFormat, make: _Make) -> WrittenFile:
    target = Path(path)
    if target.is_dir() or not target.name:
        raise ReportError(f"{target} is a folder; name the file that is to be written")
    with drafts(target.parent, [target.name]) as draft:
        place = draft.path(target.name)
        make(place)
        return _written(place, wanted)


def _written(path: Path, wanted: ReportFormat) -> WrittenFile:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    size = path.stat().st_size
    return WrittenFile(
        name=path.name, format=wanted, media_type=_MEDIA_TYPES[wanted], size=size, sha256=digest.hexdigest()
    )


def _wanted(formats: Sequence[ReportFormat]) -> list[ReportFormat]:
    given: list[ReportFormat] = list(formats) if not isinstance(formats, str) else []
    if not given or any(one not in FORMATS for one in given):
        raise ReportError(f"formats {formats!r}: name some of {', '.join(FORMATS)}")
    return list(dict.fromkeys(given))


def _stem(report: Report, name: str) -> str:
    if not name:
        return safe_name(report.title, otherwise="report")
    if name != Path(name).name or name.startswith(".") or safe_name(name, otherwise="") == "":
        raise ReportError(f"name {name!r}: give a plain name, without folders")
    return name
