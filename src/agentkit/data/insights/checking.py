"""Holds a text against insights: a number that nobody computed is refused.

Rules: numbers count as they are written in statements, or exactly; names of groups and days are no numbers; what could
be a number and cannot be read is refused too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from agentkit.errors import FigureUnknown
from agentkit.money import Money

from .statements import Figure, Insights

__all__ = ["check_text"]

UNIT: Final = r"(?:%|percent\b|per cent\b|[A-Z]{3}\b)"
NUMBER: Final = re.compile(
    rf"(?<![\w.,])(?:(?P<code>[A-Z]{{3}})\s)?(?P<sign>[-+\u2212]?)(?P<digits>[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?)"
    rf"(?!\w|[.,]\w)(?:\s?(?P<unit>{UNIT}))?"
)
# fmt: off
WORDS: Final = {
    word: number
    for number, word in enumerate(
        ["zero", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
    if word
}
VAGUE: Final = frozenset({
    "billion", "billions", "double", "doubled", "doubles", "doubling", "dozen", "dozens", "eighty", "fifty", "forty",
    "half", "halved", "halves", "hundred", "hundreds", "million", "millions", "ninety", "quadrupled", "seventy",
    "sixty", "tenfold", "thirteen", "thirty", "thousand", "thousands", "triple", "tripled", "triples", "twenty",
    "twice", "twofold",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class _Said:
    """A number in a text, with its unit: `%`, a currency, or nothing."""

    value: Decimal
    unit: str
    text: str


def check_text(text: str, insights: Insights) -> None:
    """Refuse a text that names a number which is not among the figures of insights.

    A number has to be written with as many decimals as a statement shows, or exactly; its unit, percent or a currency,
    has to be that of the figure. Without a sign it stands for a rise and a fall. Numbers up to twelve may be words.
    The names of groups, columns and periods may stand in the text as the statements write them. That a fall is not
    called a rise is for the reader to check.

    Args:
        text: What somebody, or a model, wrote about the insights.
        insights: The insights.

    Raises:
        FigureUnknown: A number is none of the figures; the message names all such numbers.

    Example:
        >>> from agentkit.data import Column, InsightsConfig, Table, find_insights
        >>> sales = Table.of([Column(name="sold", kind="integer")], [(3,), (4,)])
        >>> found = find_insights(sales, InsightsConfig(value="sold"))
        >>> check_text("All in all, 7 were sold in two rows.", found)
        >>> check_text("All in all, 8 were sold, 100 % more.", found)
        Traceback (most recent call last):
        ...
        agentkit.errors.FigureUnknown: no figure of the insights is '8', '100 %'
    """
    figures = [figure for statement in insights.statements for figure in statement.figures.values()]
    known = {(said.value, said.unit) for figure in figures for said in _shown(figure)}
    left = _without_names(unicodedata.normalize("NFKC", text), figures)
    unknown = [said.text for said in _numbers(left) if not _is_known(said, known)]
    unknown += [word for word in re.findall(r"[^\W\d]+", left) if _is_unknown_word(word.lower(), known)]
    # Whatever digits are left after the numbers were read, such as 12k or 1.2.3.
    unknown += re.findall(r"\S*\d(?:\S*\w)?", NUMBER.sub(" ", left))
    if unknown:
        raise FigureUnknown(f"no figure of the insights is {', '.join(map(repr, unknown))}")


def _shown(figure: Figure) -> Iterator[_Said]:
    if isinstance(figure.value, str | date):
        # A year may stand alone: "in December 2025" of the month 2025-12.
        if year := re.match(r"[0-9]{4}(?![0-9])", figure.shown):
            yield _Said(Decimal(year.group()), "", year.group())
        if isinstance(figure.value, date):
            yield _Said(Decimal(figure.value.day), "", "")
        return
    yield from _numbers(figure.shown)
    if isinstance(figure.value, Money):
        yield _Said(figure.value.amount, figure.value.currency.code, "")
    elif isinstance(figure.value, int | Decimal):
        yield _Said(Decimal(figure.value), "", "")


def _numbers(text: str) -> Iterator[_Said]:
    for found in NUMBER.finditer(text):
        unit = found["unit"] or ""
        unit = "%" if unit.startswith("per") else unit or found["code"] or _symbol(text, found)
        value = Decimal(found["digits"].replace(",", ""))
        yield _Said(-value if found["sign"] in {"-", "\u2212"} else value, unit, found.group().strip())


def _symbol(text: str, found: re.Match[str]) -> str:
    """The sign of a currency beside a number: several currencies share each, so it is none that a figure has."""
    beside = text[max(0, found.start() - 2) : found.start()] + text[found.end() : found.end() + 2]
    return next((letter for letter in beside if unicodedata.category(letter) == "Sc"), "")


def _is_known(said: _Said, known: set[tuple[Decimal, str]]) -> bool:
    """Whether a number is a figure; without a sign it may be a fall, too, as in "fell by 3"."""
    values = {said.value} if said.value < 0 or said.text.startswith("+") else {said.value, -said.value}
    return any(value in values and (said.unit == unit or (not said.unit and unit != "%")) for value, unit in known)


def _is_unknown_word(word: str, known: set[tuple[Decimal, str]]) -> bool:
    return word in VAGUE or (word in WORDS and (Decimal(WORDS[word]), "") not in known)


def _without_names(text: str, figures: list[Figure]) -> str:
    names = {unicodedata.normalize("NFKC", figure.shown) for figure in figures if isinstance(figure.value, str | date)}
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    return text
