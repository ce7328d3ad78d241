"""Expressions: what they compute, exactly, and what is refused before the first row."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from operator import add, mul, sub, truediv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import Cell, Column, Expression, Table
from agentkit.data.processing.expressions.parsing import parse
from agentkit.data.processing.expressions.tree import Binary, Literal, Name, Node
from agentkit.errors import ExpressionInvalid
from agentkit.money import ExactMoney, Money

COLUMNS = [
    Column(name="artist"),
    Column(name="sold", kind="integer"),
    Column(name="rate", kind="decimal"),
    Column(name="net", kind="money", currency="EUR"),
    Column(name="fee", kind="money", currency="EUR"),
    Column(name="paid", kind="money"),
    Column(name="day", kind="date"),
    Column(name="open", kind="boolean"),
    Column(name="unit price", kind="money", currency="EUR"),
]
ROW: Sequence[Cell] = (
    "Ibis",
    3,
    Decimal("0.15"),
    Money("10.00", "EUR"),
    Money("1.10", "EUR"),
    Money("2.00", "USD"),
    date(2024, 7, 31),
    True,
    Money("0.99", "EUR"),
)
NOTHING: Sequence[Cell] = (None,) * len(COLUMNS)


def value_of(text: str, row: Sequence[Cell] = ROW) -> object:
    found, issue = outcome_of(text, row)
    assert issue is None, issue
    return found


def outcome_of(text: str, row: Sequence[Cell] = ROW) -> tuple[object, str | None]:
    table = Table.of(COLUMNS, [row], source="sales.csv", first_row=2)
    ((value, issue),) = Expression(text, COLUMNS).over(table)
    return value, None if issue is None else issue.code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sold + 2 * 3", 9),
        ("(sold + 2) * 3", 15),
        ("10 - 4 - 3", 3),
        ("24 / 4 / 2", 3),
        ("-sold + 5", 2),
        ("1 / 3", Fraction(1, 3)),
        ("rate * sold", Fraction(9, 20)),
        ("0.1 + 0.2 == 0.3", True),
        ("net - fee", Money("8.90", "EUR")),
        ("net * rate", ExactMoney("1.5", "EUR")),
        ("2 * net", Money("20", "EUR")),
        ("net / 3", ExactMoney(Fraction(10, 3), "EUR")),
        ("net / fee", Fraction(100, 11)),
        ("`unit price` * sold", Money("2.97", "EUR")),
        ("net > money(9.99, 'EUR')", True),
        ("day - date('2024-07-01')", 30),
        ("day >= date('2024-08-01')", False),
        ("artist == 'Ibis' and not sold > 5", True),
        ("open or 1 / 0 > 1", True),
        ("artist in ['Oak', 'Ibis']", True),
        ("sold not in [1, 2]", True),
        ("artist is empty", False),
        ("artist is not empty", True),
        ("'it''s'", "it's"),
        ('"say ""no"""', 'say "no"'),
    ],
)
def test_an_expression_is_computed_exactly(text: str, value: object) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("year(day)", 2024),
        ("month(day)", "2024-07"),
        ("quarter(day)", "2024-Q3"),
        ("round(2.5)", 2),
        ("round(2.345, 2, 'ROUND_HALF_UP')", Fraction("2.35")),
        ("round(net / 3)", Money("3.33", "EUR")),
        ("round(net / 3, 4)", ExactMoney("3.3333", "EUR")),
        ("round(1250, -2)", 1200),
        ("abs(-net)", Money("10", "EUR")),
        ("min(net, fee)", Money("1.10", "EUR")),
        ("max(sold, 7, rate)", 7),
        ("per_mille(net, sold)", ExactMoney(Fraction(10000, 3), "EUR")),
        ("per_mille(1, 8)", 125),
        ("coalesce(artist, 'nobody')", "Ibis"),
        ("if(sold > 2, 'many', 'few')", "many"),
        ("if(sold > 2, 1, 1 / 0)", 1),
        ("lower('IBIS')", "ibis"),
        ("upper(artist)", "IBIS"),
        ("trim('  a ')", "a"),
        ("length(artist)", 4),
        ("contains(artist, 'bi')", True),
        ("starts_with(artist, 'Ib')", True),
        ("starts_with(artist, 'bi')", False),
    ],
)
def test_functions_give_what_their_names_say(text: str, value: object) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sold + 1", "missing_input"),
        ("coalesce(sold, rate)", "missing_input"),
        ("lower(artist)", "missing_input"),
        ("artist == 'Ibis'", "missing_input"),
        ("per_mille(money(1, 'EUR'), sold)", "missing_input"),
        ("1 / 0", "division_by_zero"),
        ("coalesce(1 / 0, 1)", "division_by_zero"),
        ("per_mille(1, 2 - 2)", "division_by_zero"),
        ("money(1, 'EUR') / 0", "division_by_zero"),
        ("if(true, empty, 1) + 1", "missing_input"),
        ("money(99999999999999999999999999999 , 'EUR') * 1", None),
    ],
)
def test_rule_31_missing_or_impossible_inputs_give_none_and_an_issue(text: str, code: str | None) -> None:
    value, found = outcome_of(text, NOTHING)

    assert found == code
    assert (value is None) is (code is not None)


def test_rule_31_two_currencies_that_meet_in_a_row_are_an_issue_of_that_row() -> None:
    assert outcome_of("net + paid") == (None, "currency_mismatch")
    assert outcome_of("net == paid") == (None, "currency_mismatch")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1e999999999", "precision_exceeded"),
        ("1e-999999999", "precision_exceeded"),
    ],
)
def test_rule_31_a_number_that_would_fill_the_memory_is_an_impossible_input(number: str, code: str) -> None:
    row = [Decimal(number) if column.name == "rate" else cell for column, cell in zip(COLUMNS, ROW, strict=True)]

    assert outcome_of("rate * 2", row) == (None, code)


def test_what_asks_for_an_empty_cell_is_no_issue() -> None:
    assert value_of("artist is empty", NOTHING) is True
    assert value_of("coalesce(sold, 7)", NOTHING) == 7
    assert value_of("if(sold is empty, empty, sold)", NOTHING) is None


def test_an_issue_says_where_and_why() -> None:
    table = Table.of(COLUMNS, [NOTHING], source="sales.csv", first_row=7)
    ((_, issue),) = Expression("sold * 2", COLUMNS).over(table)

    assert issue is not None
    assert (issue.source, issue.row, issue.field, issue.raw) == ("sales.csv", 7, "sold", "sold=")
    assert issue.message == "sold is empty: sold * 2 gives nothing"


@pytest.mark.parametrize(
    ("text", "problem", "caret"),
    [
        ("", "the expression ends where a value is expected", 0),
        ("sold +", "the expression ends where a value is expected", 6),
        ("sold + * 2", "'*' stands where a value is expected", 7),
        ("(sold", "')' is expected here", 5),
        ("sold sold", "'sold' does not belong here", 5),
        ("1 < 2 < 3", "compare two values at a time", 6),
        ("sold = 1", "write ==", 5),
        ("sold & 1", "write and", 5),
        ("'abc", "a text is not closed", 0),
        ("`abc", "the name of a column is not closed", 0),
        ("1.2.3", "this is no number", 0),
        ("1_000", "this is no number", 0),
        ("1,5", "',' does not belong here", 1),
        ("sold.real", "there are no attributes", 4),
        ("artst", "did you mean artist", 0),
        ("sold + mont(day)", "did you mean month", 7),
        ("net + 1", "a number has no currency", 4),
        ("net * net", "an amount * an amount has no meaning", 4),
        ("1 / net", "a number / an amount has no meaning", 2),
        ("net > 0", "money(10, 'EUR')", 4),
        ("net + money(1, 'USD')", "EUR and USD do not meet", 4),
        ("day > '2024-01-01'", "write a date such as", 4),
        ("artist + artist", "a text + a text has no meaning", 7),
        ("sold and open", "and takes conditions", 5 - 5),
        ("open > true", "has no meaning between conditions", 5),
        ("sold == empty", "write is empty", 5),
        ("sold in []", "at least one value", 5),
        ("sold in [1, 'a']", "cannot be compared", 12),
        ("year(sold)", "it takes a date here", 5),
        ("year()", "it takes 1 value, and was given 0", 0),
        ("min(sold)", "two values or more", 0),
        ("if(sold, 1, 2)", "it takes a condition here", 3),
        ("if(open, 1, 'a')", "of several kinds", 12),
        ("coalesce(net, money(1, 'USD'))", "several currencies", 14),
        ("per_mille(net, money(1, 'USD'))", "of two currencies", 15),
        ("round(net, sold)", "places are a whole number", 11),
        ("round(net, 2, 'UP')", "the rounding is one of", 14),
        ("money(1, 'XXX')", "XXX", 9),
        ("money(1, artist)", "the currency is a text", 9),
        ("date('2024-02-30')", "a day of the calendar", 5),
        ("date(artist)", "a day of the calendar", 5),
        ("abs(artist)", "it takes a number or an amount", 4),
        ("-artist", "- takes a number or an amount", 0),
        ("not sold", "not takes conditions", 4),
    ],
)
def test_what_cannot_be_right_is_refused_before_the_first_row(text: str, problem: str, caret: int) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        Expression(text, COLUMNS)
    said, _, shown = str(refused.value).partition("\n")

    assert problem in said
    assert shown == f"  {text}\n  {' ' * caret}^"


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__",
        "lambda: 1",
        "[x for x in y]",
        "open('/etc/passwd')",
        "exec('1')",
        "sold ** 9",
        "artist[0]",
        "f'{sold}'",
        "1 if open else 2",
        "sold; sold",
        "9" * 4001,
        "(" * 31 + "1" + ")" * 31,
        "-" * 31 + "1",
        "not " * 31 + "open",
        "+".join(["1"] * 250),
        "abs(" * 31 + "1" + ")" * 31,
        "\x00",
        "sold\u200b+ 1",
        "٣",
    ],
)
def test_nothing_of_python_and_nothing_without_bounds_is_an_expression(text: str) -> None:
    with pytest.raises(ExpressionInvalid):
        Expression(text, COLUMNS)


def test_as_deep_and_as_long_as_allowed_is_computed() -> None:
    assert value_of("(" * 29 + "1" + ")" * 29) == 1
    assert value_of("+".join(["1"] * 190)) == 190


def test_the_error_of_a_long_expression_shows_the_place_only() -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        Expression("1 + " * 100 + "artst", COLUMNS)

    shown = str(refused.value).splitlines()
    assert len(shown[1]) < 130
    assert shown[1][shown[2].index("^") :].startswith("artst")


Sum = tuple[str, Fraction | None]
SIGNS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {"+": add, "-": sub, "*": mul, "/": truediv}


def combined(parts: tuple[Sum, str, Sum]) -> Sum:
    """Two expressions with a sign between them, and the value by Python's fractions; None after a zero divisor."""
    (left, first), sign, (right, second) = parts
    possible = first is not None and second is not None and not (sign == "/" and not second)
    value = SIGNS[sign](first, second) if possible and first is not None and second is not None else None
    return f"({left} {sign} {right})", value


NUMBERS = st.decimals(0, 1000, places=2, allow_nan=False).map(lambda number: (f"{number:f}", Fraction(number)))
SUMS: st.SearchStrategy[Sum] = st.recursive(
    NUMBERS, lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(combined), max_leaves=12
)


@given(SUMS)
def test_rule_31_numbers_are_computed_exactly_whatever_the_decimal_context_is(made: Sum) -> None:
    text, expected = made
    with localcontext(prec=1):
        ((value, issue),) = Expression(text, COLUMNS).over(Table.of(COLUMNS, [ROW]))

    assert value == expected
    assert (issue is None) is (expected is not None)


@given(st.text(alphabet="abc0123456789.+-*/()<>=!,'\"`[] \n\tandorti", max_size=40))
def test_any_text_is_an_expression_or_a_clear_refusal(text: str) -> None:
    with suppress(ExpressionInvalid):
        Expression(text, COLUMNS)


def test_the_tree_says_what_stands_where() -> None:
    tree: Node = parse("a * 2 - b")

    assert tree == Binary("-", Binary("*", Name("a"), Literal(Fraction(2))), Name("b"))
    assert tree.at == 6


def test_an_expression_names_the_columns_that_it_needs() -> None:
    assert Expression("per_mille(net, sold) + net", COLUMNS).columns == ("net", "sold")


def test_a_parameter_is_a_value_whatever_is_in_it() -> None:
    artist = "' or true or artist == '"

    def given(text: str, **parameters: str | int | Decimal | bool | None) -> object:
        ((value, issue),) = Expression(text, COLUMNS, parameters).over(Table.of(COLUMNS, [ROW]))
        assert issue is None
        return value

    assert given("artist == $artist", artist=artist) is False
    assert given("artist == $artist", artist=ROW[[column.name for column in COLUMNS].index("artist")]) is True  # type: ignore[arg-type]  # a text
    assert given("$year + 1", year=2024) == 2025
    assert given("$rate * 2", rate=Decimal("0.15")) == Decimal("0.3")
    assert given("$all or false", all=True) is True
    assert given("$none is empty", none=None) is True
    with pytest.raises(ExpressionInvalid, match=r"no parameter \$year; there are: \$month"):
        given("$year", month=1)
    with pytest.raises(ExpressionInvalid, match="a parameter is a name"):
        given("$ 5")
