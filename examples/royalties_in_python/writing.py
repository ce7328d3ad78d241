"""Write statements, summary and chart.

Rules: a file is there completely or not at all, and writing it again gives the same bytes; so a stage that a crash
interrupted can simply run again.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path

from agentkit.money import Money

from .model import Issue, Statement, Summary


def write(path: Path, text: str) -> None:
    """Put the whole text in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def keep_only(folder: Path, names: Collection[str]) -> None:
    """Remove the CSV files of an earlier run that this one did not write, so that nobody is paid by them."""
    for path in folder.glob("*.csv"):
        if path.name not in names:
            path.unlink(missing_ok=True)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV text. Numbers stay numbers, and no text becomes a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def numbers(*amounts: Money) -> tuple[Decimal, ...]:
    """Amounts as the cells of a table whose currency is known."""
    return tuple(amount.amount for amount in amounts)


def statement_table(statement: Statement) -> str:
    """A statement as CSV: a line for each sale, and the totals."""
    rows: list[tuple[object, ...]] = [
        (line.sale.day, line.sale.id, line.sale.title, *numbers(line.sale.amount, line.artist_share, line.label_share))
        for line in statement.lines
    ]
    totals = ("total", "", "", *numbers(statement.total, statement.artist_share, statement.label_share))
    return table(("date", "sale", "title", "amount", "artist_share", "label_share"), [*rows, totals])


def summary_table(summary: Summary, statements: Sequence[Statement]) -> str:
    """The summary as CSV: a line for each artist, and the totals."""
    artists = [
        (each.artist, len(each.lines), *numbers(each.total, each.artist_share, each.label_share)) for each in statements
    ]
    totals = ("total", summary.sales, *numbers(summary.total, summary.artist_share, summary.label_share))
    return table(("artist", "sales", "total", "artist_share", "label_share"), [*artists, totals])


def quarantine_table(quarantine: Iterable[Issue]) -> str:
    """What is wrong with which line, as CSV."""
    return table(
        ("line", "field", "reason", "raw"),
        ((issue.line, issue.field, issue.reason, issue.raw) for issue in quarantine),
    )


def file_names(artists: Iterable[str]) -> dict[str, str]:
    """A file name for every artist, like `007-the-paper-lanterns.csv`; the number keeps similar names apart."""
    return {
        artist: f"{number:03}-{re.sub(r'[^a-z0-9]+', '-', artist.lower()).strip('-')[:40] or 'artist'}.csv"
        for number, artist in enumerate(artists, start=1)
    }


def chart(statements: Sequence[Statement], title: str, *, most: int = 10) -> str:
    """The artists with the highest totals as bars, in SVG."""
    top = sorted(statements, key=lambda statement: (-statement.total, statement.artist))[:most]
    bars = [_bar(statement, 44 + 28 * number, top[0].total) for number, statement in enumerate(top)]
    height = 52 + 28 * len(top)
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height}" font-family="sans-serif">'
    heading = f'<text x="12" y="26" font-size="17">{escape(title)}</text>'
    return "\n".join([opening, heading, '<g font-size="13">', *bars, "</g>", "</svg>", ""])


def _bar(statement: Statement, y: int, longest: Money) -> str:
    width = int(320 * (statement.total / longest)) if statement.total.minor > 0 else 0
    return (
        f'<text x="200" y="{y + 15}" text-anchor="end">{escape(statement.artist[:28])}</text>'
        f'<rect x="210" y="{y}" width="{width}" height="20" fill="#4c78a8"/>'
        f'<text x="{218 + width}" y="{y + 15}">{statement.total.amount}</text>'
    )


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
