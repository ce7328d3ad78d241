"""CSV and HTML: what programs and browsers get."""

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agentkit.data import Chart, Note, Paragraph, ReportTable, write_csv, write_html
from agentkit.data.reports import texts as texts_of_cells
from agentkit.data.reports.files import csv_files, html
from agentkit.errors import ControlTotalWrong, ReportError
from agentkit.money import Money
from tests.data.reports.samples import amounts, full_report, report, sales, table, texts, usd


def rows_of(path: Path) -> list[list[str]]:
    limit = csv.field_size_limit(1 << 20)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file, strict=True))
    finally:
        csv.field_size_limit(limit)


def test_a_csv_has_a_head_and_rows_and_nothing_else(tmp_path: Path) -> None:
    (written,) = write_csv(full_report(2), tmp_path)

    assert rows_of(tmp_path / written.name) == [
        ["artist", "month", "streams", "revenue (USD)", "rate", "paid"],
        ["Artist 0", "2024-01-01", "0", "-50.00", "0", "true"],
        ["Artist 1", "2024-02-01", "137", "1.13", "0.125", "false"],
    ]


def test_amounts_of_several_currencies_say_which(tmp_path: Path) -> None:
    (written,) = write_csv(report(table(amounts(usd("1.50"), None, Money("3", "JPY")))), tmp_path)

    assert rows_of(tmp_path / written.name)[1:] == [["No 1", "1.50", "USD"], ["No 2", "", ""], ["No 3", "3", "JPY"]]


def test_tables_whose_titles_make_the_same_name_get_different_files(tmp_path: Path) -> None:
    written = write_csv(report(table(sales(), "A/B"), table(sales(), "A:B"), table(sales(), "***")), tmp_path)

    assert [file.name for file in written] == ["royalties-a-b.csv", "royalties-2-a-b.csv", "royalties-table-3.csv"]


def test_a_report_without_tables_has_no_csv(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="nothing to write"):
        write_csv(report(Paragraph(text="Hello")), tmp_path)


def test_quotes_breaks_and_controls_do_not_break_a_csv(tmp_path: Path) -> None:
    limit = csv.field_size_limit()
    odd = ('say "hi"', "a,b;c", "two\nlines", "nul\x00 and bell\x07", "x" * 200_000)

    (written,) = write_csv(report(table(texts(*odd))), tmp_path)

    assert csv.field_size_limit() == limit  # others of the process rely on it
    read = [row[0] for row in rows_of(tmp_path / written.name)[1:]]
    assert read == [text.replace("\x00", "\ufffd").replace("\x07", "\ufffd") for text in odd]


def test_a_csv_that_says_something_else_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = csv_files._cells

    def wrong(kinds: Any, row: Any) -> list[str]:
        return [cell.replace("1.13", "1.31") for cell in right(kinds, row)]

    monkeypatch.setattr(csv_files, "_cells", wrong)

    with pytest.raises(ControlTotalWrong, match=re.escape("revenue in USD adds up to")):
        write_csv(full_report(4), tmp_path)
    assert list(tmp_path.iterdir()) == []


class _Page(HTMLParser):
    """Collects the tags, the addresses and the texts of a page, and checks that tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "xlink:href")]
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read_page(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def test_a_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    write_html(full_report(), tmp_path / "report.html")

    page = read_page(tmp_path / "report.html")

    assert page.addresses == []
    assert {"script", "link", "img", "iframe"} & set(page.tags) == set()
    assert page.tags.count("svg") == 2
    assert "url(" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_text_on_a_page_is_never_markup(tmp_path: Path) -> None:
    harmful = '</title></style><script>alert(1)</script><b onclick="x">&amp;'
    parts = (
        Paragraph(text=harmful),
        Note(text=harmful),
        ReportTable(table=texts(harmful), title=harmful, note=harmful),
        Chart(kind="pie", title=harmful, table=texts(harmful), labels="name", values=("sold",)),
    )

    write_html(report(*parts, title=harmful), tmp_path / "report.html")

    page = read_page(tmp_path / "report.html")
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert page.texts.count(harmful) >= 8


def test_a_page_says_its_language_and_direction(tmp_path: Path) -> None:
    write_html(full_report(language="ar-EG"), tmp_path / "report.html")

    assert '<html lang="ar-EG" dir="rtl">' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_page_that_says_something_else_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = texts_of_cells.cell_text

    def wrong(*given: Any, **named: Any) -> str:
        return right(*given, **named).replace("1.13", "1.31")

    monkeypatch.setattr(html, "cell_text", wrong)

    with pytest.raises(ControlTotalWrong, match=re.escape("revenue in USD adds up to")):
        write_html(full_report(4), tmp_path / "report.html")
