"""Conditions on values: each comparison says yes and no, and refuses what it cannot compare."""

from typing import Any

import pytest

from agentkit.errors import DefinitionError, InputError
from agentkit.kernel import When, holds


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        ({}, ["1", '"x"', "[0]", "true"], ["0", '""', "[]", "null", "false", None]),
        ({"path": "rows.1.n"}, ['{"rows": [0, {"n": 1}]}'], ['{"rows": [0]}', '{"rows": [0, {"n": 0}]}', "[1, 2]"]),
        ({"equals": "go"}, ['"go"'], ['"stop"', "1", "null"]),
        ({"equals": 1}, ["1", "1.0", '"1.00"'], ["2", "true", '"one"']),
        ({"equals": True}, ["true"], ["1", "false"]),
        ({"differs": "go"}, ['"stop"', "1", "null", None], ['"go"']),
        ({"differs": 1}, ["2", '"one"', "true"], ["1", '"1.0"']),
        ({"above": 3}, ["3.1", '"3.01"'], ["3", "2"]),
        ({"below": 3}, ["2.9", "-1"], ["3", "4"]),
        ({"at_least": 3}, ["3", "4"], ["2.99"]),
        ({"at_most": 3}, ["3", "-4"], ["3.01"]),
        ({"above": 1, "below": 3}, ["2"], ["1", "3"]),
        ({"at_least": 1, "at_most": 3, "differs": 2}, ["1", "3"], ["2", "0"]),
        ({"path": "a", "present": True}, ['{"a": 0}'], ['{"a": null}', "{}", None]),
        ({"path": "a", "present": False}, ["{}", '{"a": null}', None], ['{"a": 0}']),
    ],
    ids=str,
)
def test_a_condition_holds_or_does_not(condition: dict[str, Any], yes: list[str | None], no: list[str | None]) -> None:
    assert [text for text in yes if not holds(When(**condition), text)] == []
    assert [text for text in no if holds(When(**condition), text)] == []


def test_amounts_are_compared_exactly() -> None:
    assert holds(When(above=0.1), '"0.1000000000000000000001"')
    assert not holds(When(above=0.1), '"0.1"')


@pytest.mark.parametrize("bound", ["above", "below", "at_least", "at_most"])
@pytest.mark.parametrize("text", ['"many"', "null", "true", "[1]", None])
def test_what_is_no_number_is_not_compared_with_one(bound: str, text: str | None) -> None:
    settings: dict[str, Any] = {bound: 1}
    with pytest.raises(InputError, match="compares rows with a number, but it is"):
        holds(When("rows", **settings), text)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"above": "3"}, "above must be a number"),
        ({"at_most": True}, "at_most must be a number"),
        ({"equals": [1]}, "equals must be a text, a number, true or false"),
        ({"differs": {}}, "differs must be a text, a number, true or false"),
        ({"present": 1}, "present must be"),
        ({"path": 1}, "path must be"),
    ],
)
def test_a_condition_that_says_nothing_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        When(**settings)
