"""Numbers are read by their shapes, and are what the careful reader reads."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import Column, Field, Schema, Table, clean
from agentkit.data.cleaning.columns import decided_form, made
from agentkit.data.cleaning.reading import Problem, Reader
from agentkit.data.cleaning.shapes import digits_of, plan_of, shape_of
from agentkit.data.cleaning.texts import are_tidy

from .test_parity import COUNTRIES, number_fields, numbers


@given(number_fields(), st.lists(numbers, min_size=1, max_size=5), st.sampled_from([None, *COUNTRIES, "XYZ"]))
def test_a_number_read_by_its_shape_is_what_the_careful_reader_reads(
    field: Field, texts: list[str], context: str | None
) -> None:
    reader = Reader(field, decided_form(field, texts))

    for text in texts:
        plan = plan_of(reader, shape_of(text), context)
        if plan is None:
            continue
        number = int(digits_of([text])[0]) * plan.factor
        careful = reader.read(text, context)
        if plan.least <= number <= plan.most:
            assert repr(number if field.kind == "integer" else made(plan, number)) == repr(careful)
            assert plan.mended == reader.is_mended(text, careful)  # type: ignore[arg-type]  # it is no problem
        else:
            assert isinstance(careful, Problem)
            assert careful.code == "out_of_range"


@pytest.mark.parametrize("text", ["12.50", "1,234.50", "$ 12.50", "-12.50", "12.50 USD"])
def test_usual_amounts_have_a_plan(text: str) -> None:
    reader = Reader(Field(name="price", kind="money", currency="USD"))

    assert plan_of(reader, shape_of(text), None) is not None


@pytest.mark.parametrize("text", ["", "n/a", "1.234", "0", "007.50", "1\u06632.50", "9" * 19, "12.505"])
def test_what_is_not_plain_has_no_plan(text: str) -> None:
    reader = Reader(Field(name="price", kind="money", currency="USD", decided_by="cell"))

    assert plan_of(reader, shape_of(text), None) is None


@pytest.mark.parametrize("engine", ["python", "polars"])
def test_digits_beyond_64_bits_are_kept_exactly(engine: str) -> None:
    texts = ["9223372036854775807", "9223372036854775808", "123456789012345678901234.5"]
    raw = Table.of([Column(name="ratio")], [(text,) for text in texts])

    found = clean(raw, Schema(fields=[Field(name="ratio", kind="decimal")]), engine=engine)  # type: ignore[arg-type]

    assert list(found.table.column("ratio")) == [Decimal(text) for text in texts]


def test_a_number_of_two_lines_is_read_by_itself_among_numbers_of_one() -> None:
    raw = Table.of([Column(name="price")], [(f"{number}.50",) for number in range(30)] + [("1\n23",), ("a\n1",)])
    schema = Schema(fields=[Field(name="price", kind="decimal")])
    python, polars = clean(raw, schema), clean(raw.on("polars"), schema)
    assert list(polars.table.column("price")) == list(python.table.column("price"))
    assert polars.quarantine == python.quarantine
    assert [row.row for row in polars.quarantine] == [31, 32]


def test_texts_are_tidy_together_just_if_each_of_them_is() -> None:
    odd = ["", " a", "a ", "a  b", "a\tb", "a\nb", "\x7f", "é", "\n"]
    assert are_tidy(["a", "a b", "!~"])
    assert not any(are_tidy(texts) for one in odd for texts in ([one], [one, "a"], ["a", one], ["a", one, "b"]))
