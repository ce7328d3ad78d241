"""Excel: numbers, texts, sheets, charts, and what is read back."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastexcel
import pytest

from agentkit.data import Chart, Column, ReportTable, Table, write_excel
from agentkit.data.reports.files import excel
from agentkit.data.reports.files.excel import make_excel
from agentkit.data.reports.files.excel_cells import RowWriter, is_exact
from agentkit.data.reports.files.sheets import SheetNames
from agentkit.errors import ControlTotalWrong, MissingExtra, ReportError
from agentkit.money import Money
from tests.data.reports.samples import amounts, full_report, report, sales, table, texts, usd


def sheet(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a sheet as another library reads them."""
    return fastexcel.read_excel(path).load_sheet(name).to_polars().to_dicts()


def part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def test_another_library_reads_the_same(tmp_path: Path) -> None:
    write_excel(full_report(3), tmp_path / "report.xlsx")

    first, second, third, total = sheet(tmp_path / "report.xlsx", "Sales by artist")

    assert first["artist"] == "Artist 0"
    assert (second["month"].date(), second["revenue (USD)"], second["rate"]) == (date(2024, 2, 1), 1.13, 0.125)
    assert third["paid"] is True
    assert (total["artist"], total["streams"], total["revenue (USD)"]) == ("Total", 411.0, 3.39)


def test_the_head_stays_in_sight_and_filters(tmp_path: Path) -> None:
    write_excel(full_report(3), tmp_path / "report.xlsx")

    xml = part(tmp_path / "report.xlsx", "xl/worksheets/sheet3.xml")

    assert '<pane ySplit="1" topLeftCell="A2"' in xml
    assert '<autoFilter ref="A1:F4"/>' in xml
    assert '<dimension ref="A1:F5"/>' in xml


def test_each_currency_has_its_format(tmp_path: Path) -> None:
    write_excel(report(table(amounts(usd("1.5"), Money("1", "JPY"), Money("0.001", "KWD")))), tmp_path / "report.xlsx")

    styles = part(tmp_path / "report.xlsx", "xl/styles.xml")

    for shape in ("[$USD]\u00a0#,##0.00", "[$JPY]\u00a0#,##0", "[$KWD]\u00a0#,##0.000"):
        assert f'formatCode="{shape}"' in styles


@pytest.mark.parametrize("kind", ["bar", "line", "pie"])
def test_charts_are_charts_of_excel(tmp_path: Path, kind: Any) -> None:
    sold = amounts(usd("3"), usd("1"), usd("2"))
    drawn = Chart(kind=kind, title="Revenue", table=sold, labels="who", values=("amount",))

    write_excel(report(drawn), tmp_path / "report.xlsx")

    xml = part(tmp_path / "report.xlsx", "xl/charts/chart1.xml")
    assert f"<c:{kind}Chart>" in xml
    assert "Charts!$B$3:$B$5" in xml
    assert [row["USD"] for row in sheet_from(tmp_path / "report.xlsx", "Charts", 1)] != []


def sheet_from(path: Path, name: str, row: int) -> list[dict[str, Any]]:
    return fastexcel.read_excel(path).load_sheet(name, header_row=row).to_polars().to_dicts()


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        ("123456789012345", True),
        ("1234567890123456", False),
        ("1000000000000000000", True),
        ("0.1", True),
        ("NaN", False),
    ],
)
def test_fifteen_digits_are_exact(number: str, exact: bool) -> None:
    assert is_exact(Decimal(number)) is exact


def test_rows_that_do_not_fit_go_on_in_the_next_sheet(tmp_path: Path) -> None:
    listed = ReportTable(table=sales(25), title="Sales", totals=("revenue",))

    make_excel(report(listed), tmp_path / "report.xlsx", rows_per_sheet=13)

    names = fastexcel.read_excel(tmp_path / "report.xlsx").sheet_names
    rows = [len(sheet(tmp_path / "report.xlsx", name)) for name in names[1:]]
    assert names == ["Summary", "Sales", "Sales (2)", "Sales (3)"]
    assert rows == [12, 12, 2]


def test_sums_that_do_not_fit_go_to_a_sheet_of_their_own(tmp_path: Path) -> None:
    listed = ReportTable(table=sales(12), title="Sales", totals=("revenue",))

    make_excel(report(listed), tmp_path / "report.xlsx", rows_per_sheet=13)

    assert sheet(tmp_path / "report.xlsx", "Sales (2)")[0]["artist"] == "Total"


def test_names_of_sheets_are_such_that_excel_takes_them() -> None:
    names = SheetNames()

    taken = [names.take(title) for title in ("a/b:c*[d]?\\e", "history", "", "'quoted'", "x" * 50, "X" * 50, "\x00\n")]

    assert taken == ["a b c d e", "history (2)", "Table", "quoted", "x" * 31, "X" * 27 + " (2)", "Table (2)"]


def test_odd_texts_come_back_as_they_were(tmp_path: Path) -> None:
    odd = ("_x0041_", " space ", "a & b < c", "line\nbreak", "=1+1", "https://example.com", "שלום", "x" * 32_767)

    write_excel(report(table(texts(*odd))), tmp_path / "report.xlsx")

    assert tuple(row["name"] for row in sheet(tmp_path / "report.xlsx", "Sales")) == odd


def test_a_text_that_no_cell_holds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="32,767"):
        write_excel(report(table(texts("x" * 32_768))), tmp_path / "report.xlsx")

    assert list(tmp_path.iterdir()) == []


def test_more_columns_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    wide = Table.of([Column(name=str(one)) for one in range(16_385)], [])

    with pytest.raises(ReportError, match="16,384"):
        write_excel(report(table(wide)), tmp_path / "report.xlsx")


def test_days_that_excel_counts_wrongly_are_text(tmp_path: Path) -> None:
    days = Table.of([Column(name="day", kind="date")], [(date(1900, 2, 28),), (date(1899, 1, 1),)])

    write_excel(report(table(days)), tmp_path / "report.xlsx")

    assert [row["day"] for row in sheet(tmp_path / "report.xlsx", "Sales")] == ["1900-02-28", "1899-01-01"]


def test_a_number_that_was_written_wrongly_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = RowWriter.row

    def wrong(writer: RowWriter, number: int, cells: Any) -> str:
        return right(writer, number, cells).replace("<v>1.13</v>", "<v>1.31</v>")

    monkeypatch.setattr(RowWriter, "row", wrong)

    with pytest.raises(ControlTotalWrong, match=re.escape("revenue in USD adds up to")):
        write_excel(report(table(sales(5))), tmp_path / "report.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_got_lost_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = excel._rows_of

    def wrong(*given: Any) -> Any:
        def rows(styles: Any) -> Iterator[str]:
            return iter(list(right(*given)(styles))[:-1])

        return rows

    monkeypatch.setattr(excel, "_rows_of", wrong)

    with pytest.raises(ControlTotalWrong, match="4 rows were read back"):
        write_excel(report(table(sales(5))), tmp_path / "report.xlsx")


def test_rows_without_anything_in_them_are_counted(tmp_path: Path) -> None:
    empty = Table.of([Column(name="a"), Column(name="b", kind="integer")], [(None, None), ("x", 1), (None, None)])

    assert write_excel(report(table(empty, totals=["b"])), tmp_path / "report.xlsx").size > 0


def test_without_xlsxwriter_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)

    with pytest.raises(MissingExtra, match=r"agentkit\[reports\]"):
        write_excel(full_report(), tmp_path / "report.xlsx")
