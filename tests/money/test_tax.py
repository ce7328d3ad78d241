"""Tax: on top and inside, by line and by invoice; the parts always sum."""

from decimal import ROUND_UP, Context, Inexact, localcontext
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import (
    CurrencyMismatch,
    CurrencyRequired,
    DefinitionError,
    FloatNotAllowed,
    InvalidAmount,
    InvalidPercentage,
    NonFinite,
    RoundingRequired,
)
from agentkit.money import FinancialProcessor, Money, PrecisionConfig, Rounding, Tax, TaxRule, TaxScope, calculate_tax

SCOPES = st.sampled_from(get_args(TaxScope))
HALVES = st.sampled_from(["ROUND_HALF_EVEN", "ROUND_HALF_UP", "ROUND_HALF_DOWN"])
ROUNDINGS = st.sampled_from(sorted(set(get_args(Rounding)) - {"UNNECESSARY"}))
percents = st.fractions(0, 150, max_denominator=100)
lines = st.lists(
    st.integers(-(10**9), 10**9).map(lambda minor: Money.from_minor(minor, "EUR")), min_size=1, max_size=12
)
rules = st.builds(
    TaxRule, name=st.just("VAT"), percent=percents, included=st.booleans(), scope=SCOPES, rounding=ROUNDINGS
)


def euros(*amounts: str) -> list[Money]:
    return [Money(amount, "EUR") for amount in amounts]


def vat(percent: str | int, **rest: object) -> TaxRule:
    return TaxRule(**{"name": "VAT", "percent": percent, "rounding": "ROUND_HALF_UP", **rest})  # type: ignore[arg-type]  # short for tests


@given(lines, rules)
def test_rule_22_net_and_tax_sum_to_gross_of_each_line_and_of_the_whole(amounts: list[Money], rule: TaxRule) -> None:
    tax = calculate_tax(amounts, rule)

    for each in (tax, *tax.lines):
        assert each.net + each.tax == each.gross
    given_side = tax.gross if rule.included else tax.net
    assert given_side == Money.sum(amounts)
    assert abs(tax.tax.minor - sum((rule.tax_in(amount.minor) for amount in amounts), Fraction(0))) <= (
        len(amounts) if rule.scope == "line" else 1
    )


@given(lines, rules.filter(lambda rule: rule.scope != "invoice"))
def test_rule_22_the_lines_sum_to_the_invoice(amounts: list[Money], rule: TaxRule) -> None:
    tax = calculate_tax(amounts, rule)

    assert len(tax.lines) == len(amounts)
    for name in ("net", "tax", "gross"):
        assert Money.sum(getattr(line, name) for line in tax.lines) == getattr(tax, name)


@given(lines, rules.filter(lambda rule: rule.scope == "invoice_to_lines"))
def test_rule_22_tax_that_is_divided_up_is_less_than_a_cent_from_the_exact_tax_of_each_line(
    amounts: list[Money], rule: TaxRule
) -> None:
    tax = calculate_tax(amounts, rule)

    for amount, line in zip(amounts, tax.lines, strict=True):
        assert abs(line.tax.minor - rule.tax_in(amount.minor)) < 1
        assert line.tax or not rule.tax_in(amount.minor) or abs(rule.tax_in(amount.minor)) < 1
    assert tax.tax == calculate_tax(amounts, TaxRule.from_dict({**rule.to_dict(), "scope": "invoice"})).tax


@given(lines, percents, SCOPES, HALVES)
def test_rule_22_a_credit_note_mirrors_its_invoice(
    amounts: list[Money], percent: Fraction, scope: TaxScope, rounding: Rounding
) -> None:
    rule = TaxRule(name="VAT", percent=percent, scope=scope, rounding=rounding)
    invoice, note = calculate_tax(amounts, rule), calculate_tax([-amount for amount in amounts], rule)

    assert (note.net, note.tax, note.gross) == (-invoice.net, -invoice.tax, -invoice.gross)
    assert [line.tax for line in note.lines] == [-line.tax for line in invoice.lines]


@given(st.integers(-(10**9), 10**9), percents, HALVES)
def test_rule_22_taking_included_tax_out_undoes_putting_it_on_top(
    minor: int, percent: Fraction, rounding: Rounding
) -> None:
    on_top = TaxRule(name="VAT", percent=percent, rounding=rounding)
    inside = TaxRule(name="VAT", percent=percent, rounding=rounding, included=True)
    net = Money.from_minor(minor, "EUR")

    gross = calculate_tax([net], on_top).gross

    assert calculate_tax([gross], inside).net == net


def test_rule_22_the_three_scopes_differ_as_they_should() -> None:
    prices = euros("0.99", "0.99", "0.99")

    by_line, by_invoice, divided = (calculate_tax(prices, vat(19, scope=scope)) for scope in get_args(TaxScope))

    assert [str(tax.tax) for tax in (by_line, by_invoice, divided)] == ["0.57 EUR", "0.56 EUR", "0.56 EUR"]
    assert [len(tax.lines) for tax in (by_line, by_invoice, divided)] == [3, 0, 3]
    assert [line.tax.minor for line in divided.lines] == [19, 19, 18]


def test_rule_22_a_discount_is_a_negative_line_with_negative_tax() -> None:
    tax = calculate_tax(euros("10.00", "-3.33"), vat("7.7", scope="invoice_to_lines"))

    assert [line.tax.minor for line in tax.lines] == [77, -26]
    assert tax.tax == Money("0.51", "EUR")


@given(lines, rules)
def test_rule_09_tax_does_not_depend_on_the_decimal_context(amounts: list[Money], rule: TaxRule) -> None:
    expected = calculate_tax(amounts, rule)

    with localcontext(Context(prec=1, rounding=ROUND_UP, traps=[Inexact])):
        assert calculate_tax(amounts, rule) == expected


def test_rule_08_tax_that_is_not_exact_needs_a_rounding() -> None:
    rule = TaxRule(name="VAT", percent=19)

    with pytest.raises(RoundingRequired):
        calculate_tax(euros("0.99"), rule)
    assert calculate_tax(euros("1.00"), rule).tax.minor == 19
    assert FinancialProcessor(currency="EUR").tax("0.99", rule).tax.minor == 19


def test_a_processor_rounds_tax_as_coarsely_as_everything_else() -> None:
    whole = FinancialProcessor(PrecisionConfig(decimal_places=0), currency="EUR")

    tax = whole.tax(["10", "25", "31"], vat("7.7", scope="invoice_to_lines"))

    assert [str(line.tax) for line in tax.lines] == ["1.00 EUR", "2.00 EUR", "2.00 EUR"]


@pytest.mark.parametrize(
    ("percent", "error"),
    [
        ("-1", InvalidPercentage),
        (True, InvalidPercentage),
        ("x", InvalidPercentage),
        (None, InvalidPercentage),
        (19.0, FloatNotAllowed),
        ("NaN", NonFinite),
    ],
)
def test_a_tax_percentage_is_an_exact_number_from_zero_up(percent: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        vat(percent)


def test_a_rule_names_what_is_wrong_with_it_and_comes_back_from_json() -> None:
    for wrong in ({"name": " "}, {"included": 1}, {"scope": "bill"}, {"rounding": "HALF"}):
        with pytest.raises(DefinitionError):
            vat(19, **wrong)
    with pytest.raises(DefinitionError, match="rate"):
        TaxRule.from_dict({"name": "VAT", "rate": 19})
    for rule in (vat("7.7"), vat(Fraction(20, 3)), vat(19, included=True, scope="invoice")):  # type: ignore[arg-type]  # a Fraction is a number too
        assert TaxRule.from_dict(rule.to_dict()).exact == rule.exact


def test_an_invoice_is_of_one_currency_and_its_lines_are_money() -> None:
    with pytest.raises(CurrencyMismatch):
        calculate_tax([Money(1, "EUR"), Money(1, "USD")], vat(19))
    with pytest.raises(CurrencyRequired):
        calculate_tax([], vat(19))
    with pytest.raises(InvalidAmount):
        calculate_tax(["1.00"], vat(19))  # type: ignore[list-item]  # what is tested
    empty = FinancialProcessor(currency="EUR").tax([], vat(19))
    assert isinstance(empty, Tax)
    assert empty.gross == Money.zero("EUR")


def test_rule_22_a_credit_note_mirrors_its_invoice_where_all_tax_comes_to_nothing() -> None:
    rule = vat(10, scope="invoice_to_lines")

    invoice = calculate_tax(euros("0", "0.55", "-0.55"), rule)
    note = calculate_tax(euros("0", "-0.55", "0.55"), rule)

    assert [line.tax.minor for line in invoice.lines] == [0, 6, -6]
    assert [line.tax.minor for line in note.lines] == [0, -6, 6]


def test_a_rule_is_read_with_what_is_left_out_as_it_is_when_it_is_made() -> None:
    assert TaxRule.from_dict({"name": "VAT", "percent": "19"}) == TaxRule(name="VAT", percent="19")


def test_rule_13_tax_is_written_in_wire_form() -> None:
    line = calculate_tax(euros("1.00"), vat(19)).lines[0]

    assert line.to_dict() == {
        "net": {"amount": "1.00", "currency": "EUR"},
        "tax": {"amount": "0.19", "currency": "EUR"},
        "gross": {"amount": "1.19", "currency": "EUR"},
    }
