"""What the parties of a total get: a creator and a platform, or any number of parties.

Rules: the parts always sum to the total; each result also reads like a mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from agentkit.errors import Unbalanced
from agentkit.money.amounts.amount import Money

__all__ = ["RevenueShare", "Shares"]

FIELDS: Final = ("total", "creator_share", "platform_share")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RevenueShare(Mapping[str, Money]):
    """A total, shared between a creator and a platform; both shares sum to it exactly.

    It is a mapping of its three fields too, and equal to any mapping with the same ones.

    Attributes:
        total: The whole.
        creator_share: The creator's percentage of it, rounded once.
        platform_share: The rest.

    Raises:
        Unbalanced: The shares are not the total.

    Example:
        >>> from agentkit.money import FinancialProcessor
        >>> share = FinancialProcessor(currency="EUR").calculate_revenue_share("99.99", 70)
        >>> share.creator_share, share["platform_share"]
        (Money('69.99', 'EUR'), Money('30.00', 'EUR'))
        >>> sorted(dict(share))
        ['creator_share', 'platform_share', 'total']
    """

    total: Money
    creator_share: Money
    platform_share: Money

    def __post_init__(self) -> None:
        _check_sum(self.creator_share + self.platform_share, self.total)

    def __getitem__(self, name: str) -> Money:
        if name not in FIELDS:
            raise KeyError(name)
        amount: Money = getattr(self, name)
        return amount

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)

    def __hash__(self) -> int:
        return hash(tuple(self.values()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares(Mapping[str, Money]):
    """What each party of a total gets; all of it together is the total.

    It is a mapping from party to amount, in the order in which the parties were named.

    Attributes:
        total: The whole.
        parts: What each party gets.

    Raises:
        Unbalanced: The parts are not the total.

    Example:
        >>> from agentkit.money import FinancialProcessor
        >>> percents = {"artist": 50, "label": 30, "writer": 20}
        >>> shares = FinancialProcessor(currency="USD").calculate_shares("100", percents)
        >>> shares["artist"], shares.total
        (Money('50.00', 'USD'), Money('100.00', 'USD'))
    """

    total: Money
    parts: Mapping[str, Money]

    def __post_init__(self) -> None:
        _check_sum(Money.sum(self.parts.values(), self.total.currency), self.total)

    def __getitem__(self, party: str) -> Money:
        return self.parts[party]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)


def _check_sum(parts: Money, whole: Money) -> None:
    if parts != whole:
        raise Unbalanced(f"the parts are {parts} together, and not {whole}: a processor makes what sums")
