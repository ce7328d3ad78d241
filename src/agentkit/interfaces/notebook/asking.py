"""What people are asked, and what went wrong, as pictures near and far say it: each with the code that goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from agentkit.screens import trouble_of
from agentkit.views import one_line
from agentkit.wire import FailureLine

from .sight import Trouble, Wanted

__all__ = ["asked", "troubled"]

_FORM: Final = {"text": '"..."', "whole": "0", "decimal": '"0.00"', "flag": "True", "date": '"2025-12-31"'}
"""What stands for a value until somebody writes theirs; decimals and dates are texts, so nothing is imported."""


def asked(
    question: str,
    *,
    call: str,
    given: Iterable[str],
    roles: Sequence[str],
    votes: tuple[int, int],
    more: Iterable[str],
    form: Mapping[str, str],
    proposed: Mapping[str, object],
) -> Wanted:
    """A question to people.

    Args:
        question: What they are asked.
        call: What their answer is a method of, such as `await client.`.
        given: What it is given: which question, and who answers.
        roles: Who may answer; empty is anybody.
        votes: How many have agreed, and how many have to.
        more: What else there is to know.
        form: The fields to fill in, with their kinds.
        proposed: What they hold at first.
    """
    known = [*given]
    refusal = ", ".join([*known, 'comment="WHY"'])
    if form:
        blanks = {name: _FORM.get(kind.removesuffix("?"), "...") for name, kind in form.items()}
        filled = {**blanks, **{name: repr(value) for name, value in proposed.items()}}
        known.append(f"form={{{', '.join(f'{name!r}: {value}' for name, value in filled.items())}}}")
    facts = [f"of {' or '.join(roles) or 'anybody'}", f"{votes[0]} of {votes[1]} agreed", *more]
    code = (f"{call}approve({', '.join(known)})", f"{call}refuse({refusal})")
    return Wanted(question=one_line(question, 1_000), facts=one_line(", ".join(facts), 500), code=code)


def troubled(code: str, message: str, call: str) -> Trouble:
    """Why it did not end well, and what can be done.

    Args:
        code: The code of what went wrong.
        message: Why, in words.
        call: The line of code that goes on from there.
    """
    found = trouble_of(FailureLine(code=code, message=message))
    return Trouble(code=found.code, message=found.message, remedy=found.remedy, call=call)
