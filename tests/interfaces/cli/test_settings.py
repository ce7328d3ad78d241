"""The command line behaves as it is set, and says where that is said."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentkit.interfaces.cli.app import app
from tests.interfaces.cli.conftest import Line

pytestmark = pytest.mark.blocking


def test_settings_are_shown_with_their_places(cli: Line) -> None:
    Path("agentkit.toml").write_text('[doors]\ntheme = "dark"\n')

    shown = [json.loads(row) for row in cli("--progress", "plain", "settings", "show", "--json").stdout.splitlines()]

    places = {row["name"]: (row["value"], row["from"]) for row in shown}
    assert places["theme"] == ("dark", "agentkit.toml [doors] theme")
    assert places["progress"] == ("plain", "--progress")
    assert places["colour"] == ("auto", "default")
    assert "theme" in cli("settings", "show", "tui").stdout


def test_secrets_of_the_server_are_masked() -> None:
    result = CliRunner().invoke(app, ["settings", "show", "server"], env={"AGENTKIT_PEPPER": "very-hot"})

    assert result.exit_code == 0
    assert "very-hot" not in result.stdout
    assert "AGENTKIT_PEPPER" in result.stdout


def test_a_setting_that_is_not_valid_is_refused_before_anything_begins(cli: Line) -> None:
    assert cli.error("--colour", "pink", "list").startswith("--colour: ")


def test_errors_are_json_where_that_is_set(cli: Line) -> None:
    told = json.loads(cli("--errors", "json", "show", "nothing", code=3).stderr)

    assert (told["code"], told["exit_code"]) == ("not_found", 3)
    assert told["remedy"]


def test_what_this_machine_refuses_is_json_where_that_is_set(cli: Line) -> None:
    told = json.loads(cli("--errors", "json", "draw", cli.flow(), "-o", "no/such/place", code=1).stderr)

    assert (told["code"], told["exit_code"], told["retryable"]) == ("os_error", 1, False)
    assert "no/such/place: No such file" in told["messages"][0]
    assert told["remedy"]


def test_results_are_json_where_that_is_set(cli: Line) -> None:
    Path("agentkit.toml").write_text('[doors.cli]\noutput = "json"\n')

    assert all(json.loads(row) for row in cli("settings", "show").stdout.splitlines())
