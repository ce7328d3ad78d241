"""Values by declared type: what is written comes back equal, or is refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from agentkit.agents import ANY, ValueType
from agentkit.errors import DefinitionError, InputError, UnstorableValue


@dataclass(frozen=True)
class Sale:
    title: str
    amount: Decimal
    sold_at: datetime


@dataclass(frozen=True)
class Derived(Sale):
    secret: str = "lost"


class Line(BaseModel):
    sale: Sale
    tags: set[str] = set()


class Special(Line):
    more: int = 1


class Colour(Enum):
    RED = "red"


SALE = Sale("Blue", Decimal("10.10"), datetime(2025, 11, 1, 12, tzinfo=UTC))

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_plain_json_comes_back_equal(value: object) -> None:
    again = ANY.decode(ANY.encode(value))

    assert again == value
    assert json.dumps(again) == json.dumps(value)


@given(plain)
def test_a_declared_mapping_of_anything_comes_back_equal(value: object) -> None:
    declared = ValueType(dict[str, Any])
    try:
        text = declared.encode({"value": value})
    except (InputError, UnstorableValue):
        return  # a lone surrogate: refused, never changed
    assert declared.decode(text) == {"value": value}


@pytest.mark.parametrize(
    ("declared", "value", "text"),
    [
        (Decimal, Decimal("10.00"), '"10.00"'),
        (datetime, datetime(2025, 1, 2, tzinfo=timezone(timedelta(hours=2))), '"2025-01-02T00:00:00+02:00"'),
        (date, date(2025, 1, 2), '"2025-01-02"'),
        (timedelta, timedelta(days=1, seconds=1), '"P1DT1S"'),
        (bytes, b"plain", '"plain"'),
        (tuple[int, str], (1, "a"), '[1,"a"]'),
        (list[Decimal], [Decimal(1), Decimal("1.0")], '["1","1.0"]'),
        (Mapping[str, Decimal], {"a": Decimal("0.1")}, '{"a":"0.1"}'),
        (dict[int, str], {1: "a"}, '{"1":"a"}'),
        (frozenset[int], frozenset([1]), "[1]"),
        (Colour, Colour.RED, '"red"'),
        (Literal["a", "b"], "a", '"a"'),
        (int | None, None, "null"),
        (Sale, SALE, '{"title":"Blue","amount":"10.10","sold_at":"2025-11-01T12:00:00Z"}'),
        (str, "\ud800", '"\\ud800"'),
        (object, {"\ud800": "\udfff"}, '{"\\ud800":"\\udfff"}'),
    ],
)
def test_declared_types_come_back_equal(declared: object, value: object, text: str) -> None:
    kind = ValueType(declared)

    assert kind.encode(value) == text
    again = kind.decode(text)
    assert again == value
    assert type(again) is type(value)


def test_nested_models_come_back_equal() -> None:
    kind = ValueType(dict[str, list[Line]])
    value = {"june": [Line(sale=SALE, tags={"a"}), Line(sale=SALE)]}

    assert kind.decode(kind.encode(value)) == value


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (object, float("nan")),
        (object, float("-inf")),
        (object, (1, 2)),
        (object, [{"a": (1,)}]),
        (object, {1: "a"}),
        (object, {None: 1}),
        (object, {"a": b"x"}),
        (object, {1, 2}),
        (object, Decimal(1)),
        (object, SALE),
        (float, float("nan")),
        (list[float], [1.0, float("inf")]),
        (Sale, Derived("a", Decimal(1), SALE.sold_at)),
        (Line, Special(sale=SALE)),
        (list[Line], [Special(sale=SALE)]),
        (bytes, b"\xff"),
        (int, True),
        (int, "1"),
        (str, 1),
        (list[int], [1, "2"]),
        (list[int], (1, 2)),
        (Sale, {"title": "a", "amount": "1", "sold_at": "2025-11-01T12:00:00Z"}),
        (None, 0),
    ],
)
def test_what_would_not_come_back_equal_is_refused(declared: object, value: object) -> None:
    with pytest.raises((UnstorableValue, InputError)):
        ValueType(declared).encode(value)


def test_what_is_too_deep_or_contains_itself_is_refused() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    loop: list[object] = []
    loop.append(loop)
    for kind in (ANY, ValueType(list[Any])):
        for value in (deep, loop):
            with pytest.raises((UnstorableValue, InputError)):
                kind.encode(value)


def test_a_refusal_tells_the_place_and_not_the_data() -> None:
    with pytest.raises(InputError, match=r"the value is not a Sale: amount: ") as caught:
        ValueType(Sale).decode('{"title":"secret","amount":"a lot","sold_at":"2025-11-01T12:00:00Z"}')

    assert "secret" not in str(caught.value)
    assert "a lot" not in str(caught.value)


def test_a_type_that_is_none_is_found_at_once() -> None:
    class Opaque:
        pass

    with pytest.raises(DefinitionError, match="Opaque is no type of values"):
        ValueType(Opaque).prepare()
