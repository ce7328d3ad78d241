"""Rule 36: what is cleaned comes out the same in both engines, values, issues and statistics."""

from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import Column, CurrencyFrom, Field, Schema, Table, clean, dedupe, measure_quality

BLANKS = ["", " ", "\t", "\u00a0", "\x1c", "\u200b", "n/a", "-"]
FORMS = [
    "{a}", "{a}.{b}", "{a},{b}", "{a}.{b3}", "{a},{b3}", "{a},{b3}.{b}", "{a}.{b3},{b}", "{a} {b3},{b}",
    "0,{b3}", ".{b}",
    "0{a}.{b}", "{a}{a3}{b3}{a3}{b3}{a3}", "{a}.", "{a},-", "{a}'{b3}.{b}", "{a}.{b}{a3}",
    "{a}k", "{a}e2", "{a}\n", "{a}\n{b3}", "{a} %",
]  # fmt: skip
AROUND = [
    "{}", " {} ", "-{}", "\u2212{}", "({})", "{}-", "--{}", "€ {}", "{} €", "${}", "-${}", "EUR {}", "{} USD", "{} XXX",
    "JPY {}", "KWD {}", "\u200b{}", "\uff11{}", "\u0663{}", "{}\x00", "{} CR", "x{}",
]  # fmt: skip
COUNTRIES = {"Germany": "EUR", "Japan": "JPY", "USA": "USD", "Kuwait": "KWD"}


def digits(most: int) -> st.SearchStrategy[str]:
    return st.integers(0, 10**most - 1).map(str)


numbers = st.builds(
    lambda form, around, a, b, a3, b3: around.format(form.format(a=a, b=f"{b:02}", a3=f"{a3:03}", b3=f"{b3:03}")),
    st.sampled_from(FORMS),
    st.sampled_from(["{}", *AROUND]),
    digits(3),
    st.integers(0, 99),
    st.integers(0, 999),
    st.integers(0, 999),
)
dates = st.builds(
    lambda form, d, m, y: form.format(d=d, m=m, y=y),
    st.sampled_from(
        ["{y}-{m:02}-{d:02}", "{d}.{m}.{y}", "{m}/{d}/{y}", "{d}/{m}/{y}", "{d}. May {y}", "{d}/{m}/24", "{y}"]
    ),
    st.integers(0, 32),
    st.integers(0, 13),
    st.integers(2023, 2025),
)
names = st.sampled_from(["Nora Quill", "  Nora   Quill ", "Måne", "Ma\u030ane", "A\x00B", "\ud800", "a\nb", "n/a"])
CELLS = {
    "number": numbers,
    "date": dates,
    "name": names | st.text(max_size=4),
    "country": st.sampled_from([*COUNTRIES, " Japan ", "Atlantis", "XYZ"]),
}
RAW = [Column(name=name) for name in CELLS]


@st.composite
def raw_tables(draw: st.DrawFn) -> Table:
    row = st.tuples(*(st.none() | st.sampled_from(BLANKS) | cells | cells | cells for cells in CELLS.values()))
    table = Table.of(RAW, draw(st.lists(row, max_size=10)), source="raw.csv", first_row=2)
    return table.joined(
        table.take(draw(st.lists(st.integers(0, max(0, len(table) - 1)), max_size=3)) if len(table) else [])
    )


def number_fields() -> st.SearchStrategy[Field]:
    bounds = st.sampled_from([None, "-1", "0.005", 5, "100", 10**20])
    return st.one_of(
        st.builds(
            Field,
            name=st.just("number"),
            kind=st.sampled_from(["integer", "decimal"]),
            required=st.booleans(),
            empty=st.sampled_from([(), ("n/a", "-"), ("0", "5.00")]),
            min=bounds,
            max=bounds,
            locale=st.sampled_from([None, None, "de-DE", "en-US", "ar-EG"]),
            decided_by=st.sampled_from(["column", "cell"]),
            allow=st.sampled_from([(), ("scale", "exponent")]),
            negative=st.sampled_from([None, "CR"]),
        ),
        st.just(Field(name="number", kind="decimal", percent=True)),
        st.just(Field(name="number", kind="integer", allowed=("1", "2", "10"))),
        st.builds(
            Field,
            name=st.just("number"),
            kind=st.just("money"),
            currency=st.sampled_from([None, "EUR", "USD", "JPY", "KWD"]),
            required=st.booleans(),
            min=bounds,
            max=bounds,
            locale=st.sampled_from([None, None, "de-DE", "en-US"]),
            decided_by=st.sampled_from(["column", "cell"]),
            rounding=st.sampled_from([None, None, "ROUND_HALF_EVEN", "ROUND_UP"]),
        ),
        st.builds(
            Field,
            name=st.just("number"),
            kind=st.just("money"),
            currency_from=st.builds(
                CurrencyFrom, column=st.just("country"), codes=st.sampled_from([None, COUNTRIES]), binding=st.booleans()
            ),
            decided_by=st.sampled_from(["column", "cell"]),
        ),
    )


def other_fields() -> st.SearchStrategy[list[Field]]:
    date = st.builds(
        Field,
        name=st.just("date"),
        kind=st.just("date"),
        required=st.booleans(),
        min=st.sampled_from([None, "2024-01-01"]),
        order=st.sampled_from([None, None, "dmy"]),
        decided_by=st.sampled_from(["column", "cell"]),
        two_digit_years_from=st.sampled_from([None, 1970]),
    )
    name = st.builds(
        Field,
        name=st.just("name"),
        kind=st.sampled_from(["text", "code"]),
        required=st.booleans(),
        empty=st.sampled_from([(), ("n/a",)]),
        case=st.sampled_from([None, "upper"]),
        pattern=st.sampled_from([None, r"\w[\w ]+"]),
    )
    marks = Field(name="date", kind="date", orders={".": "dmy"})
    return st.lists(st.one_of(date, name, st.just(marks)), unique_by=lambda field: field.name, max_size=2)


@given(raw_tables(), number_fields(), other_fields())
def test_rule_36_both_engines_clean_alike(raw: Table, number: Field, others: list[Field]) -> None:
    schema = Schema(fields=[number, *others])

    python, polars = clean(raw, schema, engine="python"), clean(raw, schema, engine="polars")

    assert polars.table.engine == "polars"
    assert polars.issues == python.issues
    assert polars.quarantine == python.quarantine
    assert polars.statistics == python.statistics
    assert polars.table.columns == python.table.columns
    assert [*map(repr, polars.table.rows())] == [*map(repr, python.table.rows())]
    assert list(polars.table.origins) == list(python.table.origins)
    assert measure_quality(polars, schema, key=["number"]) == measure_quality(python, schema, key=["number"])


@given(raw_tables(), number_fields(), other_fields())
def test_rule_29_clean_and_quarantine_are_all_that_came_in(raw: Table, number: Field, others: list[Field]) -> None:
    before = list(raw.rows())

    found = clean(raw, Schema(fields=[number, *others]))

    assert list(raw.rows()) == before
    kept, apart = [origin.row for origin in found.table.origins], [row.row for row in found.quarantine]
    assert sorted([*kept, *apart]) == sorted(origin.row for origin in raw.origins)
    assert all(row.issues for row in found.quarantine)


@given(raw_tables(), st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=2, unique=True), st.booleans())
def test_rule_36_both_engines_find_the_same_duplicates(raw: Table, keys: list[str], normalise: bool) -> None:
    python, polars = (dedupe(raw.on(engine), keys, normalise=normalise) for engine in ("python", "polars"))

    assert polars.duplicates == python.duplicates
    assert list(polars.table.rows()) == list(python.table.rows())
