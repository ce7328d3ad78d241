"""What a form shows of a value, it gives back: for every kind of field that pydantic describes."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AnyUrl, JsonValue

from agentkit import Money
from agentkit.money import MoneyBag
from agentkit.screens import Form
from tests.screens.forms.kinds import Cat, Colour, Dog, Everything, Level, Open, Share, Tree

EARLY = datetime.fromisoformat("1000-01-01")
letters = st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.sampled_from(['"', '""', '"""', "", " "])
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**6), max_value=10**6)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers().map(float)
zones = st.sampled_from([None, UTC, timezone(timedelta(hours=2))])
json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | letters,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(letters, inner, max_size=3),
    max_leaves=5,
)
shares = st.builds(
    Share,
    author=letters,
    percent=st.decimals(min_value=0, max_value=100, places=2),
    note=st.none() | letters.filter(bool),
)
pets = st.builds(Cat, kind=st.just("cat"), lives=st.integers()) | st.builds(Dog, kind=st.just("dog"), name=letters)
trees: st.SearchStrategy[Tree] = st.recursive(
    st.builds(Tree, name=letters, branches=st.just([])),
    lambda inner: st.builds(Tree, name=letters, branches=st.lists(inner, max_size=2)),
    max_leaves=6,
)
moneys = st.builds(
    Money, st.decimals(min_value=-1000, max_value=1000, places=2).map(str), st.sampled_from(["EUR", "USD"])
)
everything = st.builds(
    Everything,
    text=letters,
    short=st.text("abc", min_size=1, max_size=5),
    empty=letters,
    maybe_text=st.none() | letters,
    secret_hint=letters,
    whole=st.integers(),
    bounded=st.integers(1, 9),
    number=numbers,
    half=st.integers(0, 20).map(lambda half: half / 2),
    exact=decimals,
    price=st.decimals(min_value="0.01", max_value=10**9, places=2),
    maybe_exact=st.none() | decimals,
    maybe_flag=st.none() | st.booleans(),
    moment=st.datetimes(min_value=EARLY, timezones=st.just(UTC)),
    clock=st.times(timezones=zones),
    day=st.dates(),
    address=st.sampled_from([AnyUrl("https://example.com/a?b=c"), AnyUrl("mailto:ada@example.com")]),
    level=st.sampled_from(Level),
    colour=st.sampled_from(Colour),
    shares=st.lists(shares, min_size=1, max_size=3),
    share=shares,
    maybe_share=st.none() | shares,
    many=st.lists(decimals, max_size=3).map(tuple),
    counts=st.dictionaries(letters, st.integers(), max_size=3),
    by_colour=st.dictionaries(st.sampled_from(Colour), decimals),
    nested=st.dictionaries(letters, st.lists(st.integers(), max_size=2), max_size=2),
    free=st.dictionaries(letters, json_values, max_size=3),
    pet=pets,
    either=st.integers() | letters,
    tree=trees,
    window=st.builds(
        lambda start, end: {"start": start, **end},
        st.dates(),
        st.just({}) | st.builds(lambda day: {"end": day}, st.dates()),
    ),
    anything=json_values,
    money=moneys,
    maybe_money=st.none() | moneys,
    bag=st.lists(moneys, max_size=3).map(MoneyBag),
    open=st.builds(
        lambda name, more: Open(name=name, **more), letters, st.dictionaries(st.sampled_from("abc"), json_values)
    ),
    raw=letters.map(str.encode),
    coded=st.binary(max_size=20).map(b64encode),
)
FORM = Form.of(Everything.model_json_schema())


@settings(max_examples=50, deadline=None)
@given(everything)
def test_what_is_filled_in_for_a_value_reads_as_this_value(made: Everything) -> None:
    value: dict[str, JsonValue] = json.loads(made.model_dump_json())

    again = FORM.read(FORM.fill(value))

    assert again == value
    assert json.dumps(again, sort_keys=True) == json.dumps(value, sort_keys=True)
    assert Everything.model_validate_json(json.dumps(again)) == made


def test_a_number_below_zero_by_nothing_stays_one() -> None:
    form = Form.of({"type": "object", "properties": {"n": {"type": "number"}}})

    assert str(form.read(form.fill({"n": -0.0}))) == "{'n': -0.0}"


def test_what_is_no_file_is_left_out_and_is_never_taken_for_a_path() -> None:
    form = Form.of({"type": "object", "properties": {"f": {"type": "string", "format": "base64"}}})

    assert form.fill({"f": "/etc/hostname"})["f"] is None
    assert form.fill({"f": "../runs.db"})["f"] is None
