"""From figures to places: where a value lies between the ends of an axis, and where the axis has its ticks.

Rules: computed with decimals of its own context, so that amounts of any size have a place and no digit decides by luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from agentkit.money import Locale, format_decimal

__all__ = ["EXACT", "Scale", "scale_of", "tick_text"]

EXACT = Context(prec=2000, Emax=99999, Emin=-99999)
"""Where sums of figures are made: no digit of theirs is lost."""

_ROUGH = Context(prec=40, Emax=99999, Emin=-99999)
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_LONGEST = 7


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: its ends, its ticks, and the power of a thousand that its labels leave out.

    Attributes:
        low: The value at its begin.
        high: The value at its end.
        ticks: The values that are marked, both ends included.
        power: The exponent of ten that labels are divided by; 0 for most.
    """

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]
    power: int

    def share(self, value: Decimal) -> float:
        """Where a value lies, from 0 at the begin to 1 at the end."""
        above = _ROUGH.subtract(value, self.low)
        return float(_ROUGH.divide(above, _ROUGH.subtract(self.high, self.low)))


def scale_of(values: Sequence[Decimal], *, from_zero: bool = True, count: int = 5) -> Scale:
    """An axis for some values, with ticks at round numbers.

    Args:
        values: At least one.
        from_zero: Whether zero is on it, whatever the values are.
        count: About how many steps it has.
    """
    low, high = min(values), max(values)
    if from_zero or low <= 0 <= high or _ROUGH.multiply(low, 2) < high:
        low, high = min(low, Decimal()), max(high, Decimal())
    if low == high:
        high = _ROUGH.add(low, Decimal(1)) if not low else _ROUGH.add(low, _ROUGH.abs(low))
    step = _round_step(_ROUGH.divide(_ROUGH.subtract(high, low), Decimal(count)))
    first = _ROUGH.divide(low, step).to_integral_value(ROUND_FLOOR)
    last = _ROUGH.divide(high, step).to_integral_value(ROUND_CEILING)
    ticks = tuple(_ROUGH.multiply(step, Decimal(number)) for number in range(int(first), int(last) + 1))
    largest = max(abs(ticks[0]), abs(ticks[-1])).adjusted()
    power = largest // 3 * 3 if largest >= _LONGEST or largest < -_LONGEST else 0
    return Scale(ticks[0], ticks[-1], ticks, power)


def tick_text(scale: Scale, tick: Decimal, locale: Locale) -> str:
    """How a tick is written: as short as its value allows, without an exponent."""
    small = tick.scaleb(-scale.power, _ROUGH).normalize(_ROUGH)
    steps = [one.scaleb(-scale.power, _ROUGH).normalize(_ROUGH).as_tuple().exponent for one in scale.ticks]
    places = max((-int(step) for step in steps), default=0)
    return format_decimal(small, locale=locale, places=max(places, 0)) if tick else format_decimal(0, locale=locale)


def _round_step(rough: Decimal) -> Decimal:
    base = Decimal(1).scaleb(rough.adjusted(), _ROUGH)
    return next(_ROUGH.multiply(base, step) for step in _STEPS if _ROUGH.multiply(base, step) >= rough)
