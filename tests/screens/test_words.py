"""Words for figures say what is true, and time never stands without its zone."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit import Money
from agentkit.errors import InputError, NotFound
from agentkit.screens import (
    age_text,
    amount_text,
    duration_text,
    meter_of,
    moment_text,
    percent_text,
    plain_text,
    size_text,
    trouble_of,
)
from agentkit.wire import FailureLine, OperationPage, Problem, ProblemPart, StageLine, moment

NOON = datetime(2026, 7, 1, 12, 0, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (UTC, "2026-07-01 12:00:03 UTC"),
        (ZoneInfo("Europe/Berlin"), "2026-07-01 14:00:03 CEST (+02:00)"),
        (ZoneInfo("Asia/Kolkata"), "2026-07-01 17:30:03 IST (+05:30)"),
        (timezone(timedelta(hours=-3)), "2026-07-01 09:00:03 UTC-03:00"),
    ],
    ids=str,
)
def test_a_time_has_its_zone(zone: ZoneInfo, words: str) -> None:
    assert moment_text(NOON, zone) == words


def test_a_share_is_never_rounded_up() -> None:
    assert [percent_text(share) for share in (0, 0.001, 0.29, 0.995, 0.99999, 1, None)] == [
        "0 %",
        "< 1 %",
        "29 %",
        "99 %",
        "99 %",
        "100 %",
        "-",
    ]


@given(st.floats(0, 1))
def test_all_is_only_said_of_all(share: float) -> None:
    assert (percent_text(share) == "100 %") == (share == 1)


@given(st.text())
def test_text_from_outside_is_one_line_that_steers_nothing(text: str) -> None:
    shown = plain_text(text)

    assert all(letter.isprintable() for letter in shown)
    assert len(shown) <= 300


@given(st.floats(allow_nan=True, allow_infinity=True) | st.none())
def test_every_span_has_words(seconds: float | None) -> None:
    assert duration_text(seconds)


def test_ages_sizes_and_amounts() -> None:
    assert age_text(NOON - timedelta(days=3), NOON) == "3 d ago"
    assert size_text(999_999) == "999 kB"
    assert amount_text(Money("0.10", "EUR")) == "0.10 EUR"
    assert amount_text({"amount": "0.10000000000000000001", "currency": "EUR"}) == "0.10000000000000000001 EUR"


def test_a_trouble_says_what_to_do() -> None:
    problem = Problem(
        type="",
        title="input invalid",
        status=422,
        detail="/input/rows: too many",
        instance="req-1",
        code="input_invalid",
        errors=[ProblemPart(pointer="/input/rows", detail="too many", type="x")],
    )

    found = [trouble_of(one) for one in (NotFound("no such"), InputError("bad"), problem)]

    assert all(one.title and one.remedy and one.message for one in found)
    assert (found[2].request_id, found[2].lines) == ("req-1", ("/input/rows: too many",))
    assert trouble_of(FailureLine(code="of tomorrow", message="\x1b[31mred")).message == "[31mred"


def test_a_meter_goes_on_while_nothing_new_is_told() -> None:
    page = OperationPage(
        id="op-1",
        workflow="greet",
        status="running",
        created_at=moment(0),
        updated_at=moment(1),
        events=3,
        ended=False,
        fraction=0.5,
        seconds=10,
        seconds_left=20,
        stages=[StageLine(name="a", status="completed", fraction=1), StageLine(name="b", status="running", fraction=0)],
    )

    meter = meter_of(page, seen_at=NOON, now=NOON + timedelta(seconds=5))

    assert (meter.elapsed, meter.remaining, meter.stages) == ("15 s", "15 s", "1 of 2 stages")
    assert meter_of(page, seen_at=NOON, now=NOON + timedelta(minutes=5)).remaining == "0 s"
