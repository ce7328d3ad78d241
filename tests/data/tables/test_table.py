"""Tables, whichever engine keeps them."""

from decimal import Decimal

import pytest

from agentkit.data import Column, Origin, Table
from agentkit.errors import ColumnMismatch, ColumnMissing, DefinitionError
from agentkit.money import Money

ARTIST = Column(name="artist")
SOLD = Column(name="sold", kind="integer")
PRICE = Column(name="price", kind="money", currency="EUR")


def sales() -> Table:
    rows = [("Ibis", 3, Money("0.99", "EUR")), ("Oak", None, Money("1.20", "EUR")), ("Elm", 1, None)]
    return Table.of([ARTIST, SOLD, PRICE], rows, source="sales.csv", first_row=2)


def test_a_row_keeps_its_origin_through_everything() -> None:
    found = sales().sort(["sold"]).where(lambda row: row["artist"] != "Elm")

    assert list(found.origins) == [Origin("sales.csv", 2), Origin("sales.csv", 3)]


def test_empty_cells_come_last_in_both_orders() -> None:
    assert list(sales().sort(["sold"]).column("sold")) == [1, 3, None]
    assert list(sales().sort(["sold"], descending=True).column("sold")) == [3, 1, None]


def test_tables_of_the_same_columns_are_put_below_each_other() -> None:
    both = sales().joined(sales().take([0]))

    assert list(both.column("artist")) == ["Ibis", "Oak", "Elm", "Ibis"]
    with pytest.raises(ColumnMismatch, match="other columns"):
        sales().joined(sales().select(["artist"]))


@pytest.mark.parametrize(
    ("column", "cell"),
    [(SOLD, True), (SOLD, Decimal(1)), (ARTIST, 1), (PRICE, Decimal(1)), (PRICE, Money(1, "USD"))],
)
def test_a_cell_that_is_not_of_its_columns_kind_is_refused(column: Column, cell: object) -> None:
    with pytest.raises(ColumnMismatch, match="row 7"):
        Table.of([column], [(cell,)], first_row=7)  # type: ignore[list-item]  # what must be refused


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ColumnMissing, match="no column 'artists'; there are artist, sold, price"):
        sales().column("artists")


def test_only_money_has_a_currency() -> None:
    with pytest.raises(DefinitionError, match="has no currency"):
        Column(name="sold", kind="integer", currency="EUR")
