"""Rule 39: calculations are done again and compared; exports are what they say."""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from agentkit.errors import OutOfRange
from agentkit.money import (
    AuditEntry,
    AuditTrail,
    AuditValue,
    MemoryDisclosures,
    MemorySink,
    Personal,
    csv_rows,
    verify_entries,
)
from tests.money.audit.trails import Counting, lines


def halve(inputs: Mapping[str, AuditValue], _: AuditEntry) -> Mapping[str, object]:
    total = Decimal(str(inputs["total"]))
    if total > 100:
        raise OutOfRange("it is more than 100")
    return {"half": total / 2, "name": Personal(inputs["name"])}


def halving() -> AuditTrail:
    trail = AuditTrail(MemorySink(), clock=Counting(), disclosures=MemoryDisclosures())
    for total in ("10.00", "7.00"):
        half = Decimal(total) / 2
        name = Personal("Ada")
        trail.append(
            actor="ada", operation="halve", inputs={"total": total, "name": name}, outputs={"half": half, "name": name}
        )
    trail.append(actor="ada", operation="halve", inputs={"total": "101", "name": "x"}, refusal=OutOfRange("too much"))
    return trail


def test_rule_39_replay_does_again_what_entries_say_and_finds_it_equal() -> None:
    replay = halving().replay({"halve": halve})

    assert replay.is_equal
    assert (replay.performed, replay.unknown, replay.redacted, replay.deviations) == (3, {}, (), ())


def test_rule_39_replay_names_what_came_out_otherwise() -> None:
    trail = halving()
    trail.append(actor="eve", operation="halve", inputs={"total": "8", "name": "x"}, outputs={"half": "5", "name": "x"})
    trail.append(actor="eve", operation="halve", inputs={"total": "500", "name": "x"}, outputs={})
    trail.append(actor="eve", operation="steal", inputs={}, outputs={})
    replay = trail.replay({"halve": halve})

    assert not replay.is_equal
    assert replay.unknown == {"steal": 1}
    assert [(each.number, each.computed) for each in replay.deviations] == [
        (4, '{"outputs":{"half":"4","name":"x"}}'),
        (5, '{"refusal":"out_of_range"}'),
    ]
    assert replay.deviations[0].recorded == '{"outputs":{"half":"5","name":"x"}}'


def test_rule_39_replay_says_what_it_cannot_do_as_a_value_was_erased() -> None:
    trail = halving()
    trail.redact(2, "/inputs/name")

    assert trail.replay({"halve": halve}).redacted == (2,)
    assert trail.replay({"halve": halve}).performed == 2


def test_rule_39_an_exported_trail_is_byte_for_byte_the_trail(tmp_path: Path) -> None:
    AuditTrail(MemorySink(lines()[:50])).export(tmp_path / "out.jsonl")

    with (tmp_path / "out.jsonl").open("rb") as file:
        assert verify_entries(file).size == 50
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(lines()[:50])
    assert [each.name for each in tmp_path.iterdir()] == ["out.jsonl"]


def test_rule_39_an_exported_table_says_what_the_entries_say(tmp_path: Path) -> None:
    trail = AuditTrail(MemorySink(lines()[:50]))
    trail.export(tmp_path / "out.csv", "csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_bytes().decode(), newline="")))

    assert [row["number"] for row in rows] == [str(number) for number in range(1, 51)]
    assert [row["hash"] for row in rows] == [entry.hash for entry in trail.entries()]
    assert rows[0]["outputs"] == '{"part":"0.50"}'
    assert (rows[3]["outputs"], rows[3]["refusal"]) == ("", '{"code":"out_of_range","message":"too much"}')
    assert rows[3]["rounding"] == ""
    assert list(rows[0]) == [
        "number", "at", "actor", "operation", "inputs", "outputs", "refusal", "rounding", "data_versions", "previous",
        "hash",
    ]  # fmt: skip
    assert [rows[0][name] for name in ("at", "actor", "operation")] == ["2025-11-03T12:00:00.000000Z", "bob", "share"]
    assert [row["previous"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]


def test_rule_39_a_table_runs_nothing_in_a_spreadsheet() -> None:
    trail = AuditTrail(MemorySink(), clock=Counting())
    starts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")', "fine", ""]
    for start in starts:
        trail.append(actor=start, operation=start, inputs={"a": start}, outputs={})
    rows = list(csv.DictReader(io.StringIO("".join(csv_rows(trail.entries())), newline="")))

    assert [row["actor"] for row in rows] == [f"'{start}" for start in starts[:-2]] + ["fine", ""]
    assert [row["operation"] for row in rows] == [row["actor"] for row in rows]
    assert not any((cell or " ")[0] in "=+-@\t\r\n" for row in rows for cell in row.values())
