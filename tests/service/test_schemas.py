"""What workflows take, as JSON Schema, and what a form makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import pytest
from pydantic import Field, JsonValue

from agentkit import Stage, Task, Workflow, agent
from agentkit.errors import FormInvalid
from agentkit.screens import Form
from agentkit.service.schemas import input_schema


@dataclass(frozen=True)
class Order:
    price: Decimal
    rebate: Annotated[Decimal | None, Field(ge=0)] = None
    rows: Mapping[str, Decimal] | None = None
    remark: float | str = ""


@agent
def book(task: Task[Order]) -> str:
    return str(task.input.price)


@pytest.fixture
def form() -> Form:
    return Form.of(input_schema(Workflow("book", [Stage("book", agent="book")]), {"book": book}))


@pytest.mark.parametrize(
    ("field", "given"),
    [("price", "a lot"), ("price", "12,50"), ("rebate", "none"), ("rows", [{"key": "one", "value": "much"}])],
)
def test_a_word_in_a_field_of_a_decimal_is_told_beside_it(form: Form, field: str, given: JsonValue) -> None:
    with pytest.raises(FormInvalid) as caught:
        form.read({**form.blank(), "price": "12.50", field: given})

    assert [path.split("/")[1] for path in caught.value.faults] == [field]


def test_what_is_a_number_or_a_text_takes_words_all_the_same(form: Form) -> None:
    read = form.read({"price": "12.50", "remark": "soon"})

    assert read == {"price": "12.50", "remark": "soon"}
