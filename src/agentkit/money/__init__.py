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
    from .exchange import Conversion as Conversion
    from .exchange import Leg as Leg
    from .exchange import convert as convert
    from .iso4217 import DATA_VERSION as DATA_VERSION
    from .ledger import Ledger as Ledger
    from .ledger import LedgerEntry as LedgerEntry
    from .ledger import Posting as Posting
    from .ledger import TrialBalance as TrialBalance
    from .ledger import TrialLine as TrialLine
    from .percent import complete_percents as complete_percents
    from .percent import percent_of as percent_of
    from .percent import shares_of_column as shares_of_column
    from .precision import FloatPolicy as FloatPolicy
    from .precision import PrecisionConfig as PrecisionConfig
    from .processor import FinancialProcessor as FinancialProcessor
    from .rates import Rate as Rate
    from .rates import RateTable as RateTable
    from .reconciliation import ReconciledLine as ReconciledLine
    from .reconciliation import Reconciliation as Reconciliation
    from .reconciliation import reconcile as reconcile
    from .recording import AuditPort as AuditPort
    from .recording import Plain as Plain
    from .replaying import replay_calculations as replay_calculations
    from .rounding import Rounding as Rounding
    from .rounding import quantize as quantize
    from .shares import RevenueShare as RevenueShare
    from .shares import Shares as Shares
    from .tax import Tax as Tax
    from .tax import Taxed as Taxed
    from .tax import TaxRule as TaxRule
    from .tax import TaxScope as TaxScope
    from .tax import calculate_tax as calculate_tax
    from .validation import AmountIssue as AmountIssue
    from .validation import AmountLike as AmountLike
    from .validation import ValidatedAmounts as ValidatedAmounts
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
            "exchange": ("Conversion", "Leg", "convert"),
            "ledger": ("Ledger", "LedgerEntry", "Posting", "TrialBalance", "TrialLine"),
            "precision": ("FloatPolicy", "PrecisionConfig"),
            "processor": ("FinancialProcessor",),
            "rates": ("Rate", "RateTable"),
            "reconciliation": ("ReconciledLine", "Reconciliation", "reconcile"),
            "recording": ("AuditPort", "Plain"),
            "replaying": ("replay_calculations",),
            "shares": ("RevenueShare", "Shares"),
            "tax": ("Tax", "TaxRule", "TaxScope", "Taxed", "calculate_tax"),
            "validation": ("AmountIssue", "AmountLike", "ValidatedAmounts"),
        },
    )
