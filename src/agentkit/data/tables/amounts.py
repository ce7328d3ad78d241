"""A column of money in plain Python: whole minor units, which become amounts when somebody looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import overload

from agentkit.money import Currency, Money

__all__ = ["Amounts"]


class Amounts(Sequence[Money | None]):
    """Amounts, each in whole minor units of one currency or of its own; None where there is none."""

    __slots__ = ("_currencies", "_minor")

    def __init__(self, minor: Sequence[int | None], currencies: Currency | Sequence[Currency | None]) -> None:
        self._minor = minor
        self._currencies = currencies

    def __len__(self) -> int:
        return len(self._minor)

    @overload
    def __getitem__(self, index: int) -> Money | None: ...
    @overload
    def __getitem__(self, index: slice) -> Amounts: ...
    def __getitem__(self, index: int | slice) -> Money | Amounts | None:
        if isinstance(index, slice):
            return self.take(range(*index.indices(len(self))))
        currencies = self._currencies
        return _amount(self._minor[index], currencies if isinstance(currencies, Currency) else currencies[index])

    def __iter__(self) -> Iterator[Money | None]:
        currencies = self._currencies
        if isinstance(currencies, Currency):
            return (_amount(minor, currencies) for minor in self._minor)
        return map(_amount, self._minor, currencies)

    def take(self, indices: Sequence[int]) -> Amounts:
        """The amounts at these places, in this order."""
        currencies = self._currencies
        if not isinstance(currencies, Currency):
            currencies = list(map(currencies.__getitem__, indices))
        return Amounts(list(map(self._minor.__getitem__, indices)), currencies)

    def masked(self, mask: bytearray) -> Amounts:
        """The amounts for which the mask has a one."""
        currencies = self._currencies
        if not isinstance(currencies, Currency):
            currencies = list(compress(currencies, mask))
        return Amounts(list(compress(self._minor, mask)), currencies)


def _amount(minor: int | None, currency: Currency | None) -> Money | None:
    return None if minor is None or currency is None else Money.from_minor(minor, currency)
