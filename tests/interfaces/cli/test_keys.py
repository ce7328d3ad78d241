"""`agentkit keys` and the arguments of `agentkit serve`."""

import json
import socket

import pytest

from tests.interfaces.cli.conftest import Line

pytestmark = pytest.mark.blocking


def test_a_key_is_made_shown_once_and_listed_without_its_secret(cli: Line) -> None:
    made = cli("keys", "create", "ada", "--tenant", "acme", "--scope", "read", "--role", "finance")
    key = made.stdout.strip()
    listed = cli("keys", "list")

    assert key.startswith("agk_")
    assert f"agentkit keys revoke {key.split('_')[1]}" in made.stderr
    assert listed.stdout.split() == [key.split("_")[1], "ada", "acme", "read", "finance", "active"]


def test_a_key_is_revoked_by_its_id(cli: Line) -> None:
    made = json.loads(cli("keys", "create", "ada", "--json").stdout)
    cli("keys", "revoke", made["id"])
    listed = json.loads(cli("keys", "list", "--json").stdout)

    assert (made["scopes"], made["key"].startswith("agk_")) == (["read", "run"], True)
    assert (listed["active"], "key" in listed) == (False, False)
    assert "there is no key 'nix'" in cli.error("keys", "revoke", "nix", code=3)


def test_keys_that_are_expired_are_said_to_be_so(cli: Line) -> None:
    cli("keys", "create", "ada", "--days", "0.0000000000001")

    assert cli("keys", "list").stdout.split()[-1] == "expired"


def test_a_key_that_is_none_is_refused(cli: Line) -> None:
    assert "valid for some seconds" in cli.error("keys", "create", "ada", "--days", "-1")
    assert "a caller needs a name" in cli.error("keys", "create", "")
    assert "in memory would be gone" in cli.error("keys", "create", "ada", "--store", "memory://")
    assert "no" in cli.error("keys", "list", "--store", "sqlite:///nix.db", code=3)


def test_a_list_of_no_keys_says_so(cli: Line) -> None:
    cli("keys", "revoke", json.loads(cli("keys", "create", "ada", "--json").stdout)["id"])
    assert cli("keys", "list").stdout.split()[-1] == "revoked"


def test_a_server_that_asks_nobody_listens_on_this_machine_only(cli: Line) -> None:
    assert "listens on this machine only" in cli.error("serve", "--no-auth", "--host", "0.0.0.0", "--port", "0")


def test_an_address_that_is_taken_is_one_line(cli: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = cli.error("serve", "--port", str(taken.getsockname()[1]), code=1)

    assert said.endswith("another program listens there: name another port with --port")


def test_a_workflow_that_cannot_run_here_is_not_served(cli: Line) -> None:
    (cli.folder / "flow.json").write_text('{"name": "flow", "stages": [{"name": "a", "agent": "nobody"}]}')

    assert "unknown agent 'nobody'" in cli.error("serve", "flow.json", "--port", "0")
