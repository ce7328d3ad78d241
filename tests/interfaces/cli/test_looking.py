"""`list`, `show`, `watch`, `cancel`, `resume`, `draw` and `check`, on operations that have ended or stand still."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from agentkit import Orchestrator, RetryPolicy, Stage, Workflow
from agentkit.service import workflow_schema
from tests.crash.site import Site, ended, wait_for
from tests.interfaces.cli.actors import NASTY, echo, late
from tests.interfaces.cli.conftest import Line

pytestmark = pytest.mark.blocking

LATE = """
from agentkit import Task, agent
@agent
async def late(task: Task[object]) -> str: return "done"
@agent
async def echo(task: Task[object]) -> object: return task.input
"""
BROKEN = Stage("print", agent="broken", retry=RetryPolicy(attempts=1))


def stalled(*keys: str, resource: str | None = None) -> list[str]:
    """Operations that were released before they could end; their ids."""
    wait = Stage("wait", agent="late", after=["ask"], resource=resource)
    flow = Workflow("stalled", [Stage("ask", agent="echo"), wait])
    resources = {resource: 1} if resource else {}

    async def leave() -> list[str]:
        async with Orchestrator([echo, late], store="sqlite:///runs.db", resources=resources) as orchestrator:
            operations = [await orchestrator.submit(flow, key=key) for key in keys]
            while not all([(await operation.state()).running for operation in operations]):  # noqa: ASYNC110 - on disk
                await asyncio.sleep(0)
            await orchestrator.close(drain_seconds=0)
            return [operation.id for operation in operations]

    return asyncio.run(leave())


def test_a_list_has_a_line_for_each_operation_the_newest_first(cli: Line) -> None:
    cli("run", cli.flow(name="first"))
    cli("run", cli.flow(BROKEN, name="second"), code=1)
    title, second, first = cli("list").stdout.splitlines()

    assert title.split() == ["operation", "workflow", "status", "created", "(UTC)", "events"]
    assert ("second" in second, "✗ failed" in second, "✓ completed" in first) == (True, True, True)


def test_a_list_can_be_narrowed(cli: Line) -> None:
    for name, stage in (("a", BROKEN), ("b", Stage("ask", agent="echo")), ("b", BROKEN)):
        cli("run", cli.flow(stage, name=name), code=stage is BROKEN)

    def names(*words: str) -> list[str]:
        return [json.loads(line)["workflow"] for line in cli("list", "--json", *words).stdout.splitlines()]

    assert names() == ["b", "b", "a"]
    assert names("--workflow", "b", "--status", "failed") == ["b"]
    assert names("--status", "failed", "--status", "completed", "-n", "2") == ["b", "b"]
    assert names("--sort", "oldest", "-n", "1") == ["a"]
    assert names("--sort", "changed", "-n", "2") == ["b", "b"]
    assert "known are pending, running" in cli.error("list", "--status", "gone")
    assert "newest" in cli("list", "--sort", "name", code=2).stderr
    assert "those that --sort puts first" in cli("list", "--help").stdout


def test_an_id_is_never_cut_however_narrow_the_terminal(cli: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    cli("run", cli.flow(name="w" * 90), "--key", "a key")

    assert cli.ids()[0] in cli("list").stdout


def test_what_nobody_runs_is_shown_as_stalled_with_the_way_on(cli: Line) -> None:
    (name,) = stalled("one")

    assert "● stalled" in cli("list").stdout
    shown = cli("show", name).stderr
    assert "it is stalled: nobody runs it" in shown
    assert f"go on with: agentkit resume {name} --agents MODULE --store sqlite:///runs.db" in shown


def test_show_tells_stages_on_standard_error_and_the_result_on_standard_output(cli: Line) -> None:
    cli("run", cli.flow(Stage("print", agent="broken", required=False), Stage("ask", agent="echo", after=["print"])))
    shown = cli("show", cli.ids()[0][:12])

    assert shown.stdout == "null\n"
    assert "✗ print  failed" in shown.stderr
    assert "optional · by broken · GiveUp: there is no ink" in shown.stderr


def test_show_says_why_an_operation_failed(cli: Line) -> None:
    cli("run", cli.flow(Stage("wait", agent="slow"), timeout=0.05), code=124)

    assert "longer" in cli("show", cli.ids()[0]).stderr


def test_a_history_is_a_line_per_event_and_json_is_the_same_for_programs(cli: Line) -> None:
    cli("run", cli.flow())
    history = cli("show", cli.ids()[0], "--history").stdout.splitlines()
    events = [json.loads(line) for line in cli("show", cli.ids()[0], "--json").stdout.splitlines()]

    assert len(history) == len(events) == 4
    assert [line.split()[0] for line in history] == [str(event["number"]) for event in events]


def test_what_agents_say_is_text_and_steers_no_terminal(cli: Line) -> None:
    run = cli("run", cli.flow(Stage("evil", agent="nasty", retry=RetryPolicy(attempts=1))), code=1)
    shown = cli("show", cli.ids()[0])
    history = cli("show", cli.ids()[0], "--history")

    for text in (run.stderr, shown.stderr, history.stdout):
        assert "[/] [bold]" in text
        assert not set("\x1b\x07\r\u202e") & set(text)
    assert NASTY not in run.stderr


def test_an_operation_is_found_by_the_beginning_of_its_id(cli: Line) -> None:
    cli("run", cli.flow(), "--key", "1")
    cli("run", cli.flow(), "--key", "2")
    one, two = cli.ids()

    assert cli("show", one[:6]).exit_code == 0
    assert "'k' is the beginning of 2 operations" in cli.error("show", "k")
    assert "there is no operation 'zzz'" in cli.error("show", "zzz", code=3)
    assert "there is no operation ''" in cli.error("show", "", code=3)
    assert one != two


@pytest.mark.parametrize(
    "words", [("list",), ("show", "x"), ("watch", "x"), ("cancel", "x"), ("resume", "x"), ("resume",), ("draw", "x")]
)
def test_looking_makes_no_store(words: tuple[str, ...], cli: Line) -> None:
    assert "there is no store sqlite:///runs.db" in cli.error(*words, code=3)
    assert list(cli.folder.iterdir()) == []


def test_a_watch_of_what_has_ended_tells_it_again_and_ends_as_it_did(cli: Line) -> None:
    cli("run", cli.flow(BROKEN), code=1)
    watched = cli("watch", cli.ids()[0], code=1)

    assert "print: attempt 1 failed (GiveUp: there is no ink)" in watched.stderr
    assert len(cli("watch", cli.ids()[0], "--json", code=1).stdout.splitlines()) == 4


def test_the_way_on_of_what_is_stalled_names_its_resources(cli: Line) -> None:
    (name,) = stalled("one", resource="printer")

    assert f"resume {name} --agents MODULE --resource printer=N --store" in cli("show", name).stderr


def test_resume_refuses_what_would_wait_for_ever_for_a_resource(cli: Line) -> None:
    (name,) = stalled("one", resource="printer")

    assert "stage 'wait': unknown resource 'printer'; known are none" in cli.error("resume", name)
    assert "● stalled" in cli("list").stdout


def test_resume_of_everything_says_what_waits_for_a_resource(cli: Line) -> None:
    (name,) = stalled("one", resource="printer")
    (cli.folder / "late.py").write_text(LATE)
    with Site(cli.folder).running("resume", "--agents", "late.py") as process:
        said = wait_for(process, "note: ")
        wait_for(process, "stalled accepted")
        process.send_signal(signal.SIGTERM)
        ended(process, 143)

    assert said.startswith(f"note: {name} waits: stage 'wait': unknown resource 'printer'")
    assert cli("resume", "--agents", "late.py", "--resource", "printer=1").stdout == "done\n"


def test_a_cancel_is_put_on_the_journal_of_what_nobody_runs(cli: Line) -> None:
    (name,) = stalled("one")
    cli("cancel", name, "--reason", "no need")

    assert "cancelled: no need" in cli("show", name, "--history").stdout


def test_a_cancel_of_what_has_ended_changes_nothing(cli: Line) -> None:
    cli("run", cli.flow())

    assert f"{cli.ids()[0]} is completed" in cli("cancel", cli.ids()[0]).stderr


def test_resume_without_an_id_finishes_everything_that_nobody_runs(cli: Line) -> None:
    stalled("one", "two")
    (cli.folder / "late.py").write_text(LATE)

    assert cli("resume", "--agents", "late.py").stdout == "done\ndone\n"
    assert "nothing to resume" in cli("resume", "--agents", "late.py").stderr


def test_resume_of_a_completed_operation_shows_its_result(cli: Line) -> None:
    done = cli("run", cli.flow(), "-i", "a=1")

    assert cli("resume", cli.ids()[0]).stdout == done.stdout


@pytest.mark.parametrize(("form", "begins"), [("text", "flow"), ("mermaid", "---"), ("svg", "<svg")])
def test_a_workflow_and_an_operation_can_be_drawn(form: str, begins: str, cli: Line) -> None:
    flow = cli.flow()
    cli("run", flow)

    assert cli("draw", flow, "--format", form).stdout.startswith(begins)
    assert "completed" in cli("draw", cli.ids()[0], "-f", form).stdout
    cli("draw", flow, "-f", form, "-o", "picture")
    assert (cli.folder / "picture").read_text().startswith(begins)


def test_a_picture_that_cannot_be_written_is_one_clear_line(cli: Line) -> None:
    assert "no/such/place: No such file" in cli.error("draw", cli.flow(), "-o", "no/such/place", code=1)


def test_check_says_what_it_has_checked(cli: Line) -> None:
    assert "flow.json is a correct workflow of 1 stage\n" in cli("check", cli.flow()).stderr
    unknown = cli.flow(Stage("ask", agent="nobody"))
    assert "nobody" in cli.error("check", unknown)
    limited = cli.flow(Stage("ask", agent="echo", resource="printer"))
    assert "unknown resource 'printer'" in cli.error("check", limited)
    cli("check", limited, "--resource", "printer=1")
    assert "name a workflow file" in cli.error("check")


def test_the_schema_is_printed_for_editors(cli: Line) -> None:
    assert json.loads(cli("check", "--schema").stdout) == workflow_schema()


def test_files_of_an_operation_are_listed_and_written(cli: Line) -> None:
    cli("run", cli.flow(Stage("write", agent="attach")))
    found = cli("list", "--json").stdout
    operation = json.loads(found)["id"]

    assert cli("files", operation).stdout == "report.csv  3 bytes  text/csv  from write\n"
    assert json.loads(cli("files", operation, "report.csv", "--json").stdout)["size"] == 3
    assert "write gave report.csv, 3 bytes" in cli("show", operation).stderr
    cli("files", operation, "--output", "out")
    assert Path("out/report.csv").read_bytes() == b"a,b"
    missing = cli("files", operation, "other.csv", code=3)
    assert "no file 'other.csv'; there are: report.csv" in missing.stderr


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_a_list_gives_up_events_and_years_before_names(columns: int, cli: Line) -> None:
    from agentkit.interfaces.cli.tables import operation_table
    from agentkit.service import OperationLine, moment

    name = "monthly-royalty-statements"
    at = moment(0)
    one = OperationLine(
        id="1m8bh71kzkhthg4zks", workflow=name, status="completed", events=6, created_at=at, updated_at=at
    )
    title, line = [text.plain for text in operation_table([one], (), columns)]

    assert max(len(title), len(line)) <= columns
    assert (name in line) is ("1970" in line) is (columns >= 80)
    assert ("events" in title) is (columns >= 100)
