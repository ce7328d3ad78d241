"""The ledger: entries sum to zero, nothing is edited, balances follow from the journal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import CurrencyUnknown, InvalidAmount, InvalidDate, MoneyError, NotFound, TooLate, Unbalanced
from agentkit.money import CURRENCIES, Currencies, Ledger, LedgerEntry, Money, Posting

ACCOUNTS = ("bank", "fees", "sales")
cents = st.integers(-(10**9), 10**9)
days = st.dates()


@st.composite
def balanced(draw: st.DrawFn) -> list[Posting]:
    """Postings that sum to zero in each of one or two currencies."""
    made: list[Posting] = []
    for code in draw(st.sampled_from([("EUR",), ("USD", "EUR")])):
        amounts = draw(st.lists(cents, min_size=1, max_size=4))
        made += [
            Posting(draw(st.sampled_from(ACCOUNTS)), Money.from_minor(each, code)) for each in (*amounts, -sum(amounts))
        ]
    return made


def euros(amount: str) -> Money:
    return Money(amount, "EUR")


def sold(ledger: Ledger, amount: str = "19.90", on: str = "2024-03-01") -> LedgerEntry:
    return ledger.post({"bank": euros(amount), "sales": -euros(amount)}, on=on, text="a sale")


@given(st.lists(balanced(), max_size=6))
def test_rule_24_the_whole_ledger_sums_to_zero_in_each_currency(entries: list[list[Posting]]) -> None:
    ledger = Ledger()
    for postings in entries:
        ledger.post(postings, on="2024-03-01")

    for code in ("EUR", "USD"):
        assert not Money.sum((amount for (_, its), amount in ledger.balances().items() if its == code), code)
    trial = ledger.trial_balance()
    for code, total in trial.totals.items():
        lines = [line for line in trial.lines if line.debit.currency.code == code]
        assert Money.sum(line.debit for line in lines) == Money.sum(line.credit for line in lines) == total


@given(balanced(), st.sampled_from(["EUR", "USD"]), cents.filter(bool))
def test_rule_24_an_entry_that_does_not_sum_to_zero_is_refused_and_changes_nothing(
    postings: list[Posting], code: str, minor: int
) -> None:
    ledger = Ledger()

    with pytest.raises(Unbalanced, match="does not sum to zero"):
        ledger.post([*postings, Posting("bank", Money.from_minor(minor, code))], on="2024-03-01")

    assert len(ledger) == 0


def test_rule_24_two_currencies_do_not_make_up_for_each_other() -> None:
    with pytest.raises(Unbalanced, match=r"5\.00 EUR, -5\.00 USD"):
        Ledger().post({"bank": euros("5"), "sales": Money(-5, "USD")}, on="2024-03-01")
    with pytest.raises(Unbalanced, match="it takes two"):
        Ledger().post({"bank": euros("0")}, on="2024-03-01")


@given(st.lists(balanced(), min_size=1, max_size=5), st.data())
def test_rule_24_a_correction_is_a_reversal_after_which_all_is_as_before(
    entries: list[list[Posting]], data: st.DataObject
) -> None:
    ledger = Ledger()
    for postings in entries:
        ledger.post(postings, on="2024-03-01")
    number = data.draw(st.integers(1, len(entries)))
    without = Ledger()
    for postings in entries[: number - 1] + entries[number:]:
        without.post(postings, on="2024-03-01")

    before = ledger.entries
    reversal = ledger.reverse(number, on="2024-03-02")

    assert {key: amount for key, amount in ledger.balances().items() if amount} == {
        key: amount for key, amount in without.balances().items() if amount
    }
    assert ledger.entries == (*before, reversal)
    assert reversal.reverses == number


def test_rule_24_an_entry_is_never_changed_and_reversed_only_once() -> None:
    ledger = Ledger()
    sale = sold(ledger)
    refund = ledger.reverse(1, on="2024-03-05")

    assert (refund.text, refund.reverses) == ("reversal of 1: a sale", 1)
    with pytest.raises(AttributeError):
        sale.text = "another"  # type: ignore[misc]  # what is tested
    with pytest.raises(TooLate, match="by entry 2"):
        ledger.reverse(1, on="2024-03-06")
    assert ledger.reverse(2, on="2024-03-06").number == 3, "a reversal that was a mistake is reversed itself"
    assert ledger.balance("bank", "EUR") == euros("19.90")


def test_what_is_not_there_or_not_over_yet_cannot_be_reversed() -> None:
    ledger = Ledger()
    sold(ledger)

    for number in (0, 2, -1, True):
        with pytest.raises(NotFound):
            ledger.reverse(number, on="2024-03-02")
    with pytest.raises(InvalidDate, match="cannot be reversed on 2024-02-29 already"):
        ledger.reverse(1, on="2024-02-29")
    with pytest.raises(InvalidDate):
        ledger.reverse(1, on="tomorrow")
    assert len(ledger) == 1


def test_a_balance_may_be_asked_for_the_end_of_any_day() -> None:
    ledger = Ledger()
    sold(ledger, "5.00", "2024-03-02")
    sold(ledger, "1.00", "2024-03-01")

    found = [str(ledger.balance("bank", "EUR", on=f"2024-0{day}")) for day in ("2-29", "3-01", "3-02")]

    assert found == ["0.00 EUR", "1.00 EUR", "6.00 EUR"]
    assert ledger.balance("nowhere", "EUR") == euros("0")
    assert ledger.trial_balance(on="2024-03-01").totals == {"EUR": euros("1.00")}


@given(st.lists(balanced(), max_size=4))
def test_the_journal_is_data_and_comes_back_equal(entries: list[list[Posting]]) -> None:
    ledger = Ledger()
    for postings in entries:
        ledger.post(postings, on="2024-03-01", text="x")
    if entries:
        ledger.reverse(1, on="2024-03-02")

    back = Ledger.from_data(json.loads(json.dumps(ledger.to_data())))

    assert back.entries == ledger.entries
    assert Ledger(ledger).balances() == back.balances()


def test_a_journal_that_was_tampered_with_is_refused() -> None:
    ledger = Ledger()
    sold(ledger)
    ledger.reverse(1, on="2024-03-02")
    rows = ledger.to_data()
    wrong: list[tuple[int, dict[str, object], type[MoneyError]]] = [
        (0, {"number": 2}, MoneyError),
        (0, {"postings": []}, Unbalanced),
        (0, {"postings": [{"account": "bank", "amount": 5}]}, InvalidAmount),
        (0, {"on": "2024-02-30"}, InvalidDate),
        (1, {"reverses": 2}, MoneyError),
        (1, {"postings": rows[0]["postings"]}, MoneyError),
    ]
    for number, change, error in wrong:
        with pytest.raises(error):
            Ledger.from_data([{**row, **(change if at == number else {})} for at, row in enumerate(rows)])
    with pytest.raises(InvalidAmount, match="entry 1 is not of the form"):
        Ledger.from_data([{"number": 1}])


def test_an_account_has_a_name_and_an_amount_is_money() -> None:
    with pytest.raises(InvalidAmount, match="account"):
        Posting(" ", euros("1"))
    with pytest.raises(InvalidAmount, match="is no Money"):
        Ledger().post({"bank": "5.00", "sales": "-5.00"}, on="2024-03-01")  # type: ignore[arg-type]  # what is tested


def test_currencies_of_ones_own_and_of_old_are_read_back_with_their_registry() -> None:
    own = Currencies()
    points, mark = own.register("PTS", minor_units=0), CURRENCIES.get("DEM", allow_historical=True)
    ledger = Ledger()
    ledger.post({"till": Money(5, points), "issued": Money(-5, points)}, on="2024-03-01")
    ledger.post({"till": Money(5, mark), "issued": Money(-5, mark)}, on="2001-03-01")

    assert Ledger.from_data(ledger.to_data(), currencies=own, allow_historical=True).entries == ledger.entries
    with pytest.raises(CurrencyUnknown, match="entry 1"):
        Ledger.from_data(ledger.to_data())
