"""Whatever stands in place of whichever argument: an error of agentkit is all that leaves, and all of it replays."""

import datetime
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import pytest

from agentkit.errors import AgentKitError
from agentkit.money import (
    CURRENCIES,
    AuditTrail,
    Currencies,
    ExactMoney,
    FinancialProcessor,
    Ledger,
    MemorySink,
    Money,
    MoneyBag,
    PrecisionConfig,
    Rate,
    RateTable,
    TaxRule,
    allocate_steps,
    calculate_tax,
    canonical_json,
    complete_percents,
    convert,
    format_decimal,
    format_money,
    infer_dates,
    infer_numbers,
    parse_canonical,
    parse_date,
    parse_money,
    parse_percent,
    percent_of,
    quantize,
    read_checkpoints,
    read_key,
    reconcile,
    replay_calculations,
    shares_of_column,
    verify_entries,
)
from tests.money.audit.trails import START, Counting


class One(IntEnum):
    """A member of an enum of ints."""

    ONE = 1


ENDLESS: list[object] = []
ENDLESS.append(ENDLESS)
ODD: list[object] = [
    None, True, 0, -1, One.ONE, 10**5_000, 1.5, float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"),
    Decimal("Infinity"), Decimal("1E+999999999"), Decimal("1E-999999999"), Decimal("-0"), Fraction(1, 3),
    Fraction(10**5_000, 3), "", "x", "1", "-1", "\ud800", "1" * 5_000, "\x00", "\u0661", "\uff15", "\u200f5", b"1", [],
    [1], [None], ["x"], [[]], ENDLESS, (), {}, {"a": 1}, {1: 2}, {"float": "x"}, {"amount": "1", "currency": "EUR"},
    set(), object(), int.__add__, datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC),
    datetime.timedelta(1), Money(5, "EUR"), Money(5, "USD"), ExactMoney(1, "EUR") / 3, MoneyBag(), CURRENCIES,
    CURRENCIES.get("EUR"), CURRENCIES.get("JPY"), range(3), complex(1, 2),
]  # fmt: skip
EURO = Money("19.90", "EUR")
ECB = Rate(base="EUR", quote="USD", value="1.1", on="2024-03-28", source="ECB")
RATES = RateTable([ECB])
VAT = TaxRule(name="VAT", percent=10, rounding="ROUND_UP")
SIDE = [{"id": 1, "paid": "1"}]
TRAIL = AuditTrail(MemorySink(), clock=Counting())
SHARED = FinancialProcessor(currency="EUR", audit=TRAIL)


def ledger() -> Ledger:
    made = Ledger()
    made.post({"bank": EURO, "sales": -EURO}, on="2024-03-01")
    return made


# Each is a call that succeeds with what it is given here.
CALLS: list[tuple[Callable[..., object], dict[str, object]]] = [
    (Money, {"amount": "1", "currency": "EUR", "rounding": "ROUND_UP"}),
    (ExactMoney, {"amount": "1", "currency": "EUR"}),
    (Money.from_minor, {"minor": 1, "currency": "EUR"}),
    (Money.from_dict, {"given": EURO.to_dict(), "currencies": CURRENCIES, "allow_historical": False}),
    (Money.sum, {"amounts": [EURO], "currency": "EUR"}),
    (EURO.percentage, {"rate": "5", "rounding": "ROUND_UP"}),
    (EURO.round_to, {"places": 1, "rounding": "ROUND_UP"}),
    (EURO.within, {"least": EURO, "most": EURO}),
    (EURO.split, {"count": 3}),
    (EURO.allocate, {"weights": [1, 2], "method": "first"}),
    (EURO.share, {"percents": {"a": 50}, "remainder": "b", "method": "first"}),
    (EURO.round_cash, {"step": "0.05", "rounding": "ROUND_UP"}),
    ((EURO / 3).round, {"rounding": "ROUND_UP"}),
    (MoneyBag, {"amounts": [EURO]}),
    (MoneyBag.from_list, {"given": [EURO.to_dict()], "currencies": CURRENCIES, "allow_historical": False}),
    (MoneyBag([EURO]).only, {"currency": "EUR"}),
    (CURRENCIES.get, {"code": "EUR", "allow_historical": False}),
    (
        lambda **given: Currencies().register(**given),
        {"code": "PTS", "minor_units": 2, "name": "Points", "numeric": "999", "cash_step": "0.05"},
    ),
    (parse_canonical, {"text": "1"}),
    (quantize, {"value": "1", "places": 2, "rounding": "ROUND_UP", "precision": 28}),
    (lambda **given: sum(allocate_steps(**given)), {"total": 5, "weights": [1, 2], "method": "first"}),
    (percent_of, {"percent": "5"}),
    (complete_percents, {"percents": {"a": 50}, "remainder": "b"}),
    (shares_of_column, {"minor": [1, 2], "percent": "5", "rounding": "ROUND_UP"}),
    (Rate, {"base": "EUR", "quote": "USD", "value": "1.1", "on": "2024-03-28", "source": "ECB"}),
    (RateTable, {"rates": [ECB], "max_age_days": 7}),
    (RateTable.from_rows, {"rows": [ECB.to_dict()], "source": "ECB", "currencies": CURRENCIES, "max_age_days": 7}),
    (RateTable.from_json, {"text": RATES.to_json(), "currencies": CURRENCIES}),
    (RATES.find, {"base": "EUR", "quote": "USD", "on": "2024-03-28", "max_age_days": 7}),
    (ECB.age_days, {"on": datetime.date(2024, 3, 29)}),
    (
        convert,
        {
            "amount": EURO,
            "to": "USD",
            "on": "2024-03-28",
            "rates": RATES,
            "via": None,
            "allow_divide": False,
            "max_age_days": 7,
            "rounding": "ROUND_UP",
        },
    ),
    (TaxRule, {"name": "VAT", "percent": "5", "included": False, "scope": "line", "rounding": "ROUND_UP"}),
    (TaxRule.from_dict, {"given": VAT.to_dict()}),
    (calculate_tax, {"lines": [EURO], "rule": VAT, "currency": "EUR"}),
    (
        reconcile,
        {
            "left": SIDE,
            "right": SIDE,
            "key": "id",
            "amount": "paid",
            "currency": "EUR",
            "tolerance": 0,
            "total_tolerance": 0,
            "duplicates": "sum",
        },
    ),
    (
        PrecisionConfig,
        {
            "decimal_places": 2,
            "rounding": "ROUND_UP",
            "precision": 20,
            "minimum": "0",
            "maximum": "9",
            "float_policy": "repr",
        },
    ),
    (PrecisionConfig.from_dict, {"given": PrecisionConfig().to_dict()}),
    (FinancialProcessor, {"config": PrecisionConfig(), "currency": "EUR", "actor": "ada", "currencies": CURRENCIES}),
    (
        lambda **given: ledger().post(**given),
        {"postings": {"bank": EURO, "sales": -EURO}, "on": "2024-03-01", "text": "a sale"},
    ),
    (lambda **given: ledger().reverse(**given), {"number": 1, "on": "2024-03-01", "text": "returned"}),
    (lambda **given: ledger().balance(**given), {"account": "bank", "currency": "EUR", "on": "2024-03-01"}),
    (lambda **given: ledger().trial_balance(**given), {"on": "2024-03-01"}),
    (Ledger.from_data, {"rows": ledger().to_data(), "currencies": CURRENCIES}),
    (Ledger, {"entries": ledger().entries}),
    (format_money, {"money": EURO, "locale": "de-DE", "symbol": "code", "grouped": True}),
    (format_decimal, {"value": 5, "locale": "de-DE", "places": 2, "grouped": True}),
    (
        parse_money,
        {
            "text": "5",
            "currency": "EUR",
            "locale": "de-DE",
            "allow": ["scale"],
            "negative": "CR",
            "rounding": "ROUND_UP",
            "currencies": CURRENCIES,
        },
    ),
    (parse_percent, {"text": "5", "locale": "de-DE"}),
    (
        parse_date,
        {
            "text": "2024-02-29T10:00Z",
            "order": "ymd",
            "locale": "de-DE",
            "two_digit_years_from": 1970,
            "serial": "excel",
            "zone": datetime.UTC,
        },
    ),
    (infer_numbers, {"values": ["1.5"], "allow": ["scale"], "negative": "CR"}),
    (infer_dates, {"values": ["25.11.2025"], "locale": "de-DE", "two_digit_years_from": 1970, "serial": "excel"}),
    (infer_numbers(["1.5"]).parse_money, {"text": "1.5", "currency": "EUR", "locale": "de-DE", "rounding": "ROUND_UP"}),
    (infer_dates(["25.11.2025"]).parse, {"text": "25.11.2025"}),
    (canonical_json, {"value": {"a": 1}}),
    (read_key, {"text": f"hmac-sha256:{'00' * 16}"}),
    (read_checkpoints, {"text": AuditTrail(MemorySink()).checkpoint(at=START).text()}),
    (verify_entries, {"lines": [], "checkpoints": [], "key": None}),
    (SHARED.validate_input, {"value": "1"}),
    (SHARED.validate_many, {"values": ["1"]}),
    (SHARED.calculate_percentage, {"amount": "5", "percent": "5"}),
    (SHARED.calculate_revenue_share, {"total": "5", "percent": "5"}),
    (SHARED.calculate_shares, {"total": "5", "percents": {"a": 50}, "remainder": "b", "method": "first"}),
    (SHARED.allocate, {"total": "5", "weights": [1], "method": "first"}),
    (
        SHARED.convert,
        {
            "amount": "5",
            "to": "USD",
            "on": "2024-03-28",
            "rates": RATES,
            "via": None,
            "allow_divide": False,
            "max_age_days": 7,
        },
    ),
    (SHARED.tax, {"lines": ["5"], "rule": VAT}),
    (SHARED.running_total, {"amounts": ["5"]}),
    (
        SHARED.reconcile,
        {
            "left": SIDE,
            "right": SIDE,
            "key": "id",
            "amount": "paid",
            "tolerance": 0,
            "total_tolerance": 0,
            "duplicates": "sum",
        },
    ),
]


@pytest.mark.parametrize(("call", "arguments"), CALLS)
def test_nothing_but_an_error_of_agentkit_leaves_whatever_is_given(
    call: Callable[..., object], arguments: dict[str, Any]
) -> None:
    call(**arguments)
    for name in arguments:
        for odd in ODD:
            if callable(odd) and name in ("key", "amount"):
                continue  # a function of a row may raise what it likes
            with suppress(AgentKitError):
                call(**arguments | {name: odd})


def test_rule_39_all_that_a_processor_was_asked_is_done_again_with_the_same_outcome() -> None:
    trail = AuditTrail(MemorySink(), clock=Counting())
    processor = FinancialProcessor(currency="EUR", audit=trail)
    for call, arguments in CALLS:
        if getattr(call, "__self__", None) is not SHARED:
            continue
        again = getattr(processor, call.__name__)
        for name in arguments:
            for odd in ODD:
                if callable(odd) and name in ("key", "amount"):
                    continue
                with suppress(AgentKitError):
                    again(**arguments | {name: odd})

    replay = trail.replay(replay_calculations(rates=RATES))

    # A party whose name is a number of 5,000 digits: no text of an entry is as long.
    assert [trail.entry(each.number).inputs["remainder"] for each in replay.deviations] == [{"decimal": "1" * 5_000}]
    assert replay.performed == trail.size > 1_000
