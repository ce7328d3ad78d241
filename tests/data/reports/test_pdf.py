"""PDF: what its pages say, its tags, and reports too long to be set at once."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from agentkit.data import Chart, Column, Paragraph, ReportTable, Table, write_pdf
from agentkit.data.reports import texts as texts_of_cells
from agentkit.data.reports.files import blocks, pdf
from agentkit.data.reports.files.pdf_joining import PdfJoiner
from agentkit.data.reports.files.pdf_objects import PdfObjects
from agentkit.data.reports.files.pdf_reading import read_tables
from agentkit.errors import ControlTotalWrong, MissingExtra, ReportError
from agentkit.money import Money
from tests.data.reports.samples import amounts, full_report, report, sales, table, texts, usd


def pages(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def test_the_pages_say_what_the_report_says(tmp_path: Path) -> None:
    write_pdf(full_report(), tmp_path / "report.pdf")

    text = "\n".join(pages(tmp_path / "report.pdf")).replace("\u00a0", " ")

    for said in (
        "Royalty statement",
        "USD 477.53",
        "Period: 2024",
        "2025-01-31 09:30 UTC",
        "Sales by artist",
        "Page 1",
    ):
        assert said in text


def test_a_short_table_is_not_torn_apart_by_the_end_of_a_page(tmp_path: Path) -> None:
    columns = [Column(name="song")]
    tables = [
        ReportTable(
            table=Table.of(columns, [(f"song {number:02}-{row}",) for row in range(7)]), title=f"Nr {number:02}"
        )
        for number in range(20)
    ]
    write_pdf(report(*tables), tmp_path / "report.pdf")
    shown = pages(tmp_path / "report.pdf")

    assert len(shown) > 3
    for number in range(20):
        words = [f"Nr {number:02}", *(f"song {number:02}-{row}" for row in range(7))]
        assert [all(word in page for word in words) for page in shown].count(True) == 1, f"table {number}"


def test_it_is_tagged_and_says_its_language_and_title(tmp_path: Path) -> None:
    write_pdf(full_report(language="de-DE"), tmp_path / "report.pdf")

    reader = PdfReader(tmp_path / "report.pdf")

    root: Any = reader.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de-DE"
    assert reader.metadata is not None
    assert reader.metadata.title == "Royalty statement"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


def test_the_table_that_is_read_back_is_the_table(tmp_path: Path) -> None:
    write_pdf(full_report(3), tmp_path / "report.pdf")

    (read,) = read_tables((tmp_path / "report.pdf").read_bytes())

    assert read.rows[1] == ["Artist 1", "2024-02-01", "137", "1.13", "0.125", "no"]
    assert read.foot == [["Total", "", "411", "3.39", "", ""]]


@pytest.mark.parametrize("language", ["en-US", "de-DE", "fr-FR", "de-CH", "en-IN", "sv-SE", "ar-EG", "hi-IN"])
def test_amounts_of_every_locale_are_read_back(tmp_path: Path, language: str) -> None:
    many = amounts(
        usd("-1234567.89"), Money("1234", "JPY"), Money("0.005", "KWD"), None, usd("12345678901234567890.12")
    )
    listed = ReportTable(table=many, title="Amounts", totals=("amount",))

    written = write_pdf(report(listed, language=language), tmp_path / "report.pdf")

    assert written.size > 1000


def test_a_table_without_rows_says_so(tmp_path: Path) -> None:
    write_pdf(report(table(sales(0), totals=["revenue"])), tmp_path / "report.pdf")

    assert "No rows" in pages(tmp_path / "report.pdf")[0]


def test_text_is_never_markup(tmp_path: Path) -> None:
    harmful = '#panic("x") *bold* $x$ <label> @ref \\ // "quoted" `raw` = heading'

    write_pdf(report(Paragraph(text=harmful), table(texts(harmful)), title=harmful), tmp_path / "report.pdf")

    (read,) = read_tables((tmp_path / "report.pdf").read_bytes())
    assert "".join(read.rows[0][0].split("\u200b")) == harmful


def test_names_of_other_scripts_and_with_controls_are_written(tmp_path: Path) -> None:
    names = (
        "שלום",
        "السلام عليكم",
        "Ωmega",
        "Жук",
        "हिन्दी",
        "a\x00b\x1b[31m",
        "e\u0301\u202eRLO",
        "x" * 400,
        "a\u200b",
    )

    write_pdf(report(table(texts(*names, None, ""))), tmp_path / "report.pdf")

    (read,) = read_tables((tmp_path / "report.pdf").read_bytes())
    assert len(read.rows) == 11
    assert read.rows[5][0].startswith("a\ufffdb\ufffd[31m")


def test_a_character_that_no_font_has_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"U\+4E2D CJK UNIFIED IDEOGRAPH-4E2D.*fonts="):
        write_pdf(report(table(texts("中国"))), tmp_path / "report.pdf")
    drawn = Chart(kind="bar", title="Names", table=texts("中"), labels="name", values=("sold",))
    with pytest.raises(ReportError, match=r"U\+4E2D"):
        write_pdf(report(drawn), tmp_path / "report.pdf")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_fonts_that_can_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")

    with pytest.raises(ReportError, match="no font that can be read"):
        write_pdf(report(table(texts("中"))), tmp_path / "report.pdf", fonts=[tmp_path])


def test_many_columns_go_on_below_each_other(tmp_path: Path) -> None:
    columns = [Column(name="who"), *(Column(name=f"amount {one}", kind="integer") for one in range(40))]
    wide = Table.of(columns, [("A", *range(10**9, 10**9 + 40)), ("B", *range(40))])

    write_pdf(report(table(wide)), tmp_path / "report.pdf")

    tables = list(read_tables((tmp_path / "report.pdf").read_bytes()))
    assert len(tables) > 1
    assert all(one.rows[0][0] == "A" for one in tables)
    assert "Columns 2" not in pages(tmp_path / "report.pdf")[0]
    assert "to 41 of 41" in pages(tmp_path / "report.pdf")[-1]


def test_a_long_table_is_set_in_parts_that_are_one_tagged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_CELLS", 600)
    told: list[tuple[int, int | None, str]] = []

    write_pdf(full_report(350), tmp_path / "report.pdf", progress=lambda *said: told.append(said))

    reader = PdfReader(tmp_path / "report.pdf", strict=True)
    root: Any = reader.root_object
    text = [page.extract_text() for page in reader.pages]
    assert [f"Page {number}" in page for number, page in enumerate(text, start=1)] == [True] * len(text)
    assert root["/StructTreeRoot"]["/ParentTreeNextKey"] == len(text) == told[-1][0]
    assert [int(str(page["/StructParents"])) for page in reader.pages] == list(range(len(text)))
    titles = [str(one["/Title"]) for one in reader.outline if isinstance(one, dict)]
    assert titles[-1] == "Sales by artist \u00b7 Rows 301 to 350 of 350"
    names = list(root["/StructTreeRoot"]["/IDTree"]["/Names"])[::2]
    assert names == sorted(set(names))


def test_texts_that_look_like_references_stay_as_they_are(tmp_path: Path) -> None:
    title = "See 12 0 R (and (5 0 R)) /StructParents 3 \\"
    made = report(Paragraph(text="x"), title=title)
    write_pdf(made, tmp_path / "one.pdf")
    joined = BytesIO()
    joiner = PdfJoiner(joined.write)
    for _ in range(2):
        joiner.add((tmp_path / "one.pdf").read_bytes())
    joiner.close()

    reader = PdfReader(joined, strict=True)

    assert len(reader.pages) == 2
    assert [str(one["/Title"]) for one in reader.outline if isinstance(one, dict)] == ["Part one", "Part one"]
    assert reader.metadata is not None
    assert reader.metadata.title == title


def test_a_file_that_was_cut_off_is_no_pdf() -> None:
    with pytest.raises(ReportError, match="cut off"):
        PdfObjects(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")


def test_an_amount_that_was_written_wrongly_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = texts_of_cells.cell_text

    def wrong(*given: Any, **named: Any) -> str:
        return right(*given, **named).replace("1.13", "1.31")

    monkeypatch.setattr(blocks, "cell_text", wrong)

    with pytest.raises(ControlTotalWrong, match=re.escape("revenue in USD adds up to")):
        write_pdf(report(table(sales(5))), tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_got_lost_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = blocks.parts_of

    def wrong(given: Any) -> Any:
        for piece in right(given):
            rows: Any = piece.blocks[-1]["rows"]
            rows.pop()
            yield piece

    monkeypatch.setattr(pdf, "parts_of", wrong)

    with pytest.raises(ControlTotalWrong, match="4 rows were read back, and there are 5"):
        write_pdf(report(table(sales(5))), tmp_path / "report.pdf")


def test_without_typst_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)

    with pytest.raises(MissingExtra, match=r"agentkit\[reports\]"):
        write_pdf(full_report(), tmp_path / "report.pdf")


@pytest.mark.long
def test_twenty_thousand_rows_stay_within_500_megabytes(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import resource, sys; from agentkit.data import write_pdf; from tests.data.reports.samples import full_report;"
        "write_pdf(full_report(20_000), sys.argv[1]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "long.pdf")],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )

    assert int(done.stdout) < 500
