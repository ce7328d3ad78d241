"""Currencies: what ISO 4217 says, what is accepted, and registries that know nothing of each other."""

import copy
import csv
import pickle
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread
from xml.etree import ElementTree

import pytest

from agentkit.errors import CurrencyConflict, CurrencyMismatch, CurrencyUnknown, DefinitionError, UsageError
from agentkit.money import CURRENCIES, DATA_VERSION, Currencies, Currency, Money

LISTS = Path(__file__).parents[2].parent / "shared" / "data" / "currency-codes"
lists = pytest.mark.skipif(not LISTS.is_dir(), reason="the lists of ISO 4217 do not lie beside the checkout")
BY_CODE = {currency.code: currency for currency in CURRENCIES}
# What was corrected since list one of 2024-06-25.
WITHDRAWN_SINCE, NEW_SINCE = {"ANG", "BGN", "CUC"}, {"XAD", "XCG"}


@pytest.mark.parametrize(("code", "places"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4), ("UYW", 4)])
def test_rule_14_amounts_have_0_2_3_or_4_decimals(code: str, places: int) -> None:
    whole = Money(1, code)

    assert whole.minor == 10**places
    assert -whole.amount.as_tuple().exponent == places  # type: ignore[operator]  # finite
    assert str(Money.from_minor(1, code).amount) == (f"0.{1:0{places}d}" if places else "1")


@pytest.mark.parametrize(("code", "places"), [("IDR", 2), ("HUF", 2), ("RSD", 2), ("IQD", 3), ("LBP", 2), ("UGX", 0)])
def test_rule_14_where_cldr_differs_iso_4217_counts(code: str, places: int) -> None:
    assert CURRENCIES.get(code).minor_units == places


@lists
def test_rule_14_the_current_currencies_are_those_of_list_one_and_its_corrections() -> None:
    tree = ElementTree.parse(LISTS / "table_a1.xml").getroot()
    entries = [{item.tag: " ".join((item.text or "").split()) for item in entry} for entry in tree.iter("CcyNtry")]
    listed = {
        entry["Ccy"]: (entry["CcyNbr"], None if entry["CcyMnrUnts"] == "N.A." else int(entry["CcyMnrUnts"]))
        for entry in entries
        if entry.get("Ccy")
    }
    ours = {code: (one.numeric, one.minor_units) for code, one in BY_CODE.items() if one.status == "current"}

    assert ours.keys() == (listed.keys() - WITHDRAWN_SINCE) | NEW_SINCE
    assert {code: ours[code] for code in ours.keys() & listed.keys()} == {
        code: listed[code] for code in ours.keys() & listed.keys()
    }
    assert DATA_VERSION.split("+")[0] == tree.attrib["Pblshd"]


@lists
def test_rule_14_the_withdrawn_currencies_are_those_of_list_three() -> None:
    with (LISTS / "codes-all.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["AlphabeticCode"]]
    current = {row["AlphabeticCode"] for row in rows if not row["WithdrawalDate"]}
    withdrawn = {row["AlphabeticCode"]: row["NumericCode"] or None for row in rows if row["WithdrawalDate"]}
    ours = {code: one.numeric for code, one in BY_CODE.items() if one.status == "historical"}

    assert ours == {code: number for code, number in withdrawn.items() if code not in current}
    assert current == {code for code, one in BY_CODE.items() if one.status == "current"}


def test_rule_14_every_entry_is_well_formed() -> None:
    for currency in CURRENCIES:
        assert len(currency.code) == 3
        assert currency.name == currency.name.strip() != ""
        assert currency.numeric is None or (len(currency.numeric) == 3 and currency.numeric.isdigit())
        assert (currency.status == "historical") == (currency.withdrawn is not None)
    assert len(CURRENCIES) == 307


@pytest.mark.parametrize("code", ["ANG", "BGN", "CUC", "DEM", "HRK", "ZWL"])
def test_rule_15_historical_codes_are_known_but_have_to_be_asked_for(code: str) -> None:
    with pytest.raises(CurrencyUnknown, match="allow_historical") as caught:
        Money(1, code)
    old = CURRENCIES.get(code, allow_historical=True)

    assert caught.value.code == "currency_unknown"
    assert old.status == "historical"
    assert code not in CURRENCIES
    assert Money("1.50", old).currency.withdrawn


@pytest.mark.parametrize("code", ["XCG", "XAD", "ZWG", "SLE", "VED"])
def test_rule_15_what_is_current_in_2026_is_accepted(code: str) -> None:
    assert CURRENCIES.get(code).status == "current"


@pytest.mark.parametrize("code", ["XAU", "XXX", "XTS", "XDR", "XEU"])
def test_rule_15_codes_without_a_minor_unit_hold_no_amounts(code: str) -> None:
    with pytest.raises(CurrencyUnknown, match="minor unit"):
        CURRENCIES.get(code, allow_historical=True)
    with pytest.raises(CurrencyUnknown, match="minor unit"):
        Money(1, BY_CODE[code])


@pytest.mark.parametrize(
    "code", ["", "EU", "EURO", "ABC", "E R", "\u20ac", "\uff25\uff35\uff32", "\u0131nr", None, 978, ["EUR"]]
)
def test_rule_15_what_is_no_code_is_unknown(code: object) -> None:
    with pytest.raises(CurrencyUnknown):
        CURRENCIES.get(code)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["eur", " EUR", "Eur\n", "\u00a0eUr\u202f"])
def test_rule_15_codes_are_trimmed_and_put_in_capitals(code: str) -> None:
    assert CURRENCIES.get(code) is CURRENCIES.get("EUR")
    assert code in CURRENCIES


def test_rule_15_what_a_user_registers_is_accepted_in_that_registry_alone() -> None:
    mine, yours = Currencies(), Currencies()
    points = mine.register(" btc ", minor_units=8, name="Bitcoin")

    assert mine.get("BTC") is points
    assert str(Money("0.00000001", points)) == "0.00000001 BTC"
    for other in (yours, CURRENCIES):
        with pytest.raises(CurrencyUnknown):
            other.get("BTC")


def test_rule_15_registering_the_same_again_changes_nothing() -> None:
    mine = Currencies()
    first = mine.register("BTC", minor_units=8, name="Bitcoin")

    assert mine.register("BTC", minor_units=8) is first
    assert mine.register("EUR", minor_units=2) is CURRENCIES.get("EUR")
    assert mine.register("CHF", minor_units=2, numeric="756", cash_step="0.05") is CURRENCIES.get("CHF")


@pytest.mark.parametrize(
    "other",
    [
        {"code": "EUR", "minor_units": 3},
        {"code": "EUR", "minor_units": 2, "name": "Euros"},
        {"code": "EUR", "minor_units": 2, "numeric": "999"},
        {"code": "CHF", "minor_units": 2, "cash_step": "0.10"},
        {"code": "BTC", "minor_units": 6},
        {"code": "DEM", "minor_units": 0},
        {"code": "XAU", "minor_units": 4, "numeric": "001"},
    ],
    ids=str,
)
def test_rule_15_registering_a_code_with_other_properties_is_a_conflict(other: dict[str, str]) -> None:
    mine = Currencies()
    mine.register("BTC", minor_units=8, name="Bitcoin")

    with pytest.raises(CurrencyConflict) as caught:
        mine.register(**other)  # type: ignore[arg-type]
    assert caught.value.code == "currency_conflict"


def test_rule_15_what_is_accepted_unasked_is_current_and_has_minor_units() -> None:
    usable = [CURRENCIES.get(code, allow_historical=True).is_usable for code in ("EUR", "DEM")]

    assert usable == [True, False]
    assert BY_CODE["XAU"].is_usable is False


def test_rule_15_gold_may_be_given_minor_units() -> None:
    mine = Currencies()
    gold = mine.register("XAU", minor_units=4, numeric="959")

    assert str(Money("1.2345", gold)) == "1.2345 XAU"


def test_the_built_in_registry_never_changes() -> None:
    with pytest.raises(UsageError, match="frozen"):
        CURRENCIES.register("BTC", minor_units=8)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "B", "minor_units": 2},
        {"code": "ABCDEFGHIJKLM", "minor_units": 2},
        {"code": "1BT", "minor_units": 2},
        {"code": "B T", "minor_units": 2},
        {"code": "B\u00c4R", "minor_units": 2},
        {"code": "BTC", "minor_units": -1},
        {"code": "BTC", "minor_units": 19},
        {"code": "BTC", "minor_units": True},
        {"code": "BTC", "minor_units": 2, "numeric": "12"},
        {"code": "BTC", "minor_units": 2, "cash_step": "0"},
    ],
    ids=str,
)
def test_what_is_no_currency_cannot_be_registered(wrong: dict[str, str]) -> None:
    with pytest.raises(DefinitionError):
        Currencies().register(**wrong)  # type: ignore[arg-type]


def test_what_a_user_registers_is_known_as_such() -> None:
    assert Currencies().register("BTC", minor_units=8).status == "custom"


def test_a_code_of_ones_own_has_two_to_twelve_characters() -> None:
    for code in ("AB", "ABCDEFGHIJKL"):
        assert Currencies().register(code, minor_units=2).code == code


def test_two_currencies_of_one_code_are_two_currencies() -> None:
    eight = Currencies().register("BTC", minor_units=8)
    six = Currencies().register("BTC", minor_units=6)

    assert Money(1, eight) != Money(1, six)
    with pytest.raises(CurrencyMismatch):
        _ = Money(1, eight) + Money(1, six)


def test_currencies_are_equal_by_code_and_minor_units_and_can_be_copied() -> None:
    euro = CURRENCIES.get("EUR")

    assert euro == Currency(code="EUR", minor_units=2, name="another name")
    assert pickle.loads(pickle.dumps(euro)) == copy.deepcopy(euro) == euro
    assert hash(pickle.loads(pickle.dumps(euro))) == hash(euro)
    assert str(euro) == "EUR"


@pytest.mark.parametrize(
    ("code", "step"), [("CHF", "0.05"), ("SEK", "1"), ("DKK", "0.50"), ("HUF", "5"), ("EUR", None)]
)
def test_rule_16_cash_steps_are_built_in_where_a_currency_has_a_rule(code: str, step: str | None) -> None:
    assert CURRENCIES.get(code).cash_step == (None if step is None else Decimal(step))


def test_threads_that_register_one_code_agree_on_one_currency() -> None:
    mine, start = Currencies(), Barrier(8)
    found: list[Currency | CurrencyConflict] = []

    def register(places: int) -> None:
        start.wait()
        try:
            found.append(mine.register("BTC", minor_units=places))
        except CurrencyConflict as conflict:
            found.append(conflict)

    threads = [Thread(target=register, args=(number % 2,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {id(one) for one in found if isinstance(one, Currency)} == {id(mine.get("BTC"))}
    assert len(found) == 8


def test_whoever_registers_second_is_checked_against_whoever_was_first() -> None:
    mine = Currencies()
    # Another thread came between the look at what is known and the write.
    mine._usable["BTC"] = Currencies().register("BTC", minor_units=8)

    with pytest.raises(CurrencyConflict):
        mine.register("BTC", minor_units=6)
    assert mine.register("BTC", minor_units=8).minor_units == 8
