"""The wire form: texts in both directions, in JSON, in pydantic and in bags."""

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from agentkit.errors import CurrencyMismatch, CurrencyUnknown, ExcessPrecision, FloatNotAllowed, InvalidAmount
from agentkit.money import Currencies, Money, MoneyBag

WIRE = {"amount": "19.90", "currency": "EUR"}
PRICE = Money("19.90", "EUR")


class Invoice(BaseModel):
    total: Money
    paid: MoneyBag = MoneyBag()
    tip: Money | None = None


def test_rule_13_the_wire_form_is_a_text_and_a_code() -> None:
    assert PRICE.to_dict() == WIRE
    assert json.dumps(PRICE.to_dict()) == '{"amount": "19.90", "currency": "EUR"}'
    assert Money.from_dict(WIRE) == PRICE
    assert Money.from_dict(json.loads('{"currency": "JPY", "amount": "-5"}')) == Money(-5, "JPY")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 5, "currency": "EUR"},
        {"amount": Decimal(5), "currency": "EUR"},
        {"amount": None, "currency": "EUR"},
        {"amount": "5"},
        {"amount": "5", "currency": 978},
        {"amount": "5", "currency": "EUR", "more": 1},
        {"amount": "five", "currency": "EUR"},
        "5.00 EUR",
        5,
        None,
        ["5", "EUR"],
    ],
    ids=str,
)
def test_rule_13_a_json_number_is_never_an_amount(wrong: Any) -> None:
    with pytest.raises(InvalidAmount):
        Money.from_dict(wrong)
    with pytest.raises(ValidationError):
        TypeAdapter(Money).validate_python(wrong)


def test_rule_13_what_is_refused_elsewhere_is_refused_on_the_wire() -> None:
    with pytest.raises(FloatNotAllowed):
        Money.from_dict({"amount": 5.0, "currency": "EUR"})
    with pytest.raises(ExcessPrecision):
        Money.from_dict({"amount": "5.001", "currency": "EUR"})
    with pytest.raises(CurrencyUnknown):
        Money.from_dict({"amount": "5", "currency": "DEM"})
    assert Money.from_dict({"amount": "5", "currency": "DEM"}, allow_historical=True).currency.status == "historical"


def test_rule_13_models_of_pydantic_carry_the_wire_form() -> None:
    invoice = Invoice.model_validate_json('{"total": {"amount": "19.90", "currency": "EUR"}, "paid": []}')

    assert invoice.total == PRICE
    assert Invoice(total=PRICE).total is PRICE
    assert Invoice(total=PRICE, paid=MoneyBag([PRICE])).paid == MoneyBag([PRICE])
    assert invoice.model_dump() == {"total": WIRE, "paid": [], "tip": None}
    assert Invoice.model_validate_json(invoice.model_dump_json()) == invoice
    assert Invoice.model_validate(invoice.model_dump()) == invoice


def test_rule_13_a_model_says_what_is_wrong_where() -> None:
    with pytest.raises(ValidationError) as caught:
        Invoice.model_validate({"total": {"amount": 19.9, "currency": "EUR"}, "paid": 5})

    first, second = caught.value.errors()
    assert (first["loc"], second["loc"]) == (("total",), ("paid",))
    assert "float" in first["msg"]


def test_rule_13_the_schema_shows_the_wire_form() -> None:
    schema = Invoice.model_json_schema()["properties"]

    assert schema["total"]["properties"]["amount"]["type"] == "string"
    assert schema["total"]["required"] == ["amount", "currency"]
    assert (schema["total"]["type"], schema["total"]["additionalProperties"]) == ("object", False)
    assert schema["total"]["properties"]["amount"]["examples"] == ["19.90"]
    assert schema["total"]["properties"]["currency"]["type"] == "string"
    assert schema["paid"]["type"] == "array"
    assert schema["paid"]["items"]["properties"]["currency"]["type"] == "string"
    assert Invoice.model_json_schema(mode="serialization")["properties"]["total"] == schema["total"]


def test_rule_15_the_context_of_a_validation_names_registry_and_history() -> None:
    mine = Currencies()
    points = mine.register("PTS", minor_units=0)
    adapter = TypeAdapter(Money)

    with pytest.raises(ValidationError):
        adapter.validate_python({"amount": "5", "currency": "PTS"})
    assert adapter.validate_python({"amount": "5", "currency": "PTS"}, context={"currencies": mine}).currency is points
    old = adapter.validate_python({"amount": "5", "currency": "DEM"}, context={"allow_historical": True})
    assert old.currency.code == "DEM"


def test_a_bag_keeps_currencies_apart() -> None:
    bag = MoneyBag([Money(5, "USD"), PRICE]) + Money(1, "USD")

    assert [str(amount) for amount in bag] == ["19.90 EUR", "6.00 USD"]
    assert (bag["USD"], bag["usd"], bag["JPY"]) == (Money(6, "USD"), Money(6, "USD"), Money(0, "JPY"))
    assert ("EUR" in bag, "JPY" in bag, len(bag), bool(MoneyBag())) == (True, False, 2, False)
    assert [currency.code for currency in bag.currencies] == ["EUR", "USD"]
    with pytest.raises(CurrencyUnknown):
        _ = bag["ABC"]


def test_a_bag_is_told_as_the_sum_of_its_amounts() -> None:
    assert str(MoneyBag([PRICE, Money(5, "USD")])) == "19.90 EUR + 5.00 USD"
    assert str(MoneyBag()) == "nothing"


def test_bags_add_up_and_are_equal_by_their_worth() -> None:
    dollars, euros = MoneyBag([Money(5, "USD")]), MoneyBag([PRICE])

    assert dollars + euros == euros + dollars == MoneyBag([PRICE, Money(5, "USD")])
    assert hash(dollars + euros) == hash(euros + dollars)
    assert dollars - dollars == MoneyBag([Money(0, "JPY")]) == MoneyBag()
    assert sum([dollars, euros, dollars]) == PRICE + (dollars + Money(5, "USD"))
    assert Money(6, "USD") - dollars == MoneyBag([Money(1, "USD")])
    assert -dollars == MoneyBag([Money(-5, "USD")])
    assert dollars != Money(5, "USD")


def test_a_bag_of_one_currency_gives_its_only_amount() -> None:
    assert MoneyBag([PRICE]).only("EUR") == PRICE
    assert MoneyBag().only("EUR") == Money(0, "EUR")
    with pytest.raises(CurrencyMismatch):
        MoneyBag([PRICE]).only("USD")


def test_rule_15_a_bag_of_old_amounts_has_to_be_asked_for() -> None:
    old = [{"amount": "5.00", "currency": "DEM"}]

    with pytest.raises(CurrencyUnknown):
        MoneyBag.from_list(old)
    assert MoneyBag.from_list(old, allow_historical=True).to_list() == old


def test_a_bag_never_changes_and_takes_amounts_only() -> None:
    bag = MoneyBag([PRICE])

    with pytest.raises(AttributeError):
        bag._held = {}
    with pytest.raises(AttributeError):
        del bag._held
    for wrong in ([5], ["5"], [None]):
        with pytest.raises(InvalidAmount):
            MoneyBag(wrong)  # type: ignore[arg-type]
    with pytest.raises(FloatNotAllowed):
        _ = bag + 1.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        _ = bag + "5"  # type: ignore[operator]
    with pytest.raises(TypeError):
        _ = bag - "5"  # type: ignore[operator]
    with pytest.raises(TypeError):
        _ = "5" + bag  # type: ignore[operator]
    with pytest.raises(TypeError):
        _ = "5" - bag  # type: ignore[operator]
    with pytest.raises(InvalidAmount):
        _ = 5 + bag
    assert 0 + bag == bag


def test_rule_13_a_bag_travels_as_a_list_of_amounts() -> None:
    bag = MoneyBag([PRICE, Money(-5, "JPY")])

    assert bag.to_list() == [WIRE, {"amount": "-5", "currency": "JPY"}]
    assert MoneyBag.from_list(bag.to_list()) == bag == pickle.loads(pickle.dumps(bag)) == copy.deepcopy(bag)
    assert TypeAdapter(MoneyBag).validate_json(TypeAdapter(MoneyBag).dump_json(bag)) == bag
    for wrong in (WIRE, "5", [5], [WIRE, None]):
        with pytest.raises(InvalidAmount):
            MoneyBag.from_list(wrong)


def test_currencies_of_one_code_and_other_minor_units_do_not_share_a_bag() -> None:
    eight, six = (Currencies().register("BTC", minor_units=places) for places in (8, 6))

    with pytest.raises(CurrencyMismatch):
        MoneyBag([Money(1, eight), Money(1, six)])
    assert MoneyBag([Money(1, eight)])[six] == Money(0, six)
