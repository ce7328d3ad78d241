"""`init` and `doctor`, and one task without a workflow."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentkit import Stage
from agentkit.interfaces.cli.founding import FILES
from tests.interfaces.cli.conftest import STORE, Line
from tests.interfaces.cli.served import MODULE, Site, served

pytestmark = pytest.mark.blocking


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("keys")) as site:
        yield site


def test_the_project_of_init_is_checked_runs_and_passes_its_tests(cli: Line) -> None:
    begun = cli("init", "new/project")
    folder = cli.folder / "new" / "project"

    assert begun.stdout.splitlines() == [f"new/project/{name}" for name in FILES]
    assert "run it: cd new/project && agentkit run invoices.yaml" in begun.stderr
    words = ["run", "invoices.yaml", "--agents", "agents.py", "--input", "invoices.csv", "--files", "out"]
    tested = called(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    ran = called(folder, str(Path(sys.executable).with_name("agentkit")), *words)

    assert "2 passed" in tested
    assert ran == (folder / "out" / "letter.txt").read_text() + "\n" == "Ibis owes 120.05\nOak owes 19.90\n"


@pytest.mark.long
def test_the_project_of_init_is_typed_and_clean(cli: Line) -> None:
    cli("init", "project")
    folder = cli.folder / "project"

    called(folder, sys.executable, "-m", "ruff", "check", "--no-cache", "--isolated", ".")
    called(
        folder, sys.executable, "-m", "ruff", "format", "--no-cache", "--isolated", "--check", "--line-length=100", "."
    )
    called(folder, sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "agents.py", "test_invoices.py")


def called(folder: Path, *words: str) -> str:
    """What a command wrote that went well."""
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_init_writes_nothing_over(cli: Line) -> None:
    (cli.folder / "agents.py").write_text("mine")

    assert "agents.py already there, and nothing is written over" in cli.error("init")
    assert [path.name for path in cli.folder.iterdir()] == ["agents.py"]
    assert (cli.folder / "agents.py").read_text() == "mine"
    assert "cannot be made" in cli.error("init", "agents.py/below")


def test_doctor_is_content_with_a_store_that_is_well(cli: Line) -> None:
    cli("run", cli.flow())
    shown = cli("doctor").stdout

    assert shown.endswith("no problems\n")
    assert "✓ checksums" in shown
    assert "AGENTKIT_STORE" in shown


def test_doctor_says_what_is_wrong_and_ends_with_1(cli: Line) -> None:
    cli("run", cli.flow(Stage("ask", agent="echo")))
    (cli.folder / "runs.db").write_bytes(b"this is no database")
    shown = cli("doctor", code=1).stdout
    page = json.loads(cli("doctor", "--json", code=1).stdout)

    assert "✗ place" in shown
    assert shown.endswith("1 problem\n")
    assert page["ok"] is False
    assert [one["name"] for one in page["findings"] if one["verdict"] == "problem"] == ["place"]


def test_doctor_looks_at_a_server_and_at_a_store_only_if_it_is_named(cli: Line, site: Site) -> None:
    seen = cli("doctor", *site.root).stdout
    less = cli("doctor", *site.ada).stdout
    both = cli("doctor", *site.ada, "--store", STORE).stdout
    gone = cli("doctor", "--server", "http://127.0.0.1:1", code=1).stdout

    assert "✓ key" in seen
    assert "it may read, run, approve" in seen
    assert "✓ version" in seen
    assert "Store\n" not in seen
    assert "only a key that sees all tenants" in less
    assert "there is no runs.db yet" in both
    assert "nobody listens there" in gone


def test_one_task_is_done_without_a_workflow(cli: Line) -> None:
    done = cli("run", "--task", "say {hello}", "--agent", "greet", "-i", "name=Ada")
    alone = cli("run", "-t", "count", "--agents", f"{MODULE}:echo", "--agent", "echo", "-i", "a=1")

    assert done.stdout == "Hello Ada, say {hello}\n"
    assert json.loads(alone.stdout) == {"a": "1"}
    assert "there are: " in cli.error("run", "--task", "x", "--agent", "nobody", code=3)
    assert "say which agent is to do it, with --agent NAME" in cli.error("run", "--task", "x")
    assert "either a workflow, or with --task" in cli.error("run")
    assert "either a workflow, or with --task" in cli.error("run", "x.json", "--task", "x")
    assert "--agent names the one agent" in cli.error("run", "--task", "x", "--agent", "a", "--agent", "b")
    assert "--agent names the one agent" in cli.error("run", "--task", "x", "--agent", "a=b")


def test_another_agent_does_a_stage_as_it_is_said(cli: Line) -> None:
    flow = cli.flow(Stage("ask", agent="echo"), Stage("say", agent="echo", after=["ask"]))
    run = cli("run", flow, "-i", "name=Ada", "--agent", "ask=greet", "--agent", "say=echo")

    assert run.stdout == "Hello Ada, \n"
    assert "greet" in cli("plan", flow, "-i", "name=Ada", "--agent", "ask=greet").stdout
    for command in ("run", "plan"):
        assert "write STAGE=NAME" in cli.error(command, flow, "--agent", "greet")
        assert "stage 'ask' is given to two agents" in cli.error(command, flow, "--agent", "ask=a", "--agent", "ask=b")
        assert "has no stage 'tell'; stages that agents work on are" in cli.error(command, flow, "--agent", "tell=a")
    assert "stage 'ask': unknown agent 'nobody'" in cli.error("run", flow, "--agent", "ask=nobody")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a,b\n1\n", "row 2"), (b"", "sales.csv"), (b"\xff\xfe\xfa", "sales.csv")],
)
def test_a_file_of_rows_that_cannot_be_read_is_told(content: bytes, said: str, cli: Line) -> None:
    (cli.folder / "sales.csv").write_bytes(content)

    assert said in cli.error("run", cli.flow(), "--input", "sales.csv")
    assert "nothing can be given beside it" in cli.error("run", cli.flow(), "-i", "sales.csv", "-i", "a=1")
    assert "none.csv" in cli.error("run", cli.flow(), "--input", "none.csv")


def test_help_is_grouped_and_short(cli: Line) -> None:
    shown = cli("--help").stdout.splitlines()

    assert [line for line in shown if line.endswith(":")] == [
        "Options:",
        "Run:",
        "Look:",
        "Decide:",
        "Prepare:",
        "Serve and keep:",
    ]
    assert len(shown) < 60
    assert max(map(len, shown)) <= 80
    assert cli("--version").stdout.startswith("agentkit ")
    assert cli("run", "-h").stdout == cli("run", "--help").stdout
