"""No value becomes another one without a word: what cannot be kept is refused beside its field."""

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Literal, NamedTuple, cast

import pytest
from pydantic import BaseModel, Field, Json, JsonValue, TypeAdapter

from agentkit import Money
from agentkit.errors import FormInvalid, InputError
from agentkit.screens import DecimalField, FileField, Form, GroupField, TextField, VariantField
from agentkit.screens.forms.spans import span_text


class Place(NamedTuple):
    x: int
    y: int = 5
    z: int = 7


class Plain(BaseModel):
    a: int = 0


class Fuller(BaseModel):
    b: int
    c: int = 0


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


def form_of(declared: object) -> Form:
    return Form.of(TypeAdapter(cast("type[object]", declared)).json_schema())


def faults(form: Form, values: dict[str, object]) -> dict[str, tuple[str, ...]]:
    with pytest.raises(FormInvalid) as caught:
        form.read(values)
    return dict(caught.value.faults)


@pytest.mark.parametrize(
    "text", ["1,5 h", "1,5", "1,000 s", "10 000 s", "0.1234567 s", "1h30", "1 30", "2 h 5", "1.5.5 h", "h", "", ","]
)
def test_a_span_that_could_be_meant_otherwise_is_not_guessed(text: str) -> None:
    assert span_text(text) is None


@pytest.mark.parametrize(
    ("text", "span"), [("2 h, 30 min", "PT2H30M"), ("2h30min", "PT2H30M"), ("1.5 h", "PT1H30M"), ("0.5", "PT0.5S")]
)
def test_a_span_with_its_units_is_read(text: str, span: str) -> None:
    assert span_text(text) == span


def test_a_part_of_a_tuple_that_is_left_empty_keeps_its_place() -> None:
    form = form_of(Place)

    assert form.read({"0": "1", "1": "", "2": "3"}) == [1, 5, 3]
    assert form.read({"0": "1", "1": "", "2": ""}) == [1]
    assert faults(form, {"0": "", "1": "", "2": "3"}) == {"/0": ("Fill this in.",)}


def test_an_item_that_is_left_empty_keeps_its_place() -> None:
    numbers: JsonValue = {"type": "integer", "default": 5}

    assert Form.of({"type": "array", "items": numbers}).read({"value": ["1", "", "3"]}) == [1, 5, 3]
    assert Form.of({"type": "object", "additionalProperties": numbers}).read(
        {"value": [{"key": "a", "value": ""}, {"key": "b", "value": "2"}]}
    ) == {"a": 5, "b": 2}


@pytest.mark.parametrize("value", [{"b": 1}, {"b": 1, "c": 2}, {"a": 3}, {"c": 2, "b": 1}], ids=str)
def test_the_kind_that_keeps_a_value_is_chosen(value: dict[str, JsonValue]) -> None:
    form = form_of(Plain | Fuller)

    again = form.read(form.fill(value))

    assert isinstance(form.root, VariantField)
    assert isinstance(again, dict)
    assert value.items() <= again.items()


def test_a_value_that_fits_no_kind_is_shown_as_the_kind_it_is_nearest_to() -> None:
    form = form_of(Cat | Dog)

    held = cast("dict[str, dict[str, object]]", form.fill({"kind": "dog"}))

    assert held["value"]["variant"] == "Dog"
    assert faults(form, cast("dict[str, object]", held)) == {"/name": ("Fill this in.",)}


@pytest.mark.parametrize("zero", ["0", 0, Decimal(0)], ids=repr)
def test_an_amount_of_nothing_is_an_amount(zero: object) -> None:
    form = form_of(Money | None)

    assert form.read({"value": {"amount": zero, "currency": "EUR"}}) == {"amount": "0", "currency": "EUR"}
    assert form.read({"value": {"amount": "", "currency": "EUR"}}) is None


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1e-400"])
def test_a_number_that_no_float_can_hold_is_refused(text: str) -> None:
    words = ("This is too large, or too near to 0, for a number here.",)

    assert faults(form_of(float), {"value": text}) == {"": words}
    assert form_of(float).read({"value": "0e0"}) == 0


def test_a_number_or_any_text_takes_words_and_is_strict_with_figures() -> None:
    form = form_of(float | str)

    assert form.read({"value": "hello"}) == "hello"
    assert form.read({"value": "1.50"}) == "1.50"
    assert list(faults(form, {"value": "12,50"})) == [""]
    assert list(faults(Form.of_kinds({"amount": "decimal"}), {"amount": "hello"})) == ["/amount"]


def test_a_number_or_a_text_of_some_kind_are_two_kinds_of_value() -> None:
    day: JsonValue = {"type": "string", "format": "date"}
    decimal: JsonValue = {"type": "string", "pattern": r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"}

    assert isinstance(Form.of({"anyOf": [{"type": "number"}, day]}).root, VariantField)
    assert isinstance(Form.of({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^a$"}]}).root, VariantField)
    assert Form.of({"anyOf": [{"type": "number"}, decimal]}).root == DecimalField(key="value", path="", label="Value")


def test_properties_without_a_type_are_fields() -> None:
    form = Form.of({"properties": {"a": {"type": "integer"}}})

    assert isinstance(form.root, GroupField)
    assert form.read({"a": "1"}) == {"a": 1}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"enum": ["1", 2]}, 1),
        ({"enum": ["1", "1 (other)"]}, 1),
        ({"const": "a"}, "b"),
        ({"const": "a"}, None),
        ({"const": "5"}, 5),
        ({"const": None}, "x"),
        ({"type": "string", "format": "base64"}, "!!!!"),
        ({"type": "string", "format": "base64url"}, "!!!!"),
    ],
    ids=str,
)
def test_a_value_that_is_not_allowed_is_not_taken_for_one_that_is(schema: JsonValue, value: JsonValue) -> None:
    form = Form.of(schema)

    assert list(faults(form, form.fill(value))) == [""]


def test_coded_bytes_may_have_line_breaks() -> None:
    form = Form.of({"type": "string", "format": "base64"})

    assert form.read(form.fill("aGVs\nbG8=\n")) == "aGVsbG8="
    url = Form.of({"type": "string", "format": "base64url"})
    assert url.read(url.fill("-_-_")) == "-_-_"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-25 14:30", "2026-12-25T14:30:00+02:00"),
        ("2026-12-25T9:05+01", "2026-12-25T09:05+01:00"),
        ("2026-12-25T14:30Z", "2026-12-25T14:30Z"),
    ],
)
def test_a_moment_that_is_written_without_a_zone_is_in_the_zone_of_the_form(text: str, moment: str) -> None:
    form = Form.of({"type": "string", "format": "date-time"}, zone=timezone(timedelta(hours=2)))

    assert form.read({"value": text}) == moment


def test_what_is_left_empty_without_a_default_is_left_out_and_null_stays_null() -> None:
    number: JsonValue = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    flag: JsonValue = {"anyOf": [{"type": "boolean"}, {"type": "null"}]}
    form = Form.of({"type": "object", "properties": {"number": number, "flag": flag}})

    assert form.read(form.fill({})) == {}
    assert form.read(form.blank()) == {}
    assert form.read(form.fill({"number": None})) == {"number": None}


def test_a_name_that_a_field_has_is_not_thrown_away() -> None:
    form = Form.of(
        {
            "type": "object",
            "properties": {"inner": {"properties": {"a": {"type": "integer"}}, "additionalProperties": True}},
        }
    )

    assert faults(form, {"inner": {"a": "1", "*": '{"a": 2}'}}) == {
        "/inner": ("There is a field 'a' already: fill that in.",)
    }
    assert form.read({"inner": {"a": "1", "*": '{"b": 2}'}}) == {"inner": {"a": 1, "b": 2}}


def test_json_in_a_text_is_written_and_is_no_file() -> None:
    (field,) = Form.of({"properties": {"rows": TypeAdapter(Json[int]).json_schema()}}).fields
    (page,) = Form.of({"properties": {"page": {"type": "string", "contentMediaType": "text/html"}}}).fields

    assert isinstance(field, TextField)
    assert field.is_long
    assert isinstance(page, FileField)


def test_a_request_says_where_it_has_the_value() -> None:
    class Input(BaseModel):
        data: str = ""
        metadata: str = ""
        rows: dict[str, int] = Field(default={})

    form = Form.of(Input.model_json_schema())
    error = InputError("two things")
    error.places = (("/input/data", "too long"), ("/metadata", "too many"))

    for errors in (form.errors_of(error, at="/input"), form.errors_of(error)):
        assert errors.at("/data") == ("Too long",)
        assert errors.at("/metadata") == ()
        assert errors.general == ("metadata: too many",)
    error.places = (("/data", "too long"), ("/metadata", "too many"))
    for errors in (form.errors_of(error, at=""), form.errors_of(error)):
        assert dict(errors.fields) == {"/data": ("Too long",), "/metadata": ("Too many",)}
