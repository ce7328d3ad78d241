"""How a column writes its numbers or dates, from what its values decide: rule 26.

Rules: only values with one reading decide; where they contradict each other, the rarer ones are kept apart, and nobody
decides for those with two readings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from agentkit.errors import AmbiguousDate, AmbiguousNumber, MoneyError
from agentkit.money import DateColumn, NumberColumn, infer_dates, infer_numbers

from .reading import Form
from .schema import Field
from .shapes import shape_of
from .texts import tidy

__all__ = ["form_of", "is_decided"]

_WORDS = {
    ".": "numbers with a decimal point",
    ",": "numbers with a decimal comma",
    "dmy": "dates with the day first",
    "mdy": "dates with the month first",
    "ymd": "dates with the year first",
}


def is_decided(field: Field) -> bool:
    """Whether the schema says how a field is written, so that its column is not asked."""
    if field.kind not in {"integer", "decimal", "money", "date"} or field.decided_by == "cell":
        return True
    return field.locale is not None or field.order is not None or field.orders is not None


def form_of(field: Field, keys: Mapping[str, int]) -> Form:
    """The form that a column decides for.

    Args:
        field: What the column is.
        keys: How often there is each shape of a number, or each date, in order of appearance.
    """
    infer: Callable[[str], NumberColumn | DateColumn | None]
    infer = (lambda text: _dates(field, text)) if field.kind == "date" else (lambda text: _numbers(field, text))
    votes: Counter[str] = Counter()
    readers: dict[str, NumberColumn | DateColumn] = {}
    voted: dict[str, str | None] = {}
    for key, count in keys.items():
        found = infer(tidy(key))
        vote = None if found is None else _vote(found)
        voted[key] = vote
        if found is not None and vote is not None:
            votes[vote] += count
            readers.setdefault(vote, found)
    if not votes:
        return Form()
    usual = max(votes, key=votes.__getitem__)
    if len(votes) == 1:
        return Form(column=readers[usual], said=_WORDS[usual])
    contrary = {tidy(key) for key, vote in voted.items() if vote not in {None, usual}}
    if field.kind == "date":
        return Form(contrary=lambda text: tidy(text) in contrary, said=_WORDS[usual])
    return Form(contrary=lambda text: tidy(shape_of(text)) in contrary, said=_WORDS[usual])


def _vote(found: NumberColumn | DateColumn) -> str | None:
    return found.decimal if isinstance(found, NumberColumn) else found.order


def _numbers(field: Field, text: str) -> NumberColumn | None:
    try:
        return infer_numbers([text], allow=field.allow, negative=field.negative)
    except (AmbiguousNumber, MoneyError):
        return None


def _dates(field: Field, text: str) -> DateColumn | None:
    try:
        return infer_dates([text], two_digit_years_from=field.two_digit_years_from)
    except (AmbiguousDate, MoneyError):
        return None
