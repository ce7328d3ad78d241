"""The command line behaves as it is set, and says where that is said."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentkit.interfaces.cli.app import app
from tests.interfaces.cli.conftest import Line
from tests.interfaces.cli.served import Site, served

pytestmark = pytest.mark.blocking


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("keys")) as site:
        yield site


def test_settings_are_shown_with_their_places(cli: Line) -> None:
    Path("agentkit.toml").write_text('[doors]\ntheme = "dark"\n')

    shown = [json.loads(row) for row in cli("--progress", "plain", "settings", "show", "--json").stdout.splitlines()]

    places = {row["name"]: (row["value"], row["from"]) for row in shown}
    assert places["theme"] == ("dark", "agentkit.toml [doors] theme")
    assert places["progress"] == ("plain", "--progress")
    assert places["colour"] == ("auto", "default")
    assert "theme" in cli("settings", "show", "tui").stdout


def test_a_door_without_sessions_does_not_say_how_long_one_lasts(cli: Line) -> None:
    shown = {door: cli("settings", "show", door).stdout for door in ("cli", "notebook", "tui", "streamlit", "gradio")}

    assert [door for door, text in shown.items() if "session_seconds" in text] == ["tui", "streamlit", "gradio"]


def test_secrets_of_the_server_are_masked() -> None:
    result = CliRunner().invoke(app, ["settings", "show", "server"], env={"AGENTKIT_PEPPER": "very-hot"})

    assert result.exit_code == 0
    assert "very-hot" not in result.stdout
    assert "AGENTKIT_PEPPER" in result.stdout


def test_the_settings_of_a_server_are_those_that_it_tells(cli: Line, site: Site) -> None:
    shown = [json.loads(row) for row in cli("settings", "show", "--json", *site.root).stdout.splitlines()]
    places = {row["name"]: (row["value"], row["from"]) for row in shown}

    assert places["rate"] == ("1000", "default")
    assert "session_secret" in cli("settings", "show", "server", *site.root).stdout
    assert "tui does not go with a server" in cli.error("settings", "show", "tui", *site.root)
    assert "may not see this" in cli.error("settings", "show", *site.ada, code=1)


def test_a_server_that_is_named_by_the_environment_alone_is_not_asked(
    cli: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTKIT_SERVER", "http://127.0.0.1:1")

    assert "colour" in cli("settings", "show").stdout


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
