"""The command `agentkit tui`: on a real terminal, and where it is refused."""

import sys
from pathlib import Path

import pytest

from agentkit import Stage
from tests.crash.site import Site
from tests.interfaces.cli.conftest import Line
from tests.interfaces.cli.terminal import on_terminal

pytestmark = pytest.mark.blocking


def test_the_screen_is_drawn_on_a_terminal_and_given_back(tmp_path: Path) -> None:
    site = Site(tmp_path)
    flow = site.write(Stage("ask", agent="echo"))
    agents = ("--agents", "tests.interfaces.cli.actors")
    with on_terminal(site, "tui", flow, *agents, "--by", "ada", "--theme", "light", lines=40, is_whole=True) as screen:
        screen.wait_for("No operations yet. Press n to start one.")
        screen.press(b"q")
        screen.ended()

    assert "sqlite:///runs.db" in screen.shown
    assert b"\x1b[?1049h" in screen.raw
    assert b"\x1b[?1049l" in screen.raw


def test_a_server_that_does_not_answer_is_told_before_the_screen_is_taken(tmp_path: Path) -> None:
    with on_terminal(Site(tmp_path), "tui", "--server", "http://127.0.0.1:9", columns=120, is_whole=True) as screen:
        screen.ended(code=1)

    assert "error: http://127.0.0.1:9: nobody listens there" in screen.shown
    assert b"\x1b[?1049h" not in screen.raw


def test_what_goes_to_a_file_is_no_screen(tmp_path: Path) -> None:
    with on_terminal(Site(tmp_path), "tui") as screen:
        screen.ended(code=2)

    assert "a full screen needs a terminal" in screen.shown.replace("\n", " ")


def test_without_a_terminal_other_commands_are_named(cli: Line) -> None:
    assert "use `agentkit list`, `show` and `watch`" in cli.error("tui")


def test_what_a_server_has_of_its_own_is_not_taken(cli: Line) -> None:
    assert "--by does not go with a server" in cli.error("tui", "--by", "ada", "--server", "http://here")
    assert "name files only without --server" in cli.error("tui", "flow.yaml", "--server", "http://here")


def test_settings_that_are_not_valid_are_told(cli: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTKIT_TUI_PAGE_SIZE", "many")

    assert "AGENTKIT_TUI_PAGE_SIZE" in cli.error("tui")


def test_without_its_extra_it_says_what_to_install(cli: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("agentkit.interfaces.tui")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "textual", None)

    assert cli.error("tui") == "textual is not installed; run: pip install 'agentkit[tui]'"
