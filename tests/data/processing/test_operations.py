"""Operations on tables: what each does to rows, what it sets apart, and what it refuses before the first row."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from agentkit.data import (
    BusinessRule,
    Cell,
    Check,
    Column,
    Convert,
    Dedupe,
    Derive,
    Filter,
    Group,
    Join,
    Normalise,
    Operation,
    Origin,
    Party,
    Processed,
    Rename,
    Select,
    Share,
    Sort,
    Table,
    Top,
    Total,
    process,
)
from agentkit.errors import (
    AgentKitError,
    ColumnMismatch,
    ColumnMissing,
    CurrencyMismatch,
    CurrencyUnknown,
    DefinitionError,
    DuplicateKey,
    ExpressionInvalid,
    PercentagesDoNotSum,
    RateInvalid,
)
from agentkit.money import AuditTrail, FinancialProcessor, MemorySink, Money

COLUMNS = [
    Column(name="id", kind="code"),
    Column(name="artist"),
    Column(name="streams", kind="integer"),
    Column(name="revenue", kind="money", currency="EUR"),
    Column(name="day", kind="date"),
]
MARCH, MAY = date(2024, 3, 29), date(2024, 5, 1)
ECB = {"base": "EUR", "quote": "USD", "rate": "1.0811", "date": "2024-03-28", "source": "ECB"}


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


def sales(*rows: Sequence[Cell]) -> Table:
    return Table.of(COLUMNS, rows, source="sales.csv", first_row=2)


SALES = sales(
    ("a", "Ibis", 1000, eur("3.10"), MARCH),
    ("b", "Oak", 0, eur("2.25"), MAY),
    ("a", "Ibis", 1000, eur("3.10"), MARCH),
    ("c", None, 10, None, None),
)


def done(*operations: Operation, table: Table = SALES, inputs: Mapping[str, Table] | None = None) -> Processed:
    return process(table, operations, inputs=inputs)


def amount(cell: Cell) -> Money:
    assert isinstance(cell, Money)
    return cell


def column(found: Processed, name: str) -> list[Cell]:
    return list(found.table.column(name))


def codes(found: Processed) -> list[tuple[int, str]]:
    return [(issue.row, issue.code) for row in found.quarantine for issue in row.issues]


def test_rule_30_dedupe_keeps_the_first_and_an_empty_key_matches_nothing() -> None:
    blanks = [("x", None, 1, None, None), ("y", " ", 1, None, None), ("z", None, 1, None, None)]
    found = done(Dedupe(by=("artist",)), table=SALES.joined(sales(*blanks)))

    assert column(found, "id") == ["a", "b", "c", "x", "y", "z"]
    assert [(issue.row, issue.code, issue.message) for issue in found.issues] == [
        (4, "duplicate", "the same artist as row 2 of 'sales.csv'")
    ]


@given(st.lists(st.sampled_from(["a", "b", None, " ", "B"])))
def test_rule_30_dedupe_keeps_what_a_plain_loop_keeps(ids: list[str | None]) -> None:
    table = sales(*((text, None, None, None, None) for text in ids))
    kept: list[str | None] = []
    for text in ids:
        if text in (None, " ") or text not in kept:
            kept.append(text)

    assert column(done(Dedupe(by=("id",)), table=table), "id") == kept


def test_rule_32_names_are_composed_trimmed_and_of_single_blanks_and_their_case_stays() -> None:
    raw = "  Bj\u00f6rk\u200b \u00a0 de  l\u2060a\tO "
    found = done(Normalise(columns=("artist",)), table=sales(("1", raw.replace("\u00f6", "o\u0308"), 1, None, None)))

    assert column(found, "artist") == ["Björk de la O"]
    assert found.statistics[0].rows_changed == 1


def test_rule_32_case_changes_only_if_asked_and_a_blank_name_is_empty() -> None:
    table = sales(("1", "IBIS", 1, None, None), ("2", " \u200b ", 1, None, None))

    assert column(done(Normalise(columns=("artist",), case="lower"), table=table), "artist") == ["ibis", None]
    assert column(done(Normalise(columns=("artist",)), table=table), "artist") == ["IBIS", None]


def test_rule_31_revenue_per_mille_is_exact_and_rounded_once() -> None:
    table = sales(("1", "Ibis", 3, eur("0.01"), MARCH), ("2", "Oak", 0, eur("1"), MARCH), ("3", "Elm", 3, None, MARCH))
    found = done(Derive(name="rpm", expression="per_mille(revenue, streams)"), table=table)

    assert column(found, "rpm") == [eur("3.33"), None, None]
    assert [(issue.row, issue.code) for issue in found.issues] == [(3, "division_by_zero"), (4, "missing_input")]
    assert found.statistics[0].rows_changed == 1


def test_rule_31_rounding_happens_once_at_the_end() -> None:
    # Rounded after each step, a third of 0.02 times three would be 0.03 or 0.
    table = sales(("1", "Ibis", 3, eur("0.02"), MARCH))

    assert column(done(Derive(name="same", expression="revenue / 3 * 3"), table=table), "same") == [eur("0.02")]


@pytest.mark.parametrize(
    ("operation", "kind", "value"),
    [
        (Derive(name="n", expression="month(day)"), "text", "2024-03"),
        (Derive(name="n", expression="year(day)", holds="integer"), "integer", 2024),
        (Derive(name="n", expression="streams * 0.125"), "decimal", Decimal("125")),
        (Derive(name="n", expression="streams / 3", places=2), "decimal", Decimal("333.33")),
        (Derive(name="n", expression="streams / 3", holds="integer", rounding="ROUND_UP"), "integer", 334),
        (Derive(name="n", expression="revenue * 0.5", rounding="ROUND_HALF_UP"), "money", eur("1.55")),
        (Derive(name="n", expression="artist", holds="code"), "code", "Ibis"),
        (Derive(name="n", expression="streams > 5"), "boolean", True),
        (Derive(name="n", expression="day"), "date", MARCH),
        (Derive(name="n", expression="empty", holds="integer"), "integer", None),
    ],
)
def test_a_derived_column_has_the_kind_that_is_said_or_given(operation: Derive, kind: str, value: Cell) -> None:
    found = done(operation, table=SALES.take([0]))

    assert found.table.find("n").kind == kind
    assert column(found, "n") == [value]


def test_a_number_with_more_digits_than_are_kept_is_an_issue_and_not_rounded() -> None:
    found = done(Derive(name="n", expression=f"streams * 0.{'1' * 40}"), table=SALES.take([0]))

    assert column(found, "n") == [None]
    assert [(issue.field, issue.code) for issue in found.issues] == [("n", "precision_exceeded")]


def test_a_filter_sets_rows_apart_for_which_it_cannot_be_computed() -> None:
    found = done(Filter(expression="revenue > money(3, 'EUR')"))

    assert column(found, "id") == ["a", "a"]
    assert codes(found) == [(5, "missing_input")]
    assert found.quarantine[0].cells == {"id": "c", "artist": "", "streams": "10", "revenue": "", "day": ""}


def test_a_filter_that_gives_empty_sets_the_row_apart() -> None:
    found = done(Filter(expression="if(streams > 5, true, empty)"))

    assert column(found, "id") == ["a", "a", "c"]
    assert codes(found) == [(3, "missing_input")]


def test_a_check_reports_all_that_is_wrong_with_a_row() -> None:
    rules = (
        BusinessRule(column="artist", required=True, allowed=("Ibis", "Elm")),
        BusinessRule(column="revenue", minimum="2.50"),
        BusinessRule(column="streams", minimum="1", maximum="999"),
        BusinessRule(column="day", maximum="2024-04-30"),
    )
    found = done(Check(rules=rules))

    assert len(found.table) == 0
    assert codes(found) == [
        (2, "above_maximum"),
        (3, "not_allowed"),
        (3, "below_minimum"),
        (3, "below_minimum"),
        (3, "above_maximum"),
        (4, "above_maximum"),
        (5, "missing"),
    ]


def test_bounds_of_a_check_belong_to_what_is_allowed() -> None:
    rules = (
        BusinessRule(column="revenue", minimum="2.25", maximum="3.10"),
        BusinessRule(column="streams", minimum="0"),
    )

    assert len(done(Check(rules=rules)).table) == 4


def test_amounts_are_converted_at_the_rates_of_their_dates_and_others_are_set_apart() -> None:
    found = done(Convert(column="revenue", to="USD", date="day", rates=(ECB,), into="usd"))

    assert column(found, "usd") == [Money("3.35", "USD"), Money("3.35", "USD"), None]
    assert found.table.find("usd").currency == "USD"
    assert codes(found) == [(3, "rate_stale")]
    assert [(issue.row, issue.code) for issue in found.issues] == [(5, "missing_input")]


def test_rates_may_come_from_an_input_whose_name_stands_for_their_source() -> None:
    columns = [
        Column(name="base"),
        Column(name="quote"),
        Column(name="rate", kind="decimal"),
        Column(name="date", kind="date"),
    ]
    rates = Table.of(columns, [("EUR", "USD", Decimal("1.10"), MARCH), ("EUR", "USD", Decimal("1.20"), MAY)])
    found = done(
        Convert(column="revenue", to="USD", date="day", rates="ecb"), table=SALES.take([0, 1]), inputs={"ecb": rates}
    )

    assert column(found, "revenue") == [Money("3.41", "USD"), Money("2.70", "USD")]


@given(st.lists(st.integers(-10_000, 10_000), max_size=20), st.integers(0, 10_000))
def test_shares_are_exactly_the_amount_of_each_row(cents: list[int], percent: int) -> None:
    table = sales(*(("1", "Ibis", 1, Money.from_minor(minor, "EUR"), MARCH) for minor in cents))
    creator = Party(name="creator", percent=f"{percent / 100:.2f}")
    found = done(Share(column="revenue", parties=(creator,), remainder="label"), table=table)

    for row in found.table.records():
        assert Money.sum([amount(row["creator"]), amount(row["label"])]) == row["revenue"]
    assert len(found.table) == len(cents)


def test_percentages_may_differ_from_row_to_row() -> None:
    columns = [*COLUMNS, Column(name="cut", kind="decimal")]
    rows = [
        (*row, cut) for row, cut in zip(SALES.rows(), [Decimal("33.3"), Decimal("101"), None, Decimal(5)], strict=True)
    ]
    table = Table.of(columns, rows, source="sales.csv", first_row=2)
    found = done(
        Share(column="revenue", parties=(Party(name="creator", percent_column="cut"),), remainder="label"), table=table
    )

    assert column(found, "creator") == [eur("1.03"), None]
    assert codes(found) == [(3, "invalid_percentage"), (4, "invalid_percentage")]


class _Clock:
    def now(self) -> float:
        return 1_700_000_000.0


def test_each_conversion_and_each_sharing_is_an_entry_of_the_audit_trail() -> None:
    trail = AuditTrail(MemorySink(), clock=_Clock())
    operations: list[Operation] = [
        Convert(column="revenue", to="USD", date="day", rates=(ECB,)),
        Share(column="revenue", parties=(Party(name="creator", percent="70"),), remainder="label"),
    ]
    process(SALES, operations, processor=FinancialProcessor(audit=trail))

    # Three rows have an amount, one of them no rate.
    assert [entry.operation for entry in trail.entries()] == ["convert"] * 3 + ["calculate_shares"] * 2


CONTRACTS = Table.of(
    [Column(name="artist"), Column(name="label"), Column(name="cut", kind="decimal")],
    [("Ibis", "Reed", Decimal(70)), ("Elm", "Bark", Decimal(60)), (None, "none", Decimal(0))],
    source="contracts.csv",
    first_row=2,
)


@pytest.mark.parametrize(
    ("unmatched", "labels", "apart", "issues"),
    [
        ("quarantine", ["Reed", "Reed"], [3, 5], []),
        ("keep", ["Reed", None, "Reed", None], [], [3, 5]),
        ("drop", ["Reed", "Reed"], [], []),
    ],
)
def test_a_join_brings_columns_and_says_what_has_no_match(
    unmatched: str, labels: list[str], apart: list[int], issues: list[int]
) -> None:
    join = TypeAdapter(Join).validate_python({"input": "contracts", "by": ["artist"], "unmatched": unmatched})
    found = done(join, inputs={"contracts": CONTRACTS})

    assert column(found, "label") == labels
    assert [row.row for row in found.quarantine] == apart
    assert [issue.row for issue in found.issues] == issues


def test_a_key_that_is_there_twice_would_count_rows_twice_and_is_refused() -> None:
    twice = CONTRACTS.joined(CONTRACTS.take([0]))

    with pytest.raises(DuplicateKey, match=r"artist = Ibis in row 2 and row 2.*dedupe or group"):
        done(Join(input="contracts", by=("artist",)), inputs={"contracts": twice})


def test_a_group_has_exact_totals_and_comes_from_its_first_row() -> None:
    totals = (
        Total(column="revenue"),
        Total(column="revenue", kind="count", name="sold"),
        Total(column="day", kind="min"),
        Total(column="streams", kind="max"),
    )
    found = done(Group(by=("artist",), totals=totals, rows="rows"))

    assert list(found.table.rows()) == [
        ("Ibis", eur("6.20"), 2, MARCH, 1000, 2),
        ("Oak", eur("2.25"), 1, MAY, 0, 1),
        (None, None, 0, None, 10, 1),
    ]
    assert list(found.table.origins) == [Origin("sales.csv", 2), Origin("sales.csv", 3), Origin("sales.csv", 5)]
    assert [(issue.row, issue.code) for issue in found.issues] == [(5, "missing_input")]


@given(st.lists(st.decimals(-(10**12), 10**12, places=9, allow_nan=False)))
def test_sums_of_decimals_lose_no_digit_whatever_the_context_is(numbers: list[Decimal]) -> None:
    table = Table.of([Column(name="n", kind="decimal")], [(number,) for number in numbers])
    with localcontext(prec=2):
        found = done(Group(totals=(Total(column="n"),)), table=table)

    assert [Fraction(cell) for cell in column(found, "n") if isinstance(cell, Decimal)] == (
        [sum(map(Fraction, numbers), Fraction(0))] if numbers else []
    )


def test_a_group_that_mixes_currencies_is_refused_with_what_to_do() -> None:
    table = Table.of([Column(name="paid", kind="money")], [(eur("1"),), (Money("1", "USD"),)])

    for of in ("sum", "min"):
        group = TypeAdapter(Group).validate_python({"totals": [{"column": "paid", "kind": of}]})
        with pytest.raises(CurrencyMismatch, match=r"operation 1 \(group\).*group by the currency too, or convert"):
            done(group, table=table)


def test_columns_are_renamed_also_with_each_other_and_selected() -> None:
    found = done(Rename(names={"id": "artist", "artist": "id"}), Select(columns=("id", "artist")))

    assert found.table.names == ("id", "artist")
    assert next(found.table.rows()) == ("Ibis", "a")


def test_the_top_is_the_first_rows_of_the_order_and_empty_cells_come_last() -> None:
    assert column(done(Top(count=2, by=("revenue",))), "id") == ["a", "a"]
    assert column(done(Top(count=1, by=("revenue",), descending=False)), "id") == ["b"]
    assert column(done(Sort(by=("revenue", "streams"), descending=True)), "id") == ["a", "a", "b", "c"]
    assert len(done(Top(count=99, by=("revenue",))).table) == 4


def test_rule_29_the_input_is_never_changed_and_every_row_is_accounted_for() -> None:
    before = list(SALES.rows())
    found = done(
        Filter(expression="streams > 5"),
        Dedupe(by=("id",)),
        Check(rules=(BusinessRule(column="artist", required=True),)),
    )

    assert list(SALES.rows()) == before
    for step in found.statistics:
        assert step.rows_in >= step.rows_out + step.rows_quarantined
    assert [
        (step.kind, step.rows_in, step.rows_out, step.rows_quarantined, step.issues) for step in found.statistics
    ] == [
        ("filter", 4, 3, 0, 0),
        ("dedupe", 3, 2, 0, 1),
        ("check", 2, 1, 1, 1),
    ]


def test_rule_33_retention_is_output_rows_over_input_rows_and_none_without_rows() -> None:
    assert done(Dedupe(by=("id",))).retention == Fraction(3, 4)
    assert done(Dedupe(by=("id",)), table=SALES.take([])).retention is None
    assert done(Dedupe(by=("id",)), table=SALES.take([])).statistics[0].retention is None


@pytest.mark.parametrize(
    ("operation", "error", "said"),
    [
        (Dedupe(by=("isrc",)), ColumnMissing, "isrc"),
        (Normalise(columns=("streams",)), ColumnMismatch, "only texts"),
        (Rename(names={"x": "y"}), ColumnMissing, "x"),
        (Rename(names={"id": "artist"}), ColumnMismatch, "same name"),
        (Select(columns=("x",)), ColumnMissing, "x"),
        (Derive(name="n", expression="revenue / 3", holds="integer"), ExpressionInvalid, "is no integer"),
        (Derive(name="n", expression="streams / 3"), ExpressionInvalid, "places="),
        (Derive(name="n", expression="revenue * 2", places=1), ExpressionInvalid, "places are for decimals"),
        (Derive(name="n", expression="x"), ExpressionInvalid, "x"),
        (Filter(expression="streams"), ExpressionInvalid, "needs a condition"),
        (Check(rules=(BusinessRule(column="artist", minimum="a"),)), DefinitionError, "no minimum"),
        (Check(rules=(BusinessRule(column="streams", minimum="1,5"),)), DefinitionError, "1,5"),
        (Check(rules=(BusinessRule(column="day", minimum="31.3.2024"),)), DefinitionError, "31.3.2024"),
        (Check(rules=(BusinessRule(column="revenue", minimum="0.001"),)), DefinitionError, "0.001"),
        (Convert(column="streams", to="USD", date="day", rates=(ECB,)), ColumnMismatch, "money is needed"),
        (Convert(column="revenue", to="USD", date="artist", rates=(ECB,)), ColumnMismatch, "date is needed"),
        (Convert(column="revenue", to="USD", date="day", rates="ecb"), ColumnMissing, "no input 'ecb'"),
        (Convert(column="revenue", to="XXX", date="day", rates=(ECB,)), CurrencyUnknown, "XXX"),
        (Convert(column="revenue", to="USD", date="day", rates=({"base": "EUR"},)), RateInvalid, "row 1"),
        (Share(column="revenue", parties=(Party(name="a", percent="70"),)), PercentagesDoNotSum, "100"),
        (Share(column="revenue", parties=(Party(name="id", percent="100"),)), ColumnMismatch, "another name"),
        (Share(column="revenue", parties=(Party(name="a", percent_column="artist"),)), ColumnMismatch, "are numbers"),
        (Join(input="x", by=("id",)), ColumnMissing, "no input 'x'"),
        (Group(by=("id",), totals=(Total(column="artist"),)), ColumnMismatch, "does not add up"),
        (Group(by=("id",), rows="id"), ColumnMismatch, "the same name"),
        (Group(), ColumnMismatch, "needs columns"),
        (Sort(by=("x",)), ColumnMissing, "x"),
        (Top(count=1, by=("x",)), ColumnMissing, "x"),
    ],
)
def test_what_cannot_be_right_is_refused_before_the_first_row_and_named(
    operation: Operation, error: type[AgentKitError], said: str
) -> None:
    told: list[str] = []
    with pytest.raises(error, match=rf"operation 2 \({operation.kind}\)") as refused:
        process(SALES, [Sort(by=("id",)), operation], progress=lambda _done, _total, what: told.append(what))

    assert said in str(refused.value)
    assert told == []


def test_what_is_no_operation_is_refused() -> None:
    with pytest.raises(DefinitionError, match="give one of"):
        process(SALES, [{"kind": "sort"}])  # type: ignore[list-item]  # what a caller without a type checker may do


def test_progress_is_told_at_both_ends_and_on_the_way() -> None:
    told: list[tuple[int, int | None, str]] = []
    many = Table.of([Column(name="n", kind="integer")], [(number,) for number in range(2500)])
    process(many, [Derive(name="m", expression="n + 1")], progress=lambda *args: told.append(args))

    assert told == [(done, 2500, "derive") for done in (0, 1000, 2000, 2500)]


def test_operations_come_from_plain_data_told_apart_by_their_kind() -> None:
    given: list[object] = [
        {"kind": "dedupe", "by": ["id"]},
        {"kind": "derive", "name": "month", "expression": "month(day)"},
        {"kind": "check", "rules": [{"column": "artist", "required": True}]},
        {"kind": "share", "column": "revenue", "parties": [{"name": "creator", "percent": "70"}], "remainder": "label"},
        {"kind": "group", "by": ["month"], "totals": [{"column": "creator"}]},
    ]
    operations = TypeAdapter(list[Operation]).validate_python(given)

    assert operations[1] == Derive(name="month", expression="month(day)")
    assert list(process(SALES, operations).table.rows()) == [("2024-03", eur("2.17")), ("2024-05", eur("1.58"))]


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "sing"},
        {"by": ["id"]},
        {"kind": "dedupe", "by": []},
        {"kind": "dedupe", "by": ["id"], "keep": "last"},
        {"kind": "check", "rules": [{"column": "id", "minimun": "1"}]},
        {"kind": "dedupe", "by": "id"},
        {"kind": "top", "count": 0, "by": ["id"]},
        {"kind": "share", "column": "revenue", "parties": [{"name": "a"}]},
        {"kind": "derive", "name": "a", "expression": "1", "rounding": "UP"},
    ],
)
def test_data_that_is_no_operation_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Operation).validate_python(given)
