"""Money: exact amounts and how they are divided up. Pure, and usable without the rest of agentkit.

Rules: nothing rounds silently, no float is an amount, and what is divided up sums to the whole; standard library only,
but for the locales that Babel knows; no clock, no chance, no input or output.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .allocation import AllocationMethod as AllocationMethod
    from .allocation import allocate_steps as allocate_steps
    from .amount import ExactMoney as ExactMoney
    from .amount import Money as Money
    from .bag import MoneyBag as MoneyBag
    from .canonical import parse_canonical as parse_canonical
    from .columns import DateColumn as DateColumn
    from .columns import NumberColumn as NumberColumn
    from .columns import infer_dates as infer_dates
    from .columns import infer_numbers as infer_numbers
    from .currency import CURRENCIES as CURRENCIES
    from .currency import Currencies as Currencies
    from .currency import Currency as Currency
    from .dates import parse_date as parse_date
    from .formatting import SymbolStyle as SymbolStyle
    from .formatting import format_decimal as format_decimal
    from .formatting import format_money as format_money
    from .iso4217 import DATA_VERSION as DATA_VERSION
    from .locale import DateOrder as DateOrder
    from .locale import Locale as Locale
    from .locales import LOCALES as LOCALES
    from .locales import find_locale as find_locale
    from .marks import Allowed as Allowed
    from .marks import NegativeWord as NegativeWord
    from .parsing import parse_decimal as parse_decimal
    from .parsing import parse_money as parse_money
    from .parsing import parse_percent as parse_percent
    from .percent import complete_percents as complete_percents
    from .percent import percent_of as percent_of
    from .percent import shares_of_column as shares_of_column
    from .rounding import Rounding as Rounding
    from .rounding import quantize as quantize
    from .timestamps import SerialKind as SerialKind
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "allocation": ("AllocationMethod", "allocate_steps"),
            "amount": ("ExactMoney", "Money"),
            "bag": ("MoneyBag",),
            "canonical": ("parse_canonical",),
            "columns": ("DateColumn", "NumberColumn", "infer_dates", "infer_numbers"),
            "currency": ("CURRENCIES", "Currencies", "Currency"),
            "dates": ("parse_date",),
            "formatting": ("SymbolStyle", "format_decimal", "format_money"),
            "iso4217": ("DATA_VERSION",),
            "locale": ("DateOrder", "Locale"),
            "locales": ("LOCALES", "find_locale"),
            "marks": ("Allowed", "NegativeWord"),
            "parsing": ("parse_decimal", "parse_money", "parse_percent"),
            "percent": ("complete_percents", "percent_of", "shares_of_column"),
            "rounding": ("Rounding", "quantize"),
            "timestamps": ("SerialKind",),
        },
    )
