"""Puts the rows of tables into a workbook that has none yet.

Rules: everything else of the workbook stays as xlsxwriter has made it; the archive has no times and no names of
machines, so that the same report is the same bytes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from .excel_cells import Look
from .excel_controls import sheet_files
from .sheets import column_letters

__all__ = ["Rows", "SheetRows", "fill_sheets"]

Rows: TypeAlias = Callable[[Mapping[Look, str]], Iterator[str]]
"""Yields the rows of a sheet, given the numbers of its looks."""

_SAMPLES = re.compile(r'<row r="2"[^>]*>(.*?)</row>', re.DOTALL)
_STYLE = re.compile(r'<c r="[A-Z]+2"(?: s="(\d+)")?')
_SIZE = re.compile(r'<dimension ref="[^"]*"/>')
_TOGETHER = 500
_FIRST_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """What is to be put into a sheet.

    Attributes:
        looks: The looks whose samples stand in its second row, in order.
        rows: The rows.
        size: How many rows and columns there are in the end.
    """

    looks: list[Look]
    rows: Rows
    size: tuple[int, int]


def fill_sheets(frame: BytesIO, path: Path, sheets: Mapping[str, SheetRows]) -> None:
    """Write a workbook again, with rows in place of the samples.

    Args:
        frame: The workbook with samples.
        path: Where it is written.
        sheets: The rows, by the name of their sheet.
    """
    with (
        zipfile.ZipFile(frame) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as new,
    ):
        places = {file: sheets[name] for name, file in sheet_files(old) if name in sheets}
        for name in old.namelist():
            info = zipfile.ZipInfo(name, _FIRST_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            info.create_system = 3
            if name in places:
                _fill(new, info, old.read(name).decode(), places[name])
            else:
                new.writestr(info, old.read(name))


def _fill(archive: zipfile.ZipFile, info: zipfile.ZipInfo, sheet: str, filled: SheetRows) -> None:
    found = _SAMPLES.search(sheet)
    assert found is not None, "xlsxwriter wrote the samples"
    styles = [style or "0" for style in _STYLE.findall(found[0])]
    rows, columns = filled.size
    head = _SIZE.sub(f'<dimension ref="A1:{column_letters(columns - 1)}{rows}"/>', sheet[: found.start()])
    with archive.open(info, "w", force_zip64=True) as file:
        file.write(head.encode())
        waiting: list[str] = []
        for row in filled.rows(dict(zip(filled.looks, styles, strict=True))):
            waiting.append(row)
            if len(waiting) == _TOGETHER:
                file.write("".join(waiting).encode())
                waiting.clear()
        file.write("".join(waiting).encode())
        file.write(sheet[found.end() :].encode())
