"""Where trails are kept: memory, a file, SQLite; crashes, full disks and second writers."""

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from agentkit.errors import AuditBroken, AuditError, Closed, NotFound
from agentkit.money import AuditSink, AuditTrail, FileDisclosures, JsonLinesSink, MemorySink, SqliteSink, read_lines
from agentkit.money.audit.sinks.sqlite import read_database
from agentkit.testing import check_audit_sink, check_audit_trail
from tests.money.audit.trails import fill, lines


def in_memory(_: Path) -> Callable[[], AuditSink]:
    sinks = [MemorySink()]

    def make() -> AuditSink:
        sinks.append(MemorySink(list(sinks[-1].read())))
        return sinks[-1]

    return make


def in_a_file(folder: Path) -> Callable[[], AuditSink]:
    return lambda: JsonLinesSink(folder / "trail.jsonl")


def in_sqlite(folder: Path) -> Callable[[], AuditSink]:
    return lambda: SqliteSink(folder / "trail.db")


KINDS = pytest.mark.parametrize("kind", [in_memory, in_a_file, in_sqlite])
Kind = Callable[[Path], Callable[[], AuditSink]]


@KINDS
def test_a_sink_keeps_what_every_sink_promises(kind: Kind, tmp_path: Path) -> None:
    check_audit_sink(kind(tmp_path))


@KINDS
def test_a_trail_is_one_chain_over_threads_and_openings(kind: Kind, tmp_path: Path) -> None:
    check_audit_trail(kind(tmp_path))


def test_the_check_of_sinks_finds_what_is_broken(tmp_path: Path) -> None:
    class Forgetful(MemorySink):
        def append(self, lines: Sequence[bytes], *, expected: int) -> None:
            super().append(lines[:1], expected=expected)

    class Careless(MemorySink):
        def append(self, lines: Sequence[bytes], *, expected: int) -> None:
            super().append(lines, expected=self.size)

    for broken in (Forgetful, Careless):
        with pytest.raises(AssertionError, match="broken promise"):
            check_audit_sink(broken)


@KINDS
def test_a_trail_goes_on_only_behind_a_tail_that_verifies(kind: Kind, tmp_path: Path) -> None:
    make = kind(tmp_path)
    sink = make()
    sink.append([*lines()[:200], lines()[0]], expected=0)
    sink.close()

    with pytest.raises(AuditBroken, match="entry 1 stands in its place") as caught:
        AuditTrail(make())
    assert caught.value.number == 201


@pytest.mark.parametrize("junk", [b"{}\n", b"\n", b"\xff\n"])
def test_junk_at_the_beginning_of_the_tail_is_named(junk: bytes) -> None:
    with pytest.raises(AuditBroken, match="does not have the form of an entry") as caught:
        AuditTrail(MemorySink([*lines()[:100], junk, *lines()[101:164]]))
    assert caught.value.number == 101


def test_a_second_writer_of_a_file_is_refused_in_this_process_and_in_another(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    with AuditTrail(JsonLinesSink(path)) as trail:
        fill(trail, 1)
        with pytest.raises(AuditError, match="has a writer already"):
            JsonLinesSink(path)
        code = f"from agentkit.money import JsonLinesSink; JsonLinesSink({str(path)!r})"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        assert "AuditError" in other.stderr
    JsonLinesSink(path).close()


def test_a_closed_file_has_no_writer_although_a_forked_child_still_has_it_open(tmp_path: Path) -> None:
    sink = JsonLinesSink(tmp_path / "trail.jsonl")
    assert sink._file is not None
    copy = os.dup(sink._file)  # what a fork does with every open file
    sink.close()

    JsonLinesSink(tmp_path / "trail.jsonl").close()
    os.close(copy)


def test_a_second_writer_of_a_database_is_refused_once_the_first_has_written(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with AuditTrail(SqliteSink(path)) as first:
        second = AuditTrail(SqliteSink(path))
        fill(first, 1)
        with pytest.raises(AuditError, match="another writer was at"):
            fill(second, 1)
        for call in (second.flush, second.close):
            with pytest.raises(AuditError, match="another writer was at"):
                call()
        second.close()

        assert list(read_lines(path)) == [first.entry(1).line]


def test_who_writes_around_the_lock_is_found_at_the_next_append(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    trail = AuditTrail(JsonLinesSink(path))
    fill(trail, 2)
    with path.open("ab") as file:
        file.write(b"x")

    with pytest.raises(AuditError, match="not as this one left it"):
        fill(trail, 1)


@pytest.mark.parametrize("cut", [1, 2, 80, 150])
def test_a_torn_last_line_is_named_and_moved_away_only_when_asked(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "trail.jsonl"
    path.write_bytes(torn := b"".join(lines()[:5])[:-cut])
    with pytest.raises(AuditBroken, match="repair=True") as caught:
        JsonLinesSink(path)
    assert (caught.value.number, path.read_bytes()) == (5, torn)

    with AuditTrail(JsonLinesSink(path, repair=True)) as trail:
        assert trail.size == 4
        fill(trail, 1)
        assert trail.verify().size == 5
    assert (tmp_path / "trail.jsonl.torn").read_bytes() == lines()[4][:-cut]


def test_repair_changes_nothing_where_nothing_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    path.write_bytes(whole := b"".join(lines()[:5]))
    JsonLinesSink(path, repair=True).close()

    assert path.read_bytes() == whole
    assert [each.name for each in tmp_path.iterdir()] == ["trail.jsonl"]


def full_after(count: int) -> Callable[[int, bytes], int]:
    """A disk with room for so many bytes."""
    left = [count]
    write = os.write

    def limited(file: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        done = write(file, bytes(data)[: left[0]])
        left[0] -= done
        return done

    return limited


def test_on_a_full_disk_entries_wait_and_are_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trail.jsonl"
    trail = AuditTrail(JsonLinesSink(path), buffered=10)
    fill(trail, 5)
    with monkeypatch.context() as patch:
        patch.setattr("agentkit.money.audit.sinks.files.os.write", full_after(700))
        with pytest.raises(AuditError, match="No space left"):
            trail.flush()
        assert path.read_bytes() == b""
    fill(trail, 5)
    trail.close()

    assert path.read_bytes() == b"".join(lines()[:10])


def test_after_a_sync_that_failed_nothing_more_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    trail = AuditTrail(JsonLinesSink(tmp_path / "trail.jsonl"))
    monkeypatch.setattr("agentkit.money.audit.sinks.json_lines.os.fsync", fails)
    with pytest.raises(AuditError, match="may have lost"):
        fill(trail, 1)
    with pytest.raises(Closed):
        fill(trail, 1)


class Watched(MemorySink):
    """Notes what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def append(self, lines: Sequence[bytes], *, expected: int) -> None:
        self.asked.append(f"append {len(lines)}")
        super().append(lines, expected=expected)

    def sync(self) -> None:
        self.asked.append("sync")

    def read(self, after: int = 0) -> Iterator[bytes]:
        return super().read(after)


def test_entries_wait_in_memory_as_long_as_that_is_allowed() -> None:
    trail = AuditTrail(sink := Watched(), buffered=3)
    fill(trail, 3)
    assert (sink.asked, trail.size) == ([], 3)
    fill(trail, 1)
    assert sink.asked == ["append 4", "sync"]
    fill(trail, 2)
    assert [entry.number for entry in trail.entries()] == [1, 2, 3, 4, 5, 6]
    assert sink.asked[2:] == ["append 2"]
    trail.flush()
    trail.flush()
    assert sink.asked[3:] == ["sync"]


def test_who_needs_no_durability_is_spared_the_sync() -> None:
    trail = AuditTrail(sink := Watched(), durable=False)
    fill(trail, 2)
    assert sink.asked == ["append 1", "append 1"]
    trail.flush(durable=True)
    assert sink.asked[2:] == ["sync"]


def test_a_closed_trail_takes_nothing_and_closing_writes_what_waits(tmp_path: Path) -> None:
    with AuditTrail(JsonLinesSink(tmp_path / "t.jsonl"), buffered=10) as trail:
        fill(trail, 3)
    trail.close()

    assert list(read_lines(tmp_path / "t.jsonl")) == list(lines()[:3])
    with pytest.raises(Closed):
        fill(trail, 1)
    with pytest.raises(AuditError, match="buffered is -1"):
        AuditTrail(MemorySink(), buffered=-1)


def test_a_database_keeps_each_entry_through_a_loss_of_power(tmp_path: Path) -> None:
    sink = SqliteSink(tmp_path / "t.db")

    assert sink._open().execute("pragma synchronous").fetchone() == (3,), "extra"
    sink.close()


def test_what_is_kept_is_compared_with_what_was_written() -> None:
    trail = AuditTrail(sink := MemorySink(lines()[:9]))
    del sink._lines[8]
    with pytest.raises(AuditBroken) as caught:
        trail.verify()
    assert caught.value.number == 9
    del sink._lines[6:]
    with pytest.raises(AuditBroken) as caught:
        trail.verify()
    assert caught.value.number == 7


def test_a_changed_row_of_a_database_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with AuditTrail(SqliteSink(path), buffered=100) as trail:
        fill(trail, 9)
    changes = ["delete from audit_entry where number = 4", "update audit_entry set line = 'x' where number = 4"]
    for change in changes:
        with sqlite3.connect(path) as connection:
            connection.execute(change)
        connection.close()
        sink = SqliteSink(path)
        with pytest.raises(AuditBroken) as caught:
            AuditTrail(sink)
        sink.close()
        assert caught.value.number == 4
        with sqlite3.connect(path) as connection:
            connection.execute("insert or replace into audit_entry values (4, ?)", (lines()[3],))
        connection.close()
    with AuditTrail(SqliteSink(path)) as trail:
        assert trail.verify().size == 9


def test_what_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"no database, but long enough to be taken for one by its size" * 20)

    with pytest.raises(AuditError, match="cannot be used"):
        SqliteSink(tmp_path / "no.db")
    with pytest.raises(AuditError, match="cannot be opened"):
        JsonLinesSink(tmp_path / "nowhere" / "t.jsonl")
    with pytest.raises(NotFound, match="no file"):
        read_lines(tmp_path / "nothing")
    with pytest.raises(AuditError, match="cannot be written"):
        AuditTrail(MemorySink()).export(tmp_path / "nowhere" / "t.jsonl")
    empty = sqlite3.connect(tmp_path / "empty.db")
    empty.execute("create table other (a)")
    empty.close()
    with pytest.raises(AuditError, match="cannot be read"):
        list(read_lines(tmp_path / "empty.db"))


class Interrupted(MemorySink):
    """While its first lines are written somebody else adds entries; then the writing fails."""

    def append(self, lines: Sequence[bytes], *, expected: int) -> None:
        if self.trail is None:
            return super().append(lines, expected=expected)
        trail, self.trail = self.trail, None
        fill(trail, 2)
        raise AuditError("the disk is full")

    trail: AuditTrail | None = None


def test_entries_that_could_not_be_written_stay_before_those_that_came_meanwhile() -> None:
    trail = AuditTrail(sink := Interrupted(), buffered=10)
    fill(trail, 3)
    sink.trail = trail
    with pytest.raises(AuditError, match="full"):
        trail.flush()
    trail.flush()

    assert list(sink.read()) == list(lines()[:5])


def test_personal_values_are_handed_to_the_disk_before_it_is_told_to_keep_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, found = FileDisclosures(tmp_path / "personal.jsonl"), []
    monkeypatch.setattr(os, "fsync", lambda file: found.append(os.fstat(file).st_size))
    place.append([b"one line\n"])
    place.close()

    assert found == [9]


def test_the_name_of_a_new_file_is_on_the_disk_before_entries_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(stat.S_ISDIR(os.fstat(file).st_mode)))
    JsonLinesSink(tmp_path / "trail.jsonl").close()

    assert synced == [True]


def test_reading_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="cannot be read"):
        list(read_database(tmp_path / "none.db"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [5, 200])
def test_an_entry_that_is_missing_at_the_end_is_named_when_a_trail_is_opened(count: int) -> None:
    class Longer(MemorySink):
        @property
        def size(self) -> int:
            return len(self._lines) + 1

    with pytest.raises(AuditBroken, match="missing at the end") as caught:
        AuditTrail(Longer(lines()[:count]))
    assert caught.value.number == count + 1
    with pytest.raises(AuditBroken, match="missing at the end") as caught:
        AuditTrail(Longer())
    assert caught.value.number == 1
