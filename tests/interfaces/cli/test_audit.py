"""`audit verify`, `show` and `export`."""

import csv
import json

import pytest

from agentkit.kernel import Stage
from agentkit.money import AuditTrail, HmacSigner, JsonLinesSink, Personal, SqliteSink
from agentkit.money.audit.sinks import MemoryDisclosures
from agentkit.orchestrator import JournalSink
from tests.interfaces.cli.conftest import STORE, Line
from tests.money.audit.trails import START, fill, lines

pytestmark = pytest.mark.blocking
SIGNER = HmacSigner(b"0123456789abcdef")


@pytest.fixture
def trail(cli: Line) -> str:
    """A trail of 30 entries, a checkpoint of it and a key."""
    with AuditTrail(JsonLinesSink(cli.folder / "trail.jsonl"), buffered=100) as made:
        fill(made, 30)
        (cli.folder / "checkpoint").write_text(made.checkpoint(SIGNER, at=START).text())
    (cli.folder / "key").write_text(f"hmac-sha256:{SIGNER.key.value.hex()}")
    return "trail.jsonl"


def test_verify_says_how_far_it_goes(cli: Line, trail: str) -> None:
    assert "not anchored by a checkpoint" in cli("audit", "verify", trail).stdout
    shown = cli("audit", "verify", trail, "--checkpoint", "checkpoint", "--key", "key")
    told = json.loads(cli("audit", "verify", trail, "-c", "checkpoint", "--json").stdout)

    assert "30 entries verify" in shown.stdout
    assert "signature of the checkpoint is valid" in shown.stdout
    assert (told["size"], told["anchored"], told["is_anchored"], told["signature"]) == (30, 30, True, "unchecked")


def test_verify_names_the_first_bad_entry(cli: Line, trail: str) -> None:
    (cli.folder / trail).write_bytes(b"".join([*lines()[:10], *lines()[11:30]]))
    assert cli.error("audit", "verify", trail, code=1).startswith("entry 11: entry 12 stands in its place")
    (cli.folder / trail).write_bytes(b"".join(lines()[:29]))
    assert cli.error("audit", "verify", trail, "-c", "checkpoint", code=1).startswith("entry 30: it is missing")


def test_what_is_not_there_ends_with_3_and_what_is_no_key_with_1(cli: Line, trail: str) -> None:
    assert "no file" in cli.error("audit", "verify", "nothing.jsonl", code=3)
    assert "no file" in cli.error("audit", "verify", trail, "-c", "nothing", code=3)
    assert "no entry 31" in cli.error("audit", "show", trail, "31", code=3)
    assert "no key" in cli.error("audit", "verify", trail, "-k", trail, code=1)
    assert "no file of checkpoints" in cli.error("audit", "verify", trail, "-c", trail, code=1)


def test_show_lists_the_newest_and_chooses(cli: Line, trail: str) -> None:
    shown = cli("audit", "show", trail, "--limit", "3").stdout.splitlines()
    refused = cli("audit", "show", trail, "--actor", "ada", "--operation", "share", "--json").stdout.splitlines()

    assert shown[0].split() == ["entry", "at", "(UTC)", "actor", "operation", "result"]
    assert [line.split()[0] for line in shown[1:]] == ["28", "29", "30"]
    assert {json.loads(line)["actor"] for line in refused} == {"ada"}
    assert len(refused) == 4
    assert cli("audit", "show", trail, "--actor", "nobody").stdout == ""


def test_show_shows_one_entry_in_full(cli: Line, trail: str) -> None:
    assert json.loads(cli("audit", "show", trail, "4").stdout)["refusal"]["code"] == "out_of_range"
    assert cli("audit", "show", trail, "4", "--json").stdout.encode() == lines()[3][9:-76] + b"\n"


def test_a_damaged_trail_is_not_shown_as_if_it_were_whole(cli: Line, trail: str) -> None:
    (cli.folder / trail).write_bytes(b"x\n")

    assert "agentkit audit verify" in cli.error("audit", "show", trail, code=1)


def test_export_writes_lines_a_table_and_the_verifier(cli: Line, trail: str) -> None:
    cli("audit", "export", trail, "-o", "again.jsonl")
    cli("audit", "export", trail, "-o", "table.csv", "--format", "csv")
    cli("audit", "export", trail, "-o", "verify_audit.py", "-f", "verifier")

    assert (cli.folder / "again.jsonl").read_bytes() == (cli.folder / trail).read_bytes()
    with (cli.folder / "table.csv").open(newline="") as table:
        assert len(list(csv.DictReader(table))) == 30
    assert "def verify_lines" in (cli.folder / "verify_audit.py").read_text()


def test_a_trail_in_a_database_is_read_too_and_personal_values_are_not_shown(cli: Line) -> None:
    with AuditTrail(SqliteSink(cli.folder / "trail.db"), disclosures=MemoryDisclosures()) as made:
        made.append(actor=Personal("Ada"), operation="share", inputs={}, outputs={}, at=START)

    assert "1 entry verifies" in cli("audit", "verify", "trail.db").stdout
    shown = cli("audit", "show", "trail.db").stdout
    assert "(personal)" in shown
    assert "Ada" not in shown


def test_pack_writes_the_evidence_of_an_operation_and_verify_verifies_it(cli: Line, trail: str) -> None:
    cli("run", cli.flow(), "--input", "who=Ada")
    (cli.folder / "report.txt").write_text("all paid")
    words = ["--output", "pack.zip", "--trail", trail, "-c", "checkpoint", "--file", "report.txt", "--key", "key"]
    written = cli("audit", "pack", cli.ids()[0][:12], *words)
    shown = cli("audit", "verify", "pack.zip", "--key", "key").stdout
    told = json.loads(cli("audit", "verify", "pack.zip", "--json").stdout)

    assert "pack.zip is written" in written.stderr
    assert written.stdout == shown
    assert "signature of the manifest is valid" in shown
    assert (told["operation"], told["workflow"], told["signature"]) == (cli.ids()[0], "flow", "unchecked")
    assert told["trails"]["trails/trail.jsonl"]["is_anchored"]
    assert "files/report.txt" in [member["path"] for member in told["members"]]


def test_a_trail_in_the_store_of_the_operation_goes_into_the_pack_by_itself(cli: Line) -> None:
    cli("run", cli.flow(), "--input", "who=Ada")
    with AuditTrail(JournalSink(STORE, cli.ids()[0])) as made:
        fill(made, 3)
    said = cli("audit", "pack", cli.ids()[0], "-o", "pack.zip").stdout

    assert f"trails/{cli.ids()[0]}.jsonl: 3 entries verify" in said


def test_a_broken_pack_is_named_with_its_first_bad_member(cli: Line) -> None:
    cli("run", cli.flow(), "--input", "who=Ada")
    cli("audit", "pack", cli.ids()[0], "-o", "pack.zip")
    whole = (cli.folder / "pack.zip").read_bytes()
    (cli.folder / "pack.zip").write_bytes(whole.replace(b"Ada", b"Eva", 1))

    assert "input.json: its content does not fit" in cli.error("audit", "verify", "pack.zip", code=1)


def test_what_cannot_be_packed_or_verified_so_is_refused(cli: Line, trail: str) -> None:
    cli("run", cli.flow(), "--input", "who=Ada")
    (cli.folder / "other").mkdir()
    (cli.folder / "other" / "key").write_text(f"ed25519:{'00' * 32}")
    pack = ["audit", "pack", cli.ids()[0], "-o", "pack.zip"]

    assert "for one trail, and there are 0" in cli.error(*pack, "-c", "checkpoint")
    assert "have one name" in cli.error(*pack, "--file", "key", "--file", "other/key")
    assert "signs nothing" in cli.error(*pack, "--key", "other/key", code=1)
    assert "no file" in cli.error(*pack, "--file", "nothing", code=3)
    assert "no operation" in cli.error("audit", "pack", "nothing", "-o", "pack.zip", code=3)
    assert not (cli.folder / "pack.zip").exists()
    cli(*pack)
    assert "for a trail" in cli.error("audit", "verify", "pack.zip", "-c", "checkpoint")


def test_files_that_stages_gave_go_into_the_pack_by_themselves(cli: Line) -> None:
    cli("run", cli.flow(Stage("write", agent="attach")))
    cli("audit", "pack", cli.ids()[0], "-o", "pack.zip")
    told = json.loads(cli("audit", "verify", "pack.zip", "--json").stdout)

    assert "files/report.csv" in [member["path"] for member in told["members"]]
