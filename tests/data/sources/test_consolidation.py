"""Tables of several sources put below each other."""

from decimal import Decimal

import pytest

from agentkit.data import Cell, Column, Kind, Origin, Table, consolidate
from agentkit.errors import ColumnMismatch, ColumnMissing
from agentkit.money import Money
from tests.data.sources.reads import rows


def table(source: str, *cells: Cell, names: tuple[str, ...] = ("artist", "price"), kind: Kind = "text") -> Table:
    columns = [Column(name=names[0]), Column(name=names[1], kind=kind)]
    return Table.of(
        columns, [(f"{source}{place}", cell) for place, cell in enumerate(cells)], source=source, first_row=2
    )


def test_tables_with_the_same_columns_come_below_each_other() -> None:
    both = consolidate({"web": table("web", "1", "2"), "shop": table("shop", "3")})

    assert rows(both) == [("web0", "1"), ("web1", "2"), ("shop0", "3")]
    assert both.origins[2] == Origin("shop", 2)


def test_columns_that_are_called_otherwise_are_mapped_and_their_order_does_not_matter() -> None:
    shop = table("shop", "3", names=("Interpret", "Preis")).select(["Preis", "Interpret"])

    both = consolidate({"web": table("web", "1"), "shop": shop}, {"shop": {"artist": "Interpret", "price": "Preis"}})

    assert rows(both) == [("web0", "1"), ("shop0", "3")]


def test_integers_and_decimals_become_decimals() -> None:
    both = consolidate(
        {"web": table("web", 1, None, kind="integer"), "shop": table("shop", Decimal("0.5"), kind="decimal")}
    )

    assert both.find("price").kind == "decimal"
    assert list(both.column("price")) == [Decimal(1), None, Decimal("0.5")]


def test_amounts_in_several_currencies_are_kept_as_they_are() -> None:
    columns = [Column(name="price", kind="money", currency="EUR")], [Column(name="price", kind="money", currency="USD")]
    tables = [Table.of(own, [(Money("1.00", own[0].currency or ""),)]) for own in columns]

    both = consolidate({"web": tables[0], "shop": tables[1]})

    assert both.find("price").currency is None
    assert [str(cell) for cell in both.column("price")] == ["1.00 EUR", "1.00 USD"]


@pytest.mark.parametrize(
    ("shop", "columns", "error", "problem"),
    [
        (table("shop", 1, kind="integer"), {}, ColumnMismatch, "'price' is text in 'web', integer in 'shop'"),
        (table("shop", "1", names=("artist", "sum")), {}, ColumnMismatch, "lacks price; it has sum beyond"),
        (table("shop", "1"), {"shop": {"cost": "costs"}}, ColumnMissing, "no column 'costs'"),
        (table("shop", "1"), {"web": {"a": "price", "b": "price"}}, ColumnMismatch, "mapped to two names"),
        (table("shop", "1"), {"web": {"artist": "price"}}, ColumnMismatch, "get the same name"),
        (table("shop", "1"), {"elsewhere": {}}, ColumnMissing, "no source 'elsewhere'"),
    ],
)
def test_what_contradicts_itself_is_refused(
    shop: Table, columns: dict[str, dict[str, str]], error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem):
        consolidate({"web": table("web", "1"), "shop": shop}, columns)


def test_nothing_cannot_be_put_together() -> None:
    with pytest.raises(ColumnMismatch, match="no table"):
        consolidate({})
