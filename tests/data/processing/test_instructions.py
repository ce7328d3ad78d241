"""Instructions in words: what is understood, and what is refused with what may be meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import (
    Column,
    Convert,
    Dedupe,
    Derive,
    Filter,
    Group,
    Normalise,
    Operation,
    Rename,
    Select,
    Sort,
    Table,
    Top,
    Total,
    process,
    understand,
)
from agentkit.data.processing.instructions.forms import FORMS
from agentkit.data.processing.instructions.reading import VERBS, Clause, clauses_of
from agentkit.errors import InstructionUnclear
from tests.docs.pages import ROOT

COLUMNS = [
    Column(name="id", kind="code"),
    Column(name="artist"),
    Column(name="unit price", kind="money", currency="EUR"),
    Column(name="streams", kind="integer"),
    Column(name="revenue", kind="money", currency="EUR"),
    Column(name="paid", kind="money"),
    Column(name="sold_on", kind="date"),
    Column(name="open", kind="boolean"),
]


@pytest.mark.parametrize(
    ("words", "operations"),
    [
        ("remove duplicates by id", [Dedupe(by=("id",))]),
        ("Please remove the duplicates by ID and artist.", [Dedupe(by=("id", "artist"))]),
        ("dedupe by unit price", [Dedupe(by=("unit price",))]),
        ("drop rows without artist", [Filter(expression="artist is not empty")]),
        ("keep only rows with unit price and id", [Filter(expression="`unit price` is not empty and id is not empty")]),
        ("keep rows where streams is at least 10", [Filter(expression="streams >= 10")]),
        ("drop rows where revenue is below 0.50", [Filter(expression="not (revenue < money(0.50, 'EUR'))")]),
        ("keep rows where paid is over 2 usd", [Filter(expression="paid > money(2, 'USD')")]),
        ("keep rows where artist is not O'Brien", [Filter(expression="artist != 'O''Brien'")]),
        ("keep rows where artist is R&B.", [Filter(expression="artist == 'R&B'")]),
        ('keep rows where artist is "O\'Brien"', [Filter(expression="artist == 'O''Brien'")]),
        ("keep rows where sold on is after 2024-01-31", [Filter(expression="sold_on > date('2024-01-31')")]),
        ("keep rows where open is true", [Filter(expression="open == true")]),
        ("add month", [Derive(name="month", expression="month(sold_on)")]),
        ("add the year of sold_on", [Derive(name="year", expression="year(sold_on)", holds="integer")]),
        ("add revenue per mille", [Derive(name="revenue_per_mille", expression="per_mille(revenue, streams)")]),
        (
            "add revenue per mille of unit price",
            [Derive(name="revenue_per_mille", expression="per_mille(revenue, `unit price`)", places=2)],
        ),
        ("keep the top 10 by revenue", [Top(count=10, by=("revenue",))]),
        ("keep lowest 3 rows by streams", [Top(count=3, by=("streams",), descending=False)]),
        ("top 5 by streams", [Top(count=5, by=("streams",))]),
        ("sort by artist, id descending", [Sort(by=("artist", "id"), descending=True)]),
        ("order rows by id", [Sort(by=("id",))]),
        ("keep only the columns artist and unit price", [Select(columns=("artist", "unit price"))]),
        ("drop column open, paid", [Select(columns=("id", "artist", "unit price", "streams", "revenue", "sold_on"))]),
        ("rename unit price to price", [Rename(names={"unit price": "price"})]),
        ("rename id to 'the id'", [Rename(names={"id": "the id"})]),
        ("normalise artist", [Normalise(columns=("artist",))]),
        ("uppercase artist and id", [Normalise(columns=("artist", "id"), case="upper")]),
        ("sum revenue by artist", [Group(by=("artist",), totals=(Total(column="revenue"),))]),
        ("group by artist", [Group(by=("artist",), rows="rows")]),
        ("convert revenue to usd", [Convert(column="revenue", to="USD", date="sold_on", rates="rates")]),
        ("", []),
    ],
)
def test_words_stand_for_operations(words: str, operations: list[Operation]) -> None:
    assert list(understand(words, COLUMNS).operations) == operations


def test_clauses_follow_each_other_and_know_what_those_before_them_made() -> None:
    words = (
        "Remove duplicates by id, drop rows without artist and add month; add revenue per mille.\n"
        "Then sum revenue, streams by artist and month, rename revenue to total and keep the top 10 by total"
    )
    found = understand(words, COLUMNS)

    assert [phrase.operation.kind for phrase in found.phrases] == [
        *("dedupe", "filter", "derive", "derive", "group", "rename", "top"),
    ]
    assert str(found).startswith("Remove duplicates by id -> dedupe; drop rows without artist -> filter; ")


def test_what_was_understood_is_shown_with_what_came_of_it() -> None:
    table = Table.of(COLUMNS[:2], [("a", "Ibis"), ("a", "Oak")])
    done = process(table, "remove duplicates by id")

    assert done.understood is not None
    assert [phrase.text for phrase in done.understood.phrases] == ["remove duplicates by id"]
    assert len(done.table) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("do magic", "'do magic' stands for no operation"),
        ("don't remove duplicates by id", "stands for no operation"),
        ("do not remove duplicates by id", "stands for no operation"),
        ("remove duplicatesby id", "stands for no operation"),
        ("unremove duplicates by id", "stands for no operation"),
        ("remove duplicates by idx", "there is no column 'idx'; it may be id"),
        ("remove duplicates by id quickly", "there is no column 'quickly'"),
        ("remove duplicates by ids", "there is no column 'ids'; it may be id"),
        ("sort by", "stands for no operation"),
        ("keep the top 10", "it is not said by what; it may be"),
        ("keep the top 0 by streams", "at least one row"),
        ("keep the top ten by streams", "stands for no operation"),
        ("add month of artist", "'artist' holds no dates; it may be sold_on"),
        ("add artist per mille", "'artist' holds no numbers"),
        ("add revenue per mille of sold_on", "'sold_on' holds no numbers"),
        ("sum artist by id", "'artist' has no sum; it may be"),
        ("trim streams", "'streams' holds no texts; it may be"),
        ("convert artist to EUR", "'artist' holds no amounts; it may be"),
        ("keep rows where paid is over 2", "'2' has no currency; it may be 2 EUR"),
        ("keep rows where revenue is over ten", "'ten' is no value of revenue"),
        ("rename id and artist to x", "names 2"),
        ("remove duplicates by id and dance", "there is no column 'dance'"),
        ("keep rows where sold_on is after yesterday", "day of the calendar"),
        ("add month, add month", "there is a column 'month' already"),
        ("keep rows where artist is the who", "put it in quotes"),
        ("keep rows where artist is Ibis and revenue is above 3", "put it in quotes"),
        ("keep rows where artist is Ibis, Oak", "put it in quotes"),
        ("keep rows where revenue is above 1,000", "is no value of revenue"),
        ("rename id to the id", "put it in quotes"),
        ("add month. do magic", "(understood before: add month)"),
        ('sort by "id', "there is no column"),
        ('trim x"5"', "there is no column"),
        ("x" * 4001, "at most 4,000 characters"),
    ],
)
def test_what_is_unclear_is_refused_with_what_may_be_meant(words: str, said: str) -> None:
    with pytest.raises(InstructionUnclear) as unclear:
        understand(words, COLUMNS)

    assert said in str(unclear.value)


def test_of_several_dates_or_numbers_none_is_guessed() -> None:
    two = [*COLUMNS, Column(name="paid_on", kind="date"), Column(name="plays", kind="integer")]

    with pytest.raises(InstructionUnclear, match="it may be sold_on or paid_on"):
        understand("add month", two)
    with pytest.raises(InstructionUnclear, match="it may be streams or plays"):
        understand("add revenue per mille", two)


def test_of_two_columns_that_sound_alike_the_written_name_decides() -> None:
    two = [Column(name="Artist"), Column(name="artist"), Column(name="ARTIST")]

    assert understand("trim artist", two).operations == (Normalise(columns=("artist",)),)
    with pytest.raises(InstructionUnclear, match="the name of several columns"):
        understand("trim arTist", two)


def test_what_is_not_understood_can_be_listed_beside_what_is() -> None:
    found = understand("sing a song, then sort by id", COLUMNS, partly=True)

    assert found.not_understood == ("sing song",)
    assert found.operations == (Sort(by=("id",)),)
    with pytest.raises(InstructionUnclear):
        understand("sing a song", COLUMNS, partly=True)


def test_words_that_name_columns_are_neither_skipped_nor_verbs() -> None:
    columns = [Column(name="a"), Column(name="total", kind="integer"), Column(name="first")]

    assert understand("sort by a, first and total", columns).operations == (Sort(by=("a", "first", "total")),)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.example)
def test_each_form_is_in_the_table_of_the_documentation_and_matches_alone(form: object) -> None:
    found = next(item for item in FORMS if item is form)
    page = (ROOT / "docs" / "how-to" / "add-a-derived-field.md").read_text(encoding="utf-8")
    (clause,) = clauses_of(found.example)

    assert f"| {found.example} | {found.gives} |" in page
    assert [item.example for item in FORMS if item.pattern.fullmatch(clause.text)] == [found.example]
    assert clause.text.split()[0] in VERBS


@given(
    st.lists(st.sampled_from([*sorted(VERBS), "by", "rows", "id", "artist", ",", "and", ".", "10", '"', "top", "the"]))
)
def test_any_words_are_understood_or_refused(words: list[str]) -> None:
    try:
        found = understand(" ".join(words), COLUMNS)
    except InstructionUnclear:
        return
    assert not found.not_understood


def test_a_clause_shows_what_was_quoted() -> None:
    assert list(clauses_of('trim "the, and. name"')) == [Clause(text='trim "0"', quoted=("the, and. name",))]
    assert next(clauses_of('trim "the, and. name"')).said == 'trim "the, and. name"'
