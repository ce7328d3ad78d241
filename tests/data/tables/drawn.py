"""Tables that chance draws, with what columnar engines stumble over."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from agentkit.data import Cell, Column, Table
from agentkit.money import Money

EDGES = [0, 1, -1, 2**31, 2**53 + 1, 2**62, 2**63 - 1, -(2**63), 2**63, 10**27]
BLANKS = ["", " ", "\x1c", "\u00a0", "\u200b", "x"]

COLUMNS = [
    Column(name="name"),
    Column(name="code", kind="code"),
    Column(name="count", kind="integer"),
    Column(name="ratio", kind="decimal"),
    Column(name="price", kind="money", currency="EUR"),
    Column(name="paid", kind="money"),
    Column(name="day", kind="date"),
    Column(name="sold", kind="boolean"),
]


def integers() -> st.SearchStrategy[int]:
    return st.integers(-3, 3) | st.sampled_from(EDGES) | st.integers(-(2**63), 2**63 - 1)


def decimals() -> st.SearchStrategy[Decimal]:
    small = st.decimals(-3, 3, places=1, allow_nan=False) | st.sampled_from([Decimal("1.50"), Decimal("1.5")])
    return small | st.builds(
        lambda whole, places: Decimal(whole).scaleb(-places), st.integers(-99, 10**18), st.integers(0, 9)
    )


def money(codes: st.SearchStrategy[str]) -> st.SearchStrategy[Money]:
    return st.builds(Money.from_minor, integers(), codes)


CELLS: dict[str, st.SearchStrategy[Cell]] = {
    "name": st.sampled_from(["a", "A", *BLANKS]) | st.text(max_size=3) | st.just("\ud800"),
    "code": st.sampled_from(["007", "7", ""]),
    "count": integers(),
    "ratio": decimals(),
    "price": money(st.just("EUR")),
    "paid": money(st.sampled_from(["EUR", "JPY", "KWD"])),
    "day": st.dates() | st.sampled_from([date.min, date.max]),
    "sold": st.booleans(),
}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table of a few of the columns, whose cells are often alike."""
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4, unique_by=lambda column: column.name))
    row = st.tuples(*(st.none() | CELLS[column.name] for column in columns))
    return Table.of(columns, draw(st.lists(row, max_size=8)), source="drawn")
