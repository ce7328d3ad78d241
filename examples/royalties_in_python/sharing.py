"""Convert and share amounts, to the cent.

Rules: a processor does all arithmetic, so each amount is rounded once, half to even, and each calculation is one entry
of the audit trail; the parts of an amount always add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter

from agentkit.money import FinancialProcessor, Money, RateTable

from .model import Contracts, Line, Options, Sale, Statement


def convert(sale: Sale, rates: RateTable, processor: FinancialProcessor) -> Sale:
    """The sale in the report's currency, at its month's rates; those are quoted per US dollar.

    Raises:
        RateMissing: A rate is not known.
        RateStale: A rate is not known for this month.
    """
    month = sale.day.replace(day=1)
    conversion = processor.convert(sale.amount, on=month, rates=rates, via="USD", allow_divide=True)
    return replace(sale, amount=conversion.converted)


def share_out(
    sales: Iterable[Sale], contracts: Contracts, options: Options, processor: FinancialProcessor
) -> list[Statement]:
    """A statement for every artist, by name; who has no contract gets the standard share."""
    lines: dict[str, list[Line]] = {}
    for sale in sorted(sales, key=attrgetter("artist", "day", "id")):
        percent = 100 * Fraction(contracts.get(sale.artist, options.artist_share))
        shares = processor.calculate_shares(sale.amount, {"artist": percent}, remainder="label")
        line = Line(sale=sale, artist_share=shares["artist"], label_share=shares["label"])
        lines.setdefault(sale.artist, []).append(line)
    return [
        Statement(
            artist=artist,
            lines=tuple(theirs),
            total=Money.sum(line.sale.amount for line in theirs),
            artist_share=Money.sum(line.artist_share for line in theirs),
            label_share=Money.sum(line.label_share for line in theirs),
        )
        for artist, theirs in lines.items()
    ]
