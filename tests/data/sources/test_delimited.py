"""CSV: what is found out, what is refused, what is kept apart; and both ways to read it give the same."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import Access, CsvSource, Reading, SourceLimits, read_blocks
from agentkit.data.sources import regular
from agentkit.data.sources.delimited import Layout, read_delimited
from agentkit.data.sources.ports import Extracted
from agentkit.errors import (
    DefinitionError,
    EncodingError,
    FormatUnknown,
    SourceError,
    SourceMalformed,
    SourceTooLarge,
)
from tests.data.sources.reads import numbers, read, rows, write

SALES = CsvSource(name="sales", path="sales.csv")


def parsed(content: str | bytes, **layout: object) -> Extracted:
    data = content if isinstance(content, bytes) else content.encode()
    return read_delimited(io.BytesIO(data), Layout(**layout), Reading("sales"))  # type: ignore[arg-type]  # of a test


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_rule_34_the_delimiter_is_found_and_reported(tmp_path: Path, mark: str) -> None:
    write(tmp_path, "sales.csv", f"artist{mark}price\nIbis{mark}1.5\n")

    table, report = read(tmp_path, SALES)

    assert rows(table) == [("Ibis", "1.5")]
    assert report.delimiter == mark
    assert f"delimiter: {mark!r} was found" in report.notes


def test_a_decimal_comma_is_no_delimiter() -> None:
    found = parsed("artist;price\nIbis;1,5\nOak;2,75\n")

    assert (found.delimiter, rows(found.table)) == (";", [("Ibis", "1,5"), ("Oak", "2,75")])


def test_two_delimiters_that_fit_equally_well_are_not_chosen_from() -> None:
    with pytest.raises(FormatUnknown, match="say which it is"):
        parsed("a,b;c\n1,2;3\n")

    assert parsed("a,b;c\n1,2;3\n", delimiter=";").table.names == ("a,b", "c")


def test_one_column_needs_no_delimiter() -> None:
    found = parsed("artist\nIbis\nOak\n")

    assert rows(found.table) == [("Ibis",), ("Oak",)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_rule_34_a_byte_order_mark_decides_and_is_no_part_of_a_name(encoding: str) -> None:
    text = "Künstler,Preis\nÖtzi,1\n"
    mark = "\ufeff" if encoding[-2:] in ("le", "be") else ""

    found = parsed((mark + text).encode(encoding))

    assert found.table.names == ("Künstler", "Preis")
    assert (found.encoding or "")[:6] == encoding[:6].rstrip("-")[:6]


def test_rule_35_what_is_no_utf_8_is_an_error_that_says_where() -> None:
    with pytest.raises(EncodingError, match=r"byte 0xd6 near offset 15 .*say encoding="):
        parsed("artist,price\nX,Ötzi\n".encode("cp1252"))


def test_rule_34_an_encoding_is_guessed_only_when_asked_for_and_the_guess_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", "artist,price\nÖtzi,1\n".encode("cp1252"))

    table, report = read(tmp_path, CsvSource(name="sales", path="sales.csv", detect_encoding=True))

    assert rows(table) == [("Ötzi", "1")]
    assert report.encoding == "cp1252"
    assert "cp1252 was guessed" in report.notes[0]


def test_an_encoding_that_is_asked_for_is_binding() -> None:
    assert parsed("a,b\nÖ,1\n".encode("cp1252"), encoding="windows-1252").encoding == "cp1252"
    with pytest.raises(EncodingError, match="no ascii"):
        parsed("a,b\nÖ,1\n", encoding="ascii")
    with pytest.raises(EncodingError, match="byte order mark of utf-16-le, and utf-8"):
        parsed("\ufeffa,b\n".encode("utf-16-le"), encoding="utf-8")
    for unknown in ("klingon", "base64"):
        with pytest.raises(EncodingError, match="there is no encoding"):
            parsed("a,b\n", encoding=unknown)


def test_a_wrong_byte_far_behind_is_found_before_anything_is_taken() -> None:
    with pytest.raises(EncodingError, match="near offset 2,000,0"):
        parsed(b"a,b\n" + b"1,2\n" * 500_000 + b"\xff,1\n")


def test_rule_34_rows_with_too_many_or_too_few_cells_go_to_quarantine() -> None:
    found = parsed("a,b\n1,2\n1\n\n1,2,3,4\n5,6\n")

    assert (rows(found.table), numbers(found.table)) == ([("1", "2"), ("5", "6")], [2, 6])
    assert [(row.row, row.cells, row.issues[0].code) for row in found.quarantine] == [
        (3, {"a": "1"}, "ragged_row"),
        (5, {"a": "1", "b": "2", "": "3,4"}, "ragged_row"),
    ]
    assert found.quarantine[1].issues[0].message == "it has 4 cells, and there are 2 columns"


def test_a_quoted_cell_may_have_delimiters_quotes_and_line_ends() -> None:
    found = parsed('a,b\r\n"x, ""y""\r\nz",2\r\n3,4\r\n')

    assert rows(found.table) == [('x, "y"\r\nz', "2"), ("3", "4")]
    assert numbers(found.table) == [2, 3]


def test_a_row_with_broken_quotes_goes_to_quarantine_as_it_was_found() -> None:
    found = parsed('a,b\n1,2\n"x"y,3\n4,5\n')

    assert rows(found.table) == [("1", "2"), ("4", "5")]
    assert [(row.row, row.cells, row.issues[0].code) for row in found.quarantine] == [
        (3, {"": '"x"y,3'}, "broken_quote")
    ]


def test_a_quote_that_is_never_closed_does_not_swallow_the_rest() -> None:
    with pytest.raises(SourceMalformed, match="a quote that opens at or after row 3 is never closed"):
        parsed('a,b\n1,2\n"x,3\n4,5\n')


def test_a_cell_that_is_too_long_is_said_to_be_so() -> None:
    with pytest.raises(SourceMalformed, match="a cell at or after row 2 is longer than 131,072 letters"):
        parsed("a,b\n" + "x" * 200_000 + ",2\n")


def test_a_row_with_a_nul_character_goes_to_quarantine() -> None:
    found = parsed("a,b\n1,\0\n3,4\n")

    assert rows(found.table) == [("3", "4")]
    assert found.quarantine[0].issues[0].code == "nul_byte"


def test_a_name_that_stands_twice_in_the_header_is_refused() -> None:
    with pytest.raises(SourceMalformed, match="columns 1 and 3 are both called 'price'"):
        parsed("price,artist, price\n1,2,3\n")

    assert parsed("price,artist,price\n1,2,3\n", columns=("a", "b", "c")).table.names == ("a", "b", "c")


def test_a_column_without_a_name_gets_one() -> None:
    assert parsed("a,,c\n1,2,3\n").table.names == ("a", "column_2", "c")


def test_a_text_without_a_header_is_read_from_its_first_row() -> None:
    found = parsed("1,2\n3,4\n", header=False)

    assert (found.table.names, numbers(found.table)) == (("column_1", "column_2"), [1, 2])
    assert parsed("1,2\n", header=False, columns=("a", "b")).table.names == ("a", "b")


def test_names_that_do_not_fit_are_refused() -> None:
    with pytest.raises(SourceMalformed, match="2 columns, and 1 names"):
        parsed("1,2\n", columns=("a",))
    with pytest.raises(DefinitionError, match="same name"):
        CsvSource(name="sales", path="x", columns=("a", "a"))
    with pytest.raises(DefinitionError, match="one character"):
        CsvSource(name="sales", path="x", delimiter="::")
    with pytest.raises(DefinitionError, match="both"):
        CsvSource(name="sales", path="x", delimiter='"')


def test_a_header_alone_is_a_table_without_rows() -> None:
    found = parsed("a,b\n")

    assert (len(found.table), found.table.names) == (0, ("a", "b"))


def test_rule_35_a_file_of_which_no_row_can_be_read_is_no_success(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", "a,b\n1\n2\n")

    with pytest.raises(SourceMalformed, match="none of its 2 rows can be read; row 2: it has 1 cells"):
        read(tmp_path, SALES)


def test_there_are_no_more_rows_and_columns_than_allowed(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", "a,b,c\n" + "1,2,3\n" * 100)

    with pytest.raises(SourceTooLarge, match="more than 99 rows"):
        read(tmp_path, SALES, SourceLimits(max_rows=99))
    with pytest.raises(SourceTooLarge, match="3 columns, and 2 are allowed"):
        read(tmp_path, SALES, SourceLimits(max_columns=2))


def test_a_large_file_is_read_a_block_at_a_time(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", "a,b\n" + "".join(f"{n},{n}\n" for n in range(25)) + "x\n")

    blocks = list(read_blocks(SALES, 10, access=Access(root=str(tmp_path))))

    assert [len(block.table) for block in blocks] == [10, 10, 5]
    assert numbers(blocks[1].table) == list(range(12, 22))
    assert sum(len(block.quarantine) for block in blocks) == 1


CELLS = st.text(st.sampled_from(["a", "é", " ", ",", '"', ";", "\t", "'", "\\", "#", "0"]), max_size=4)


def written(table: list[list[str]], ends: str, quoting: int) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=ends, quoting=quoting).writerows(table)  # type: ignore[arg-type]  # of a test
    return out.getvalue().encode()


@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6)),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.binary(max_size=3).filter(lambda more: all(byte < 128 for byte in more)),
)
def test_rule_36_the_fast_way_gives_what_the_other_gives(
    table: list[list[str]], ends: str, quoting: int, more: bytes
) -> None:
    width = len(table[0]) if table else 1
    data = b",".join(b"c%d" % place for place in range(width)) + b"\n" + written(table, ends, quoting) + more
    slow = outcome(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regular, "_WORTH", 0)
        fast = outcome(data)

    assert fast == slow


def test_a_plain_file_goes_the_fast_way_and_one_with_surprises_does_not() -> None:
    plain = b"a,b\n" + b'1,"x, ""y"""\r\n' * 10_000
    arguments = {"width": 2, "delimiter": ",", "quote": '"', "header": True}

    found = regular.regular_frame(plain, **arguments)  # type: ignore[arg-type]  # of a test

    assert found is not None
    assert found.rows()[-1] == ("1", 'x, "y"')
    surprises = [b"1\n", b"\n", b'1,"x\n', b'1,x"y\n', b'1,"x"y"\n', b"1,x\ry\n", b"1,%b\n" % (b"x" * 140_000)]
    for surprise in surprises:
        assert regular.regular_frame(plain + surprise, **arguments) is None  # type: ignore[arg-type]  # of a test


def outcome(data: bytes) -> object:
    try:
        found = read_delimited(io.BytesIO(data), Layout(delimiter=","), Reading("sales"))
    except SourceError as error:  # both ways have to fail alike
        return type(error), str(error)
    return found.table.columns, rows(found.table), list(found.table.origins), found.quarantine
