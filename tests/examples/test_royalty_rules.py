"""The rules of the royalty run that need no run: reading, converting and splitting amounts."""

from datetime import date
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from examples.royalties.cleaning import Cleaner, read_day, read_price
from examples.royalties.model import Options, Rates, Row, Sale
from examples.royalties.sharing import convert, in_units, share_out, split

OPTIONS = Options(period="2024")
cents = st.integers(-(10**12), 10**12).map(lambda units: in_units(units, 2))
weights = st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=8).filter(any)
sales = st.lists(
    st.builds(
        Sale,
        id=st.integers(1, 10**6).map(str),
        day=st.dates(date(2024, 1, 1), date(2024, 12, 31)),
        artist=st.sampled_from(["Nora Quill", "Måne Trio", "=Equals"]),
        title=st.just("Ink"),
        amount=cents,
        currency=st.just("USD"),
    ),
    unique_by=lambda sale: sale.id,
    max_size=20,
)


@given(cents, weights)
def test_the_parts_add_up_and_none_is_a_cent_away_from_its_exact_share(amount: Decimal, by: list[Decimal]) -> None:
    parts = split(amount, by)

    with localcontext(prec=60):
        assert sum(parts) == amount
        assert all(
            abs(part * sum(by) - amount * weight) < sum(by) * Decimal("0.01")
            for part, weight in zip(parts, by, strict=True)
        )


@given(cents, weights)
def test_a_negative_amount_is_split_like_the_positive_one_and_no_weight_gets_nothing(
    amount: Decimal, by: list[Decimal]
) -> None:
    parts = split(amount, by)

    assert split(-amount, by) == [-part for part in parts]
    assert all(part == 0 for part, weight in zip(parts, by, strict=True) if weight == 0)


@given(cents, weights)
def test_the_precision_of_whoever_calls_does_not_matter(amount: Decimal, by: list[Decimal]) -> None:
    with localcontext(prec=2):
        narrow = split(amount, by)

    assert narrow == split(amount, by)


@given(sales.flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_the_order_of_the_sales_does_not_matter(both: tuple[list[Sale], list[Sale]]) -> None:
    first, second = both

    assert share_out(first, {"Nora Quill": Decimal("0.55")}, OPTIONS) == share_out(
        second, {"Nora Quill": Decimal("0.55")}, OPTIONS
    )


@given(sales)
def test_the_statements_hold_every_sale_and_every_cent(made: list[Sale]) -> None:
    statements = share_out(made, {}, OPTIONS)

    assert sum(len(statement.lines) for statement in statements) == len(made)
    assert sum(statement.total for statement in statements) == sum(sale.amount for sale in made)
    assert all(each.artist_share + each.label_share == each.total for each in statements)


def test_an_odd_cent_goes_to_the_first_of_equals() -> None:
    assert [str(part) for part in split(Decimal("0.99"), [Decimal(1), Decimal(1)])] == ["0.50", "0.49"]
    assert [str(part) for part in split(Decimal("100"), [Decimal(1)] * 3, places=0)] == ["34", "33", "33"]


@pytest.mark.parametrize(("amount", "by"), [("0.999", ["1"]), ("1.00", ["0"]), ("1.00", ["2", "-1"])])
def test_what_cannot_be_split_is_refused(amount: str, by: list[str]) -> None:
    with pytest.raises(ValueError, match="cannot be split"):
        split(Decimal(amount), [Decimal(weight) for weight in by])


def test_a_sale_is_converted_through_the_dollar_and_rounded_once_half_to_even() -> None:
    rates = Rates(per_dollar={"2024-03": {"GBP": Decimal("0.8"), "JPY": Decimal(150), "EUR": Decimal("0.5")}})
    day = date(2024, 3, 31)

    def converted(amount: str, currency: str, *, to: str) -> str:
        sale = Sale(id="1", day=day, artist="a", title="t", amount=Decimal(amount), currency=currency)
        return str(convert(sale, rates, Options.model_validate({"period": "all", "currency": to})).amount)

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
        ("-5", "-5"),
        ("JPY\u00a0150", "JPY 150"),
    ],
)
def test_a_price_with_one_reading_is_read(text: str, read: str) -> None:
    assert str(read_price(text)) == read


@pytest.mark.parametrize(
    "text", ["", "free", "1.234", "1,234", "1e3", "0.999", "-(1.00)", "--1", "usd 1", "\u0661.\u0669\u0669", "NaN"]
)
def test_a_price_with_two_readings_or_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no price|thousands or decimals"):
        read_price(text)


@pytest.mark.parametrize("text", ["2024-03-05", "2024/03/05", "5 March 2024", " 05.03.2024"])
def test_a_date_with_one_reading_is_read(text: str) -> None:
    assert read_day(text) == date(2024, 3, 5)


@pytest.mark.parametrize("text", ["05/03/2024", "2024-02-30", "", "5.3.24", "March 2024"])
def test_a_date_with_two_readings_or_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
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
