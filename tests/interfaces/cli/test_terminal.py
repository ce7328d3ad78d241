"""On a real terminal: the live view, Ctrl-C as the keyboard sends it, and pipes whose reader goes away."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from agentkit import RetryPolicy, Stage
from agentkit.kernel import OperationCancelled, OperationCompleted
from tests.crash.site import Site, ended
from tests.interfaces.cli.conftest import Line
from tests.interfaces.cli.terminal import CTRL_C, on_terminal, unread_pipe

pytestmark = pytest.mark.blocking

ACTORS = ("--agents", "tests.interfaces.cli.actors")
GATED = ("--agents", "tests.crash.gated")


def test_the_live_view_shows_every_stage_and_the_result_stays_apart(tmp_path: Path) -> None:
    site = Site(tmp_path)
    flow = site.write(Stage("print", agent="broken", required=False), Stage("ask", agent="echo", after=["print"]))
    with on_terminal(site, "run", flow, *ACTORS) as screen:
        out = screen.ended()

    assert out == "null\n"
    last = screen.shown[screen.shown.rindex("✓ flow") :]
    assert re.search(r"✓ flow +━+ 100 % +completed", last)
    assert re.search(r"✗ print +failed +\S+ s +optional · GiveUp: there is no ink", last)
    assert "✓ ask" in last
    assert "note: the optional stage 'print' failed" in last


def test_nothing_that_an_agent_says_steers_the_terminal(tmp_path: Path) -> None:
    site = Site(tmp_path)
    flow = site.write(Stage("x", agent="nasty", retry=RetryPolicy(attempts=1)))
    with on_terminal(site, "run", flow, *ACTORS, columns=120) as screen:
        screen.ended(code=1)

    assert "GiveUp: [/] [bold][2J]0;owned gone" in screen.shown
    assert b"\x1b[2J" not in screen.raw
    assert b"\x07" not in screen.raw


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 10), (20, 6)])
def test_no_line_reaches_over_the_edge_and_the_view_fits(columns: int, lines: int, tmp_path: Path) -> None:
    site = Site(tmp_path)
    later = [Stage(f"stage-{number}-{'x' * 40}", agent="quick", after=["first"]) for number in range(60)]
    flow = site.write(Stage("first", agent="gated"), *later)
    with on_terminal(site, "run", flow, *GATED, columns=columns, lines=lines) as screen:
        screen.wait_for("● first")
        site.open()
        screen.ended()

    pictures = re.split(r"(?=[●✓] flow)", screen.shown)[1:]
    assert len(pictures) >= 2
    assert max(len(row) for picture in pictures for row in picture.splitlines()) <= columns
    assert max(len(picture.splitlines()) for picture in pictures) < lines


@pytest.mark.parametrize("columns", [30, 60, 160])
def test_show_says_why_a_stage_failed_however_narrow_the_terminal(columns: int, cli: Line) -> None:
    cli("run", cli.flow(Stage("print", agent="broken", required=False)))
    with on_terminal(Site(cli.folder), "show", cli.ids()[0], columns=columns) as screen:
        screen.ended()

    assert screen.shown.count("GiveUp: there is no ink") == 1


COMMANDS = ("run", "resume", "list", "show", "watch", "cancel", "approvals", "approve", "refuse", "signal", "settle")
MORE = ("draw", "check", "plan", "fork", "compare", "retry", "files", "init", "doctor", "backup", "restore")
AUDIT = ("audit", "audit list", "audit verify", "audit show", "audit export", "audit pack")
SERVER = (
    *("serve", "keys create", "keys list", "keys revoke", "webhooks list", "webhooks replay", "webhooks secret"),
    *(f"schedules {name}" for name in ("add", "list", "pause", "resume", "remove")),
)


@pytest.mark.parametrize("command", ["", *COMMANDS, *MORE, *AUDIT, *SERVER])
def test_help_is_not_clipped_and_names_no_types_of_python(command: str, cli: Line) -> None:
    shown = cli(*command.split(), "--help").stdout

    assert "..." not in re.sub(r"COMMAND \[ARGS\]\.\.\.|(WORKFLOW|NAME)\W*\.\.\.", "", shown)
    assert not set(re.findall(r"list\[|int range|\[\[|<\w+>|{[A-Z]", shown))


def test_ctrl_c_on_the_keyboard_cancels_and_says_how_to_go_on(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with on_terminal(site, "run", site.write(Stage("work", agent="gated")), *GATED) as screen:
        screen.wait_for("● work")
        screen.press(CTRL_C)
        screen.ended(code=130)

    assert "was cancelled: interrupted" in screen.shown
    assert "go on with: agentkit resume " in screen.shown
    assert isinstance(site.journal()[-1], OperationCancelled)


def test_a_reader_of_events_that_goes_away_does_not_stop_the_run(tmp_path: Path) -> None:
    site = Site(tmp_path)
    flow = site.write(Stage("work", agent="gated"))
    with site.running("run", flow, *GATED, "--json", stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("{")
        process.stdout.close()
        site.open()
        assert process.wait(timeout=60) == 0

    assert isinstance(site.journal()[-1], OperationCompleted)


@pytest.mark.parametrize(
    "words", [("list",), ("list", "--json"), ("check", "--schema"), ("draw", "flow.json"), ("show", "{}", "--history")]
)
def test_a_pipe_that_is_closed_early_gives_no_traceback(words: tuple[str, ...], cli: Line) -> None:
    cli("run", cli.flow())
    words = tuple(word.format(*cli.ids()) for word in words)
    with unread_pipe() as nobody, Site(cli.folder).running(*words, stdout=nobody) as process:
        _, said = process.communicate(timeout=60)

    assert (process.returncode, said) == (0, "")


def test_a_closed_standard_error_does_not_stop_the_run(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with (
        unread_pipe() as nobody,
        site.running("run", site.write(Stage("ask", agent="echo")), *ACTORS, stderr=nobody) as process,
    ):
        out, _ = process.communicate(timeout=60)

    assert (process.returncode, out) == (0, "{}\n")


def test_a_result_in_letters_that_the_terminal_does_not_have_is_printed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path)
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    process = site.start("run", site.write(Stage("ask", agent="echo")), *ACTORS, "--input", "a=ä")

    assert ended(process) == '{\n  "a": "\\xe4"\n}\n'


def test_help_loads_nothing_that_only_running_needs() -> None:
    code = (
        "import sys\nfrom agentkit.interfaces.cli import main\nsys.argv = ['agentkit', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    print('loaded:', *sys.modules)\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(shown.split("loaded:")[1].split())

    assert "Run workflows of agents" in shown
    assert not loaded & {"asyncio", "rich", "pydantic", "anyio", "yaml", "sqlite3", "tenacity", "agentkit.kernel"}
