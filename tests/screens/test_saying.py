"""What people type as a value: a text as it stands, or JSON where they say so."""

import pytest
from pydantic import JsonValue

from agentkit.errors import InputError
from agentkit.screens import said_value


@pytest.mark.parametrize(
    ("text", "is_json", "value"),
    [
        ("", False, None),
        ("", True, None),
        (" \n", True, None),
        (" ", False, " "),
        ("12", False, "12"),
        ("12", True, 12),
        ('{"by": ["ada"]}', True, {"by": ["ada"]}),
        ('{"by": ["ada"]}', False, '{"by": ["ada"]}'),
    ],
)
def test_a_text_stands_as_it_is_and_json_is_read(text: str, is_json: bool, value: JsonValue) -> None:
    assert said_value(text, is_json=is_json) == value


@pytest.mark.parametrize("text", ["{", "NaN", "[Infinity]", "one", "[" * 100_000])
def test_what_is_no_json_is_told_with_what_to_do(text: str) -> None:
    with pytest.raises(InputError, match=r"this is no JSON: .*a text is told as it stands"):
        said_value(text, is_json=True)
