"""`approvals`, `approve`, `refuse`, `signal`, `settle`, and what `run` says of an operation that waits."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.kernel import Approval
from agentkit.stores import SqliteStore
from tests.crash.site import Site, ended, wait_for
from tests.interfaces.cli.actors import late
from tests.interfaces.cli.conftest import ACTORS, STORE, Line

pytestmark = pytest.mark.blocking

PAY = Stage("pay", agent="echo", approval=Approval(by={"finance"}, quorum=2, question="Pay {amount}?"))
CLEARED = Stage("bank", signal="cleared")


def left(cli: Line, *stages: Stage, words: tuple[str, ...] = ()) -> str:
    """An operation that was begun and waits; its id."""
    cli("run", cli.flow(*stages), "-i", "amount=12", "--no-wait", *words, code=4)
    return cli.ids()[0]


def test_run_says_what_it_waits_for_and_the_command_that_answers(cli: Line) -> None:
    run = cli("run", cli.flow(PAY), "-i", "amount=12", "--no-wait", code=4)
    name = cli.ids()[0]

    assert "pay waits for approval of finance, 0 of 2: Pay 12?" in run.stderr
    assert f"agentkit approve {name} pay --by NAME --role finance --store sqlite:///runs.db" in run.stderr
    assert run.stdout == ""


def test_what_waits_in_a_workflow_inside_of_a_workflow_is_told_too(cli: Line) -> None:
    inner: Workflow[Any] = Workflow("inner", [PAY])
    run = cli("run", cli.flow(Stage("all", workflow=inner)), "-i", "amount=12", "--no-wait", code=4)

    (child,) = [name for name in cli.ids() if "~" in name]
    assert f"agentkit approve '{child}' pay --by NAME" in run.stderr


def test_the_votes_of_enough_people_let_it_go_on(cli: Line) -> None:
    name = left(cli, PAY)
    first = cli("approve", name, "pay", "--by", "ada", "--role", "finance", "--comment", "fine")
    second = cli("approve", name[:10], "--by", "bob", "--role", "sales", "--role", "finance")

    assert "approval of finance, 1 of 2" in first.stderr
    assert f"if there is none: agentkit resume {name} --agents MODULE --store sqlite:///runs.db" in second.stderr
    assert json.loads(cli("resume", name).stdout) == {"amount": "12"}
    assert "pay: ada agreed: fine" in cli("show", name, "--history").stdout


def test_with_agents_an_approval_goes_on_by_itself(cli: Line) -> None:
    name = left(cli, Stage("pay", agent="echo", approval=Approval()))

    assert json.loads(cli("approve", name, "--by", "ada", "--agents", ACTORS).stdout) == {"amount": "12"}
    waiting = left(cli, Stage("pay", agent="echo", approval=Approval()))
    wrong = cli.error("approve", waiting, "--by", "ada", "--agents", f"{ACTORS}:greet")
    assert "unknown agent 'echo'" in wrong
    assert cli("approvals").stdout.count(waiting) == 1


def test_a_refusal_ends_it_without_any_agent(cli: Line) -> None:
    name = left(cli, PAY)

    said = cli("refuse", name, "--by", "ada", "--role", "finance", "--comment", "too much").stderr
    assert f"{name} is failed" in said
    assert "ada refused: too much" in cli("show", name).stderr


def test_who_starts_a_run_does_not_approve_it(cli: Line) -> None:
    name = left(cli, PAY, words=("--by", "eve"))

    assert "'eve' asked for this operation" in cli.error("approve", name, "--by", "eve", "--role", "finance", code=1)
    assert "'ada' may not vote" in cli.error("approve", name, "--by", "ada", code=1)
    assert "asks nothing called 'x'" in cli.error("approve", name, "pay", "--name", "x", "--by", "ada", code=3)
    assert "has no stage 'nowhere'" in cli.error("refuse", name, "nowhere", "--by", "ada", code=3)


def test_a_form_is_filled_in_by_the_kinds_of_its_fields(cli: Line) -> None:
    form = {"amount": "decimal", "days": "whole", "now": "flag", "note": "text?"}
    name = left(cli, Stage("ask", approval=Approval(form=form)))
    given = ["--form", "amount=9.90", "--form", "days=-3", "--form", "now=yes", "--form", "note=a=b"]

    assert "write NAME=VALUE" in cli.error("approve", name, "--by", "ada", "--form", "amount")
    assert "'days' must be whole, not 'three'" in cli.error(
        "approve", name, "--by", "ada", *given, "--form", "days=three"
    )
    cli("approve", name, "--by", "ada", *given)
    shown = json.loads(cli("show", name).stdout)
    assert shown["form"] == {"amount": "9.90", "days": -3, "now": True, "note": "a=b"}


def test_what_is_proposed_is_shown_and_kept_but_for_what_is_filled_in(cli: Line) -> None:
    form = {"amount": "decimal", "note": "text?", "day": "date?"}
    proposed = {"amount": "{amount}", "note": "as agreed", "day": "2026-01-31"}
    name = left(cli, Stage("ask", approval=Approval(form=form, proposed=proposed)))

    assert "  proposed: amount: 12, note: as agreed, day: 2026-01-31" in cli("approvals").stdout.splitlines()
    cli("approve", name, "--by", "ada", "--fill", "amount=11.50", "--form", "day=")
    assert json.loads(cli("show", name).stdout)["form"] == {"amount": "11.50", "note": "as agreed"}
    history = cli("show", name, "--history").stdout
    assert "asks for approval, proposes amount: 12, note: as agreed, day: 2026-01-31" in history
    assert "ada agreed, with amount: 11.50, note: as agreed, day: empty" in history


def test_where_several_ask_the_stage_has_to_be_named(cli: Line) -> None:
    one, two = (Stage(stage, approval=Approval()) for stage in ("one", "two"))
    name = left(cli, one, two)

    assert "asks 2 questions; name one of: one, two" in cli.error("approve", name, "--by", "ada")
    cli("approve", name, "one", "--by", "ada")
    cli("approve", name, "--by", "ada")
    assert "asks nothing that is open" in cli.error("approve", name, "--by", "ada", code=3)
    assert "decided before" in cli.error("approve", name, "one", "--by", "bob", code=1)


def test_the_inbox_has_a_line_for_each_question_and_json_for_programs(cli: Line) -> None:
    name = left(cli, PAY)
    left(cli, Stage("ask", approval=Approval(by={"board"}, question="\x1b[2J[bold]Sure?", deadline=1e6)))
    cli("approve", name, "--by", "ada", "--role", "finance")
    title, newest, oldest = cli("approvals").stdout.splitlines()

    assert title.split() == ["operation", "stage", "who", "votes", "until", "question"]
    assert "[bold]Sure?" in newest
    assert "\x1b" not in newest
    assert oldest.split()[:6] == [name, "pay", "finance", "1", "of", "2"]
    (line,) = cli("approvals", "--role", "finance", "--json").stdout.splitlines()
    assert (json.loads(line)["operation"], json.loads(line)["agreed"]) == (name, ["ada"])
    assert len(cli("approvals", "-n", "1").stdout.splitlines()) == 2


@pytest.mark.parametrize("columns", [60, 100, 160])
def test_an_inbox_fits_a_terminal_and_cuts_no_id(columns: int, cli: Line) -> None:
    from agentkit.interfaces.cli.inbox import approval_table
    from agentkit.service import approval_line

    async def requests() -> Any:
        async with Orchestrator(store=SqliteStore(Path("runs.db")), adopt=False) as orchestrator:
            return [approval_line(request) for request in await orchestrator.approvals()]

    name = left(cli, Stage("ask", approval=Approval(question="Is this really what we want? " * 5)))
    lines = [text.plain for text in approval_table(asyncio.run(requests()), columns)]
    titles = ["operation", "stage", "who", "votes"]

    assert lines[0].split() == (titles if columns == 60 else [*titles, "question"])
    assert all(len(line) <= columns for line in lines)
    assert name in lines[1]
    # Where it finds no room beside the others, it has a line of its own.
    assert "Is this really what we want?" in lines[2 if columns == 60 else 1]


def test_an_empty_inbox_says_so(cli: Line) -> None:
    cli("run", cli.flow(), "-i", "a=1")

    assert "nothing waits for approval in sqlite:///runs.db" in cli("approvals").stderr


def test_a_signal_brings_json(cli: Line) -> None:
    name = left(cli, CLEARED, Stage("again", signal="cleared", after=["bank"]))

    assert "a text needs quotes" in cli.error("signal", name, "cleared", "--value", "paid")
    assert "NaN is not JSON" in cli.error("signal", name, "cleared", "--value", "NaN")
    assert "no signal 'paid'; its signals are: cleared" in cli.error("signal", name, "paid", code=3)
    for _ in range(2):
        said = cli("signal", name, "cleared", "--value", '{"paid": true}', "--id", "one").stderr
        assert "again waits for signal cleared" in said
    assert f"{name} is completed" in cli("signal", name, "cleared").stderr


def in_doubt(cli: Line) -> str:
    """An operation whose process went in the middle of work that must not be done twice."""
    stages = [Stage("pay", agent="late", effect="at_most_once")]

    async def leave() -> str:
        async with Orchestrator([late], store="sqlite:///runs.db") as orchestrator:
            operation = await orchestrator.submit(Workflow("doubt", stages))
            while not (await operation.state()).running:  # noqa: ASYNC110 - on disk
                await asyncio.sleep(0)
            await orchestrator.close(drain_seconds=0)
            return operation.id

    return asyncio.run(leave())


@pytest.mark.parametrize(("words", "ends"), [(("done", "--value", '"paid"'), "completed"), (("abort",), "failed")])
def test_work_in_doubt_is_settled_by_a_person(words: tuple[str, ...], ends: str, cli: Line) -> None:
    name = in_doubt(cli)
    resumed = cli("resume", name, "--no-wait", code=4)
    assert f"agentkit settle {name} pay DECISION --by NAME" in resumed.stderr

    assert "a value is what work gave that was done" in cli.error(
        "settle", name, "pay", "redo", "--by", "a", "--value", "1"
    )
    assert "no stage 'x'" in cli.error("settle", name, "x", "abort", "--by", "ada", code=3)
    assert f"{name} is {ends}" in cli("settle", name, "pay", *words, "--by", "ada", "--comment", "asked").stderr
    assert "ada decided" in cli("show", name, "--history").stdout
    assert "not in doubt" in cli.error("settle", name, "pay", "abort", "--by", "ada", code=1)


def test_show_says_what_to_look_up_before_a_doubt_is_settled(cli: Line) -> None:
    @agent(name="payer")
    async def payer(task: Task[object]) -> object:
        async def pay(key: str) -> str:
            raise ConnectionError("the line dropped")

        return await task.effect("wire", key="INV-7", amount="12.50").run(pay)

    async def leave() -> str:
        async with Orchestrator([payer], store=STORE) as orchestrator:
            operation = await orchestrator.submit(Workflow("doubt", [Stage("pay", agent="payer")]))
            await operation.at_rest()
            (doubt,) = await operation.doubts()
            assert doubt.about == {"amount": "12.50"}
            return operation.id

    name = asyncio.run(leave())
    shown = cli("show", name).stderr
    assert "pay is in doubt: wire of INV-7, given amount: 12.50; " in shown
    assert "the line dropped" in shown.partition("12.50; ")[2].splitlines()[0]
    cli("settle", name, "pay", "abort", "--by", "ada")
    assert "is in doubt" not in cli("show", name).stderr


def test_show_says_what_an_operation_waits_for(cli: Line) -> None:
    name = left(cli, CLEARED)

    assert f"agentkit signal {name} cleared --value JSON --store sqlite:///runs.db" in cli("show", name).stderr


def test_a_run_that_waits_goes_on_when_another_process_approves(cli: Line) -> None:
    flow = cli.flow(Stage("pay", agent="echo", approval=Approval()))
    with Site(cli.folder).running("run", flow, "--agents", ACTORS, "-i", "amount=12") as process:
        said = wait_for(process, "agentkit approve")
        cli("approve", said.split()[2], "pay", "--by", "ada")
        out = ended(process)

    assert json.loads(out) == {"amount": "12"}


def test_a_run_that_waits_can_be_left_by_a_signal(cli: Line) -> None:
    with Site(cli.folder).running("run", cli.flow(CLEARED)) as process:
        wait_for(process, "agentkit signal")
        process.send_signal(signal.SIGTERM)
        ended(process, 143)


def test_in_memory_nobody_can_answer_and_that_is_said(cli: Line) -> None:
    run = cli("run", cli.flow(PAY), "-i", "amount=1", "--no-wait", "--store", "memory://", code=4)

    assert "its store is this process's memory, so nobody can answer" in run.stderr
