"""Schemas and values from elsewhere cost what a form costs, and never make it fail."""

from time import perf_counter

import pytest
from pydantic import JsonValue

from agentkit.errors import FormInvalid, InputError
from agentkit.screens import Form, JsonField, TextField


def nested(depth: int) -> JsonValue:
    schema: JsonValue = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "minItems": 1_000_000, "items": schema}
    return schema


def size(held: object) -> int:
    parts = held.values() if isinstance(held, dict) else held if isinstance(held, list) else ()
    return 1 + sum(map(size, parts))


@pytest.mark.parametrize("depth", [1, 2, 3, 330])
def test_rows_that_are_asked_for_are_begun_up_to_a_bound(depth: int) -> None:
    assert size(Form.of(nested(depth)).blank()) <= 2_000


def test_fewer_rows_than_are_asked_for_are_said_to_be_too_few() -> None:
    form = Form.of(nested(1))

    with pytest.raises(FormInvalid, match=r"At least 1,000,000 are asked for; there are 100\."):
        form.read({"value": ["x"] * 100})


def test_what_is_very_deep_is_json() -> None:
    deep: dict[str, JsonValue] = {
        f"A{n}": {"type": "array", "items": {"$ref": f"#/$defs/A{n + 1}"}} for n in range(500)
    }
    field = Form.of({"$ref": "#/$defs/A0", "$defs": deep}).root
    for _ in range(30):
        assert not isinstance(field, JsonField)
        field = getattr(field, "template", field)

    assert isinstance(field, JsonField)


def test_a_pattern_takes_no_longer_than_the_text() -> None:
    begun = perf_counter()

    with pytest.raises(FormInvalid):
        Form.of({"type": "string", "pattern": "(a+)+$"}).read({"value": "a" * 5_000 + "!"})

    assert perf_counter() - begun < 30


@pytest.mark.parametrize("pattern", ["a{99999999999}", "(" * 2_000 + "b" + ")" * 2_000, "(", "(?!b)b"], ids=len)
def test_a_pattern_that_cannot_be_looked_for_here_is_left_to_the_server(pattern: str) -> None:
    assert Form.of({"type": "string", "pattern": pattern}).read({"value": "a"}) == "a"


def test_a_place_with_a_number_of_thousands_of_digits_is_a_place() -> None:
    error = InputError("one thing")
    error.places = ((f"/{'9' * 5_000}", "bad"),)

    assert Form.of({"type": "array", "items": {"type": "string"}}).errors_of(error).below("") is False


def test_only_the_first_of_many_options_are_told() -> None:
    form = Form.of({"enum": [f"kind {n}" for n in range(500)]})

    with pytest.raises(FormInvalid, match=r"kind 8, kind 9 and 490 more\.$"):
        form.read({"value": "none"})


@pytest.mark.parametrize("listed", ["abc", [], 5, {}], ids=str)
def test_options_that_are_no_list_are_not_there(listed: JsonValue) -> None:
    assert isinstance(Form.of({"type": "string", "enum": listed}).root, TextField)


def test_half_of_a_letter_is_no_json() -> None:
    with pytest.raises(FormInvalid, match="half of a letter"):
        Form.of({}).read_text('["\\ud800"]')
    assert Form.of({}).read_text('"\\ud83d\\ude00"') == "😀"
