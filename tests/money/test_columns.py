"""Rule 26: decisive values fix the format of their column."""

from datetime import UTC, date
from decimal import Decimal

import pytest

from agentkit.errors import AmbiguousDate, AmbiguousNumber, InconsistentFormat, InvalidAmount, InvalidDate, MoneyError
from agentkit.money import Money, infer_dates, infer_numbers


@pytest.mark.parametrize(
    ("values", "decimal"),
    [
        (["1,234", "0.5"], "."),
        (["1,234", "1,234,567"], "."),
        (["1,234", "1,234.00"], "."),
        (["1.234", "0,5"], ","),
        (["1.234", "1.234.567"], ","),
        (["1.234", "3,99"], ","),
        (["1,234", "0,125"], ","),
        (["$1,234", "($0.50)", "-"], "."),
        (["1.234 €", "3,- €"], ","),
        (["1.234", "7,5 %"], ","),
        (["12,34,567", "1,234"], "."),
    ],
)
def test_rule_26_one_decisive_value_fixes_the_numbers_of_a_column(values: list[str | None], decimal: str) -> None:
    column = infer_numbers(values)

    assert column.decimal == decimal
    assert column.parse("1,234") == (1234 if decimal == "." else Decimal("1.234"))


def test_rule_26_a_column_of_numbers_without_a_decisive_value_is_refused() -> None:
    with pytest.raises(AmbiguousNumber, match="row 3") as refused:
        infer_numbers([None, "12", "1,234", "5,678"])

    assert refused.value.candidates == (Decimal(1234), Decimal("1.234"))


def test_rule_26_contradicting_numbers_are_named_by_their_rows() -> None:
    with pytest.raises(InconsistentFormat, match="rows 2, 4") as refused:
        infer_numbers(["1,234", "1,234.50", "12.50", "1.234,50", "", "7.5"])

    assert refused.value.rows == (2, 4)


def test_rule_26_numbers_that_every_form_reads_alike_need_no_decision() -> None:
    column = infer_numbers(["12", "1 234", None])

    assert column.decimal is None
    assert column.parse("1 234") == 1234
    with pytest.raises(AmbiguousNumber):
        column.parse("1,234")


def test_rule_26_what_is_no_number_decides_nothing() -> None:
    column = infer_numbers(["n/a", "3.5 apples", "1.2.3", "0,5"])

    assert column.decimal == ","


@pytest.mark.parametrize("values", [[], [None, " "], ["n/a"]])
def test_rule_26_a_column_without_numbers_is_refused(values: list[str | None]) -> None:
    with pytest.raises(InvalidAmount):
        infer_numbers(values)
    with pytest.raises(InvalidDate):
        infer_dates(values)


def test_rule_3_digits_of_other_systems_decide_nothing_where_no_locale_is_named() -> None:
    column = infer_numbers(["1,5", "\u0967\u0968.\u096b"])

    assert column.decimal == ","
    with pytest.raises(InvalidAmount):
        column.parse("\u0967\u0968,\u096b")


def test_a_column_reads_amounts_and_percentages_too() -> None:
    column = infer_numbers(["1.234,50 €", "12,5 %"])

    assert column.parse_money("-1.234 €") == Money(-1234, "EUR")
    assert column.parse_money("$ 1,5", locale="en-US") == Money("1.5", "USD")
    assert column.parse_percent("12,5 %") == Decimal("12.5")
    with pytest.raises(InvalidAmount):
        column.parse("1.234,50 €")
    with pytest.raises(InvalidAmount):
        column.parse("1,234.50")


def test_the_options_of_a_column_hold_for_its_values() -> None:
    column = infer_numbers(["1,5k", "3,25 DR"], allow={"scale"}, negative="DR")

    assert column.parse("1,5k") == 1500
    assert column.parse("3,25 DR") == Decimal("-3.25")


@pytest.mark.parametrize(
    ("values", "order", "value", "expected"),
    [
        (["03/11/2025", "25/11/2025"], "dmy", "04/05/2025", date(2025, 5, 4)),
        (["03/11/2025", "11/25/2025"], "mdy", "04/05/2025", date(2025, 4, 5)),
        (["03/11/2025", "2025-11-03", "25.11.2025"], "dmy", "2025-05-04", date(2025, 5, 4)),
        (["3 Nov 2025", "13/01/2025"], "dmy", "4 May 2025", date(2025, 5, 4)),
    ],
)
def test_rule_26_one_decisive_value_fixes_the_dates_of_a_column(
    values: list[str], order: str, value: str, expected: date
) -> None:
    column = infer_dates(values)

    assert column.order == order
    assert column.parse(value) == expected


def test_rule_26_the_order_of_a_column_is_binding() -> None:
    column = infer_dates(["25/11/2025"])

    with pytest.raises(InvalidDate):
        column.parse("11/25/2025")


def test_rule_26_a_column_of_dates_without_a_decisive_value_is_refused() -> None:
    with pytest.raises(AmbiguousDate, match="row 2") as refused:
        infer_dates(["2025-11-03", "03/11/2025"])

    assert refused.value.candidates == (date(2025, 11, 3), date(2025, 3, 11))


def test_rule_26_contradicting_dates_are_named_by_their_rows() -> None:
    with pytest.raises(InconsistentFormat, match="rows 2, 5") as refused:
        infer_dates(["03/11/2025", "25/11/2025", None, "26/11/2025", "11/25/2025"])

    assert refused.value.rows == (2, 5)


def test_rule_26_several_values_may_decide_together() -> None:
    # The first is no mdy, the second no ymd: dmy is left.
    column = infer_dates(["25/11/03", "11/03/2025"], two_digit_years_from=2000)

    assert column.order == "dmy"
    assert column.parse("04/05/06") == date(2006, 5, 4)


def test_rule_26_dates_with_one_reading_each_need_no_decision() -> None:
    column = infer_dates(["2025-11-03", "3 Nov 2025", "04/04/2025"])

    assert column.order is None
    with pytest.raises(AmbiguousDate):
        column.parse("03/11/2025")


def test_a_locale_gives_a_column_its_words_but_no_order() -> None:
    column = infer_dates(["3 mars 2025", "11/25/2025"], locale="fr-FR", zone=UTC)

    assert column.order == "mdy"
    assert column.parse("4 mai 2025") == date(2025, 5, 4)


def test_a_text_is_no_column() -> None:
    with pytest.raises(MoneyError, match="list of values"):
        infer_numbers("1,234")


def test_rule_26_one_row_stands_for_all_that_a_contradicting_row_contradicts() -> None:
    # The second can be dmy or ymd, the third only mdy.
    with pytest.raises(InconsistentFormat) as refused:
        infer_dates(["25/11/2025", "25/11/03", "11/25/2025"], two_digit_years_from=2000)

    assert refused.value.rows == (1, 3)


def test_rule_26_an_amount_with_a_code_decides_and_one_with_a_word_does_not() -> None:
    assert infer_numbers(["1,234", "3,5 KWD"]).decimal == ","
    with pytest.raises(InvalidAmount):
        infer_numbers(["0,5", "5 %"]).parse("5 %")
    with pytest.raises(AmbiguousNumber):
        infer_numbers(["1,234", "3,5 kilo"])
