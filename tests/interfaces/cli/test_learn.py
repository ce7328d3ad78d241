"""`learn show`, `explain`, `rollback`, `release`, `off` and `on`, on a store of this machine."""

import asyncio
import json
from decimal import Decimal

import pytest

from agentkit.agents import Outcome
from agentkit.orchestrator import Learner
from tests.interfaces.cli.conftest import STORE, Line

pytestmark = pytest.mark.blocking


async def learned(turns: int = 60, tenant: str | None = None) -> None:
    async with Learner(STORE, arms=["draft", "check"], name="invoices", tenant=tenant) as learner:
        for n in range(turns):
            choice = await learner.choose(kind="tax", key=f"run{n}:write:1")
            outcome = Outcome(success=choice.arm == "check", seconds=2.0, cost=Decimal("0.10"), currency="USD")
            await learner.tell(choice, outcome)


def test_what_was_learned_is_shown(cli: Line) -> None:
    asyncio.run(learned())
    shown = cli("learn", "show", "invoices").stdout
    (told,) = [json.loads(line) for line in cli("learn", "show", "invoices", "--json").stdout.splitlines()]

    assert "tax: 60 outcomes, check leads" in shown
    assert "100%    1.00        -      2.00" in shown
    assert "learned: tax: check has a mean reward of 1.00, draft of 0.00" in shown
    (kind,) = told["kinds"]
    assert (told["on"], kind["name"], kind["leader"]) == (True, "tax", "check")
    assert (kind["arms"][0]["name"], kind["arms"][0]["seconds"]) == ("check", 2.0)
    assert cli("learn", "show", "invoices", "--kind", "tax").stdout == shown
    assert "no kind 'sale'" in cli.error("learn", "show", "invoices", "--kind", "sale", code=3)


def test_of_outcomes_alone_no_arm_is_said_to_lead(cli: Line) -> None:
    async def recorded() -> None:
        async with Learner(STORE, arms=["draft", "check"], name="invoices") as learner:
            await learner.record("check", Outcome(success=True))

    asyncio.run(recorded())
    assert "all tasks: 1 outcomes, nothing was chosen yet" in cli("learn", "show", "invoices").stdout


def test_an_arm_that_nobody_has_any_more_is_shown_as_such(cli: Line) -> None:
    async def renamed() -> None:
        async with Learner(STORE, arms=["draft", "proof"], name="invoices") as learner:
            for n in range(101):
                await learner.choose(kind="tax", key=f"later{n}")

    asyncio.run(learned())
    asyncio.run(renamed())
    (line,) = [line for line in cli("learn", "show", "invoices").stdout.splitlines() if "  check " in line]
    assert line.endswith("nobody has it any more")


def test_learners_are_listed_with_their_tenants(cli: Line) -> None:
    asyncio.run(learned(1))
    asyncio.run(learned(1, tenant="acme"))

    assert sorted(cli("learn", "show").stdout.splitlines()) == ["invoices", "invoices of acme"]
    assert {json.loads(line)["tenant"] for line in cli("learn", "show", "--json").stdout.splitlines()} == {None, "acme"}
    assert "invoices of acme" in cli("learn", "show", "invoices", "--tenant", "acme").stdout


def test_a_change_and_a_choice_are_explained(cli: Line) -> None:
    asyncio.run(learned())
    changed = cli("learn", "explain", "invoices").stdout
    chosen = cli("learn", "explain", "invoices", "run0").stdout.splitlines()
    told = [
        json.loads(line) for line in cli("learn", "explain", "invoices", "run0:write:1", "--json").stdout.splitlines()
    ]

    assert "tax: check leads instead of draft, since its mean reward is 1.00" in changed
    assert "tax: draft was chosen for run0:write:1, since it has been tried 0 times" in chosen[0]
    assert "tax: draft failed at run0:write:1" in chosen[1]
    assert [each["type"] for each in told] == ["ArmChosen", "OutcomeTold"]
    assert "nothing was chosen for run" in cli("learn", "explain", "invoices", "run").stderr
    assert "nothing has changed" in cli("learn", "explain", "invoices", "--kind", "sale").stderr


def test_a_person_takes_it_back_and_lets_it_go_on(cli: Line) -> None:
    asyncio.run(learned())
    said = cli("learn", "rollback", "invoices", "--kind", "tax", "--by", "ada", "--why", "complaints").stderr

    assert "tax: draft is used until it is released: agentkit learn release invoices --kind tax\n" in said
    assert "draft leads, held at draft by a person" in cli("learn", "show", "invoices").stdout
    assert "ada rolled back from check to draft, since complaints" in cli("learn", "explain", "invoices").stdout
    assert "nothing to roll back" in cli.error("learn", "rollback", "invoices", "--kind", "tax", code=1)
    cli("learn", "rollback", "invoices", "--kind", "tax", "--to", "check")
    assert "held at check" in cli("learn", "show", "invoices").stdout
    assert "learns again" in cli("learn", "release", "invoices", "--kind", "tax", "--by", "bob").stderr
    assert "bob lets it learn again" in cli("learn", "explain", "invoices").stdout
    assert "nobody has rolled back" in cli.error("learn", "release", "invoices", "--kind", "tax", code=1)


def test_a_learner_is_switched_off_and_on(cli: Line) -> None:
    asyncio.run(learned())

    assert "invoices is off" in cli("learn", "off", "invoices", "--by", "ada").stderr
    assert "invoices, switched off" in cli("learn", "show", "invoices").stdout
    assert "invoices is on" in cli("learn", "on", "invoices").stderr
    assert "switched off" not in cli("learn", "show", "invoices").stdout
    assert "ada switched learning off" in cli("learn", "explain", "invoices").stdout


def test_what_is_not_there_is_said_and_not_made(cli: Line) -> None:
    assert "no store" in cli.error("learn", "show", code=3)
    cli("run", cli.flow(), "--input", "a=1")
    assert "nothing has learned" in cli("learn", "show").stderr
    for words in (["show"], ["explain"], ["rollback"], ["release"], ["off"], ["on"]):
        assert "no learner 'nobody'" in cli.error("learn", *words, "nobody", code=3)
    assert "nothing has learned" in cli("learn", "show").stderr
