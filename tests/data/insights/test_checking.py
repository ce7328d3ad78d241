"""A text about insights: every number that nobody computed is refused."""

from contextlib import suppress
from datetime import date

import pytest

from agentkit.data import Column, Insights, InsightsConfig, Table, check_text, find_insights
from agentkit.errors import FigureUnknown
from agentkit.money import Money


def insights() -> Insights:
    columns = [
        Column(name="artist"),
        Column(name="day", kind="date"),
        Column(name="revenue", kind="money", currency="EUR"),
    ]
    rows = [
        ("U2", date(2024, 1, 5), Money("1200.00", "EUR")),
        ("Blink-182", date(2024, 2, 20), Money("900.00", "EUR")),
        ("2Pac", date(2024, 2, 21), Money("150.00", "EUR")),
    ]
    return find_insights(Table.of(columns, rows), InsightsConfig(value="revenue", by=("artist",), date="day"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nothing with a number.",
        "Revenue of 2,250.00 EUR came from 3 rows.",
        "EUR 2250.00 in all, or 2,250.00.",
        "All in all 2250 EUR.",
        "U2 brought 53.3 % of it, 53.3% or 53.3 percent.",
        "Blink-182 and 2Pac have less (900.00 EUR and 150.00 EUR).",
        "In 2024-02 it fell by 150.00 EUR, which is -12.5 %, or 12.5 % less.",
        "In February 2024 it was 1,050.00 EUR; the last row is of 21 February, 2024-02-21.",
        "The two highest of three groups.",
        "One of the first, in the first quarter.",
        "EUR 900.00\u2013EUR 150.00, or 900.00 EUR (150.00 EUR).",
        "In all 3 rows (EUR 2,250.00) all is well; the top 3 artists.",
        "2,250.00 eur, 2,250.00 (EUR), **2,250.00 EUR**, 2,250.00&nbsp;EUR.",
        "Fewer decimals of the same value: 2250.0 EUR, EUR 2250.",
    ],
)
def test_a_text_of_figures_passes(text: str) -> None:
    check_text(text, insights())


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Revenue is 2,251.00 EUR.", "2,251.00 EUR"),
        ("Revenue is 2,250.01.", "2,250.01"),
        ("Revenue is 2,250.00 USD.", "2,250.00 USD"),
        ("Revenue is USD 2,250.00.", "USD 2,250.00"),
        ("Revenue is $2,250.00.", "$2,250.00"),
        ("Revenue is 2,250.00 €.", "2,250.00 €"),
        ("Revenue is 2.25k.", "2.25k"),
        ("Revenue is 2.250,00 EUR.", "2.250,00"),
        ("U2 has 53 %.", "53 %"),
        ("U2 has 53.33 %.", "53.33 %"),
        ("U2 has 53.3 of all.", "53.3"),
        ("3 % of rows", "3 %"),
        ("It grew by +12.5 %.", "+12.5 %"),
        ("It is -2,250.00 EUR.", "-2,250.00 EUR"),
        ("In 2023 it was less.", "2023"),
        ("U2000 is not U2.", "U2000"),
        ("Five artists.", "Five"),
        ("It doubled.", "doubled"),
        ("Half of a million.", "Half"),
        ("It is ½ of it.", "1\u20442"),
        ("It is \uff14\uff12.", "42"),
        ("It is \u0664\u0662.", "\u0664\u0662"),
        ("Version 1.2.3", "1.2.3"),
        ("1,2 %", "1,2"),
    ],
)
def test_a_number_that_nobody_computed_is_refused(text: str, unknown: str) -> None:
    with pytest.raises(FigureUnknown) as refused:
        check_text(text, insights())

    assert repr(unknown) in str(refused.value)


@pytest.mark.parametrize(
    "amount",
    [
        *(
            "900.00 M EUR",
            "900.00 bn",
            "900.00 Mio. EUR",
            "900.00 mln EUR",
            "900.00 K EUR",
            "900.00 EUR bn",
            "900.00 kEUR",
        ),
        *(
            "900.00 dollars",
            "900.00 usd",
            "900.00 US dollars",
            "900.00 U.S. dollars",
            "900.00 Swiss francs",
            "usd 900.00",
        ),
        *(
            "900.00 (USD)",
            "900.00-USD",
            "900.00&nbsp;USD",
            "900.00\u200bUSD",
            "900.00 in US dollars",
            "dollars: 900.00",
            "900.00 `K`",
            "900.00 | USD",
        ),
        *("900.00 cents", "900.00 EUR cents", "900.00 \u2030", "900.00 basis points", "900.00 pct", "900.00-fold"),
        *("53.3 % points", "3 times", "2 dollars", "two dollars", "two percent", "one percent", "EUR 900.00 USD"),
        *("2/3", "3:1", "2 x 3", "2\u00d73", "2 000", "2'000"),
        *("a trillion", "a third", "one quarter", "three quarters", "two thirds", "thrice", "threefold", "hundredfold"),
        *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "a dozen", "halving"),
        "\u4e09\u5341\u4e07",
    ],
)
def test_a_figure_with_another_unit_and_a_number_in_words_are_refused(amount: str) -> None:
    check_text("All in all 900.00 EUR.", insights())
    with pytest.raises(FigureUnknown):
        check_text(f"All in all {amount} came in.", insights())


def named(*names: str) -> Insights:
    columns = [Column(name="size"), Column(name="revenue", kind="money", currency="EUR")]
    rows = [(name, Money(7 - place, "EUR")) for place, name in enumerate(names)]
    return find_insights(Table.of(columns, rows), InsightsConfig(value="revenue", by=("size",)))


def test_a_group_may_be_called_like_a_number_or_a_unit() -> None:
    found = named("2023", "50", "USD", "M", "Million", "12 %")

    check_text(" ".join(statement.text for statement in found.statements), found)
    check_text("2023 is above 50, and USD (5.00 EUR) above M and Million.", found)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "It is 2023 EUR.",
            "EUR 2023",
            "50 % more",
            "50,50 %",
            "50.5 EUR",
            "2,50",
            "50 000 EUR",
            "$50",
            "2023 dollars",
        ),
        *("7.00 USD", "7.00 (USD)", "USD 7.00", "7.00 M EUR", "7.00 Million", "two USD", "two Million", "3 M"),
        *("7.00\nUSD", "They paid 7.00 \n USD in May", "7.00\nMillion"),
    ],
)
def test_a_name_is_no_name_where_it_stands_as_a_number_or_a_unit(text: str) -> None:
    with pytest.raises(FigureUnknown):
        check_text(text, named("2023", "50", "USD", "M", "Million"))


def test_a_quarter_of_the_year_is_no_part() -> None:
    columns = [Column(name="day", kind="date"), Column(name="sold", kind="integer")]
    rows = [(date(2024 + month // 12, month % 12 + 1, 1), month // 3 + 1) for month in range(24)]
    found = find_insights(Table.of(columns, rows), InsightsConfig(value="sold", date="day", period="quarter"))

    check_text("It rises by about 3 a quarter.", found)
    with pytest.raises(FigureUnknown, match="'a quarter'"):
        check_text("It is a quarter of all.", found)
    with pytest.raises(FigureUnknown, match="'a third'"):
        check_text("It is a third.", found)


@pytest.mark.parametrize("part", ["a", "\u53ce", "1", "1,", "1 ", "-", "!", "EUR ", "1.", "a third ", "8 US ", "2 x "])
def test_the_time_grows_with_the_text_and_not_faster(part: str) -> None:
    # With the square of it, each would take hours.
    with suppress(FigureUnknown):
        check_text(part * (400_000 // len(part)), insights())


def test_a_word_that_never_ends_is_not_repeated_whole() -> None:
    with pytest.raises(FigureUnknown) as refused:
        check_text("1a" * 10_000, insights())
    assert len(str(refused.value)) < 200


def test_without_figures_no_number_passes() -> None:
    check_text("There is nothing to say.", Insights(statements=()))
    with pytest.raises(FigureUnknown):
        check_text("There are 3 rows.", Insights(statements=()))


def test_all_unknown_numbers_are_named_at_once() -> None:
    with pytest.raises(FigureUnknown, match=r"'7', '8 %', 'twice'"):
        check_text("7 rows, 8 %, twice as much", insights())


@pytest.mark.parametrize(
    "text", ["- USA: 7\n- GBR: 6\n- FRA: 5", "USA sold 7\nGBR sold 6", "From USA came 7 and from GBR 6"]
)
def test_groups_of_three_capitals_are_no_currencies(text: str) -> None:
    columns = [Column(name="land"), Column(name="sold", kind="integer")]
    table = Table.of(columns, [("USA", 7), ("GBR", 6), ("FRA", 5)])

    check_text(text, find_insights(table, InsightsConfig(value="sold", by=("land",))))


@pytest.mark.parametrize(
    "text",
    [
        "- USD: 7.00 EUR\n- GBP: 6.00 EUR",
        "USD: 7.00\nGBP: 6.00 EUR",
        "**USD**: 7.00\n**GBP**: 6.00 EUR",
        "USD = 7.00\n\tGBP = 6.00",
        "The most is 7.00 EUR\n\nUSD has it",
    ],
)
def test_a_group_called_like_a_currency_may_begin_a_line_of_its_own(text: str) -> None:
    check_text(text, named("USD", "GBP"))


@pytest.mark.parametrize("text", ["7.00 BTC", "They paid 6.00 ETH in May"])
def test_beside_an_amount_three_capitals_are_a_currency_even_if_a_group_is_called_so(text: str) -> None:
    with pytest.raises(FigureUnknown, match=r"\.00 [BE]T[CH]'"):
        check_text(text, named("BTC", "ETH"))
    check_text("BTC has 7.00 EUR, and from ETH came 6.00 EUR", named("BTC", "ETH"))
