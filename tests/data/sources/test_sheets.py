"""Excel and Parquet: columns keep their types, and nothing is lost silently."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars
import pytest
import xlsxwriter

from agentkit.data import ExcelSource, FileSource, ParquetSource, SourceLimits
from agentkit.errors import DefinitionError, SourceError, SourceMalformed, SourceNotFound, SourceTooLarge
from tests.data.sources.reads import numbers, read, rows, write

Fill = Callable[[xlsxwriter.Workbook, "xlsxwriter.worksheet.Worksheet"], None]
SALES = ExcelSource(name="sales", path="sales.xlsx")


def workbook(folder: Path, fill: Fill, *more: str) -> None:
    book = xlsxwriter.Workbook(folder / "sales.xlsx")
    fill(book, book.add_worksheet("Sales & more"))
    for title in more:
        book.add_worksheet(title)
    book.close()


def sales(book: xlsxwriter.Workbook, sheet: "xlsxwriter.worksheet.Worksheet") -> None:
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, [" artist ", "sold", "price", "day", "new", "mixed"])
    for row, (artist, sold, price, new, mixed) in enumerate([("Ibis", 3, 0.99, True, "x"), ("Oak", 4, 1.5, False, 7)]):
        place = 1 + 2 * row  # a blank row in between
        sheet.write_row(place, 0, [artist, sold, price])
        sheet.write_datetime(place, 3, date(2024, 1, 2 + row), day)
        sheet.write_boolean(place, 4, new)
        sheet.write(place, 5, mixed)


def test_a_sheet_becomes_a_table_of_typed_columns(tmp_path: Path) -> None:
    workbook(tmp_path, sales)

    table, report = read(tmp_path, SALES)

    kinds = ["text", "decimal", "decimal", "date", "boolean", "text"]
    assert table.names == ("artist", "sold", "price", "day", "new", "mixed")
    assert [column.kind for column in table.columns] == kinds
    assert rows(table) == [
        ("Ibis", Decimal(3), Decimal("0.99"), date(2024, 1, 2), True, "x"),
        ("Oak", Decimal(4), Decimal("1.5"), date(2024, 1, 3), False, "7"),
    ]
    assert numbers(table) == [2, 4]
    assert "column 'price' has floats, read as decimals by their shortest text" in report.notes


def test_a_cell_with_an_error_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        sheet.write_row("A1", ["artist", "price"])
        sheet.write_row("A2", ["Ibis", 1])
        sheet.write("A3", "Oak")
        sheet.write_formula("B3", "=1/0", None, "#DIV/0!")

    workbook(tmp_path, fill)
    table, report = read(tmp_path, SALES)

    assert (rows(table), report.quarantined) == ([("Ibis", Decimal(1))], 1)


def test_a_header_further_down_and_to_the_right_is_found(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        sheet.write("B1", "Sales of 2024")
        sheet.write_row("B4", ["artist", "price"])
        sheet.write_row("B5", ["Ibis", 1])

    workbook(tmp_path, fill)
    table, _ = read(tmp_path, ExcelSource(name="sales", path="sales.xlsx", header_row=4))

    assert (table.names, rows(table), numbers(table)) == (("artist", "price"), [("Ibis", Decimal(1))], [5])


def test_a_sheet_is_chosen_by_its_name(tmp_path: Path) -> None:
    workbook(tmp_path, sales, "Other")

    table, report = read(tmp_path, SALES)
    assert "the workbook has 2 sheets, and 'Sales & more' was taken" in report.notes
    assert read(tmp_path, ExcelSource(name="sales", path="sales.xlsx", sheet="Sales & more"))[0] == table
    with pytest.raises(SourceNotFound, match="no sheet '2024'; there are Sales & more, Other"):
        read(tmp_path, ExcelSource(name="sales", path="sales.xlsx", sheet="2024"))
    with pytest.raises(SourceMalformed, match="'Other' has no row 1"):
        read(tmp_path, ExcelSource(name="sales", path="sales.xlsx", sheet="Other"))


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    workbook(tmp_path, lambda book, sheet: sheet.write_row(0, 0, ["artist", "price"]))

    table, _ = read(tmp_path, SALES)

    assert (table.names, len(table)) == (("artist", "price"), 0)


def test_names_of_a_header_that_stand_twice_are_refused(tmp_path: Path) -> None:
    workbook(tmp_path, lambda book, sheet: [sheet.write_row(0, 0, ["a", "a"]), sheet.write_row(1, 0, [1, 2])][0])

    with pytest.raises(SourceMalformed, match="columns 1 and 2 are both called 'a'"):
        read(tmp_path, SALES)
    with pytest.raises(DefinitionError, match="counted from 1"):
        ExcelSource(name="sales", path="sales.xlsx", header_row=0)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "sales.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b" " * 5_000_000)

    with pytest.raises(SourceTooLarge, match="unpacks to 5,000,000 bytes"):
        read(tmp_path, SALES, SourceLimits(max_bytes=1_000_000))


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04junk", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1junk"])
def test_what_is_no_workbook_is_malformed(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "sales.xlsx", content)

    with pytest.raises(SourceError):
        read(tmp_path, SALES)


def parquet(folder: Path, frame: polars.DataFrame) -> None:
    out = io.BytesIO()
    frame.write_parquet(out)
    write(folder, "sales.parquet", out.getvalue())


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    prices = polars.Series("price", [Decimal("0.99"), Decimal("1.10")], dtype=polars.Decimal(10, 2))
    parquet(
        tmp_path,
        polars.DataFrame(
            {"artist": ["Ibis", "Oak"], "sold": [3, None], "rate": [0.1, 2.0], "tags": [["a"], []]}
        ).with_columns(prices),
    )

    table, report = read(tmp_path, ParquetSource(name="sales", path="sales.parquet"))

    assert [column.kind for column in table.columns] == ["text", "integer", "decimal", "text", "decimal"]
    assert rows(table) == [
        ("Ibis", 3, Decimal("0.1"), '["a"]', Decimal("0.99")),
        ("Oak", None, Decimal(2), "[]", Decimal("1.10")),
    ]
    assert (report.format, report.rows) == ("parquet", 2)


def test_columns_of_a_parquet_file_are_chosen(tmp_path: Path) -> None:
    parquet(tmp_path, polars.DataFrame({"artist": ["Ibis"], "cover": [b"\x89PNG"]}))

    assert read(tmp_path, ParquetSource(name="s", path="sales.parquet", columns=("artist",)))[0].names == ("artist",)
    with pytest.raises(SourceMalformed, match="column 'cover' holds bytes, which no table can; leave the column out"):
        read(tmp_path, FileSource(name="s", path="sales.parquet"))
    with pytest.raises(SourceMalformed, match="no column 'price'; it has artist, cover"):
        read(tmp_path, ParquetSource(name="s", path="sales.parquet", columns=("price",)))


def test_a_nan_of_a_parquet_file_goes_to_quarantine(tmp_path: Path) -> None:
    parquet(tmp_path, polars.DataFrame({"price": [1.5, float("nan"), None]}))

    table, report = read(tmp_path, ParquetSource(name="s", path="sales.parquet"))

    assert (rows(table), numbers(table), report.quarantined) == ([(Decimal("1.5"),), (None,)], [1, 3], 1)


def test_rows_are_counted_before_they_are_read(tmp_path: Path) -> None:
    parquet(tmp_path, polars.DataFrame({"n": range(1000)}))

    with pytest.raises(SourceTooLarge, match="more than 999 rows"):
        read(tmp_path, ParquetSource(name="s", path="sales.parquet"), SourceLimits(max_rows=999))


@pytest.mark.parametrize("content", [b"", b"junk", b"PAR1junk", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_what_is_no_parquet_file_is_malformed(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "sales.parquet", content)

    with pytest.raises(SourceMalformed):
        read(tmp_path, ParquetSource(name="s", path="sales.parquet"))
