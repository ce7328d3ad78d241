"""Tables of web pages."""

from pathlib import Path

import pytest

from agentkit.data import Access, HtmlSource, Reading, SourceLimits, read_source
from agentkit.errors import DefinitionError, SourceMalformed, SourceNotFound, SourceTooLarge
from tests.data.sources.reads import numbers, read, rows, write
from tests.data.sources.server import loopback, serving

PAGE = """<!doctype html><html><body>
<table id="menu"><tr><td>Home</td></tr></table>
<table class="charts"><caption>Week
   47</caption>
  <thead><tr><th>Artist</th><th>Song</th><th>Plays</th></tr></thead>
  <tbody>
    <tr><td rowspan="2">Ibis &amp; Co</td><td>One <b>more</b></td><td>1.234</td></tr>
    <tr><td colspan="2">none</td></tr>
    <tr><td>Oak</td><td>Two<table><tr><td>inside</td></tr></table></td><td>5</td></tr>
    <tr><td>ragged</td></tr>
  </tbody>
</table></body></html>"""


def test_a_table_is_chosen_by_caption_id_or_number(tmp_path: Path) -> None:
    write(tmp_path, "charts.html", PAGE)

    by_caption, _ = read(tmp_path, HtmlSource(name="charts", path="charts.html", caption="Week 47"))
    by_number, _ = read(tmp_path, HtmlSource(name="charts", path="charts.html", table=2))
    by_id, _ = read(tmp_path, HtmlSource(name="charts", path="charts.html", id="menu", header=False))

    assert by_caption == by_number
    assert by_caption.names == ("Artist", "Song", "Plays")
    assert rows(by_id) == [("Home",)]


def test_cells_over_several_rows_and_columns_stand_in_each(tmp_path: Path) -> None:
    write(tmp_path, "charts.html", PAGE)
    reading = Reading("charts", access=Access(root=str(tmp_path)))

    found = HtmlSource(name="charts", path="charts.html", table=2).read(reading)

    assert rows(found.table) == [
        ("Ibis & Co", "One more", "1.234"),
        ("Ibis & Co", "none", "none"),
        ("Oak", "Two inside", "5"),
    ]
    assert numbers(found.table) == [2, 3, 4]
    assert [(row.row, row.issues[0].code, row.cells) for row in found.quarantine] == [
        (5, "ragged_row", {"Artist": "ragged"})
    ]


def test_a_page_at_an_address_is_read_like_one_in_a_file() -> None:
    with serving(lambda request: request.send(PAGE, kind="text/html; charset=utf-8")) as server:
        table, report = read_source(HtmlSource(name="charts", url=server.url, caption="Week 47"), access=loopback())

    assert len(table) == 3
    assert (report.format, report.pages, report.quarantined) == ("html", 1, 1)


def test_the_first_table_is_taken_and_the_report_says_that_there_are_more(tmp_path: Path) -> None:
    write(tmp_path, "charts.html", PAGE)

    _, report = read(tmp_path, HtmlSource(name="charts", path="charts.html"))

    assert report.notes == ("the page has 3 tables, and the first was taken",)


@pytest.mark.parametrize("choice", [{"table": 9}, {"id": "nothing"}, {"caption": "Week 48"}])
def test_a_table_that_is_not_there_is_not_found(tmp_path: Path, choice: dict[str, object]) -> None:
    write(tmp_path, "charts.html", PAGE)

    with pytest.raises(SourceNotFound, match="it has 3: 'menu', 'Week 47'"):
        read(tmp_path, HtmlSource(name="charts", path="charts.html", **choice))  # type: ignore[arg-type]  # of a test


@pytest.mark.parametrize("page", ["", "<p>nothing</p>", "<table></table>", "<table><tr></tr></table>"])
def test_a_page_without_a_table_is_refused(tmp_path: Path, page: str) -> None:
    write(tmp_path, "charts.html", page)

    with pytest.raises((SourceMalformed, SourceNotFound)):
        read(tmp_path, HtmlSource(name="charts", path="charts.html"))


def test_a_cell_that_spans_without_end_is_bounded(tmp_path: Path) -> None:
    cell = '<td colspan="99999999" rowspan="999999">x</td>'
    write(tmp_path, "charts.html", f"<table><tr>{cell * 3}</tr></table>")

    with pytest.raises(SourceTooLarge, match="columns"):
        read(tmp_path, HtmlSource(name="charts", path="charts.html"), SourceLimits(max_columns=2))
    assert len(read(tmp_path, HtmlSource(name="charts", path="charts.html", header=False))[0]) == 1


def test_settings_that_contradict_each_other_are_refused() -> None:
    for settings in ({}, {"path": "a", "url": "https://b.example"}, {"path": "a", "id": "b", "table": 1}):
        with pytest.raises(DefinitionError):
            HtmlSource(name="charts", **settings)
