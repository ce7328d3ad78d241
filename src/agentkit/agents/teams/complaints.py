"""Why a team is not done, in words that name who is meant. Pure.

Rules: what members say may be of any size, so whatever is shown of it is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

from agentkit.kernel import shortened

from .values import Contribution

__all__ = ["SHOWN", "complaints", "failure_words", "fields_of", "unread"]

SHOWN: Final = 5
"""So many of a kind are shown, and the others counted."""

_LONG: Final = 200


def fields_of(content: object) -> Mapping[str, object]:
    """The fields of what a member said; none where it is no object."""
    return cast("Mapping[str, object]", content) if isinstance(content, Mapping) else {}


def unread(item: Contribution, field: str) -> str:
    """That a member did not give the field that is read, and what it gave; empty if it did.

    Example:
        >>> unread(Contribution(round=1, asked="critique", by="bob", content={"acept": True}), "accept")
        "bob gave no 'accept' (it gave: acept)"
    """
    given = fields_of(item.content)
    if field in given:
        return ""
    names = ", ".join([*given][:SHOWN])[:_LONG]
    return f"{item.by} gave no {field!r} (it gave: {names or shortened(item.content)})"


def failure_words(member: str, failure: str) -> str:
    """That a member failed, and how.

    Example:
        >>> failure_words("bob", "ValueError: no such month")
        'bob failed: ValueError: no such month'
    """
    text = " ".join(failure.split())
    return f"{member} failed: {text if len(text) <= _LONG else text[:_LONG] + '...'}"


def complaints(given: Iterable[str]) -> str:
    """The first of several, and how many more there are; empty ones do not count.

    Example:
        >>> complaints(["ann did not accept", "", "bob did not accept"])
        'ann did not accept; bob did not accept'
    """
    said = [one for one in given if one]
    more = [f"and {len(said) - SHOWN} more"] if len(said) > SHOWN else []
    return "; ".join([*said[:SHOWN], *more])
