"""Money: exact amounts, how they are read, divided up, exchanged, taxed and booked, and an audit trail of it all.

Rules: nothing rounds silently, no float is an amount, and what is divided up sums to the whole; standard library only;
no clock, no chance, and no input or output but in the sinks of the trail. Usable without the rest of agentkit.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .amounts.amount import ExactMoney as ExactMoney
    from .amounts.amount import Money as Money
    from .amounts.bag import MoneyBag as MoneyBag
    from .amounts.formatting import format_money as format_money
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
    from .audit import Evidence as Evidence
    from .audit import FileDisclosures as FileDisclosures
    from .audit import HasWireForm as HasWireForm
    from .audit import HmacSigner as HmacSigner
    from .audit import InclusionProof as InclusionProof
    from .audit import JsonLinesSink as JsonLinesSink
    from .audit import Key as Key
    from .audit import MemoryDisclosures as MemoryDisclosures
    from .audit import MemorySink as MemorySink
    from .audit import PackDocument as PackDocument
    from .audit import PackManifest as PackManifest
    from .audit import PackMember as PackMember
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
    from .audit import read_signer as read_signer
    from .audit import verifier_text as verifier_text
    from .audit import verify_entries as verify_entries
    from .audit import verify_evidence as verify_evidence
    from .audit import write_pack as write_pack
    from .audit import write_whole as write_whole
    from .currencies.currency import CURRENCIES as CURRENCIES
    from .currencies.currency import Currencies as Currencies
    from .currencies.currency import Currency as Currency
    from .currencies.iso4217 import DATA_VERSION as DATA_VERSION
    from .finance.exchange import Conversion as Conversion
    from .finance.exchange import Leg as Leg
    from .finance.exchange import convert as convert
    from .finance.ledger import Ledger as Ledger
    from .finance.ledger import LedgerEntry as LedgerEntry
    from .finance.ledger import Posting as Posting
    from .finance.ledger import TrialBalance as TrialBalance
    from .finance.ledger import TrialLine as TrialLine
    from .finance.precision import FloatPolicy as FloatPolicy
    from .finance.precision import PrecisionConfig as PrecisionConfig
    from .finance.processor import FinancialProcessor as FinancialProcessor
    from .finance.rates import Rate as Rate
    from .finance.rates import RateTable as RateTable
    from .finance.reconciliation import ReconciledLine as ReconciledLine
    from .finance.reconciliation import Reconciliation as Reconciliation
    from .finance.reconciliation import reconcile as reconcile
    from .finance.recording import AuditPort as AuditPort
    from .finance.replaying import replay_calculations as replay_calculations
    from .finance.shares import RevenueShare as RevenueShare
    from .finance.shares import Shares as Shares
    from .finance.tax import Tax as Tax
    from .finance.tax import Taxed as Taxed
    from .finance.tax import TaxRule as TaxRule
    from .finance.tax import TaxScope as TaxScope
    from .finance.tax import calculate_tax as calculate_tax
    from .finance.validation import AmountIssue as AmountIssue
    from .finance.validation import AmountLike as AmountLike
    from .finance.validation import ValidatedAmounts as ValidatedAmounts
    from .locales.formatting import SymbolStyle as SymbolStyle
    from .locales.formatting import format_decimal as format_decimal
    from .locales.known import LOCALES as LOCALES
    from .locales.known import find_locale as find_locale
    from .locales.locale import DateOrder as DateOrder
    from .locales.locale import Locale as Locale
    from .numbers.allocation import AllocationMethod as AllocationMethod
    from .numbers.allocation import allocate_column as allocate_column
    from .numbers.allocation import allocate_steps as allocate_steps
    from .numbers.canonical import parse_canonical as parse_canonical
    from .numbers.percent import complete_percents as complete_percents
    from .numbers.percent import percent_of as percent_of
    from .numbers.percent import shares_of_column as shares_of_column
    from .numbers.rounding import Rounding as Rounding
    from .numbers.rounding import quantize as quantize
    from .reading.columns import DateColumn as DateColumn
    from .reading.columns import NumberColumn as NumberColumn
    from .reading.columns import infer_dates as infer_dates
    from .reading.columns import infer_numbers as infer_numbers
    from .reading.dates import parse_date as parse_date
    from .reading.marks import Allowed as Allowed
    from .reading.marks import NegativeWord as NegativeWord
    from .reading.parsing import parse_decimal as parse_decimal
    from .reading.parsing import parse_money as parse_money
    from .reading.parsing import parse_percent as parse_percent
    from .reading.timestamps import SerialKind as SerialKind
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "numbers.allocation": (
                "AllocationMethod",
                "allocate_column",
                "allocate_steps",
            ),
            "amounts.amount": (
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
                "Evidence",
                "FileDisclosures",
                "HasWireForm",
                "HmacSigner",
                "InclusionProof",
                "JsonLinesSink",
                "Key",
                "MemoryDisclosures",
                "MemorySink",
                "PackDocument",
                "PackManifest",
                "PackMember",
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
                "read_signer",
                "verifier_text",
                "verify_entries",
                "verify_evidence",
                "write_pack",
                "write_whole",
            ),
            "amounts.bag": ("MoneyBag",),
            "amounts.formatting": ("format_money",),
            "numbers.canonical": ("parse_canonical",),
            "reading.columns": (
                "DateColumn",
                "NumberColumn",
                "infer_dates",
                "infer_numbers",
            ),
            "currencies.currency": (
                "CURRENCIES",
                "Currencies",
                "Currency",
            ),
            "reading.dates": ("parse_date",),
            "finance.exchange": (
                "Conversion",
                "Leg",
                "convert",
            ),
            "locales.formatting": (
                "SymbolStyle",
                "format_decimal",
            ),
            "currencies.iso4217": ("DATA_VERSION",),
            "finance.ledger": (
                "Ledger",
                "LedgerEntry",
                "Posting",
                "TrialBalance",
                "TrialLine",
            ),
            "locales.locale": (
                "DateOrder",
                "Locale",
            ),
            "locales.known": (
                "LOCALES",
                "find_locale",
            ),
            "reading.marks": (
                "Allowed",
                "NegativeWord",
            ),
            "reading.parsing": (
                "parse_decimal",
                "parse_money",
                "parse_percent",
            ),
            "numbers.percent": (
                "complete_percents",
                "percent_of",
                "shares_of_column",
            ),
            "finance.precision": (
                "FloatPolicy",
                "PrecisionConfig",
            ),
            "finance.processor": ("FinancialProcessor",),
            "finance.rates": (
                "Rate",
                "RateTable",
            ),
            "finance.reconciliation": (
                "ReconciledLine",
                "Reconciliation",
                "reconcile",
            ),
            "finance.recording": ("AuditPort",),
            "finance.replaying": ("replay_calculations",),
            "numbers.rounding": (
                "Rounding",
                "quantize",
            ),
            "finance.shares": (
                "RevenueShare",
                "Shares",
            ),
            "finance.tax": (
                "Tax",
                "TaxRule",
                "TaxScope",
                "Taxed",
                "calculate_tax",
            ),
            "reading.timestamps": ("SerialKind",),
            "finance.validation": (
                "AmountIssue",
                "AmountLike",
                "ValidatedAmounts",
            ),
        },
    )
