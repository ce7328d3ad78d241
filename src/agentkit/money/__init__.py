"""Money: exact amounts, how they are read, divided up, exchanged, taxed and booked, and an audit trail of it all.

Rules: nothing rounds silently, no float is an amount, and what is divided up sums to the whole; standard library only;
no clock, no chance, and no input or output but in the sinks of the trail. Usable without the rest of agentkit.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .allocation import AllocationMethod as AllocationMethod
    from .allocation import allocate_steps as allocate_steps
    from .amount import ExactMoney as ExactMoney
    from .amount import Money as Money
    from .audit import AuditEntry as AuditEntry
    from .audit import AuditSink as AuditSink
    from .audit import AuditTrail as AuditTrail
    from .audit import AuditValue as AuditValue
    from .audit import Calculation as Calculation
    from .audit import Checkpoint as Checkpoint
    from .audit import Clock as Clock
    from .audit import ConsistencyProof as ConsistencyProof
    from .audit import Deviation as Deviation
    from .audit import Disclosures as Disclosures
    from .audit import Ed25519Signer as Ed25519Signer
    from .audit import FileDisclosures as FileDisclosures
    from .audit import HasWireForm as HasWireForm
    from .audit import HmacSigner as HmacSigner
    from .audit import InclusionProof as InclusionProof
    from .audit import JsonLinesSink as JsonLinesSink
    from .audit import Key as Key
    from .audit import MemoryDisclosures as MemoryDisclosures
    from .audit import MemorySink as MemorySink
    from .audit import Personal as Personal
    from .audit import Replay as Replay
    from .audit import SignatureState as SignatureState
    from .audit import Signer as Signer
    from .audit import SqliteSink as SqliteSink
    from .audit import Verification as Verification
    from .audit import canonical_json as canonical_json
    from .audit import csv_rows as csv_rows
    from .audit import read_checkpoints as read_checkpoints
    from .audit import read_key as read_key
    from .audit import read_lines as read_lines
    from .audit import verifier_text as verifier_text
    from .audit import verify_entries as verify_entries
    from .audit import write_whole as write_whole
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
    from .exchange import Conversion as Conversion
    from .exchange import Leg as Leg
    from .exchange import convert as convert
    from .formatting import SymbolStyle as SymbolStyle
    from .formatting import format_decimal as format_decimal
    from .formatting import format_money as format_money
    from .iso4217 import DATA_VERSION as DATA_VERSION
    from .ledger import Ledger as Ledger
    from .ledger import LedgerEntry as LedgerEntry
    from .ledger import Posting as Posting
    from .ledger import TrialBalance as TrialBalance
    from .ledger import TrialLine as TrialLine
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
    from .precision import FloatPolicy as FloatPolicy
    from .precision import PrecisionConfig as PrecisionConfig
    from .processor import FinancialProcessor as FinancialProcessor
    from .rates import Rate as Rate
    from .rates import RateTable as RateTable
    from .reconciliation import ReconciledLine as ReconciledLine
    from .reconciliation import Reconciliation as Reconciliation
    from .reconciliation import reconcile as reconcile
    from .recording import AuditPort as AuditPort
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
    from .timestamps import SerialKind as SerialKind
    from .validation import AmountIssue as AmountIssue
    from .validation import AmountLike as AmountLike
    from .validation import ValidatedAmounts as ValidatedAmounts
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "allocation": (
                "AllocationMethod",
                "allocate_steps",
            ),
            "amount": (
                "ExactMoney",
                "Money",
            ),
            "audit": (
                "AuditEntry",
                "AuditSink",
                "AuditTrail",
                "AuditValue",
                "Calculation",
                "Checkpoint",
                "Clock",
                "ConsistencyProof",
                "Deviation",
                "Disclosures",
                "Ed25519Signer",
                "FileDisclosures",
                "HasWireForm",
                "HmacSigner",
                "InclusionProof",
                "JsonLinesSink",
                "Key",
                "MemoryDisclosures",
                "MemorySink",
                "Personal",
                "Replay",
                "SignatureState",
                "Signer",
                "SqliteSink",
                "Verification",
                "canonical_json",
                "csv_rows",
                "read_checkpoints",
                "read_key",
                "read_lines",
                "verifier_text",
                "verify_entries",
                "write_whole",
            ),
            "bag": ("MoneyBag",),
            "canonical": ("parse_canonical",),
            "columns": (
                "DateColumn",
                "NumberColumn",
                "infer_dates",
                "infer_numbers",
            ),
            "currency": (
                "CURRENCIES",
                "Currencies",
                "Currency",
            ),
            "dates": ("parse_date",),
            "exchange": (
                "Conversion",
                "Leg",
                "convert",
            ),
            "formatting": (
                "SymbolStyle",
                "format_decimal",
                "format_money",
            ),
            "iso4217": ("DATA_VERSION",),
            "ledger": (
                "Ledger",
                "LedgerEntry",
                "Posting",
                "TrialBalance",
                "TrialLine",
            ),
            "locale": (
                "DateOrder",
                "Locale",
            ),
            "locales": (
                "LOCALES",
                "find_locale",
            ),
            "marks": (
                "Allowed",
                "NegativeWord",
            ),
            "parsing": (
                "parse_decimal",
                "parse_money",
                "parse_percent",
            ),
            "percent": (
                "complete_percents",
                "percent_of",
                "shares_of_column",
            ),
            "precision": (
                "FloatPolicy",
                "PrecisionConfig",
            ),
            "processor": ("FinancialProcessor",),
            "rates": (
                "Rate",
                "RateTable",
            ),
            "reconciliation": (
                "ReconciledLine",
                "Reconciliation",
                "reconcile",
            ),
            "recording": ("AuditPort",),
            "replaying": ("replay_calculations",),
            "rounding": (
                "Rounding",
                "quantize",
            ),
            "shares": (
                "RevenueShare",
                "Shares",
            ),
            "tax": (
                "Tax",
                "TaxRule",
                "TaxScope",
                "Taxed",
                "calculate_tax",
            ),
            "timestamps": ("SerialKind",),
            "validation": (
                "AmountIssue",
                "AmountLike",
                "ValidatedAmounts",
            ),
        },
    )
