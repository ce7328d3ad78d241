"""Money: exact amounts and how they are divided up. Pure, and usable without the rest of agentkit.

Rules: nothing rounds silently, no float is an amount, and what is divided up sums to the whole; standard library only;
no clock, no chance, no input or output.
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
    from .currency import CURRENCIES as CURRENCIES
    from .currency import Currencies as Currencies
    from .currency import Currency as Currency
    from .iso4217 import DATA_VERSION as DATA_VERSION
    from .percent import complete_percents as complete_percents
    from .percent import percent_of as percent_of
    from .percent import shares_of_column as shares_of_column
    from .rounding import Rounding as Rounding
    from .rounding import quantize as quantize
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "allocation": ("AllocationMethod", "allocate_steps"),
            "amount": ("ExactMoney", "Money"),
            "bag": ("MoneyBag",),
            "canonical": ("parse_canonical",),
            "currency": ("CURRENCIES", "Currencies", "Currency"),
            "iso4217": ("DATA_VERSION",),
            "percent": ("complete_percents", "percent_of", "shares_of_column"),
            "rounding": ("Rounding", "quantize"),
        },
    )
