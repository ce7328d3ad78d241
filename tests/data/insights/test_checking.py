"""A text about insights: every number that nobody computed is refused."""

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
        ("Revenue is $2,250.00.", "2,250.00"),
        ("Revenue is 2,250.00 €.", "2,250.00"),
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
        ("It is ½ of it.", "1"),
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


def test_without_figures_no_number_passes() -> None:
    check_text("There is nothing to say.", Insights(statements=()))
    with pytest.raises(FigureUnknown):
        check_text("There are 3 rows.", Insights(statements=()))


def test_all_unknown_numbers_are_named_at_once() -> None:
    with pytest.raises(FigureUnknown, match=r"'7', '8 %', 'twice'"):
        check_text("7 rows, 8 %, twice as much", insights())
