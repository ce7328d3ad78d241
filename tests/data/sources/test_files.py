"""Files: only below the allowed folder, only plain ones, only so large."""

import os
import socket
from pathlib import Path

import pytest

from agentkit.data import Access, CsvSource, FileSource, SourceLimits, SqlSource, read_source
from agentkit.data.sources.files import open_below
from agentkit.errors import FormatUnknown, PathNotAllowed, SourceFailed, SourceMalformed, SourceNotFound, SourceTooLarge
from tests.data.sources.reads import read, write

CSV = "artist,price\nIbis,1\n"


def test_a_file_in_a_folder_below_is_read(tmp_path: Path) -> None:
    (tmp_path / "2024").mkdir()
    write(tmp_path, "2024/sales.csv", CSV)

    table, _ = read(tmp_path, CsvSource(name="sales", path="2024/sales.csv"))

    assert len(table) == 1


def test_without_an_allowed_folder_no_file_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "sales.csv", CSV)

    with pytest.raises(PathNotAllowed, match="no folder is allowed"):
        read_source(CsvSource(name="sales", path=str(path)))


@pytest.mark.parametrize("path", ["../secret.csv", "a/../../secret.csv", "sub/../sales.csv", "", "a\0b", "/etc/passwd"])
def test_rule_35_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "data").mkdir()
    write(tmp_path, "secret.csv", CSV)
    write(tmp_path / "data", "sales.csv", CSV)

    with pytest.raises(PathNotAllowed):
        read(tmp_path / "data", CsvSource(name="sales", path=path))


def test_an_absolute_path_below_the_folder_is_one_too(tmp_path: Path) -> None:
    path = write(tmp_path, "sales.csv", CSV)

    assert len(read(tmp_path, CsvSource(name="sales", path=str(path)))[0]) == 1


def test_a_link_is_followed_as_long_as_it_stays_below(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    write(tmp_path / "data", "sales.csv", CSV)
    write(tmp_path, "secret.csv", CSV)
    (tmp_path / "data" / "inside.csv").symlink_to("sales.csv")
    (tmp_path / "data" / "outside.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "data" / "folder").symlink_to(tmp_path)

    assert len(read(tmp_path / "data", CsvSource(name="sales", path="inside.csv"))[0]) == 1
    for path in ("outside.csv", "folder/secret.csv"):
        with pytest.raises(PathNotAllowed, match="leads out"):
            read(tmp_path / "data", CsvSource(name="sales", path=path))


def test_a_link_that_leads_in_a_circle_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to("b.csv")
    (tmp_path / "b.csv").symlink_to("a.csv")

    with pytest.raises(PathNotAllowed, match="cannot be followed"):
        read(tmp_path, CsvSource(name="sales", path="a.csv"))


def test_what_was_put_in_place_of_a_folder_after_the_look_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("data", "data/2024", "elsewhere"):
        (tmp_path / folder).mkdir()
    write(tmp_path / "data/2024", "sales.csv", CSV)
    write(tmp_path / "elsewhere", "sales.csv", "secret\n1\n")
    opened = os.open

    def swap(path: object, *more: object, **others: object) -> int:
        if (tmp_path / "data/2024").is_dir() and not (tmp_path / "data/2024").is_symlink():
            (tmp_path / "data/2024").rename(tmp_path / "moved")
            (tmp_path / "data/2024").symlink_to(tmp_path / "elsewhere")
        return opened(path, *more, **others)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(os, "open", swap)
    monkeypatch.setattr(os, "supports_dir_fd", {*os.supports_dir_fd, swap})
    with pytest.raises(PathNotAllowed, match="was changed while it was opened"):
        open_below(str(tmp_path / "data"), "2024/sales.csv", max_bytes=100)


def test_what_is_no_plain_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for path in ("pipe", "folder", "socket", "."):
            with pytest.raises(PathNotAllowed, match="no plain file"):
                read(tmp_path, CsvSource(name="sales", path=path))


def test_a_device_is_not_opened() -> None:
    for path in ("null", "zero"):
        with pytest.raises(PathNotAllowed, match="no plain file"):
            read(Path("/dev"), CsvSource(name="sales", path=path))


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", CSV)

    for path in ("missing.csv", "sales.csv/inside"):
        with pytest.raises(SourceNotFound, match=f"source 'sales': there is no file {path!r}"):
            read(tmp_path, CsvSource(name="sales", path=path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", CSV).chmod(0)

    with pytest.raises(SourceFailed, match="may not be read"):
        read(tmp_path, CsvSource(name="sales", path="sales.csv"))


@pytest.mark.parametrize("source", [CsvSource(name="sales", path="sales"), FileSource(name="sales", path="sales")])
def test_an_empty_file_is_no_table(tmp_path: Path, source: CsvSource | FileSource) -> None:
    write(tmp_path, "sales", "")

    with pytest.raises(SourceMalformed, match="it is empty: 0 bytes"):
        read(tmp_path, source)


def test_a_file_of_five_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "sales.csv").open("wb") as file:
        file.truncate(5 << 30)

    with pytest.raises(SourceTooLarge, match=r"5,368,709,120 bytes, and 1,073,741,824 are allowed"):
        read(tmp_path, CsvSource(name="sales", path="sales.csv"))


def test_a_file_that_grows_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", CSV)
    limits = SourceLimits(max_bytes=30)

    with open_below(str(tmp_path), "sales.csv", max_bytes=30) as stream:
        write(tmp_path, "sales.csv", CSV * 10)
        from agentkit.data import Reading
        from agentkit.data.sources.delimited import Layout, read_delimited

        with pytest.raises(SourceTooLarge):
            read_delimited(stream, Layout(), Reading("sales", access=Access(), limits=limits))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04junk", "zip archive"),
        (b"SQLite format 3\0junk", "kind 'sql'"),
        (bytes(range(256)) * 4, "neither text"),
        (b" \n ", "white space"),
    ],
)
def test_a_format_that_nobody_can_tell_is_unknown(tmp_path: Path, content: bytes, problem: str) -> None:
    write(tmp_path, "upload", content)

    with pytest.raises(FormatUnknown, match=problem):
        read(tmp_path, FileSource(name="upload", path="upload"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b\n1,2\n", "csv"),
        ('\ufeff[{"a": 1}]', "json"),
        ('{"a": 1}', "json"),
        ('{"a": 1}\n{"a": 2}\n', "json_lines"),
        ("<!doctype html><table><tr><th>a</th></tr><tr><td>1</td></tr></table>", "html"),
    ],
)
def test_rule_34_the_format_is_found_by_what_is_in_it_and_reported(tmp_path: Path, content: str, expected: str) -> None:
    write(tmp_path, "upload.txt", content)

    table, report = read(tmp_path, FileSource(name="upload", path="upload.txt"))

    assert len(table) >= 1
    assert report.format == expected
    assert f"format: {expected} was found" in report.notes


def test_a_database_is_looked_at_like_any_other_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    write(tmp_path, "secret.sqlite", b"SQLite format 3\0")

    with pytest.raises(PathNotAllowed):
        read(tmp_path / "data", SqlSource(name="s", path="../secret.sqlite", query="SELECT 1"))
