"""`plan`, `fork`, `compare` and `check --against`."""

import json
from pathlib import Path

import pytest

from agentkit import Stage
from agentkit.kernel import Allowance, Approval, BusinessDays
from tests.interfaces.cli.conftest import Line

pytestmark = pytest.mark.blocking

GREET = Stage("greet", agent="greet", instruction="from {place}")
ASK = Stage("ask", agent="echo", after=["greet"])
GIVEN = ("--input", "name=Ada", "--input", "place=London")


def test_a_plan_of_what_never_ran_makes_no_store(cli: Line) -> None:
    shown = cli("plan", cli.flow(GREET, ASK), *GIVEN).stdout

    assert shown.startswith("plan of flow: 2 stages; nothing has run")
    assert "time: unknown" in shown
    assert not (cli.folder / "runs.db").exists()


def test_a_plan_learns_from_the_runs_of_the_store(cli: Line) -> None:
    flow = cli.flow(GREET, ASK)
    for _ in range(3):
        cli("run", flow, *GIVEN)
    plan = json.loads(cli("plan", flow, *GIVEN, "--json").stdout)
    short = json.loads(cli("plan", flow, *GIVEN, "--json", "--runs", "1").stdout)

    assert (plan["runs"], short["runs"]) == (3, 1)
    assert plan["levels"] == [["greet"], ["ask"]]
    assert plan["critical_path"] == ["greet", "ask"]
    assert plan["seconds"]["median"] >= 0
    assert [stage["known_from"] for stage in plan["stages"]] == ["stage", "stage"]
    assert len(cli.ids()) == 3


def test_a_plan_tells_what_is_missing_and_ends_with_1(cli: Line) -> None:
    flow = cli.flow(GREET, Stage("print", agent="nobody", resource="printer"))
    shown = cli("plan", flow, "--input", "name=Ada", code=1).stdout

    for words in ("unknown agent 'nobody'", "unknown resource 'printer'", "asks for {place}"):
        assert words in shown
    assert "unknown resource" not in cli("plan", flow, *GIVEN, "--resource", "printer=1", code=1).stdout


def test_a_plan_tells_people_and_budgets(cli: Line) -> None:
    approval = Approval(by={"finance"}, deadline=BusinessDays(1))
    flow = cli.flow(Stage("pay", agent="echo", approval=approval, budget=Allowance(money="9.50", currency="USD")))
    shown = cli("plan", flow).stdout
    plan = json.loads(cli("plan", flow, "--json").stdout)

    assert "pay: 1 of finance, within 1 business day, or it is refused" in shown
    assert "pay: money: unknown of 9.50 USD: unknown" in shown
    assert plan["approvals"][0]["by"] == ["finance"]
    assert plan["budgets"][0]["verdict"] == "unknown"


def test_a_fork_runs_again_from_a_stage_and_is_compared(cli: Line) -> None:
    cli("run", cli.flow(GREET, ASK), *GIVEN)
    (first,) = cli.ids()
    forked = cli("fork", first[:12], "--at", "ask", "--key", "again")
    second = cli.ids()[0]

    assert forked.stdout == "Hello Ada, from London\n"
    assert f"{second} is a fork of {first}" in forked.stderr
    cli("fork", first, "--at", "ask", "--key", "again")
    assert len(cli.ids()) == 2
    assert cli("compare", first, second).stdout.startswith(f"{first} and {second}: the same")


def test_a_fork_takes_another_input_and_another_definition(cli: Line) -> None:
    cli("run", cli.flow(GREET, ASK), *GIVEN)
    (first,) = cli.ids()
    assert cli("fork", first, "-i", "name=Bob", "-i", "place=Rome").stdout == "Hello Bob, from Rome\n"
    (cli.folder / "in.json").write_text(json.dumps({"name": "Cyd", "place": "Oslo"}))
    assert cli("fork", first, "--input-file", "in.json", "--by", "bob").stdout == "Hello Cyd, from Oslo\n"
    longer = cli.flow(GREET, ASK, Stage("more", agent="echo", after=["ask"]), name="longer")
    assert cli("fork", first, "--workflow", longer).stdout == "Hello Ada, from London\n"

    line = json.loads(cli("compare", first, cli.ids()[0], "--json").stdout)
    assert [(stage["stage"], stage["kept"][1]) for stage in line["stages"]] == [
        ("greet", True),
        ("ask", True),
        ("more", False),
    ]


def test_a_fork_that_makes_no_sense_is_refused(cli: Line) -> None:
    cli("run", cli.flow(GREET, ASK), *GIVEN)
    (first,) = cli.ids()

    assert "a fork differs in something" in cli.error("fork", first)
    assert "has no stage 'nothing'" in cli.error("fork", first, "--at", "nothing", code=3)
    assert "there is no operation" in cli.error("compare", first, "nothing", code=3)


def test_a_fork_that_waits_is_left_if_so_wished(cli: Line) -> None:
    cli("run", cli.flow(GREET), *GIVEN)
    (first,) = cli.ids()
    asks = cli.flow(GREET, Stage("pay", approval=Approval(), after=["greet"]), name="asks")
    cli("fork", first, "--workflow", asks, "--no-wait", code=4)


def test_a_release_is_checked_against_the_runs_in_flight(cli: Line) -> None:
    pay = Stage("pay", agent="echo", approval=Approval(), resource="bank")
    flow = cli.flow(pay)
    cli("run", flow, "--resource", "bank=1", "--no-wait", code=4)
    (name,) = cli.ids()
    checked = cli("check", flow, "--against", "sqlite:///runs.db", "--resource", "bank=1")

    assert checked.stdout == f"{name}  flow  running: can be finished\n"
    assert "1 in flight in sqlite:///runs.db: 1 can be finished here, 0 cannot" in checked.stderr
    missing = cli("check", "--against", "sqlite:///runs.db", code=1)
    assert "cannot be finished" in missing.stdout
    assert "stage 'pay': there is no resource 'bank' here" in missing.stdout


def test_a_release_without_an_agent_says_which_run_needs_it(cli: Line) -> None:
    flow = cli.flow(Stage("pay", agent="echo", approval=Approval()))
    cli("run", flow, "--no-wait", code=4)
    Path("empty.py").write_text(
        "from agentkit import Task, agent\n@agent\nasync def x(task: Task[object]) -> None: ...\n"
    )
    newer = cli.flow(Stage("pay", agent="x"))
    checked = cli("check", newer, "--against", "sqlite:///runs.db", "--agents", "empty.py", code=1)

    assert "cannot be finished, by an older definition" in checked.stdout
    assert "there is no agent 'echo' here" in checked.stdout


def test_several_files_are_checked_at_once(cli: Line) -> None:
    checked = cli("check", cli.flow(GREET, name="one"), cli.flow(ASK, GREET, name="two"))

    assert checked.stderr.count("is a correct workflow") == 2
    assert "no store" in cli.error("check", "--against", "sqlite:///nothing.db", code=3)
