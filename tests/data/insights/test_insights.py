"""Insights: what a table tells, with exact figures and the rows behind them, and nothing where nothing can be said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from agentkit.data import (
    Cell,
    Column,
    Figure,
    Insights,
    InsightsConfig,
    Origin,
    Statement,
    StatementKind,
    Table,
    check_text,
    find_insights,
)
from agentkit.errors import ColumnMismatch, ColumnMissing, CurrencyMismatch, DefinitionError
from agentkit.money import ExactMoney, Money

COLUMNS = [
    Column(name="artist"),
    Column(name="day", kind="date"),
    Column(name="revenue", kind="money", currency="EUR"),
]
BY_ARTIST = InsightsConfig(value="revenue", by=("artist",), date="day")


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


def sales(*rows: tuple[str | None, date | None, Money | None]) -> Table:
    return Table.of(COLUMNS, rows, source="sales.csv", first_row=2)


def monthly(totals: Sequence[int], *, first: int = 2022 * 12) -> Table:
    """One row a month, with an amount in whole euros."""
    months = [divmod(first + place, 12) for place in range(len(totals))]
    return sales(
        *(("Ibis", date(year, month + 1, 15), Money(n, "EUR")) for (year, month), n in zip(months, totals, strict=True))
    )


def found_in(table: Table, config: InsightsConfig = BY_ARTIST) -> Insights:
    found = find_insights(table, config)
    check_text(" ".join(statement.text for statement in found.statements), found)
    return found


def only(found: Insights, kind: StatementKind) -> Statement:
    (statement,) = found.of(kind)
    return statement


def values_of(statement: Statement) -> dict[str, object]:
    return {name: figure.value for name, figure in statement.figures.items()}


THREE = sales(
    ("Ibis", date(2024, 1, 5), eur("7.00")),
    ("Oak", date(2024, 1, 20), eur("2.00")),
    ("Ibis", date(2024, 2, 1), eur("1.00")),
    ("Elm", date(2024, 2, 9), eur("0.50")),
)


def test_the_total_is_exact_and_knows_its_rows() -> None:
    total = only(found_in(THREE), "total")

    assert total.text == "The total of revenue is 10.50 EUR, from 4 rows."
    assert total.figures["total"] == Figure(eur("10.50"), "10.50 EUR")
    assert (total.rows.count, total.rows.is_complete) == (4, True)
    assert total.rows.sample[0] == Origin("sales.csv", 2)


def test_of_many_rows_a_sample_is_named_and_the_number_is_told() -> None:
    total = only(find_insights(THREE, InsightsConfig(value="revenue", sample=2)), "total")

    assert (total.rows.count, total.rows.sample) == (4, (Origin("sales.csv", 2), Origin("sales.csv", 3)))
    assert not total.rows.is_complete


def test_a_value_is_called_by_the_name_that_people_know() -> None:
    found = found_in(THREE, replace(BY_ARTIST, called="money from streams"))

    assert only(found, "total").text.startswith("The total of money from streams is")
    assert all("revenue" not in statement.text for statement in found.statements)


def test_shares_are_exact_ratios_shown_with_one_decimal() -> None:
    share = only(found_in(THREE), "share")

    assert (
        share.text == "By artist, Ibis has 76.2 % of all revenue, and the 2 highest of 3 groups have 95.2 % together."
    )
    assert values_of(share)["share"] == Fraction(16, 21)
    assert values_of(share)["together"] == Fraction(20, 21)


def test_the_highest_and_lowest_are_named_with_their_totals_and_rows_and_nobody_twice() -> None:
    found = found_in(THREE)

    assert only(found, "top").text == "By artist, highest in revenue: Ibis with 8.00 EUR and Oak with 2.00 EUR."
    assert only(found, "bottom").text == "By artist, lowest in revenue: Elm with 0.50 EUR."
    assert only(found, "bottom").rows.sample == (Origin("sales.csv", 5),)


def test_ties_are_said_and_named_by_their_names() -> None:
    table = sales(*((name, None, eur("1")) for name in "dcba"), ("z", None, eur("9")))
    config = InsightsConfig(value="revenue", by=("artist",), top=2)

    assert only(found_in(table, config), "top").text == (
        "By artist, highest in revenue: z with 9.00 EUR and a with 1.00 EUR; 3 more have as much as the last of these."
    )


def test_growth_compares_the_last_month_with_that_before_it_and_a_year_ago() -> None:
    last, year = found_in(monthly([50, *[70] * 11, 60])).of("growth")

    assert last.text == (
        "In 2023-01, revenue is 60.00 EUR, 10.00 EUR less than the 70.00 EUR of 2022-12 (-14.3 %);"
        " its last row is of 2023-01-15."
    )
    assert values_of(last)["growth"] == Fraction(-1, 7)
    assert values_of(last)["difference"] == eur("-10")
    assert values_of(year)["growth"] == Fraction(1, 5)
    assert year.rows.sample == (Origin("sales.csv", 2), Origin("sales.csv", 14))


def test_growth_from_nothing_or_from_a_loss_has_no_percentage() -> None:
    for before in (0, -5):
        growth = only(found_in(monthly([before, 10])), "growth")
        assert "growth" not in growth.figures
        assert "%" not in growth.text


def test_a_trend_is_the_median_slope_and_one_wrong_month_does_not_bend_it() -> None:
    trend = only(found_in(monthly([10, 12, 14, 16, 18, 20, 900, 24, 26, 28])), "trend")

    assert trend.text == "Over the 10 months from 2022-01 to 2022-10, revenue rises by about 2.00 EUR a month."
    assert values_of(trend)["slope"] == eur("2.00")


def test_a_falling_trend_says_so_and_its_figure_is_below_zero() -> None:
    trend = only(found_in(monthly([19, 17, 16, 14, 11, 9, 7])), "trend")

    assert "revenue falls by about 2.00 EUR a month" in trend.text
    assert values_of(trend)["slope"] == eur("-2")


def test_where_chance_may_explain_it_there_is_no_clear_trend() -> None:
    for totals in ([10, 30, 20, 25, 15, 28, 12], [10, 14, 12, 15, 11, 16, 13]):
        assert only(found_in(monthly(totals)), "trend").text.endswith("shows no clear trend.")
    assert found_in(monthly([1, 2, 3, 4, 5])).of("trend") == ()


def test_gaps_in_time_are_said() -> None:
    rows = [row for place, row in enumerate(monthly([1, 2, 3, 4, 5, 6, 7, 8, 9]).rows()) if place not in {3, 4}]
    trend = only(found_in(Table.of(COLUMNS, rows)), "trend")

    assert "(2 between them have no rows)" in trend.text
    assert values_of(trend)["slope"] == eur("1")


def test_a_season_is_claimed_where_it_came_in_every_full_year() -> None:
    year = [9, 9, 9, 9, 9, 9, 24, 9, 9, 9, 9, 6]
    high, low = found_in(monthly([*year, *year, 5])).of("seasonality")

    assert high.text == (
        "In each of 2 full years, revenue in July is above that of an average month, typically by 140.0 %."
    )
    assert low.text == (
        "In each of 2 full years, revenue in December is below that of an average month, typically by 40.0 %."
    )
    assert values_of(high)["difference"] == Fraction(7, 5)
    assert values_of(low)["difference"] == Fraction(-2, 5)
    assert high.rows.sample == (Origin("sales.csv", 8), Origin("sales.csv", 20))


def test_no_season_is_claimed_from_one_year_or_where_it_came_once() -> None:
    year = [10, 10, 10, 10, 10, 10, 30, 10, 10, 10, 10, 10]

    assert found_in(monthly(year)).of("seasonality") == ()
    assert found_in(monthly([*year, *year[1:], 10])).of("seasonality") == ()


def test_where_something_is_below_zero_parts_of_a_whole_make_no_sense() -> None:
    year = [9, 9, 9, 9, 9, 9, 24, 9, 9, 9, 9, -6]
    rows = [*monthly(year * 2).rows(), ("Oak", date(2024, 1, 1), eur("-1"))]
    found = found_in(Table.of(COLUMNS, rows))

    assert found.of("share") == ()
    assert found.of("seasonality") == ()


def test_rows_far_from_the_others_are_found_and_named() -> None:
    table = monthly([10, 11, 12, 9, 10, 11, 10, 9, 500, 12, 11])
    anomaly = found_in(table, InsightsConfig(value="revenue")).of("anomaly")[0]

    assert anomaly.text == (
        "In 1 of 11 rows, revenue is more than 3.5 usual deviations from the median of 11.00 EUR; the farthest,"
        " 500.00 EUR in row 10 of sales.csv, is 329.8 of them away."
    )
    assert anomaly.rows.sample == (Origin("sales.csv", 10),)
    assert values_of(anomaly)["score"] == Fraction(6745, 10_000) * 489


def test_months_far_from_their_trend_are_found() -> None:
    anomalies = found_in(monthly([10, 13, 14, 17, 18, 21, 90, 25, 26, 29])).of("anomaly")

    assert [statement.figures["name"].shown for statement in anomalies if "name" in statement.figures] == ["2022-07"]
    assert "2022-07 stands out: revenue is 90.00 EUR" in anomalies[-1].text


def test_an_empty_table_tells_nothing() -> None:
    assert found_in(THREE.take([])) == Insights(statements=())


def test_rows_without_a_value_are_left_out_with_a_word() -> None:
    found = found_in(sales(("Ibis", None, None), ("Oak", date(2024, 1, 1), None)))

    assert [statement.text for statement in found.statements] == [
        "Left out: 2 rows without a revenue that could be added."
    ]
    assert [(issue.row, issue.code) for issue in found.issues] == [(2, "missing_input"), (3, "missing_input")]


def test_one_row_tells_its_total_and_no_more() -> None:
    found = found_in(THREE.take([0]))

    assert [statement.text for statement in found.statements] == ["The total of revenue is 7.00 EUR, from 1 row."]


def test_a_constant_has_no_highest_no_season_and_no_anomaly() -> None:
    found = found_in(monthly([5] * 30))

    assert {statement.kind for statement in found.statements} == {"total", "growth", "trend"}
    assert only(found, "trend").text.endswith("revenue is always 5.00 EUR.")
    assert found.of("growth")[0].text.startswith("In 2024-06, revenue is 5.00 EUR, as much as in 2024-05 with 5.00 EUR")


def test_of_losses_only_nobody_has_a_share_and_growth_no_percentage() -> None:
    found = found_in(sales(("Ibis", date(2024, 1, 1), eur("-7")), ("Oak", date(2024, 2, 1), eur("-3"))))

    assert found.of("share") == ()
    assert only(found, "total").figures["total"].value == eur("-10")
    assert only(found, "top").text == "By artist, highest in revenue: Oak with -3.00 EUR."
    assert "4.00 EUR more than the -7.00 EUR of 2024-01;" in only(found, "growth").text


def test_rows_without_a_group_are_a_group_and_rows_without_a_date_are_in_no_period() -> None:
    found = found_in(sales((None, None, eur("2")), ("Oak", date(2024, 1, 1), eur("1"))))

    assert only(found, "top").text == "By artist, highest in revenue: (empty) with 2.00 EUR."
    assert [(issue.row, issue.field) for issue in found.issues] == [(2, "day")]


def test_of_several_currencies_one_is_chosen_and_the_others_are_left_out_with_a_word() -> None:
    rows: list[tuple[Cell, ...]] = [(eur("1"),), (Money("5", "USD"),), (eur("2"),)]
    table = Table.of([Column(name="paid", kind="money")], rows)

    with pytest.raises(CurrencyMismatch, match="EUR, USD: convert them first"):
        find_insights(table, InsightsConfig(value="paid"))
    found = found_in(table, InsightsConfig(value="paid", currency="eur"))
    assert [statement.kind for statement in found.statements] == ["total", "left_out"]
    assert only(found, "total").figures["total"].value == eur("3")
    assert [(issue.row, issue.code, issue.raw) for issue in found.issues] == [(2, "currency_mismatch", "5.00 USD")]
    assert found_in(table, InsightsConfig(value="paid", currency="JPY")).of("total") == ()


@pytest.mark.parametrize(
    ("period", "names"),
    [("month", ["2024-02", "2024-01"]), ("quarter", ["2024-Q1"]), ("year", ["2024"])],
)
def test_days_are_gathered_into_months_quarters_or_years(period: str, names: list[str]) -> None:
    config = InsightsConfig(value="revenue", date="day", period=period)  # type: ignore[arg-type]  # one of the three
    growth = found_in(THREE, config).of("growth")

    assert [growth[0].figures["last"].shown, growth[0].figures["before"].shown] == names if growth else len(names) == 1


def test_numbers_of_any_size_are_added_exactly_whatever_the_context_is() -> None:
    numbers = [Decimal("0.1"), Decimal("1e20"), Decimal("-1e20"), Decimal("0.2")]
    table = Table.of([Column(name="n", kind="decimal")], [(number,) for number in numbers])
    with localcontext(prec=3):
        total = only(find_insights(table, InsightsConfig(value="n")), "total")

    assert total.figures["total"] == Figure(Decimal("0.3"), "0.30")


def test_an_expected_value_between_two_cents_keeps_its_exact_value() -> None:
    rows = [("Ibis", date(2024, 1, 1), eur(f"0.0{n}")) for n in (1, 2, 1, 2, 1, 2, 1, 2, 1)]
    anomaly = find_insights(sales(*rows, ("Ibis", date(2024, 1, 1), eur("9"))), InsightsConfig(value="revenue")).of(
        "anomaly"
    )

    assert anomaly[0].figures["median"] == Figure(ExactMoney(Fraction(3, 200), "EUR"), "0.02 EUR")


@pytest.mark.parametrize(
    ("config", "error"),
    [
        (InsightsConfig(value="x"), ColumnMissing),
        (InsightsConfig(value="artist"), ColumnMismatch),
        (InsightsConfig(value="revenue", date="artist"), ColumnMismatch),
        (InsightsConfig(value="revenue", date="x"), ColumnMissing),
        (InsightsConfig(value="revenue", by=("x",)), ColumnMissing),
    ],
)
def test_a_column_that_does_not_fit_is_refused(config: InsightsConfig, error: type[Exception]) -> None:
    with pytest.raises(error):
        find_insights(THREE.take([]), config)


@pytest.mark.parametrize("wrong", [{"top": 0}, {"sample": -1}, {"threshold": "0"}, {"threshold": "much"}])
def test_a_configuration_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DefinitionError):
        InsightsConfig(value="revenue", **wrong)  # type: ignore[arg-type]  # that is what is tested


def test_a_configuration_comes_from_plain_data_and_takes_no_unknown_field() -> None:
    read = TypeAdapter(InsightsConfig).validate_python

    assert read({"value": "revenue", "by": ["artist"], "date": "day"}) == BY_ARTIST
    with pytest.raises(ValidationError):
        read({"value": "revenue", "tops": 5})


def test_numbers_that_are_none_are_left_out_with_a_word() -> None:
    numbers = [Decimal(text) for text in ("1e999999999", "2.5")]
    found = found_in(
        Table.of([Column(name="n", kind="decimal")], [(number,) for number in numbers]), InsightsConfig(value="n")
    )

    assert only(found, "total").figures["total"].value == Decimal("2.5")
    assert [issue.code for issue in found.issues] == ["precision_exceeded"]


def test_progress_is_told_while_rows_are_read_and_while_statements_are_looked_for() -> None:
    told: list[tuple[int, int | None, str]] = []
    table = Table.of([Column(name="n", kind="integer")], [(number,) for number in range(1500)])
    find_insights(table, InsightsConfig(value="n"), progress=lambda *args: told.append(args))

    assert told[:3] == [(0, 1500, "read"), (1000, 1500, "read"), (1500, 1500, "read")]
    assert "trend" in {what for _, _, what in told}


def test_names_cannot_break_out_of_their_statement() -> None:
    table = sales(("{total}\n\x07" + "x" * 200, None, eur("2")), ("{}", None, eur("1")))
    found = found_in(table, InsightsConfig(value="revenue", by=("artist",)))

    assert only(found, "top").text == f"By artist, highest in revenue: {{total}}  {'x' * 68}... with 2.00 EUR."


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Ibis", "Oak", "U2", None]),
        st.dates(date(2020, 1, 1), date(2024, 12, 31)) | st.none(),
        st.integers(-(10**6), 10**6).map(lambda minor: Money.from_minor(minor, "EUR")) | st.none(),
    ),
    max_size=60,
)


@given(ROWS, st.sampled_from(["month", "quarter", "year"]))
def test_every_number_of_every_statement_is_one_of_its_figures(
    rows: list[tuple[str | None, date | None, Money | None]], period: str
) -> None:
    config = InsightsConfig(value="revenue", by=("artist",), date="day", period=period)  # type: ignore[arg-type]  # one of the three
    found = find_insights(sales(*rows), config)

    for statement in found.statements:
        check_text(statement.text, Insights(statements=(statement,)))
        assert statement.rows.count >= len(statement.rows.sample) > 0
    filled = [amount for _, _, amount in rows if amount is not None]
    assert [each.figures["total"].value for each in found.of("total")] == ([Money.sum(filled)] if filled else [])
