"""Splitting whole steps, such as cents, so that the parts always sum to the whole.

Rules: the base of each part is the floor of its exact share; the steps that are left over go where the method says;
a weight of zero receives nothing; a negative whole is split as its positive mirror image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from math import lcm
from typing import Final, Literal, TypeAlias, get_args

from agentkit.errors import DefinitionError, InvalidRatio

from .canonical import Number, ratio_of, refusal, shortened
from .kinds import elements
from .rounding import round_ratio

__all__ = ["AllocationMethod", "allocate_column", "allocate_steps", "split_steps"]

AllocationMethod: TypeAlias = Literal["largest_remainder", "first", "last", "largest_weight", "separate", "cumulative"]
"""Who receives the steps that are left over when each part has the floor of its exact share.

| method | the leftover steps go |
| --- | --- |
| `largest_remainder` | to the largest fractions that the floors cut off, ties to the lower index |
| `first`, `last` | one each from the front, or from the back, over the weights that are not zero |
| `largest_weight` | one each by weight, ties to the lower index |
| `separate` | into one more part at the end |
| `cumulative` | nowhere: the running exact totals are rounded half-even, and the parts are their differences |

Example:
    >>> allocate_steps(100, [1, 1, 1], method="last")
    [33, 33, 34]
"""

MOST_PARTS: Final = 10_000_000
METHODS: Final[tuple[object, ...]] = get_args(AllocationMethod)


def allocate_steps(
    total: int, weights: Iterable[str | Number], *, method: AllocationMethod = "largest_remainder"
) -> list[int]:
    """Split a number of steps by weights. The parts always sum to the total.

    Args:
        total: How many steps, such as cents; negative ones too.
        weights: One exact number from 0 up for each part: ints, `Decimal`, `Fraction` or canonical text.
        method: Who receives the steps that are left over.

    Returns:
        One part for each weight, in order; with `separate` one more, the rest.

    Raises:
        InvalidRatio: There are no weights, all are zero, or one is negative, a bool, no number or not finite; or they
            are no list, such as a text or a mapping.
        InvalidAmount: The total is no int.
        FloatNotAllowed: A weight or the total is a float.
        DefinitionError: No such method.

    Example:
        >>> allocate_steps(1000, ["33.3", "33.3", "33.4"])
        [333, 333, 334]
        >>> allocate_steps(-5, [1, 1])
        [-3, -2]
    """
    [parts] = allocate_column([total], weights, method=method)
    return parts


def allocate_column(
    totals: Sequence[int], weights: Iterable[str | Number], *, method: AllocationMethod = "largest_remainder"
) -> list[list[int]]:
    """Split each of many numbers of steps by the same weights, which are read once. See `allocate_steps`.

    Raises:
        InvalidRatio: The weights are no weights.
        InvalidAmount: A total is no int.
        FloatNotAllowed: A weight or a total is a float.
        DefinitionError: No such method.

    Example:
        >>> allocate_column([1000, -5], [1, 1, 2])
        [[250, 250, 500], [-1, -1, -3]]
    """
    if method not in METHODS:
        raise DefinitionError(f"there is no method {shortened(method)}: there are {', '.join(map(str, METHODS))}")
    for total in totals:
        if type(total) is not int:
            raise refusal(total, "the number of steps", expected="an int")
    whole = _whole_weights(weights)
    return [
        _allocate(total, whole, method) if total >= 0 else [-part for part in _allocate(-total, whole, method)]
        for total in totals
    ]


def split_steps(total: int, count: int) -> list[int]:
    """Split a number of steps into equal parts; the first ones have one more where it does not come out even.

    Raises:
        InvalidRatio: The count is no int from 1 to 10,000,000.

    Example:
        >>> split_steps(100, 3), split_steps(-100, 3)
        ([34, 33, 33], [-34, -33, -33])
    """
    if type(count) is not int or not 1 <= count <= MOST_PARTS:
        raise InvalidRatio(f"the number of parts is {shortened(count)}: give an int from 1 to {MOST_PARTS:,}")
    size, left = divmod(abs(total), count)
    sign = -1 if total < 0 else 1
    return [sign * (size + 1)] * left + [sign * size] * (count - left)


def _whole_weights(weights: Iterable[str | Number]) -> list[int]:
    """Bring the weights to integers that stand to each other as they did."""
    given = elements(weights)
    if given is None:
        # The digits of a text would be weights of their own.
        raise InvalidRatio(f"the weights are {shortened(weights)}: give a list of numbers, one for each part")
    ratios = [
        ratio_of(weight, f"weight {number}", refused=InvalidRatio, endless=InvalidRatio)
        for number, weight in enumerate(given, start=1)
    ]
    for number, (numerator, _) in enumerate(ratios, start=1):
        if numerator < 0:
            raise InvalidRatio(f"weight {number} is negative: give numbers from 0 up")
    if not any(numerator for numerator, _ in ratios):
        raise InvalidRatio("all weights are zero: at least one has to be above 0" if ratios else "there are no weights")
    common = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (common // denominator) for numerator, denominator in ratios]


def _allocate(total: int, weights: Sequence[int], method: AllocationMethod) -> list[int]:
    whole = sum(weights)
    if method == "cumulative":
        ends = (round_ratio(total * end, whole, "ROUND_HALF_EVEN") for end in accumulate(weights, initial=0))
        return [end - start for start, end in pairwise(ends)]
    shares = [divmod(total * weight, whole) for weight in weights]
    parts = [floor for floor, _ in shares]
    # Each fraction is below one, so there are fewer steps left over than weights above zero.
    left = total - sum(parts)
    if method == "separate":
        return [*parts, left]
    if left:
        for index in _order(weights, [fraction for _, fraction in shares], method)[:left]:
            parts[index] += 1
    return parts


def _order(weights: Sequence[int], fractions: Sequence[int], method: AllocationMethod) -> list[int]:
    """Return who receives one step more, in order; Python's sorting leaves ties to the lower index."""
    served = [index for index, weight in enumerate(weights) if weight]
    if method == "largest_remainder":
        return sorted(served, key=lambda index: -fractions[index])
    if method == "largest_weight":
        return sorted(served, key=lambda index: -weights[index])
    return served[::-1] if method == "last" else served
