"""The rules of the royalty run that need no run: reading, converting and splitting amounts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agentkit.errors import MoneyError
from agentkit.money import FinancialProcessor, Money
from examples.royalties_in_python.cleaning import Cleaner, Price, read_day, read_price
from examples.royalties_in_python.model import Options, Rates, Row, Sale
from examples.royalties_in_python.sharing import convert, share_out

OPTIONS = Options(period="2024")
DOLLARS = FinancialProcessor(currency="USD")
cents = st.integers(-(10**12), 10**12).map(lambda units: Money.from_minor(units, "USD"))
sales = st.lists(
    st.builds(
        Sale,
        id=st.integers(1, 10**6).map(str),
        day=st.dates(date(2024, 1, 1), date(2024, 12, 31)),
        artist=st.sampled_from(["Nora Quill", "Måne Trio", "=Equals"]),
        title=st.just("Ink"),
        amount=cents,
    ),
    unique_by=lambda sale: sale.id,
    max_size=20,
)


@given(sales.flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_the_order_of_the_sales_does_not_matter(both: tuple[list[Sale], list[Sale]]) -> None:
    first, second = both

    assert share_out(first, {"Nora Quill": Decimal("0.55")}, OPTIONS, DOLLARS) == share_out(
        second, {"Nora Quill": Decimal("0.55")}, OPTIONS, DOLLARS
    )


@given(sales)
def test_the_statements_hold_every_sale_and_every_cent(made: list[Sale]) -> None:
    statements = share_out(made, {}, OPTIONS, DOLLARS)

    assert sum(len(statement.lines) for statement in statements) == len(made)
    assert Money.sum((each.total for each in statements), "USD") == Money.sum((each.amount for each in made), "USD")
    assert all(each.artist_share + each.label_share == each.total for each in statements)


def test_an_odd_cent_goes_to_the_artist() -> None:
    sold = Sale(id="1", day=date(2024, 3, 5), artist="Nora Quill", title="Ink", amount=Money("1.49", "USD"))

    (statement,) = share_out([sold, replace(sold, id="2", amount=-sold.amount)], {}, OPTIONS, DOLLARS)

    assert [str(line.artist_share.amount) for line in statement.lines] == ["0.75", "-0.75"]
    assert [str(line.label_share.amount) for line in statement.lines] == ["0.74", "-0.74"]


def test_a_sale_is_converted_through_the_dollar_and_rounded_once_half_to_even() -> None:
    rates = Rates(per_dollar={"2024-03": {"GBP": Decimal("0.8"), "JPY": Decimal(150), "EUR": Decimal("0.5")}})
    day = date(2024, 3, 31)

    def converted(amount: str, currency: str, *, to: str) -> str:
        sale = Sale(id="1", day=day, artist="a", title="t", amount=Money(amount, currency))
        return str(convert(sale, rates.table(), FinancialProcessor(currency=to)).amount.amount)

    assert converted("0.99", "USD", to="USD") == "0.99"
    assert converted("1.00", "GBP", to="USD") == "1.25"
    assert converted("1.00", "GBP", to="JPY") == "188"
    assert [converted(amount, "USD", to="EUR") for amount in ("0.01", "0.03")] == ["0.00", "0.02"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("0.99", "0.99"),
        (" 1,99 ", "1.99"),
        ("USD 0.99", "USD 0.99"),
        ("(0.99)", "-0.99"),
        ("EUR (1,29)", "EUR -1.29"),
        ("-5", "-5.00"),
        ("JPY\u00a0150", "JPY 150"),
    ],
)
def test_a_price_with_one_reading_is_read(text: str, read: str) -> None:
    assert str(read_price(text, "USA")) == read


@pytest.mark.parametrize(
    "text", ["", "free", "1.234", "1,234", "1e3", "0.999", "-(1.00)", "--1", "XYZ 1", "\u0661.\u0669\u0669", "NaN"]
)
def test_a_price_with_two_readings_or_none_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        read_price(text, "USA")


def test_a_price_without_a_currency_has_that_of_its_country() -> None:
    assert read_price("1,99", "Germany") == Price(Money("1.99", "EUR"), named=False)
    assert read_price("USD 1.99", "Germany") == Price(Money("1.99", "USD"), named=True)
    with pytest.raises(ValueError, match="none that is known"):
        read_price("1.99", "Atlantis")


@pytest.mark.parametrize("text", ["2024-03-05", "2024/03/05", "5 March 2024", " 05.03.2024"])
def test_a_date_with_one_reading_is_read(text: str) -> None:
    assert read_day(text) == date(2024, 3, 5)


@pytest.mark.parametrize("text", ["05/03/2024", "2024-02-30", "", "5.3.24", "March 2024"])
def test_a_date_with_two_readings_or_none_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        read_day(text)


def test_the_first_of_two_rows_with_one_id_is_kept() -> None:
    cleaner = Cleaner(OPTIONS, Rates(per_dollar={}))
    for line, title in [(2, "Ink"), (3, "Margins")]:
        cleaner.take(Row(line, ("1001", "2024-03-05", "Nora Quill", title, "USA", "0.99", "1")))

    cleaned = cleaner.result()

    assert [sale.title for sale in cleaned.sales] == ["Ink"]
    assert [(issue.line, issue.reason) for issue in cleaned.quarantine] == [(3, "was on line 2 already")]


@pytest.mark.parametrize("share", ["1.01", "-0.1", "NaN", "half", 0.5])
def test_a_share_is_an_exact_part_of_the_whole(share: object) -> None:
    with pytest.raises(ValidationError, match="artist_share"):
        Options.model_validate({"period": "2024", "artist_share": share})
