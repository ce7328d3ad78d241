"""Between what a number has to lie, and the words for it when it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from math import ceil, floor
from operator import ge, gt, le, lt
from typing import Final

__all__ = ["UNBOUNDED", "Bounds"]

_DIGITS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Between what a number has to lie.

    Attributes:
        least: The least that is allowed.
        above: It has to be more than this.
        most: The most that is allowed.
        under: It has to be less than this.
        step: It has to be a multiple of this.

    Example:
        >>> Bounds(above=Decimal(0), most=Decimal(10)).words
        'more than 0, at most 10'
    """

    least: Decimal | None = None
    above: Decimal | None = None
    most: Decimal | None = None
    under: Decimal | None = None
    step: Decimal | None = None

    @property
    def words(self) -> str:
        """What is allowed, in words; empty is everything."""
        return ", ".join(words for words, *_ in self._rules())

    def fault(self, value: Decimal) -> str:
        """What is wrong with a number; empty if it lies within.

        Example:
            >>> Bounds(least=Decimal(1)).fault(Decimal(0))
            'This has to be at least 1.'
        """
        with localcontext(prec=_DIGITS):
            for words, limit, holds in self._rules():
                if not holds(value, limit):
                    return f"This has to be {words}."
        return ""

    @property
    def first_whole(self) -> int | None:
        """The least whole number that lies within; None is no bound."""
        found = [] if self.least is None else [ceil(self.least)]
        found += [floor(self.above) + 1] if self.above is not None else []
        return max(found, default=None)

    @property
    def last_whole(self) -> int | None:
        """The largest whole number that lies within; None is no bound."""
        found = [] if self.most is None else [floor(self.most)]
        found += [ceil(self.under) - 1] if self.under is not None else []
        return min(found, default=None)

    def _rules(self) -> Iterator[tuple[str, Decimal, Callable[[Decimal, Decimal], bool]]]:
        for words, limit, holds in (
            ("at least", self.least, ge),
            ("more than", self.above, gt),
            ("at most", self.most, le),
            ("less than", self.under, lt),
            ("a multiple of", self.step, _is_multiple),
        ):
            if limit is not None:
                yield f"{words} {_written(limit)}", limit, holds


UNBOUNDED: Final = Bounds()
"""Every number is allowed."""


def _written(limit: Decimal) -> str:
    """A bound as people write it: whole numbers without a point."""
    return str(int(limit)) if limit == limit.to_integral_value() and abs(limit) < Decimal("1e15") else str(limit)


def _is_multiple(value: Decimal, step: Decimal) -> bool:
    try:
        return not step or value % step == 0
    except InvalidOperation:
        # Far more digits than any multiple could be told by; the server looks again.
        return True
