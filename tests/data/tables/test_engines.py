"""Both engines give the same, values and refusals alike: rule 36."""

from collections.abc import Callable
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import Cell, Column, EngineName, Origin, Table, Total, TotalKind
from agentkit.errors import AgentKitError, ColumnMismatch, CurrencyMismatch
from agentkit.money import Money, Rounding

from .drawn import tables

COUNT = Column(name="count", kind="integer")
PRICE = Column(name="price", kind="money", currency="EUR")


def outcome(work: Callable[[], Table]) -> object:
    """What comes of it, down to the way decimals are written; or how it is refused."""
    try:
        table = work()
    except AgentKitError as error:
        return type(error), str(error)
    return table.columns, [list(map(repr, row)) for row in table.rows()], list(table.origins)


def both(table: Table, work: Callable[[Table], Table]) -> None:
    assert outcome(lambda: work(table.on("polars"))) == outcome(lambda: work(table.on("python")))


@given(tables())
def test_rule_36_a_table_is_the_same_in_both_engines_and_comes_back(table: Table) -> None:
    there = table.on("polars")

    assert there.engine == "polars"
    both(table, lambda one: one)
    assert outcome(lambda: there.on("python")) == outcome(lambda: table)


@given(tables(), st.data())
def test_rule_36_rows_are_taken_and_joined_alike(table: Table, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(table) - 1), max_size=5)) if len(table) else []

    both(table, lambda one: one.take(places).joined(one).joined(table))


@given(tables(), st.data())
def test_rule_36_groups_and_totals_are_alike(table: Table, data: st.DataObject) -> None:
    keys = data.draw(st.lists(st.sampled_from(table.names), unique=True, max_size=2))
    kinds = data.draw(st.lists(st.sampled_from(get_args(TotalKind)), min_size=1, max_size=3, unique=True))
    totals = [Total(column=name, kind=kind) for name in table.names for kind in kinds]

    def group(*totals: Total) -> Callable[[Table], Table]:
        return lambda one: one.group(keys, totals)

    for total in totals:
        both(table, group(total))
    both(table, group(*(total for total in totals if total.kind in {"count", "first"})))


@given(tables(), st.data())
def test_rule_36_repeated_keys_are_alike(table: Table, data: st.DataObject) -> None:
    keys = [table.find(name) for name in data.draw(st.lists(st.sampled_from(table.names), unique=True, max_size=3))]

    assert list(table.on("polars").storage.repeats(keys)) == list(table.on("python").storage.repeats(keys))


@given(
    tables(),
    st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2)),
    st.sampled_from(["ROUND_HALF_EVEN", "ROUND_HALF_UP", "ROUND_FLOOR", "UNNECESSARY"]),
)
def test_rule_36_shares_of_a_column_are_alike(table: Table, percent: Decimal, rounding: Rounding) -> None:
    def share(name: str) -> Callable[[Table], Table]:
        return lambda one: one.share(name, percent, into="share", rounding=rounding)

    for name in {"price", "paid"} & set(table.names):
        both(table, share(name))


@given(st.lists(st.integers(-(2**40), 2**40), max_size=20), st.integers(0, 100_000))
def test_a_share_of_a_column_is_the_percentage_of_each_amount(minor: list[int], thousandths: int) -> None:
    percent = Decimal(thousandths).scaleb(-3)
    amounts = [Money.from_minor(one, "EUR") for one in minor]
    table = Table.of([PRICE], [(amount,) for amount in amounts]).on("polars")

    shared = table.share("price", percent, into="share", rounding="ROUND_HALF_EVEN")

    assert list(shared.column("share")) == [one.percentage(percent, rounding="ROUND_HALF_EVEN") for one in amounts]


@pytest.mark.parametrize("engine", ["python", "polars"])
def test_rule_36_a_sum_beyond_64_bits_does_not_wrap(engine: str) -> None:
    rows: list[tuple[Cell, ...]] = [("a", 2**62, Money.from_minor(2**62, "EUR"))] * 2
    table = Table.of([Column(name="artist"), COUNT, PRICE], rows).on(engine)  # type: ignore[arg-type]  # one of both

    found = table.group(["artist"], [Total(column="count", name="count"), Total(column="price", name="price")])

    assert list(found.rows()) == [("a", 2**63, Money.from_minor(2**63, "EUR"))]


@pytest.mark.parametrize("engine", ["python", "polars"])
def test_a_half_of_a_share_goes_to_the_even_side(engine: str) -> None:
    minor = [1, 3, 5, 7, -1, -3, -5]
    table = Table.of([PRICE], [(Money.from_minor(one, "EUR"),) for one in minor]).on(engine)  # type: ignore[arg-type]

    shared = table.share("price", 50, into="share", rounding="ROUND_HALF_EVEN").column("share")

    assert [amount.minor for amount in shared if isinstance(amount, Money)] == [0, 2, 2, 4, 0, -2, -2]


@pytest.mark.parametrize("engine", ["python", "polars"])
def test_rule_36_a_share_beyond_64_bits_does_not_wrap(engine: str) -> None:
    most = Money.from_minor(2**63 - 1, "EUR")
    table = Table.of([PRICE], [(most,)]).on(engine)  # type: ignore[arg-type]  # one of both

    shared = table.share("price", "99.999", into="share", rounding="ROUND_HALF_EVEN").column("share")

    assert shared[0] == most.percentage("99.999", rounding="ROUND_HALF_EVEN")


@pytest.mark.parametrize("engine", ["python", "polars"])
def test_rule_36_decimals_are_one_key_by_their_value(engine: str) -> None:
    ratio = Column(name="ratio", kind="decimal")
    table = Table.of([ratio], [(Decimal("1.5"),), (Decimal("1.50"),)]).on(engine)  # type: ignore[arg-type]

    assert list(table.group(["ratio"], [Total(column="ratio", kind="count")]).rows()) == [(Decimal("1.5"), 2)]
    assert list(table.storage.repeats([ratio])) == [(1, 0)]


@pytest.mark.parametrize("engine", ["python", "polars"])
@pytest.mark.parametrize("blank", ["", " ", "\x1c", "\u00a0\u3000"])
def test_rule_36_what_is_blank_to_python_is_no_key(engine: str, blank: str) -> None:
    table = Table.of([Column(name="id")], [(blank,), (blank,)]).on(engine)  # type: ignore[arg-type]

    assert list(table.storage.repeats(table.columns)) == []


@pytest.mark.parametrize("engine", ["python", "polars"])
def test_amounts_of_several_currencies_have_no_sum(engine: str) -> None:
    rows: list[tuple[Cell, ...]] = [("a", Money(1, "EUR")), ("b", Money(1, "JPY")), ("a", Money(2, "USD"))]
    table = Table.of([Column(name="artist"), Column(name="paid", kind="money")], rows).on(engine)  # type: ignore[arg-type]

    with pytest.raises(CurrencyMismatch, match="EUR, USD in one group"):
        table.group(["artist"], [Total(column="paid")])
    assert list(table.group(["artist"], [Total(column="paid", kind="first")]).column("artist")) == ["a", "b"]


def test_a_group_has_the_origin_of_its_first_row() -> None:
    rows: list[tuple[Cell, ...]] = [("a", 1), ("b", None), ("a", 3)]
    table = Table.of([Column(name="artist"), COUNT], rows, source="sales.csv", first_row=2)

    found = table.group(["artist"], [Total(column="count", kind="sum"), Total(column="count", kind="count")])

    assert list(found.rows()) == [("a", 4, 2), ("b", None, 0)]
    assert list(found.origins) == [Origin("sales.csv", 2), Origin("sales.csv", 3)]


def test_decimals_add_up_without_a_context_that_rounds() -> None:
    cells = [Decimal("1e20"), Decimal("0.000000000000000000001"), Decimal("-1e20")]
    table = Table.of([Column(name="ratio", kind="decimal")], [(cell,) for cell in cells])

    assert list(table.group([], [Total(column="ratio", name="sum")]).column("sum")) == [Decimal("1e-21")]


def test_texts_do_not_add_up_and_names_are_not_given_twice() -> None:
    table = Table.of([Column(name="artist")], [("a",)])

    with pytest.raises(ColumnMismatch, match="holds text, which does not add up"):
        table.group([], [Total(column="artist")])
    with pytest.raises(ColumnMismatch, match="the same name"):
        table.group(["artist"], [Total(column="artist", kind="first", name="artist")])


def test_a_frame_of_texts_is_taken_as_it_is() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"artist": ["Ibis", None], "sold": ["3", ""]})

    table = Table.of_frame(frame, source="sales.csv")

    assert list(table.records()) == [{"artist": "Ibis", "sold": "3"}, {"artist": None, "sold": ""}]
    assert list(table.origins) == [Origin("sales.csv", 2), Origin("sales.csv", 3)]
    with pytest.raises(ColumnMismatch, match="'sold' holds no texts"):
        Table.of_frame(frame.with_columns(sold=pl.lit(3)), source="sales.csv")


def test_not_a_number_is_no_cell() -> None:
    with pytest.raises(ColumnMismatch, match="row 1: NaN is no number"):
        Table.of([Column(name="ratio", kind="decimal")], [(Decimal("NaN"),)])


@pytest.mark.parametrize("engine", ["python", "polars"])
def test_rows_are_taken_by_a_range_that_goes_down(engine: EngineName) -> None:
    table = Table.of([Column(name="x")], [("a",), ("b",), ("c",)]).on(engine)
    assert list(table.take(range(2, -1, -1)).column("x")) == ["c", "b", "a"]
