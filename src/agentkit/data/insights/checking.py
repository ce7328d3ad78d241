"""Holds a text against insights: a number that nobody computed is refused.

Rules: numbers count as they are written in statements, or exactly; names of groups and days are no numbers; what could
be a number and cannot be read is refused too. English alone is read. The time grows with the length of the text, and
not faster, since a text is checked where others wait.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from agentkit.errors import FigureUnknown
from agentkit.money import ExactMoney, Money

from .numerals import NUMBER, Said, numbers, units_beside
from .statements import Figure, Insights
from .wording import PART, VAGUE, is_code, is_prefix, is_unit

__all__ = ["check_text"]

Known: TypeAlias = Mapping[Decimal, frozenset[str]]
"""The units of each number that is a figure."""

_JOINED: Final = re.compile(
    r"(?<![0-9.,])[0-9][0-9.,]*+(?:\s*+(?:[/\u2044\u2215\u00f7\u00d7\u00b7*^]|x)\s*+|[:'\u2019])[0-9]+"
    r"|(?<![0-9.,])[0-9]{1,3} [0-9]{3}(?![0-9])"
)
"""Numbers that stand for another one: 2/3, 2:1, 8 x 10, 8 000."""
_NUMBER: Final = rf"(?:[0-9]|{NUMBER.pattern})"
_BREAK: Final = r"\n(?![^\S\n]*(?:[-*+\u2022]\s|\n))"
"""The end of a line in the middle of a sentence: no item of a list, and no paragraph, begins behind it."""
_NUMBER_BEFORE: Final = re.compile(rf"{_NUMBER}(?:[^\S\n]|[\-(\[*]|{_BREAK})*(?:[A-Z]{{3}}\s)?\Z")
_MARKS: Final = " \t*_`#"
"""What may stand around the name at the head of a line."""
_NUMBER_BESIDE: Final = re.compile(rf"{_NUMBER}[^\S\n]?\Z")
_NUMBER_BEHIND: Final = re.compile(r"\s?[-+\u2212]?[0-9]")
_MORE_DIGITS: Final = re.compile(r"[.,][0-9]|\s[0-9]{3}(?![0-9])")
_FAR: Final = 32
_MOST_OF_WORD: Final = 80


def check_text(text: str, insights: Insights) -> None:
    """Refuse a text that names a number which is not among the figures of insights.

    A number has to be written with as many decimals as a statement shows, or exactly; its unit, percent or a currency,
    has to be that of the figure. Without a sign it stands for a rise and a fall. Numbers up to twelve may be words, in
    English, which is all that is read. A scale, or another unit, directly beside a number is refused. The names of
    groups, columns and periods may stand in the text as the statements write them. That a fall is not called a rise is
    for the reader to check.

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
    own = frozenset(figure.value.currency.code for figure in figures if isinstance(figure.value, Money | ExactMoney))
    known = _known(figures, own)
    left = _without_names(_plain(text), figures, own)
    unknown = [said.text for said in numbers(left, own) if not _is_known(said, known)]
    unknown += [found.group() for found in _JOINED.finditer(left)]
    unknown += _parts(left, figures)
    unknown += [word for word in re.findall(r"[^\W\d_]+", left) if word.lower() in VAGUE]
    unknown += _unread(NUMBER.sub(" ", left))
    if unknown:
        shown = (word if len(word) <= _MOST_OF_WORD else f"{word[:_MOST_OF_WORD]}..." for word in unknown)
        raise FigureUnknown(f"no figure of the insights is {', '.join(map(repr, shown))}")


def _plain(text: str) -> str:
    """A text as it is seen: without entities of HTML, letters that have no width, and other shapes of digits."""
    seen = "".join(letter for letter in html.unescape(text) if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", seen)


def _known(figures: Iterable[Figure], own: frozenset[str]) -> Known:
    known: dict[Decimal, set[str]] = {}
    for figure in figures:
        for said in _shown(figure, own):
            known.setdefault(said.value, set()).add(said.unit)
    return {value: frozenset(units) for value, units in known.items()}


def _shown(figure: Figure, own: frozenset[str]) -> Iterator[Said]:
    if isinstance(figure.value, str | date):
        # A year may stand alone: "in December 2025" of the month 2025-12.
        if year := re.match(r"[0-9]{4}(?![0-9])", figure.shown):
            yield Said(Decimal(year.group()), "", year.group())
        if isinstance(figure.value, date):
            yield Said(Decimal(figure.value.day), "", "")
        return
    yield from numbers(figure.shown, own)
    if isinstance(figure.value, Money):
        yield Said(figure.value.amount, figure.value.currency.code, "")
    elif isinstance(figure.value, int | Decimal):
        yield Said(Decimal(figure.value), "", "")


def _is_known(said: Said, known: Known) -> bool:
    """Whether a number is a figure; without a sign it may be a fall, too, as in "fell by 3"."""
    if said.is_word and said.value == 1 and not said.unit:
        # "One of them" counts nothing.
        return True
    units = set(known.get(said.value, ()))
    if said.value >= 0 and not said.text.startswith("+"):
        units |= known.get(said.value.copy_negate(), frozenset())
    return said.unit in units or (not said.unit and bool(units - {"%"}))


def _parts(text: str, figures: Iterable[Figure]) -> Iterator[str]:
    """The parts in words, such as `a third`; where figures are by quarter, "a quarter" may be one of those."""
    is_quarterly = any(figure.value == "quarter" or re.search(r"-Q[1-4]\Z", figure.shown) for figure in figures)
    for found in PART.finditer(text):
        if found["of"] or not (is_quarterly and found["part"].lower() == "quarter"):
            yield found.group().removesuffix(found["of"] or "")


def _unread(text: str) -> Iterator[str]:
    """What is left after the numbers were read, and has a digit in any script: 12k, 1.2.3."""
    for word in re.findall(r"\S+", text):
        if any(letter.isnumeric() for letter in word):
            last = max(place for place, letter in enumerate(word) if letter.isalnum())
            yield word[: last + 1]


def _without_names(text: str, figures: Iterable[Figure], own: frozenset[str]) -> str:
    """The text with the names of groups and periods taken out, but where they stand as a number or a unit."""
    names = {_plain(figure.shown) for figure in figures if isinstance(figure.value, str | date)}
    # "Quarter" is the period's name, and may be a part as well.
    longest_first = sorted(names - {"", "quarter"}, key=len, reverse=True)
    if not longest_first:
        return text
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return pattern.sub(lambda found: found.group() if _is_in_number(found, own) else " ; ", text)


def _is_in_number(found: re.Match[str], own: frozenset[str]) -> bool:
    """Whether a name that could be a number, or a unit, stands where it is one: the 2023 in "2023 EUR"."""
    name, text, start, end = found.group(), found.string, found.start(), found.end()
    before = text[max(0, start - _FAR) : start]
    if is_code(name, own) or is_unit(name) or is_prefix(name) or name.lower() in VAGUE or name == "%":
        behind = text[end : end + _FAR].lstrip(_MARKS)
        is_heading = before.rstrip(_MARKS).endswith("\n") and behind.startswith((":", "="))
        return bool((not is_heading and _NUMBER_BEFORE.search(before)) or _NUMBER_BEHIND.match(text, end))
    if own and re.fullmatch(r"[A-Z]{3}", name):
        # Beside an amount it would be taken for the currency.
        return bool(_NUMBER_BESIDE.search(before))
    if not re.match(r"[-+]?[0-9]", name):
        return False
    return bool(
        units_beside(text, start, end, own)[2]
        or _MORE_DIGITS.match(text, end)
        or re.search(r"[0-9](?:[.,]|\s)\Z", before)
    )
