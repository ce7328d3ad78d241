"""A schema is plain data, and says what is wrong with it."""

import pytest
from pydantic import TypeAdapter, ValidationError

from agentkit.data import CurrencyFrom, Field, Schema
from agentkit.errors import DefinitionError

WRITTEN = {
    "fields": [
        {"name": "artist", "required": True},
        {"name": "day", "kind": "date", "source_name": "Date", "orders": {".": "dmy"}, "min": "2024-01-01"},
        {"name": "sold", "kind": "integer", "min": 1, "max": 999, "empty": ["n/a"]},
        {
            "name": "price",
            "kind": "money",
            "decided_by": "cell",
            "currency_from": {"column": "country", "codes": {"Germany": "EUR", "USA": "USD"}},
        },
    ]
}


def test_a_schema_comes_from_a_file_as_it_comes_from_python() -> None:
    assert TypeAdapter(Schema).validate_python(WRITTEN) == Schema(
        fields=[
            Field(name="artist", required=True),
            Field(name="day", kind="date", source_name="Date", orders={".": "dmy"}, min="2024-01-01"),
            Field(name="sold", kind="integer", min=1, max=999, empty=["n/a"]),
            Field(
                name="price",
                kind="money",
                decided_by="cell",
                currency_from=CurrencyFrom(column="country", codes={"Germany": "EUR", "USA": "USD"}),
            ),
        ]
    )


def test_a_bound_is_no_binary_fraction() -> None:
    with pytest.raises(ValidationError, match="min"):
        TypeAdapter(Schema).validate_python({"fields": [{"name": "price", "kind": "decimal", "min": 0.1}]})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"kind": "float"}, "'float' is none of text, code"),
        ({"kind": "text", "min": 1}, "min is for date, decimal, integer, money, and not for text"),
        ({"kind": "date", "currency": "EUR"}, "currency is for money"),
        ({"kind": "money", "currency": "XXX1"}, "no currency 'XXX1'"),
        ({"kind": "money", "currency": "EUR", "currency_from": CurrencyFrom(column="c")}, "not both"),
        ({"kind": "money", "rounding": "UP"}, "rounding 'UP'"),
        ({"kind": "date", "order": "dmy", "locale": "de-DE"}, "one of order, orders and locale"),
        ({"kind": "date", "min": "soon"}, "min is 'soon': give a date like 2025-11-03"),
        ({"kind": "decimal", "max": "1,5"}, "max is '1,5': give a number"),
        ({"kind": "decimal", "locale": "xx-XX"}, "xx-XX"),
        ({"kind": "code", "pattern": "("}, "no regular expression"),
    ],
)
def test_a_field_that_contradicts_itself_says_where(options: dict[str, object], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        Field(**{"name": "price", **options})  # type: ignore[arg-type]  # what must be refused


def test_a_schema_has_fields_and_each_name_once() -> None:
    with pytest.raises(DefinitionError, match="no fields"):
        Schema(fields=[])
    with pytest.raises(DefinitionError, match="two fields are called 'a'"):
        Schema(fields=[Field(name="a"), Field(name="a")])


def test_currencies_of_a_mapping_are_checked_when_it_is_made() -> None:
    with pytest.raises(DefinitionError, match="no currency 'EURO'"):
        CurrencyFrom(column="country", codes={"Germany": "EURO"})
