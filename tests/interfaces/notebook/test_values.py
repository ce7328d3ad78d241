"""Values draw themselves, with nothing installed for it, and what users wrote stays text."""

import subprocess
import sys
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest

from agentkit import AuditTrail, Money, Orchestrator, Stage, Workflow
from agentkit.data import Column, Field, Schema, Table, clean
from agentkit.markup import data, escaped, outcome
from agentkit.money import MemorySink, MoneyBag
from agentkit.wire import DrawingPage, OperationPage, ResultPage, StageLine, moment
from tests.interfaces.notebook.pictures import ASKED, HELLO, HOSTILE, check_harmless, staff

WORDS = Column(name=HOSTILE)
COUNTS = Column(name="sold", kind="integer")
WIDE = Table.of([WORDS, COUNTS], [(HOSTILE, number) for number in range(120)], source="sales.csv")


def trail() -> AuditTrail:
    kept = AuditTrail(MemorySink())
    for _ in range(25):
        at = datetime(2025, 11, 3, tzinfo=UTC)
        kept.append(actor=HOSTILE, operation="share", inputs={"of": HOSTILE}, outputs={"to": HOSTILE}, at=at)
    return kept


def page() -> OperationPage:
    at = moment(0)
    stage = StageLine(name="greet", status="failed", fraction=0, message=HOSTILE, failure=HOSTILE)
    return OperationPage(
        id="op-1",
        workflow=HOSTILE,
        status="failed",
        created_at=at,
        updated_at=at,
        events=3,
        ended=True,
        fraction=0.5,
        seconds=1.0,
        stages=[stage],
    )


VALUES = {
    "workflow": HELLO,
    "amount": Money("19.90", "EUR"),
    "bag": MoneyBag([Money("19.90", "EUR"), Money("3", "USD")]),
    "table": WIDE,
    "trail": trail(),
    "entry": trail().entry(1),
    "page": page(),
    "result page": ResultPage(operation="op-1", output=[{"who": HOSTILE, "net": 3}], seconds=1.0),
    "drawing": DrawingPage(operation="op-1", format="svg", drawing=f"<svg>{HOSTILE}</svg>"),
    "text drawing": DrawingPage(operation="op-1", format="text", drawing=HOSTILE),
}


def bundle_of(value: object) -> dict[str, str]:
    found: dict[str, str] = getattr(value, "_repr_mimebundle_")()  # noqa: B009 - as notebooks ask for it
    return found


@pytest.mark.parametrize("name", VALUES)
def test_a_value_draws_itself_and_nothing_in_it_becomes_markup(name: str) -> None:
    bundle = bundle_of(VALUES[name])

    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"]
    check_harmless(bundle["text/html"])
    assert HOSTILE not in bundle["text/html"]


async def test_what_comes_out_of_an_orchestrator_draws_itself_too() -> None:
    async with staff() as orchestrator:
        operation = await orchestrator.submit(ASKED, HOSTILE)
        await operation.at_rest()
        [question] = await operation.questions()
        await operation.approve("send", by="bo", roles=["finance"], form={"note": "yes"})
        result = await operation
        greeted = await orchestrator.run(HELLO, HOSTILE)
        costs = await operation.costs()

    for value in (operation, question, result, costs, greeted):
        bundle = bundle_of(value)
        check_harmless(bundle["text/html"])
        assert HOSTILE not in bundle["text/html"]
    assert HOSTILE in unescape(bundle_of(greeted)["text/html"])
    assert HOSTILE in unescape(bundle_of(question)["text/html"])


def test_a_long_table_shows_its_first_rows_and_says_how_many_there_are() -> None:
    bundle = bundle_of(WIDE)

    assert bundle["text/html"].count("<tr>") == 51
    assert bundle["text/plain"].endswith("120 rows, the first 50 are shown")


def test_a_table_without_rows_or_columns_draws_itself() -> None:
    assert bundle_of(Table.of([COUNTS], []))["text/plain"] == "sold\n0 rows"
    assert "without columns" in bundle_of(Table.of([], []))["text/plain"]


def test_rows_that_are_kept_apart_say_what_is_wrong() -> None:
    texts = Table.of([Column(name="sold")], [("3",), (HOSTILE,)], source="sales.csv")
    kept = clean(texts, Schema(fields=[Field(name="sold", kind="integer")])).quarantine

    bundle = bundle_of(kept)
    assert "1 row kept apart" in bundle["text/html"]
    assert HOSTILE in unescape(bundle["text/html"])
    check_harmless(bundle["text/html"])


def test_a_trail_says_that_it_is_not_verified() -> None:
    text = bundle_of(VALUES["trail"])["text/plain"]

    assert text.startswith("audit trail: 25 entries")
    assert text.endswith("the newest 20 of 25\nnot verified here: trail.verify() does")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"amount": "19.90", "currency": "EUR"}, "19.90 EUR"),
        ([{"net": {"amount": "19.90", "currency": "EUR"}}], "19.90 EUR"),
        ({"a": [1, 2]}, "[1, 2]"),
        ([1, 2], "<td"),
        ([[1], [2]], "<pre"),
        ([], "<pre"),
        ({}, "nothing"),
        ("two\nlines", "<pre"),
        (None, "null"),
        (True, "true"),
        ([{"n": number} for number in range(60)], "and 10 more"),
        ([{f"c{number}": 1 for number in range(20)}], "and 8 more columns"),
    ],
)
def test_data_is_shown_for_people(value: Any, shown: str) -> None:
    assert shown in data(value)


def test_a_value_that_can_show_itself_does_so() -> None:
    class Own:
        def _repr_html_(self) -> str:
            return "<b>own</b>"

    assert "<b>own</b>" in outcome(Own(), '"text"')
    assert "text" in outcome(object(), '"text"')


def test_letters_that_hide_or_turn_others_are_taken_out() -> None:
    assert escaped("a\u202eb\x1b[1m<\n") == "ab[1m&lt;\n"


def test_nothing_of_this_needs_ipython() -> None:
    code = (
        "import sys\nfrom agentkit import Workflow, Stage, Money\n"
        "Workflow('w', [Stage('s', agent='a')])._repr_mimebundle_()\nMoney('1', 'EUR')._repr_mimebundle_()\n"
        "assert 'IPython' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_an_orchestrator_says_whether_it_is_open() -> None:
    assert not Orchestrator().is_open


def test_a_workflow_is_drawn_as_it_is() -> None:
    flow = Workflow("w", [Stage("s", agent="a")])

    assert bundle_of(flow)["text/plain"].startswith("w · 1 stage")
