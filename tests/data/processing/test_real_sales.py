"""The sales of a music store, where they are at hand: what is known of them comes out, to the cent."""

import sqlite3
from contextlib import closing
from datetime import date

import pytest

from agentkit.data import (
    Column,
    Derive,
    Filter,
    Group,
    InsightsConfig,
    Party,
    Share,
    Table,
    Total,
    find_insights,
    process,
)
from agentkit.money import Money
from tests.docs.pages import ROOT

CHINOOK = ROOT.parent / "shared" / "data" / "chinook" / "chinook.sqlite"
LINES = """
    select Artist.Name, Invoice.InvoiceDate, InvoiceLine.UnitPrice, InvoiceLine.Quantity
    from InvoiceLine join Invoice using (InvoiceId) join Track using (TrackId)
        join Album using (AlbumId) join Artist using (ArtistId)
    order by InvoiceLineId
"""

pytestmark = pytest.mark.skipif(not CHINOOK.exists(), reason="the sales are not at hand")


def sales() -> Table:
    columns = [
        Column(name="artist"),
        Column(name="sold_on", kind="date"),
        Column(name="price", kind="money", currency="USD"),
        Column(name="quantity", kind="integer"),
    ]
    with closing(sqlite3.connect(f"{CHINOOK.as_uri()}?mode=ro", uri=True)) as connection:
        lines = connection.execute(LINES).fetchall()
    rows = [
        (artist, date.fromisoformat(day[:10]), Money(repr(price), "USD"), sold) for artist, day, price, sold in lines
    ]
    return Table.of(columns, rows, source="chinook.sqlite")


def test_the_totals_of_one_year_and_of_all_are_right_and_shares_are_the_total() -> None:
    revenue = Derive(name="revenue", expression="price * quantity")
    parts = (Party(name="creator", percent="70"), Party(name="agent", percent="12.5"))
    share = Share(column="revenue", parties=parts, remainder="label")
    totals = Group(totals=tuple(Total(column=name) for name in ("revenue", "creator", "agent", "label")))

    for condition, expected in (("year(sold_on) == 2024", "477.53"), ("true", "2328.60")):
        (row,) = process(sales(), [Filter(expression=condition), revenue, share, totals]).table.rows()
        whole, *given = row
        assert whole == Money(expected, "USD")
        assert Money.sum([part for part in given if isinstance(part, Money)]) == whole


def test_insights_know_all_artists_and_what_they_sold() -> None:
    table = process(sales(), [Derive(name="revenue", expression="price * quantity")]).table
    found = find_insights(table, InsightsConfig(value="revenue", by=("artist",), date="sold_on"))

    assert found.of("total")[0].figures["total"].value == Money("2328.60", "USD")
    assert found.of("share")[0].figures["groups"].value == 165
    assert found.of("top")[0].text == (
        "By artist, highest in revenue: Iron Maiden with 138.60 USD, U2 with 105.93 USD and Metallica with 90.09 USD."
    )
