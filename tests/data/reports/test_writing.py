"""Files: all whole, or none; and what happens where the disk is full."""

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentkit.data import write_csv, write_excel, write_html, write_pdf, write_report
from agentkit.data.reports import writing
from agentkit.data.reports.files import disk
from agentkit.errors import ReportError
from tests.data.reports.samples import full_report, report, sales, table

WRITERS = {"pdf": write_pdf, "excel": write_excel, "html": write_html}


def test_the_answer_says_what_is_in_the_folder(tmp_path: Path) -> None:
    written = write_report(full_report(), tmp_path / "new" / "folder", formats=("pdf", "excel", "csv", "html"))

    for file in written:
        data = (tmp_path / "new" / "folder" / file.name).read_bytes()
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert {file.name for file in written} == set(os.listdir(tmp_path / "new" / "folder"))
    assert [file.format for file in written] == ["pdf", "excel", "csv", "html"]


def test_files_of_a_report_that_fails_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise OSError(errno.EIO, "the cable was pulled")

    monkeypatch.setattr(writing, "make_excel", failing)

    with pytest.raises(ReportError, match="the cable was pulled"):
        write_report(full_report(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_files_that_were_there_stay_where_a_new_one_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_report(full_report(3), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    right = Path.replace
    moved: list[str] = []

    def replace(path: Path, target: Path) -> Path:
        # The third file of the report cannot get its name.
        if ".report-" in str(path.parent) and path.parent.name != "before":
            moved.append(path.name)
            if len(moved) == 3:
                raise OSError(errno.EIO, "the disk broke")
        return right(path, target)

    monkeypatch.setattr(Path, "replace", replace)

    with pytest.raises(ReportError, match="the disk broke"):
        write_report(full_report(9), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_progress_raises_stops_the_writing(tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_excel(report(table(sales(6_000))), tmp_path / "report.xlsx", progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["pdf", "excel", "csv", "html"])
def test_a_disk_that_fills_leaves_nothing_behind(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("resource")
    code = f"""
import resource, signal, sys
from agentkit.data import write_report
from agentkit.errors import ReportError
from tests.data.reports.samples import full_report
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
try:
    write_report(full_report(2_000), sys.argv[1], formats=({kind!r},))
except ReportError as error:
    print(error)
"""
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert "cannot be written" in done.stdout, done.stderr
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")

    with pytest.raises(ReportError, match="cannot be written"):
        write_csv(full_report(), tmp_path / "file" / "reports")
    with pytest.raises(ReportError, match="is a folder"):
        write_pdf(full_report(), tmp_path)


@pytest.mark.parametrize("name", ["../away", "/etc/passwd", ".hidden", "a/b", "..", "***"])
def test_a_name_that_is_no_plain_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportError, match="plain name"):
        write_report(full_report(), tmp_path, name=name)


@pytest.mark.parametrize("formats", [(), ("word",), "pdf"])
def test_formats_that_nobody_knows_are_refused(tmp_path: Path, formats: Any) -> None:
    with pytest.raises(ReportError, match="name some of"):
        write_report(full_report(), tmp_path, formats=formats)


@pytest.mark.parametrize("title", ["../../etc/passwd", "a\x00b\n", "=cmd|'/c calc'!A1", "CON", "\u202egpj.exe", "日本"])
def test_no_title_leads_out_of_the_folder(tmp_path: Path, title: str) -> None:
    (written,) = write_report(report(table(sales()), title=title), tmp_path / "in", formats=("html",))

    assert os.listdir(tmp_path / "in") == [written.name]
    assert os.listdir(tmp_path) == ["in"]
    assert written.name.isprintable()


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    right_sync, right_replace = disk._sync, Path.replace

    def sync(path: Path) -> None:
        order.append(f"sync {path.name}")
        right_sync(path)

    def replace(path: Path, target: Path) -> Path:
        order.append(f"name {path.name}")
        return right_replace(path, target)

    monkeypatch.setattr(disk, "_sync", sync)
    monkeypatch.setattr(Path, "replace", replace)

    write_html(full_report(), tmp_path / "report.html")

    assert order == ["sync report.html", "name report.html", f"sync {tmp_path.name}"]
