"""Rule 37: what an entry holds, and how it is written."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.errors import AuditError, FloatNotAllowed, NonFinite, OutOfRange, UnstorableValue
from agentkit.money import AuditEntry, AuditTrail, MemoryDisclosures, MemorySink, Personal, canonical_json
from tests.money.audit.trails import START, Counting, lines


class Price:
    """Something with a wire form."""

    def to_dict(self) -> dict[str, str]:
        return {"currency": "EUR", "amount": "19.90"}


class Colour(StrEnum):
    RED = "red"


class Places(Enum):
    TWO = 2


def test_rule_37_an_entry_holds_all_that_is_asked_of_it() -> None:
    trail = AuditTrail(MemorySink())
    first = trail.append(actor="ada", operation="open", inputs={}, outputs={}, at=START)
    entry = trail.append(
        actor="bob",
        operation="share",
        inputs={"total": Decimal("10.00"), "percent": Decimal("12.5")},
        outputs={"part": Price()},
        rounding="ROUND_HALF_EVEN",
        data_versions={"iso4217": date(2025, 5, 12)},
        at=START,
    )

    assert (entry.number, entry.at, entry.actor, entry.operation) == (2, START, "bob", "share")
    assert entry.inputs == {"total": "10.00", "percent": "12.5"}
    assert entry.outputs == {"part": {"amount": "19.90", "currency": "EUR"}}
    assert (entry.refusal, entry.rounding) == (None, "ROUND_HALF_EVEN")
    assert entry.data_versions == {"iso4217": "2025-05-12"}
    assert entry.previous == first.hash
    assert first.previous == "0" * 64


def test_rule_37_an_entry_holds_a_refusal_in_place_of_outputs() -> None:
    trail = AuditTrail(MemorySink(), clock=Counting())
    entry = trail.append(actor="ada", operation="pay", inputs={}, refusal=OutOfRange("1,000.01 is above 1,000.00"))

    assert entry.refusal == {"code": "out_of_range", "message": "1,000.01 is above 1,000.00"}
    assert entry.outputs is None
    assert trail.verify().size == 1
    wrong: list[dict[str, object] | None] = [None, {}]
    for result in wrong:
        with pytest.raises(AuditError, match="outputs or a refusal"):
            trail.append(actor="ada", operation="pay", inputs={}, outputs=result, refusal=result)


def test_rule_37_an_entry_is_canonical_json_and_its_hash_is_its_sha_256() -> None:
    trail = AuditTrail(MemorySink())
    entry = trail.append(actor='"Ä"', operation="a\nb\0", inputs={"é": 1, "a": True, "Z": None}, outputs={}, at=START)
    written = json.loads(entry.line)

    assert entry.line.endswith(b"\n")
    assert list(written["entry"]) == sorted(written["entry"])
    assert list(written["entry"]["inputs"]) == ["Z", "a", "é"]
    assert json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == entry.line[:-1]
    assert entry.hash == written["hash"] == hashlib.sha256(entry.body).hexdigest()
    assert trail.verify().head == entry.hash


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, '"1"'),
        (-(10**40), f'"-1{"0" * 40}"'),
        (True, "true"),
        (None, "null"),
        (Decimal("1.50"), '"1.50"'),
        (Decimal("-0.00"), '"0.00"'),
        (Decimal("1E+3"), '"1000"'),
        (Decimal("1E-7"), '"0.0000001"'),
        (Fraction(1, 3), '"1/3"'),
        (date(2025, 11, 3), '"2025-11-03"'),
        (datetime(2025, 11, 3, 1, 30, tzinfo=timezone(timedelta(hours=2))), '"2025-11-02T23:30:00.000000Z"'),
        (Colour.RED, '"red"'),
        (Places.TWO, '"2"'),
        (Price(), '{"amount":"19.90","currency":"EUR"}'),
        ((1, ["x", {}]), '["1",["x",{}]]'),
        (OrderedDict(b=1, a=2), '{"a":"2","b":"1"}'),
    ],
)
def test_rule_37_numbers_are_text_and_each_value_has_one_text(value: object, text: str) -> None:
    assert canonical_json(value) == text
    assert canonical_json({"x": value}) == f'{{"x":{text}}}'


@pytest.mark.parametrize("value", [0.1, 1e300, float("nan"), [1, {"a": 0.5}], {"a": [0.0]}])
def test_rule_37_no_float_is_in_an_entry(value: object) -> None:
    with pytest.raises(FloatNotAllowed, match="float"):
        canonical_json({"amount": value})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_rule_37_nothing_that_is_not_finite_is_in_an_entry(value: Decimal) -> None:
    with pytest.raises(NonFinite):
        canonical_json([value])


@pytest.mark.parametrize(
    "value",
    [
        b"x",
        {1, 2},
        object(),
        Price,
        {1: "a"},
        {"a": 1, 2: "b"},
        datetime(2025, 11, 3),  # noqa: DTZ001 - that it has no zone is what is refused
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        timedelta(1),
        "half \ud800",
        Decimal("1E+5000"),
        pytest.param(10**5000, id="a long int"),
        pytest.param(Fraction(1, 10**5000), id="a long fraction"),
    ],
)
def test_rule_37_what_has_no_single_text_is_refused(value: object) -> None:
    with pytest.raises(UnstorableValue):
        canonical_json({"a": value})


def test_rule_37_what_holds_itself_is_refused() -> None:
    knot: list[object] = []
    knot.append(knot)
    ring: dict[str, object] = {}
    ring["a"] = ring

    for value in (knot, ring):
        with pytest.raises(UnstorableValue, match="holds itself"):
            canonical_json(value)


def test_rule_37_a_refused_entry_leaves_nothing_behind() -> None:
    trail = AuditTrail(MemorySink(), clock=Counting())
    for wrong in (0.5, "\ud800", Personal("x")):
        with pytest.raises((FloatNotAllowed, UnstorableValue, AuditError)):
            trail.append(actor="ada", operation="x", inputs={"a": wrong}, outputs={})
    trail.append(actor="ada", operation="x", inputs={}, outputs={})

    assert [entry.number for entry in trail.entries()] == [1]
    assert trail.verify().size == 1


def test_an_entry_needs_a_time_from_somewhere() -> None:
    with pytest.raises(AuditError, match="clock=SystemClock"):
        AuditTrail(MemorySink()).append(actor="ada", operation="x", inputs={}, outputs={})
    trail = AuditTrail(MemorySink(), clock=Counting())

    assert trail.append(actor="ada", operation="x", inputs={}, outputs={}).at == START
    with pytest.raises(UnstorableValue, match="time zone"):
        trail.append(actor="ada", operation="x", inputs={}, outputs={}, at=START.replace(tzinfo=None))


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"])) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8).filter(str.isprintable), inner),
    max_leaves=20,
)


def as_texts(value: object) -> object:
    """What Python's own JSON writes canonically."""
    if isinstance(value, dict):
        return {name: as_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_texts(each) for each in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(VALUES)
def test_rule_37_any_value_is_written_as_python_writes_it_canonically(value: object) -> None:
    expected = json.dumps(as_texts(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert canonical_json(value) == expected
    assert json.loads(canonical_json(value)) == as_texts(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(lambda each: abs(each.adjusted()) < 3000))
def test_rule_37_a_decimal_comes_back_with_its_value_and_never_as_negative_zero(value: Decimal) -> None:
    text = json.loads(canonical_json(value))

    assert Decimal(text) == value
    assert "E" not in text.upper()
    assert not text.startswith("-0") or Decimal(text) != 0


@settings(max_examples=30)
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES), st.datetimes(timezones=st.just(UTC)))
def test_rule_37_any_entry_verifies(inputs: dict[str, object], at: datetime) -> None:
    trail = AuditTrail(MemorySink())
    trail.append(actor="ada", operation="any", inputs=inputs, outputs=inputs, at=at)

    assert trail.verify().size == 1
    assert trail.entry(1).at == at


def nested(depth: int, wrap: Callable[[object], object]) -> object:
    value: object = wrap("x")
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}], ids=["lists", "mappings"])
def test_rule_37_a_value_may_be_nested_a_hundred_deep_and_no_deeper(wrap: Callable[[object], object]) -> None:
    assert canonical_json(nested(100, wrap))
    with pytest.raises(UnstorableValue, match="nested more than 100 deep"):
        canonical_json(nested(101, wrap))
    trail = AuditTrail(MemorySink(), clock=Counting(), disclosures=MemoryDisclosures())
    trail.append(actor="ada", operation="x", inputs={"a": Personal(nested(100, wrap))}, outputs={})
    with pytest.raises(UnstorableValue, match="nested more than 100 deep"):
        trail.append(actor="ada", operation="x", inputs={"a": Personal(nested(101, wrap))}, outputs={})


def test_rule_37_a_number_has_at_most_four_thousand_digits() -> None:
    most = 10**4_000 - 1

    assert canonical_json([most, -most, Fraction(1, most), Fraction(-most, 2)])
    for beyond in (most + 1, -most - 1, Fraction(1, most + 1)):
        with pytest.raises(UnstorableValue, match="more than 4000 digits"):
            canonical_json(beyond)


def test_entries_are_equal_by_their_line() -> None:
    first, same, other = (AuditEntry(lines()[at]) for at in (0, 0, 1))

    assert (first == same, first == other, first == lines()[0]) == (True, False, False)
    assert len({first, same, other}) == 2
