"""`backup` and `restore`."""

import json

import pytest

from tests.interfaces.cli.conftest import Line

pytestmark = pytest.mark.blocking


def test_a_store_is_backed_up_verified_and_restored(cli: Line) -> None:
    flow = cli.flow()
    cli("run", flow, "--input", "a=1")
    first = json.loads(cli("backup", "kept", "--json").stdout)
    cli("run", flow, "--input", "a=2")
    second = json.loads(cli("backup", "kept", "--incremental", "--json").stdout)
    listed = cli("backup", "kept", "--list").stdout.splitlines()
    checked = cli("backup", "kept", "--verify").stdout
    ids = cli.ids()

    assert (first["kind"], second["kind"], second["base"]) == ("full", "increment", first["name"])
    assert [line.split()[:2] for line in listed] == [[first["name"], "full"], [second["name"], "increment"]]
    assert checked.count("can be restored") == 2
    assert "--replace" in cli.error("restore", "kept", code=1)
    assert "would be restored" in cli("restore", "kept", "--dry-run").stdout
    cli("restore", "kept", "--backup", first["name"], "--replace")
    assert cli.ids() == ids[1:]
    cli("restore", "kept", "--store", "sqlite:///other.db")
    assert json.loads(cli("restore", "kept", "--replace", "--json").stdout)["chain"] == [first["name"], second["name"]]
    assert cli.ids() == ids


def test_a_backup_that_does_not_verify_ends_with_1_and_is_named(cli: Line) -> None:
    cli("run", cli.flow(), "--input", "a=1")
    name = json.loads(cli("backup", "kept", "--json").stdout)["name"]
    (cli.folder / "kept" / f"{name}.db.gz").write_bytes(b"")

    assert "does not match its manifest" in cli("backup", "kept", "--verify", code=1).stdout
    assert f"backup {name}" in cli.error("restore", "kept", "--replace", code=1)


def test_old_backups_are_removed_and_nothing_is_backed_up_that_is_not_there(cli: Line) -> None:
    assert "nothing to back up" in cli.error("backup", "kept", code=3)
    assert "only SQLite" in cli.error("backup", "kept", "--store", "memory://")
    assert "no backup here" in cli.error("restore", "kept", code=3)
    cli("backup", "kept", "--verify", code=1)
    cli("run", cli.flow(), "--input", "a=1")
    cli("backup", "kept", "--keep", "1")
    said = cli("backup", "kept", "--keep", "1").stderr

    assert "1 older backups are removed" in said
    assert len(cli("backup", "kept", "--list", "--json").stdout.splitlines()) == 1
