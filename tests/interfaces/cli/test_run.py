"""`agentkit run`: input, result, exit codes, and one clear line for whatever is wrong."""

import json

import pytest

from agentkit import RetryPolicy, Stage
from tests.interfaces.cli.conftest import ACTORS, Line

pytestmark = pytest.mark.blocking

BROKEN = Stage("print", agent="broken", retry=RetryPolicy(attempts=1))


def test_the_result_goes_to_standard_output_and_everything_else_to_standard_error(cli: Line) -> None:
    done = cli("run", cli.flow(), "--input", "a=1")

    assert json.loads(done.stdout) == {"a": "1"}
    assert "operation completed" in done.stderr


def test_a_text_is_printed_as_it_is(cli: Line) -> None:
    flow = cli.flow(Stage("greet", agent="greet", instruction="good {time}"))

    assert (
        cli("run", flow, "-i", "name=Ada", "-i", "time=morning = early").stdout == "Hello Ada, good morning = early\n"
    )


def test_json_input_is_marked_and_goes_over_the_file(cli: Line) -> None:
    (cli.folder / "data.json").write_text('{"a": 1, "b": [2]}')
    done = cli("run", cli.flow(), "--input-file", "data.json", "-i", "a=json:null", "-i", "c=json")

    assert json.loads(done.stdout) == {"a": None, "b": [2], "c": "json"}


def test_a_file_alone_may_hold_any_json(cli: Line) -> None:
    (cli.folder / "data.json").write_text("[1, 2]")

    assert json.loads(cli("run", cli.flow(), "--input-file", "data.json").stdout) == [1, 2]


def test_json_output_is_one_event_per_line_and_nothing_else(cli: Line) -> None:
    done = cli("run", cli.flow(), "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]

    assert [line["number"] for line in lines] == [1, 2, 3, 4]
    assert [line["type"] for line in lines] == [
        "operation.accepted",
        "attempt.started",
        "attempt.succeeded",
        "operation.completed",
    ]
    assert done.stderr == ""


def test_the_same_key_never_starts_twice(cli: Line) -> None:
    first = cli("run", cli.flow(), "--key", "march", "-i", "a=1")
    again = cli("run", cli.flow(), "--key", "march", "-i", "a=1")

    assert (again.stdout, len(cli.ids())) == (first.stdout, 1)
    assert "march" in cli.error("run", cli.flow(), "--key", "march", "-i", "a=2")


def test_a_failure_ends_with_1_and_says_what_failed_and_how_to_go_on(cli: Line) -> None:
    failed = cli("run", cli.flow(BROKEN), code=1)

    assert failed.stdout == ""
    assert "stage 'print' failed after 1 attempt(s): GiveUp: there is no ink" in failed.stderr
    assert f"go on with: agentkit resume {cli.ids()[0]} --agents {ACTORS} --store sqlite:///runs.db" in failed.stderr


def test_too_long_ends_with_124(cli: Line) -> None:
    flow = cli.flow(Stage("wait", agent="slow"), timeout=0.1)

    assert "longer" in cli("run", flow, code=124).stderr


def test_what_is_missing_or_replaced_is_told_beside_the_result(cli: Line) -> None:
    flow = cli.flow(
        Stage("print", agent="broken", required=False),
        Stage("ask", agent="broken", fallback=["echo"], after=["print"]),
    )
    done = cli("run", flow)

    assert "the optional stage 'print' failed, so its value is missing" in done.stderr
    assert "stage 'ask' was done by its fallback 'echo'" in done.stderr


def test_nothing_is_said_of_resuming_what_is_only_in_memory(cli: Line) -> None:
    assert "go on with" not in cli("run", cli.flow(BROKEN), "--store", "memory://", code=1).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.json"], "missing.json: cannot be read: No such file or directory"),
        (["flow.txt"], "flow.txt: the name of a workflow file ends in"),
        (["flow.json", "--input", "month"], "--input 'month': write NAME=VALUE"),
        (["flow.json", "--input", "=x"], "--input '=x': write NAME=VALUE"),
        (["flow.json", "--input", "a=json:{"], "--input: '{' is not JSON"),
        (["flow.json", "--input-file", "none.json"], "--input-file none.json: cannot be read as JSON"),
        (["flow.json", "--input-file", "."], "--input-file .: cannot be read as JSON"),
        (["flow.json", "--input-file", "list.json", "-i", "a=1"], "holds no object that --input could add to"),
        (["flow.json", "--input-file", "deep.json"], "--input-file deep.json: cannot be read as JSON"),
        (["flow.json", "--input-file", "nan.json"], "NaN"),
        (["flow.json", "--agents", "no.such.module"], "agents 'no.such.module': cannot be imported"),
        (["flow.json", "--agents", "no_such_file.py"], "agents 'no_such_file.py': there is no such file"),
        (["flow.json", "--agents", "json"], "agents 'json': there is no agent"),
        (["flow.json", "--agents", f"{ACTORS}:greet"], "echo"),
        (["flow.json", "--store", "mysql://x"], "store 'mysql://x' is of no known kind"),
        (["flow.json", "--store", "sqlite://runs.db"], "names no file"),
        (["flow.json", "--store", "sqlite:///x.db?sync=1"], "unknown setting sync"),
        (["flow.json", "--resource", "printer"], "--resource 'printer': write NAME=N"),
        (["flow.json", "-r", "=1"], "--resource '=1': write NAME=N"),
        (["flow.json", "-r", "printer=0"], "where N is a whole number from 1 on"),
        (["flow.json", "-r", "printer=-1"], "where N is a whole number from 1 on"),
        (["flow.json", "-r", "printer=1.5"], "where N is a whole number from 1 on"),
        (["flow.json", "-r", "printer=\u0663"], "where N is a whole number from 1 on"),
        (["flow.json", "-r", f"printer={'9' * 5_000}"], "where N is a whole number from 1 on"),
        (["flow.json", "-r", "printer=1", "-r", "printer=2"], "--resource 'printer=2': 'printer' was given before"),
        (["flow.json", "--key", ""], "a key must be a text of 1 to 255 characters"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_clear_line(words: list[str], said: str, cli: Line) -> None:
    cli.flow()
    (cli.folder / "flow.txt").write_text("x")
    (cli.folder / "list.json").write_text("[]")
    (cli.folder / "deep.json").write_text("[" * 100_000)
    (cli.folder / "nan.json").write_text('{"a": NaN}')

    assert said in cli.error("run", *words)


def test_no_more_attempts_use_a_resource_at_once_than_were_given(cli: Line) -> None:
    flow = cli.flow(*(Stage(f"page{number}", agent="print_page", resource="printer") for number in range(6)))
    done = cli("run", flow, "-r", "printer=2", "-r", "scanner=1")

    assert max(json.loads(done.stdout).values()) == 2


def test_a_resource_that_was_not_given_is_told_before_anything_is_kept(cli: Line) -> None:
    flow = cli.flow(Stage("ask", agent="echo", resource="printer"))

    assert "stage 'ask': unknown resource 'printer'; known are 'scanner'" in cli.error("run", flow, "-r", "scanner=1")
    assert cli.ids() == []


def test_the_way_on_names_the_resources(cli: Line) -> None:
    flow = cli.flow(Stage("print", agent="broken", resource="printer", retry=RetryPolicy(attempts=1)))

    assert f"--agents {ACTORS} --resource printer=2 --store" in cli("run", flow, "-r", "printer=2", code=1).stderr


def test_every_problem_of_a_workflow_has_its_line(cli: Line) -> None:
    (cli.folder / "bad.json").write_text('{"name": "bad", "stages": [{"name": "a"}, {"name": "b", "colour": 1}]}')
    lines = cli("run", "bad.json", code=2).stderr.splitlines()

    assert len(lines) == 2
    assert all(line.startswith("error: bad.json: stage ") for line in lines)


def test_a_missing_input_is_told_before_anything_is_kept(cli: Line) -> None:
    flow = cli.flow(Stage("greet", agent="greet", instruction="good {time}"))

    assert "time" in cli.error("run", flow)
    assert cli.ids() == []


@pytest.mark.parametrize("damage", [b"this is no database", b"SQLite format 3\x00" + b"\xff" * 4_000])
def test_a_damaged_store_is_refused_and_left_as_it_is(damage: bytes, cli: Line) -> None:
    (cli.folder / "runs.db").write_bytes(damage)

    assert "runs.db" in cli.error("run", cli.flow(), code=1)
    assert (cli.folder / "runs.db").read_bytes() == damage


def test_a_store_that_cannot_be_made_is_one_clear_line(cli: Line) -> None:
    assert "no/such" in cli.error("run", cli.flow(), "--store", "sqlite:///no/such/folder.db", code=1)


@pytest.mark.parametrize("words", [(), ("--verbosity", "verbose")])
def test_what_agents_say_is_told_to_whoever_wants_all(cli: Line, words: tuple[str, ...]) -> None:
    told = cli(*words, "run", cli.flow(Stage("talk", agent="chatty"))).stderr

    assert ("talk: hello" in told) is bool(words)
    assert "\x1b" not in told
