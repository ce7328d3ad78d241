"""What somebody fills in becomes JSON, or says beside each field what to do."""

import json
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pytest
from pydantic import BaseModel, Field, JsonValue, TypeAdapter

from agentkit import Money
from agentkit.errors import FormInvalid, InputError
from agentkit.screens import Form, FormErrors, GroupField, Upload, blank_of
from tests.screens.forms.kinds import Everything, Share

PICKED = datetime.fromisoformat("2026-12-25T14:30")
"""Of a picker that knows no zones."""


def form_of(declared: object) -> Form:
    return Form.of(_adapter(declared).json_schema())


def _adapter(declared: object) -> TypeAdapter[Any]:
    return TypeAdapter(cast("type[Any]", declared))


def read(declared: object, given: object) -> JsonValue:
    form = form_of(declared)
    # A tuple has its parts at the top, as an object has its fields.
    return form.read(cast("dict[str, object]", given) if isinstance(form.root, GroupField) else {"value": given})


def fault(declared: object, given: object) -> str:
    with pytest.raises(FormInvalid) as caught:
        read(declared, given)
    (words,) = caught.value.faults[""]
    return words


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        (str, "Ada", "Ada"),
        (str, '""', ""),
        (str | None, "", None),
        (int, " 12 ", 12),
        (int, 12, 12),
        (int, "1e3", 1000),
        (float, "0.1", 0.1),
        (float, 2.5, 2.5),
        (Decimal, "12.50", "12.50"),
        (Decimal, Decimal("0.10"), "0.10"),
        (bool, "yes", True),
        (date, date(2026, 12, 25), "2026-12-25"),
        (time, "9:05", "09:05"),
        (datetime, "2026-12-25 14:30Z", "2026-12-25T14:30Z"),
        (datetime, PICKED, "2026-12-25T14:30:00+00:00"),
        (timedelta, "1 h 30 min", "PT1H30M"),
        (timedelta, "2 days", "P2D"),
        (timedelta, timedelta(seconds=90), "PT1M30S"),
        (timedelta, "PT0.5S", "PT0.5S"),
        (Money, {"amount": "12.50", "currency": "EUR"}, {"amount": "12.50", "currency": "EUR"}),
        (bytes, Upload(content=b"a,b", name="a.csv"), "a,b"),
        (list[int], ["1", "2"], [1, 2]),
        (tuple[int, str], {"0": "1", "1": "b"}, [1, "b"]),
        (dict[str, int], [{"key": "a", "value": "1"}], {"a": 1}),
        (dict[str, Any], '{"a": [1, null]}', {"a": [1, None]}),
    ],
    ids=str,
)
def test_what_is_filled_in_is_read(declared: object, given: object, value: JsonValue) -> None:
    assert read(declared, given) == value
    _adapter(declared).validate_json(json.dumps(value))


@pytest.mark.parametrize(
    ("declared", "given", "words"),
    [
        (str, "", "Fill this in."),
        (int, "", "Fill this in."),
        (int, "1,000", "Write a whole number, such as 12, without separators."),
        (int, "1.5", "Write a whole number, such as 12, without separators."),
        (Decimal, "12,50", "Write a number with a point, such as 1234.50, without separators."),
        (Decimal, "nan", "Write a number with a point, such as 1234.50, without separators."),
        (float, "0.12345678901234567890", "This has more digits than a number can hold here: leave some out."),
        (date, "25.12.2026", "Write a day as year, month and day, such as 2026-12-25."),
        (date, "2026-02-30", "The calendar has no 2026-02-30. Write a day as year, month and day, such as 2026-12-25."),
        (time, "25:00", "Write a time of day, such as 14:30 or 14:30:15."),
        (timedelta, "soon", "Write how long, such as 2 h 30 min, 1:30:00 or 90 s."),
        (Money, {"amount": "", "currency": "EUR"}, "Fill this in."),
        (Money, {"amount": "1", "currency": ""}, "Choose a currency."),
        (Money, {"amount": 0.1, "currency": "EUR"}, "Write the amount as text: a float has lost digits already."),
        (bytes, b"\xff", "Choose a text file in UTF-8: this one holds other bytes."),
        (set[int], ["1", "1"], "Each value may be there once, and 1 is there more often."),
        (dict[str, Any], "[]", 'Write a JSON object, such as {"name": "value"}.'),
        (
            dict[str, Any],
            '{"a": 1, "a": 2}',
            "This is no JSON that can be taken: the key 'a' stands twice in one object.",
        ),
        (dict[str, Any], "{", "This is no JSON: line 1, column 2: Expecting property name enclosed in double quotes."),
        (dict[str, Any], '{"a": NaN}', "This is no JSON that can be taken: NaN is no number of JSON."),
    ],
    ids=str,
)
def test_what_is_wrong_says_what_to_do(declared: object, given: object, words: str) -> None:
    assert fault(declared, given) == words


def test_an_amount_finer_than_its_currency_is_refused_beside_the_field() -> None:
    assert "EUR" in fault(Money, {"amount": "0.001", "currency": "EUR"})


def test_an_amount_is_never_a_float() -> None:
    class Bill(BaseModel):
        total: Decimal
        paid: Money

    value = Form.of(Bill.model_json_schema()).read({"total": "0.10", "paid": {"amount": "0.30", "currency": "EUR"}})

    assert value == {"total": "0.10", "paid": {"amount": "0.30", "currency": "EUR"}}
    assert Bill.model_validate(value).total == Decimal("0.10")


def test_all_faults_are_told_at_once_each_at_its_field() -> None:
    class Report(BaseModel):
        month: str = Field(pattern=r"^\d{4}-\d\d$", examples=["2025-11"])
        shares: list[Share] = Field(min_length=1)
        rows: int = Field(default=5, ge=1)

    form = Form.of(Report.model_json_schema())
    shares = [{"author": "Ada", "percent": "150"}, {"author": "", "percent": "20"}]

    with pytest.raises(FormInvalid) as caught:
        form.read({"month": "May", "shares": shares, "rows": "0"})

    errors = form.errors_of(caught.value)
    assert errors.at("/month") == (r"This has to match ^\d{4}-\d\d$, such as 2025-11.",)
    assert errors.at("/shares/0/percent") == ("This has to be at most 100.",)
    assert errors.at("/shares/1/author") == ("Fill this in.",)
    assert errors.at("/rows") == ("This has to be at least 1.",)
    assert errors.below("/shares")
    assert not errors.below("/rows")
    assert errors.general == ()


def test_what_a_server_finds_is_shown_at_the_same_fields() -> None:
    form = Form.of(Everything.model_json_schema())
    error = InputError("two things")
    error.places = (
        ("/input/shares/0/percent", "too much"),
        ("/input/money/currency", "unknown"),
        ("/input/free/a/b", "bad"),
        ("/metadata", "too long"),
    )

    errors = form.errors_of(error)

    assert errors.at("/shares/0/percent") == ("Too much",)
    assert errors.at("/money") == ("currency: unknown",)
    assert errors.at("/free") == ("a/b: bad",)
    assert errors.general == ("metadata: too long",)


def test_an_error_without_places_is_shown_above_the_form() -> None:
    errors = Form.of(Everything.model_json_schema()).errors_of(InputError("the input does not fit"))

    assert errors == FormErrors(general=("the input does not fit",))


def test_nothing_null_and_left_out_are_three_things() -> None:
    class Query(BaseModel):
        needed: int | None
        usual: str | None = "x"
        hidden: str = Field(default_factory=str)
        listed: list[int] = Field(default_factory=list)

    form = Form.of(Query.model_json_schema())

    assert form.read({"needed": "", "usual": "", "hidden": "", "listed": None}) == {"needed": None, "usual": None}
    assert form.read({"needed": "1"}) == {"needed": 1}
    assert form.blank() == {"needed": "", "usual": "x", "hidden": "", "listed": None}


def test_a_group_that_is_switched_on_begins_with_its_own_defaults() -> None:
    class Order(BaseModel):
        share: Share | None = None

    (field,) = Form.of(Order.model_json_schema()).fields

    assert blank_of(field) is None
    assert blank_of(field, on=True) == {"author": "", "percent": "", "note": None}


def test_json_text_is_checked_like_fields_are() -> None:
    form = Form.of(Share.model_json_schema())

    assert form.read_text('{"author": "Ada", "percent": "20"}') == {"author": "Ada", "percent": "20"}
    for text in ('{"author": "Ada"}', "[]", "{", ""):
        with pytest.raises(FormInvalid):
            form.read_text(text)


def test_the_form_of_an_approval_gives_what_its_question_takes() -> None:
    form = Form.of_kinds({"amount": "decimal", "day": "date", "sure": "flag", "count": "whole?", "why": "text?"})

    given = {"amount": "12.50", "day": "2026-12-25", "sure": True, "count": "", "why": ""}

    assert form.read(given) == {"amount": "12.50", "day": "2026-12-25", "sure": True}


def test_the_form_of_an_approval_is_filled_in_as_it_is_proposed() -> None:
    kinds = {"amount": "decimal", "days": "whole", "sure": "flag", "day": "date?", "note": "text?", "why": "text?"}
    proposed: dict[str, JsonValue] = {"amount": "12.50", "days": 3, "sure": False, "day": "2026-12-25", "note": "x"}
    form = Form.of_kinds(kinds, proposed=proposed)

    held = form.blank()
    assert held == form.fill(proposed)
    assert held == {"amount": "12.50", "days": "3", "sure": False, "day": "2026-12-25", "note": "x", "why": ""}
    assert form.read(held) == proposed
    assert form.read({**held, "days": "4"}) == {**proposed, "days": 4}
    # What is emptied must not look like what was left out: that would be taken as proposed.
    assert form.read({**held, "day": "", "note": ""}) == {**proposed, "day": None, "note": None}
    with pytest.raises(FormInvalid) as caught:
        form.read({**held, "amount": "", "days": ""})
    assert caught.value.faults.keys() == {"/amount", "/days"}


def test_a_schema_of_anybodys_hand_gives_a_form_all_the_same() -> None:
    schemas: list[JsonValue] = [
        None,
        True,
        [],
        {},
        {"type": "strange"},
        {"$ref": "#/nowhere"},
        {"$ref": "#"},
        {"type": "object", "properties": {"a": {"$ref": "#"}}},
        {"type": ["string", "null"]},
        {"anyOf": []},
        {"enum": []},
        {"type": "string", "pattern": "("},
        {"type": "integer", "minimum": "a lot"},
        {"type": "array", "items": {"$ref": "https://example.com/schema"}},
        {"allOf": [{"type": "integer"}]},
    ]

    for schema in schemas:
        form = Form.of(schema)
        form.blank()
        form.text()


def test_a_moment_that_is_picked_without_a_zone_is_in_the_zone_of_the_form() -> None:
    zone = timezone(timedelta(hours=2))
    form = Form.of({"type": "string", "format": "date-time"}, zone=zone)

    assert form.read({"value": PICKED}) == "2026-12-25T14:30:00+02:00"
