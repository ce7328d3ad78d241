"""Currencies: which there are, how many decimals their amounts have, and what cash can pay.

Rules: minor units come from ISO 4217; only what is current, or what a user registered, is accepted without being asked
for; the built-in registry never changes, and whoever registers a currency does so in a registry of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal

from agentkit.errors import CurrencyConflict, CurrencyUnknown, DefinitionError, MoneyError, UsageError
from agentkit.money.numbers.canonical import parse_canonical, ratio_of, shortened
from agentkit.money.numbers.kinds import is_a

from .iso4217 import CASH_STEPS, CURRENT, WITHDRAWN

__all__ = ["CURRENCIES", "Currencies", "Currency", "checked_registry"]

MOST_MINOR_UNITS: Final = 18
SHORTEST_CODE, LONGEST_CODE = 2, 12
NUMERIC: Final = re.compile(r"[0-9]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency, as a registry knows it. Two are equal if code and minor units are.

    Make none yourself: ask a registry, `CURRENCIES.get("EUR")`, or register one in a registry of your own.

    Attributes:
        code: The code, in capitals: three letters for those of ISO 4217.
        numeric: The number of ISO 4217, three digits as text; None for others.
        name: The English name.
        minor_units: How many decimals its amounts have; None where that is not defined, as for gold.
        status: `current`, `historical` (withdrawn from ISO 4217) or `custom` (registered by a user).
        withdrawn: When ISO 4217 withdrew it, such as `2026-01`; `1989/1990` is some time between. None for others.
        cash_step: The smallest sum that cash can pay, where a rule says so: 0.05 for CHF.

    Example:
        >>> franc = CURRENCIES.get("CHF")
        >>> franc.minor_units, franc.cash_step
        (2, Decimal('0.05'))
    """

    code: str
    # What may be corrected in a later edition of the list makes no other currency.
    numeric: str | None = field(default=None, compare=False)
    name: str = field(default="", compare=False)
    minor_units: int | None
    status: Literal["current", "historical", "custom"] = field(default="custom", compare=False)
    withdrawn: str | None = field(default=None, compare=False)
    cash_step: Decimal | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.code

    @property
    def is_usable(self) -> bool:
        """Whether amounts of it are accepted without being asked for: it is not historical, and has minor units."""
        return self.status != "historical" and self.minor_units is not None

    @property
    def places(self) -> int:
        """How many decimals its amounts have.

        Raises:
            CurrencyUnknown: That is not defined for it.
        """
        if self.minor_units is None:
            raise CurrencyUnknown(
                f"{self.code} ({self.name}) has no minor unit in ISO 4217, so it holds no amounts: register it with"
                f" minor units of your own, Currencies().register({self.code!r}, minor_units=...)"
            )
        return self.minor_units


class Currencies:
    """A registry of currencies: those of ISO 4217, and those that are registered in it.

    Registries know nothing of each other. Looking up is safe from any thread while another one registers.

    Args:
        frozen: Whether nothing can be registered in it.

    Example:
        >>> currencies = Currencies()
        >>> points = currencies.register("PTS", minor_units=0, name="Points")
        >>> currencies.get(" pts ") is points
        True
        >>> "PTS" in CURRENCIES
        False
    """

    __slots__ = ("_frozen", "_known", "_usable")

    def __init__(self, *, frozen: bool = False) -> None:
        self._frozen = frozen
        self._known: dict[str, Currency] = dict(ISO)
        # Looked at first, and most often last.
        self._usable = {code: currency for code, currency in ISO.items() if currency.is_usable}

    def get(self, code: str, *, allow_historical: bool = False) -> Currency:
        """Return the currency with this code. White space around it and the case of ASCII letters do not matter.

        Args:
            code: The code, such as `EUR`.
            allow_historical: Whether a currency that ISO 4217 has withdrawn will do; its `status` says so.

        Raises:
            CurrencyUnknown: There is none, it is withdrawn and was not asked for, or its minor units are not defined.

        Example:
            >>> CURRENCIES.get("eur").name
            'Euro'
            >>> CURRENCIES.get("DEM", allow_historical=True).withdrawn
            '2002-03'
        """
        try:
            return self._usable[code]
        except (KeyError, TypeError):
            found = self._known.get(_normalised(code))
        if found is None:
            raise CurrencyUnknown(
                f"there is no currency {shortened(code)}: give a code of ISO 4217, or register it in a registry of your"
                " own with Currencies().register(...)"
            )
        if found.status == "historical" and not allow_historical:
            raise CurrencyUnknown(
                f"{found.code} ({found.name}) was withdrawn in {found.withdrawn}: where old amounts are meant, pass"
                f" CURRENCIES.get({found.code!r}, allow_historical=True)"
            )
        _ = found.places  # raises where there are none
        return found

    def register(
        self,
        code: str,
        *,
        minor_units: int,
        name: str = "",
        numeric: str | None = None,
        cash_step: Decimal | str | None = None,
    ) -> Currency:
        """Add a currency to this registry. To register the same again changes nothing.

        A code that ISO 4217 knows without minor units, such as XAU for gold, may be given some; a withdrawn one, such
        as DEM, is accepted again, as it was.

        Args:
            code: Two to twelve ASCII letters and digits, beginning with a letter; it is put in capitals.
            minor_units: How many decimals its amounts have, from 0 to 18.
            name: Its name.
            numeric: Its number, three digits as text.
            cash_step: The smallest sum that cash can pay, in whole minor units.

        Returns:
            The currency, as `get` will find it.

        Raises:
            CurrencyConflict: The code is taken by a currency with other properties.
            DefinitionError: The code, the minor units, the number or the step is none.
            UsageError: The registry is frozen, as the built-in one is.

        Example:
            >>> Currencies().register("BTC", minor_units=8, name="Bitcoin").minor_units
            8
        """
        if self._frozen:
            raise UsageError("this registry is frozen: make one of your own with Currencies(), and register there")
        made = _made(code, minor_units=minor_units, name=name, numeric=numeric, cash_step=cash_step)
        known = self._known.get(made.code)
        if known is not None and known.minor_units is not None:
            _check_same(known, made)
            if known.status != "historical":
                return known
            made = replace(known, status="custom")
        if known is not None and numeric is not None and known.numeric != numeric:
            raise CurrencyConflict(f"{made.code} has the number {known.numeric} in ISO 4217, not {numeric}")
        # One of two threads is first, and the other one is checked against it.
        taken = self._usable.setdefault(made.code, made)
        _check_same(taken, made)
        self._known[made.code] = taken
        return taken

    def __contains__(self, code: object) -> bool:
        """Tell whether amounts of this currency are accepted without being asked for."""
        return isinstance(code, str) and _normalised(code) in self._usable

    def __iter__(self) -> Iterator[Currency]:
        """Iterate over all that is known, the withdrawn ones too, by code."""
        return iter(sorted(self._known.values(), key=lambda currency: currency.code))

    def __len__(self) -> int:
        return len(self._known)

    def __repr__(self) -> str:
        return f"<Currencies: {len(self._usable)} accepted, {len(self._known)} known>"


def checked_registry(given: object) -> Currencies:
    """Return a registry.

    Raises:
        DefinitionError: It is none.

    Example:
        >>> checked_registry(CURRENCIES) is CURRENCIES
        True
    """
    if not isinstance(given, Currencies):
        raise DefinitionError(f"currencies is {shortened(given)}: give a registry, CURRENCIES or one of your own")
    return given


def _normalised(code: object) -> str:
    # Only ASCII is put in capitals: a dotless i of Turkish makes no INR.
    stripped = code.strip() if isinstance(code, str) else ""
    return stripped.upper() if stripped.isascii() else ""


def _made(code: str, *, minor_units: int, name: str, numeric: str | None, cash_step: Decimal | str | None) -> Currency:
    """Check what is to be registered."""
    problems: list[str] = []
    normal = _normalised(code)
    if not (SHORTEST_CODE <= len(normal) <= LONGEST_CODE and normal.isalnum() and normal[0].isalpha()):
        problems.append(
            f"the code {shortened(code)} is not made of {SHORTEST_CODE} to {LONGEST_CODE} ASCII letters and digits,"
            " the first of them a letter"
        )
    if type(minor_units) is not int or not 0 <= minor_units <= MOST_MINOR_UNITS:
        problems.append(f"minor_units is {shortened(minor_units)}: give an int from 0 to {MOST_MINOR_UNITS}")
    if not is_a(name, str):
        problems.append(f"name is {shortened(name)}: give a text")
    if numeric is not None and not (is_a(numeric, str) and NUMERIC.fullmatch(numeric)):
        problems.append(f"numeric is {shortened(numeric)}: give three digits as text, such as '008'")
    step = None if cash_step is None else _step(cash_step)
    if cash_step is not None and step is None:
        problems.append(f"cash_step is {shortened(cash_step)}: give a Decimal above 0")
    if problems:
        raise DefinitionError(*problems)
    if step is not None and (Fraction(step) * 10**minor_units).denominator != 1:
        raise DefinitionError(f"cash_step is {step}, and amounts of {normal} have {minor_units} decimals: give fewer")
    return Currency(code=normal, numeric=numeric, name=name, minor_units=minor_units, cash_step=step)


def _step(given: object) -> Decimal | None:
    """Read the step of cash; None where it is none."""
    if not isinstance(given, (str, Decimal)):
        return None
    try:
        numerator, _ = ratio_of(given, "cash_step")
    except MoneyError:
        return None
    return (parse_canonical(given) if isinstance(given, str) else given) if numerator > 0 else None


def _check_same(known: Currency, made: Currency) -> None:
    """Refuse another currency under a known code; what was not said is not compared."""
    differs = [
        f"{what} is {old}, not {new}"
        for what, old, new, said in (
            ("minor_units", known.minor_units, made.minor_units, True),
            ("numeric", known.numeric, made.numeric, made.numeric is not None),
            ("name", repr(known.name), repr(made.name), bool(made.name)),
            ("cash_step", known.cash_step, made.cash_step, made.cash_step is not None),
        )
        if said and old != new
    ]
    if differs:
        raise CurrencyConflict(f"{known.code} is known already, and otherwise: {'; '.join(differs)}; take another code")


def _listed() -> Iterator[Currency]:
    for line in CURRENT.splitlines():
        code, numeric, units, name = line.split(" ", 3)
        step = CASH_STEPS.get(code)
        yield Currency(
            code=code,
            numeric=numeric,
            name=name,
            minor_units=None if units == "-" else int(units),
            status="current",
            cash_step=Decimal(step) if step else None,
        )
    for line in WITHDRAWN.splitlines():
        code, numeric, units, date, name = line.split(" ", 4)
        yield Currency(
            code=code,
            numeric=None if numeric == "-" else numeric,
            name=name,
            minor_units=None if units == "-" else int(units),
            status="historical",
            withdrawn=date,
        )


ISO: Final = MappingProxyType({currency.code: currency for currency in _listed()})

CURRENCIES: Final = Currencies(frozen=True)
"""The built-in registry: the current currencies of ISO 4217, and the withdrawn ones for who asks. It never changes.

Its facts have a date, `agentkit.money.DATA_VERSION`.

Example:
    >>> CURRENCIES.get("KWD").minor_units
    3
"""
