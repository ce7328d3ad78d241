"""Instructions: `{identifier}` is replaced, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import DefinitionError, InputError
from agentkit.kernel import Stage, placeholders, render

identifiers = st.text(max_size=8).filter(str.isidentifier) | st.sampled_from(
    ["month", "_", "महीना", "nai\u0308ve", "ªb"]
)
plain = st.text(st.characters(exclude_characters="{}", codec="utf-8"), max_size=10)
texts = st.text(max_size=10) | st.sampled_from(["{month}", "{{", "}}", "{0.__class__}", "\\g<0>", "%s"])


def accepts(instruction: str) -> bool:
    try:
        Stage("a", agent="ada", instruction=instruction)
    except DefinitionError:
        return False
    return True


@given(pieces=st.lists(st.tuples(plain, identifiers, texts), max_size=4), end=plain)
def test_every_accepted_placeholder_is_replaced_once_by_its_value_as_it_is(
    pieces: list[tuple[str, str, str]], end: str
) -> None:
    values = {name: value for _, name, value in pieces}
    template = "".join(f"{text}{{{name}}}" for text, name, _ in pieces) + end

    assert accepts(template)
    assert placeholders(template) == tuple(values)
    assert render(template, values) == "".join(text + values[name] for text, name, _ in pieces) + end


@given(text=st.text(max_size=30))
def test_doubled_braces_give_back_any_text(text: str) -> None:
    template = text.replace("{", "{{").replace("}", "}}")

    assert accepts(template)
    assert render(template, {}) == text


@given(template=st.text("{}a.!:[0 ", max_size=12))
def test_whatever_is_accepted_can_be_rendered(template: str) -> None:
    if accepts(template):
        assert set(placeholders(template)) <= {"a", "aa", "a0", "aaa", "a00"} | set(placeholders(template))
        render(template, dict.fromkeys(placeholders(template), "value"))


@pytest.mark.parametrize(
    ("instruction", "found", "place"),
    [
        ("{", "{", 1),
        ("a }", "}", 3),
        ("{}", "{}", 1),
        ("x {a.b}", "{a.b}", 3),
        ("{a[0]}", "{a[0]}", 1),
        ("{a!r}", "{a!r}", 1),
        ("{a:>9}", "{a:>9}", 1),
        ("{ a }", "{ a }", 1),
        ("{0}", "{0}", 1),
        ("{{a}", "}", 4),
        ("{a}}", "}", 4),
    ],
)
def test_anything_else_in_braces_is_refused_with_its_place(instruction: str, found: str, place: int) -> None:
    with pytest.raises(DefinitionError) as caught:
        Stage("a", agent="ada", instruction=instruction)

    assert caught.value.problems == (
        f"stage 'a': {found!r} at character {place} of the instruction is not a placeholder;"
        " write {name} for an input, and '{{' or '}}' for a brace",
    )


def test_an_instruction_is_a_text() -> None:
    not_a_text: object = 5
    with pytest.raises(DefinitionError, match="stage 'a': the instruction must be a text, not int"):
        Stage("a", agent="ada", instruction=not_a_text)  # type: ignore[arg-type] # on purpose


def test_a_missing_value_is_named() -> None:
    with pytest.raises(InputError, match=r"asks for \{month\}, but the input has no 'month'"):
        render("Sales of {month}", {"year": "2025"})


def test_attributes_and_formats_stay_as_they_are_where_nobody_checked() -> None:
    assert render("{a.b} {a!r} {0}", {"a": "x"}) == "{a.b} {a!r} {0}"
    assert placeholders("{a.b} {a!r} {0}") == ()
