"""The rules of money that reports have to keep, by their numbers."""

import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import fastexcel
import pytest
from pypdf import PdfReader

from agentkit.data import Chart, Column, ReportTable, Table, control_totals, write_csv, write_excel, write_report
from agentkit.data.reports.files.excel import make_excel
from agentkit.data.reports.texts import is_runnable, neutral
from agentkit.money import Money
from tests.data.reports.samples import amounts, full_report, report, sales, table, texts, usd

EVIL = ("=1+1", "+cmd", "-cmd", "@SUM(A1)", "\tx", "\r=x", "\n=x", " =1", "\uff1dx", "=HYPERLINK(1)", "-", "+1 2")


def test_rule_40_every_format_comes_from_the_same_report(tmp_path: Path) -> None:
    written = write_report(full_report(), tmp_path)
    names = {file.format: tmp_path / file.name for file in written}

    text = "".join(page.extract_text() for page in PdfReader(names["pdf"]).pages)
    total = fastexcel.read_excel(names["excel"]).load_sheet("Sales by artist").to_polars().to_dicts()[-1]

    assert control_totals(full_report())[0].totals[1].value == Decimal("2774.58")
    assert "2,774.58" in text
    assert Decimal(str(total["revenue (USD)"])) == Decimal("2774.58")


def test_rule_40_pdf_and_excel_have_charts(tmp_path: Path) -> None:
    written = write_report(full_report(), tmp_path, formats=("pdf", "excel"))

    pdf = (tmp_path / written[0].name).read_bytes()
    with zipfile.ZipFile(tmp_path / written[1].name) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert pdf.count(b"/S/Figure") == 2
    assert len(charts) == 2


def test_rule_40_the_same_report_is_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    code = (
        "import sys; from agentkit.data import write_report; from tests.data.reports.samples import full_report;"
        "files = write_report(full_report(), sys.argv[1], formats=('pdf', 'excel', 'csv', 'html'));"
        "print(*(file.sha256 for file in files))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / seed)],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "", "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }

    assert len(seen) == 1


@pytest.mark.parametrize("text", EVIL)
def test_rule_41_text_that_a_spreadsheet_would_run_is_kept_from_it(tmp_path: Path, text: str) -> None:
    (written,) = write_csv(report(table(texts(text))), tmp_path)
    write_excel(report(table(texts(text))), tmp_path / "report.xlsx")

    line = (tmp_path / written.name).read_text(encoding="utf-8").split("\n", 1)[1]
    with zipfile.ZipFile(tmp_path / "report.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert line.lstrip('"').startswith("'")
    assert "<f>" not in sheet
    assert 't="inlineStr"' in sheet
    assert 'quotePrefix="1"' in styles


@pytest.mark.parametrize("text", ["-5", "12.50", "-0.001", "a=b", "", "x-y", "it's"])
def test_rule_41_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert not is_runnable(text)
    assert neutral(text) == text


def test_rule_41_titles_heads_labels_and_sheets_are_kept_from_running_too(tmp_path: Path) -> None:
    rows = Table.of([Column(name="=name"), Column(name="@sold", kind="integer")], [("=a", -3)])
    parts = (
        ReportTable(table=rows, title="=table", note="=note", totals=("@sold",)),
        Chart(kind="bar", title="=chart", table=rows, labels="=name", values=("@sold",), note="=note"),
    )

    written = write_report(report(*parts, title="=1+1"), tmp_path, formats=("csv", "excel"))

    with zipfile.ZipFile(tmp_path / written[1].name) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    assert not any("<f>" in sheet for sheet in sheets)
    assert (tmp_path / written[0].name).read_text(encoding="utf-8") == "'=name,'@sold\n'=a,-3\n"


def test_rule_41_longer_amounts_are_text_and_flagged(tmp_path: Path) -> None:
    exact, long = usd("1234567890123.45"), usd("1234567890123456.78")
    listed = ReportTable(table=amounts(exact, long, Money("12345678901234567", "JPY")), title="Amounts")

    write_excel(report(listed), tmp_path / "report.xlsx")

    with zipfile.ZipFile(tmp_path / "report.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
        summary = archive.read("xl/worksheets/sheet1.xml").decode()
        words = archive.read("xl/sharedStrings.xml").decode()
    assert "<v>1234567890123.45</v>" in sheet
    assert "<t>1234567890123456.78 USD</t>" in sheet
    assert "<t>12345678901234567 JPY</t>" in sheet
    assert "more than 15 digits" in words + summary
    assert ": 2<" in words + summary


def test_rule_41_rows_beyond_a_sheet_go_on_in_the_next(tmp_path: Path) -> None:
    make_excel(report(table(sales(21))), tmp_path / "report.xlsx", rows_per_sheet=11)

    book = fastexcel.read_excel(tmp_path / "report.xlsx")

    assert book.sheet_names[1:] == ["Sales", "Sales (2)", "Sales (3)"]
    assert [book.load_sheet(name).height for name in book.sheet_names[1:]] == [10, 10, 1]
