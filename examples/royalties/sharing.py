"""Convert and share amounts, to the cent.

Rules: arithmetic is exact (integers and fractions) and rounds once, half to even; the parts of an amount always add up
to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from .model import Contracts, Line, Options, Rates, Sale, Statement


def in_units(units: int, places: int) -> Decimal:
    """An amount of that many smallest units: 199 cents are 1.99."""
    # From text, because arithmetic would round to the precision of whoever calls.
    return Decimal(f"{units}E-{places}")


def convert(sale: Sale, rates: Rates, options: Options) -> Sale:
    """The sale in the report's currency, at its month's rates.

    Raises:
        LookupError: A rate is not known.
    """
    rate_in, rate_out = rates.find(sale.currency, sale.day), rates.find(options.currency, sale.day)
    if rate_in is None or rate_out is None:
        raise LookupError(f"sale {sale.id}: no rate from {sale.currency} to {options.currency} for {sale.day:%Y-%m}")
    exact = Fraction(sale.amount) * Fraction(rate_out) / Fraction(rate_in) * 10**options.places
    return replace(sale, amount=in_units(round(exact), options.places), currency=options.currency)


def split(amount: Decimal, weights: Sequence[Decimal], *, places: int = 2) -> list[Decimal]:
    """Split an amount by weights: floors first, then a unit each for the largest remainders, ties to the first.

    A negative amount is split like the positive one.

    Raises:
        ValueError: The amount has more decimals than `places`, or the weights are no weights.
    """
    whole = Fraction(amount) * 10**places
    if whole.denominator != 1 or not any(weights) or min(weights) < 0:
        raise ValueError(f"{amount} cannot be split by {[str(weight) for weight in weights]} with {places} decimals")
    total = sum(map(Fraction, weights))
    exact = [abs(whole) * Fraction(weight) / total for weight in weights]
    units = [int(part) for part in exact]
    by_remainder = sorted(range(len(units)), key=lambda number: units[number] - exact[number])
    for number in by_remainder[: int(abs(whole)) - sum(units)]:
        units[number] += 1
    return [in_units(-part if whole < 0 else part, places) for part in units]


def share_out(sales: Iterable[Sale], contracts: Contracts, options: Options) -> list[Statement]:
    """A statement for every artist, by name; who has no contract gets the standard share."""
    lines: dict[str, list[Line]] = {}
    for sale in sorted(sales, key=attrgetter("artist", "day", "id")):
        share = contracts.get(sale.artist, options.artist_share)
        artist, label = split(sale.amount, [share, 1 - share], places=options.places)
        lines.setdefault(sale.artist, []).append(Line(sale=sale, artist_share=artist, label_share=label))
    return [
        Statement(
            artist=artist,
            lines=tuple(theirs),
            total=add((line.sale.amount for line in theirs), options),
            artist_share=add((line.artist_share for line in theirs), options),
            label_share=add((line.label_share for line in theirs), options),
        )
        for artist, theirs in lines.items()
    ]


def add(amounts: Iterable[Decimal], options: Options) -> Decimal:
    """The sum, with the decimals of the report's currency even if there is nothing to add."""
    return sum(amounts, in_units(0, options.places))
