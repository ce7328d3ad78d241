"""What a locale is: how numbers, amounts and dates are written somewhere.

Rules: a locale is a bundle of facts and reads nothing by itself; which there are is in `known.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, cast

from .digits import APOSTROPHES, SPACES, NumberForm
from .symbols import spoken

__all__ = ["DateOrder", "Locale"]

DateOrder = Literal["dmy", "mdy", "ymd"]
"""In which order day, month and year stand."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Locale:
    """How numbers, amounts and dates are written somewhere.

    Attributes:
        tag: Its name, such as `de-CH`.
        decimal: The decimal separator.
        group: The separator of groups as it is written; empty where none is.
        secondary: The size of all groups but the last, whose size is 3: 2 in India, 3 elsewhere.
        positive: How an amount is written: `#` is the number, `¤` the symbol.
        negative: How an amount below zero is written; `-` is the sign.
        minus: The sign of numbers below zero.
        zero: The digit zero, which says the numbering system that is written.
        symbols: For codes of currencies, what the locale writes in their place.
        date_order: The order of day, month and year in dates of numbers; None if it is another one.
        months: For each name of a month, in lower case and without a dot, the number of the month.
        groups: Separators of groups that are read besides `group`.
        form: How its numbers are read.
        codes: For each symbol that means one currency here, its code.

    Example:
        >>> from agentkit.money import find_locale
        >>> german = find_locale("de-DE")
        >>> german.decimal, german.group, german.symbols["USD"]
        (',', '.', '$')
    """

    tag: str
    decimal: str
    group: str
    secondary: int = 3
    positive: str
    negative: str
    minus: str = "-"
    zero: str = "0"
    symbols: Mapping[str, str] = field(repr=False)
    date_order: DateOrder | None
    months: Mapping[str, int] = field(repr=False)
    groups: str = ""
    form: NumberForm = field(init=False, repr=False)
    codes: Mapping[str, frozenset[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        groups = "".join(dict.fromkeys(alike(self.group) + "".join(alike(one) for one in self.groups)))
        indian = groups if self.secondary == 2 else ""
        form = NumberForm(self.decimal, groups, indian=indian, western=not indian, any_digits=True)
        object.__setattr__(self, "form", form)
        object.__setattr__(self, "codes", _codes(self.symbols))

    def __reduce__(self) -> tuple[Callable[[Mapping[str, object]], Locale], tuple[dict[str, object]]]:
        # What nobody can change cannot be pickled as it is either.
        said = {each.name: getattr(self, each.name) for each in fields(self) if each.init}
        return _made, ({**said, "symbols": dict(self.symbols), "months": dict(self.months)},)


def _made(given: Mapping[str, object]) -> Locale:
    return Locale(**cast("Mapping[str, Any]", given))  # what a locale said of itself


def alike(separator: str) -> str:
    """The characters that are typed for a separator of groups: every space for a space, every apostrophe for one."""
    if separator and separator in SPACES:
        return SPACES
    return APOSTROPHES if separator and separator in APOSTROPHES else separator


def _codes(symbols: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """For each symbol, the code of the one currency that the locale writes so; none where it writes two so."""
    codes: dict[str, frozenset[str]] = {}
    for code, symbol in symbols.items():
        codes[spoken(symbol)] = codes.get(spoken(symbol), frozenset()) | {code}
    return MappingProxyType({symbol: meant for symbol, meant in codes.items() if len(meant) == 1})
