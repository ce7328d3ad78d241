"""The mails of a shop: models propose, code and people decide about money, and nothing is paid twice."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit import Allowance, Operation, Orchestrator, Result, Workflow
from agentkit.kernel import AttemptStarted, AttemptSucceeded, EffectIntended, Event
from agentkit.money import Money
from agentkit.orchestrator import Learner
from agentkit.service import load_workflow
from agentkit.testing import ScriptedModel
from examples.support import settings
from examples.support.agents import crew
from examples.support.answering import answering, learner_at, without_numbers_and_links
from examples.support.desk import Desk
from examples.support.model import HERE, Case, Inbox, Mail, Order, Reason, Report, Triage
from examples.support.rules import decide
from examples.support.workflow import SUPPORT
from tests.crash.processes import ROOT, in_parallel, run

MAILS = [Mail(**json.loads(line)) for line in (HERE / "mails.jsonl").read_text("utf-8").splitlines()]
PAID = {
    "L-1002": "19.90",
    "L-1003": "129.00",
    "L-1004": "64.50",
    "L-1006": "2.43",
    "L-1008": "15.00",
    "L-1011": "89.00",
}
REFUSED = "L-1005"
ORDER = Order(
    id="L-1",
    customer="ada@example.test",
    item="Cup",
    paid=Money("36.00", "EUR"),
    ordered=date(2026, 11, 1),
    delivered=date(2026, 11, 5),
)


def paid_in(folder: Path) -> dict[str, str]:
    return {order: str(amount.amount) for order, amount in Desk(folder / "out/support/desk.db").paid().items()}


async def answered(folder: Path, workflow: Workflow[Report] = SUPPORT) -> tuple[Result[Report], list[Event]]:
    """Run the workflow in memory, with people who agree to everything; its result, and its journal and its teams'."""
    async with Orchestrator(crew(answering(learner_at("memory://")))) as orchestrator:
        operation = await orchestrator.submit(workflow, Inbox(desk=folder / "out/support/desk.db"))
        while not (state := await operation.at_rest()).ended:
            assert await agree(operation) or state.wake_at is not None, "it waits for nothing"
        found = await orchestrator.list(text=operation.id, limit=100)
        return await operation, [event for line in found for event in await orchestrator.history(line.stream)]


def limited(allowance: Allowance) -> Workflow[Report]:
    """The workflow with another budget for its models."""
    return replace(SUPPORT, group_budgets={"models": allowance})


async def agree(operation: Operation[Any]) -> int:
    asked = [request for request in await operation.questions() if request.is_open]
    for request in asked:
        await operation.approve(request.stage, by="ada", roles=["finance"], name=request.name)
    await asyncio.sleep(0)
    return len(asked)


def decided(triage: Triage, *, sender: str = ORDER.customer, refunded: tuple[str, ...] = (), **order: Any) -> Any:
    """What the rules give back of one order; the amount as text, or why nothing."""
    mail = Mail(id="M", sender=sender, subject="", text="")
    known = replace(ORDER, **order)
    refund = decide(Case(mail=mail, triage=triage), {known.id: known}, refunded, Inbox())
    return refund and (refund.why if refund.amount is None else str(refund.amount))


def asks(reason: Reason = "damaged", *, asked: str | None = None, order: str | None = "L-1") -> Triage:
    return Triage(kind="refund", order=order, reason=reason, asked=asked)


@pytest.mark.parametrize(
    ("triage", "order", "gives"),
    [
        (asks("none"), {}, None),
        (Triage(kind="spam", order="L-1", reason="damaged"), {}, None),
        (Triage(kind="person", order="L-1", reason="damaged"), {}, None),
        (asks("returned"), {}, "36.00 EUR"),
        (asks("returned"), {"delivered": date(2026, 10, 21)}, "36.00 EUR"),
        (asks("returned"), {"delivered": date(2026, 10, 20)}, "the order does not fit: returned"),
        (asks("returned"), {"delivered": None}, "the order does not fit: returned"),
        (asks("damaged"), {"delivered": date(2026, 5, 1)}, "the order does not fit: damaged"),
        (asks("lost"), {}, "the order does not fit: lost"),
        (asks("lost"), {"delivered": None}, "36.00 EUR"),
        (asks("lost"), {"delivered": None, "ordered": date(2026, 11, 7)}, "the order does not fit: lost"),
        (asks("late"), {}, "the order does not fit: late"),
        (asks("late"), {"delivered": date(2026, 11, 12)}, "3.60 EUR"),
        (asks(asked="9,999.00 EUR"), {}, "36.00 EUR"),
        (asks(asked="5.00 EUR"), {}, "5.00 EUR"),
        (asks(asked="9,999 EUR"), {}, "people look at '9,999 EUR'"),
        (asks(asked="500 USD"), {}, "people look at '500 USD'"),
        (asks(asked="-5.00 EUR"), {}, "people look at '-5.00 EUR'"),
        (asks(asked="a lot"), {}, "people look at 'a lot'"),
        (asks(order="L-2"), {}, "no order of this sender"),
        (asks(order=None), {}, "no order of this sender"),
    ],
)
def test_money_goes_back_by_the_rules(triage: Triage, order: dict[str, Any], gives: str | None) -> None:
    assert decided(triage, **order) == gives


def test_an_order_of_somebody_else_and_one_that_was_refunded_give_nothing() -> None:
    assert decided(asks(), sender="mallory@example.test") == "no order of this sender"
    assert decided(asks(), refunded=("L-1",)) == "refunded before"


@given(
    triage=st.builds(
        Triage,
        kind=st.sampled_from(["question", "refund", "complaint", "spam", "person"]),
        order=st.one_of(st.none(), st.sampled_from(["L-1", "l-1", "L-2", "*", ""])),
        reason=st.sampled_from(["none", "returned", "damaged", "lost", "late"]),
        asked=st.one_of(
            st.none(), st.text(max_size=12), st.from_regex(r"-?[0-9]{1,6}\.[0-9]{2} (EUR|USD)", fullmatch=True)
        ),
    ),
    sender=st.sampled_from(["ada@example.test", "ADA@example.test", "mallory@example.test"]),
)
def test_whatever_a_model_says_nobody_gets_more_than_they_paid(triage: Triage, sender: str) -> None:
    mail = Mail(id="M", sender=sender, subject="", text="")
    refund = decide(Case(mail=mail, triage=triage), {ORDER.id: ORDER}, (), Inbox(limit=Money(20, "EUR")))

    if refund is not None and refund.amount is not None:
        assert (sender, refund.order) == (ORDER.customer, ORDER.id)
        assert Money(0, "EUR") < refund.amount <= ORDER.paid
        assert refund.needs_people == (refund.amount > Money(20, "EUR"))


async def test_mails_that_give_orders_get_no_more_than_the_rules_give(tmp_path: Path) -> None:
    """The scripted model believes all of them."""
    result, journal = await answered(tmp_path)

    cases: Any = result.values["triage"]
    believed = {mail.id: triage for mail, triage in zip(MAILS, cases, strict=True)}
    assert (believed["M-09"]["asked"], believed["M-09"]["order"]) == ("9,999 EUR", "L-1011")
    assert believed["M-10"]["asked"] == "9,999.00 EUR"
    assert paid_in(tmp_path) == {**PAID, REFUSED: "640.00"}
    asked = [event for event in journal if isinstance(event, EffectIntended)]
    assert {event.name for event in asked} == {"refund"}
    workers = {event.agent for event in journal if isinstance(event, AttemptStarted)}
    team = {"writer", "critic", "answer", "answer.moderator", "answer.closer"}
    assert workers == {"read_mails", "triage", "check", "refund", "report", *team}


async def test_people_decide_about_large_refunds_and_only_about_those(tmp_path: Path) -> None:
    async with Orchestrator(crew(answering(learner_at("memory://")))) as orchestrator:
        operation = await orchestrator.submit(SUPPORT, Inbox(desk=tmp_path / "out/support/desk.db"))
        await operation.at_rest()
        questions = [asked.question for asked in await operation.questions()]
        paid = paid_in(tmp_path)
        await operation.cancel()

    assert [question.split(",")[0] for question in questions] == [
        "Refund 129.00 EUR for L-1003 (damaged)",
        "Refund 640.00 EUR for L-1005 (returned within 30 days)",
    ]
    assert paid == {order: amount for order, amount in PAID.items() if order != "L-1003"}


async def test_a_desk_whose_line_drops_after_it_paid_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay, dropped = Desk.refund, set[str]()

    def drop(desk: Desk, order: str, amount: Money) -> int:
        receipt = pay(desk, order, amount)
        if order not in dropped:
            dropped.add(order)
            raise ConnectionError("the line dropped")
        return receipt

    monkeypatch.setattr(Desk, "refund", drop)
    result, _ = await answered(tmp_path)

    assert sorted(Desk(tmp_path / "out/support/desk.db").asked()) == sorted(dropped) == sorted([*PAID, REFUSED])
    assert result.output.refunds == len(PAID) + 1


def drafts(journal: list[Event]) -> list[AttemptSucceeded]:
    return [event for event in journal if isinstance(event, AttemptSucceeded) and event.stage.endswith(".writer")]


async def test_when_money_gets_short_a_lower_tier_answers(tmp_path: Path) -> None:
    usual = drafts((await answered(tmp_path / "usual"))[1])
    tight = limited(Allowance(money="1.00", currency="USD", soft=0.001))
    short = drafts((await answered(tmp_path / "short", tight))[1])

    assert {event.tier.name for event in usual if event.tier} == {"small", "large"}
    assert {event.tier.name for event in short if event.tier} == {"small"}
    assert any(event.tier.why.endswith("lowered from large") for event in short if event.tier)


@pytest.mark.parametrize("allowance", [Allowance(money="0.02", currency="USD"), Allowance(calls=120)], ids=str)
async def test_when_all_is_spent_drafts_stay_the_rest_is_standard_and_refunds_are_paid(
    allowance: Allowance, tmp_path: Path
) -> None:
    result, journal = await answered(tmp_path, limited(allowance))
    report = result.output

    assert 0 < report.standard < report.answered == 19
    assert {event.stage for event in drafts(journal)} >= {"round1.draft.writer"}
    assert len([event for event in drafts(journal) if event.stage.startswith("round1")]) == 19 - report.standard
    assert {"answer", "report"} & {*result.degraded}
    assert paid_in(tmp_path) == {**PAID, REFUSED: "640.00"}


async def test_without_any_money_for_models_every_mail_goes_to_people(tmp_path: Path) -> None:
    result, _ = await answered(tmp_path, limited(Allowance(money=0, currency="USD")))

    assert result.output.answered == 0
    assert len(result.output.for_people) == len(MAILS)
    assert paid_in(tmp_path) == {}


@pytest.mark.blocking
def test_the_tone_that_pleases_is_learned_from_run_to_run(tmp_path: Path) -> None:
    at_once = [int(told(tmp_path).partition(" answered, ")[2].split()[0]) for _ in range(5)]

    async def used() -> dict[str, int]:
        async with Learner(f"sqlite:///{tmp_path / 'agentkit.db'}", name="tones") as learner:
            return {tone: arm.outcomes for tone, arm in (await learner.state()).kinds["refund"].arms.items()}

    tones = asyncio.run(used())
    assert at_once[0] < 12 < at_once[-1]
    assert max(tones, key=lambda tone: tones[tone]) == "formal"


def told(folder: Path) -> str:
    """Run the example to its end, and return what it prints."""
    done = run("-W", "error", "-m", "examples.support", folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.blocking
def test_it_runs_without_a_network_a_key_or_a_setting_and_a_second_run_pays_nothing(tmp_path: Path) -> None:
    first, second = told(tmp_path), told(tmp_path)

    assert "6 refunds of 319.83 EUR; refused by people: L-1005" in first
    assert "0 refunds of 0.00 EUR" in second
    assert paid_in(tmp_path) == PAID
    sent = [json.loads(line) for line in (tmp_path / "out/support/answers.jsonl").read_text("utf-8").splitlines()]
    assert {answer["to"] for answer in sent} < {mail.sender for mail in MAILS}


def kill_and_go_on(folder: Path, seed: int) -> list[str]:
    """Kill the example three times, somewhere; what is wrong once it has ended."""
    site, dice = folder / str(seed), random.Random(seed)
    site.mkdir()
    words, environment = [sys.executable, "-m", "examples.support"], {**os.environ, "PYTHONPATH": str(ROOT)}
    kills = 0
    for _ in range(3):
        with subprocess.Popen(words, cwd=site, env=environment, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            for _ in range(dice.randrange(1, 9)):
                process.stderr.readline()
            time.sleep(dice.uniform(0, 0.1))
            kills += process.poll() is None
            process.kill()
    output, asked = told(site), Desk(site / "out/support/desk.db").asked()
    problems = [f"{order} was paid {asked.count(order)} times" for order in {*asked} if asked.count(order) > 1]
    problems += [] if paid_in(site) == PAID else [f"paid is {paid_in(site)}"]
    problems += [] if "19 mails answered" in output else [output]
    return [f"seed {seed}: {problem}" for problem in [*problems, *(["nothing was killed"] if not kills else [])]]


@pytest.mark.blocking
def test_killed_in_the_middle_it_goes_on_and_pays_every_refund_once(tmp_path: Path) -> None:
    assert in_parallel(lambda seed: kill_and_go_on(tmp_path, seed), range(3)) == []


def test_the_file_says_what_the_workflow_says() -> None:
    assert load_workflow(HERE / "support.yaml", returns=Report) == SUPPORT


def test_one_variable_names_the_models_of_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(isinstance(model, ScriptedModel) for model in settings.models("writer").values())

    monkeypatch.setenv(settings.VARIABLE, "openai:gpt-5-mini")
    assert settings.models("writer") == {"small": "openai:gpt-5-mini", "large": "openai:gpt-5-mini"}
    monkeypatch.setenv(settings.VARIABLE, "openai:gpt-5-mini,openai:gpt-5")
    assert settings.models("critic") == {"small": "openai:gpt-5-mini", "large": "openai:gpt-5"}


async def test_a_model_that_is_named_does_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`test` is a model of pydantic-ai that answers anything that fits."""
    monkeypatch.setenv(settings.VARIABLE, "test")
    result, journal = await answered(tmp_path)

    assert (result.output.answered, result.output.standard) == (len(MAILS), 0)
    assert {json.loads(event.value) for event in drafts(journal)} == {"success (no tool calls)"}
    assert paid_in(tmp_path) == {}


async def test_a_writer_that_promises_an_amount_is_told_to_leave_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts: dict[str, list[object]] = {
        "writer": ["You get 9,999 EUR at once.", "You get 9,999 dollars.", "A colleague looks at it."],
        "critic": [{"score": 1, "accept": True}],
    }
    scripted = {part: ScriptedModel(script) for part, script in scripts.items()}
    monkeypatch.setattr(
        "examples.support.answering.models", lambda part: dict.fromkeys(["small", "large"], scripted[part])
    )
    case = Case(mail=MAILS[9], triage=Triage(kind="refund", order="L-1011", reason="damaged"))
    outcome = await answering(learner_at("memory://")).run(asdict(case))

    assert (outcome.value, outcome.rounds) == ("A colleague looks at it.", 1)
    assert len(scripted["writer"].calls) == 3


@pytest.mark.parametrize(
    "text",
    [
        *(
            "We refund you 500 CHF today.",
            "500 zl",
            "five hundred pounds",
            "Wir erstatten 500 Franken.",
            "a hundred US$",
        ),
        *("Pay at http://evil.test", "See www.evil.test", "Pay at evil.test/pay", "Write to mallory@example.test"),
        *("L-10051", "You get \u0665\u0660 back."),
    ],
)
def test_a_draft_with_digits_a_currency_or_a_link_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="leave"):
        without_numbers_and_links(text)


def test_a_draft_may_name_an_order() -> None:
    without_numbers_and_links("Dear Tom, your order L-1002 is with us. A colleague looks at it, e.g. today...")
