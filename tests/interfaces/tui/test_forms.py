"""Forms on the screen: each kind of field shows a value and gives it back, and says at its place what is wrong."""

import json
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Base64Bytes, BaseModel, Field, JsonValue, SecretStr, TypeAdapter
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Button, Checkbox, Input, Select

from agentkit import Money
from agentkit.errors import InputError
from agentkit.interfaces.tui.form_view import FormView
from agentkit.interfaces.tui.style import DARK, RULES
from agentkit.screens import Form
from tests.interfaces.tui.stage import screen_text, shown, shows, until

pytestmark = pytest.mark.blocking


class Kind(Enum):
    goods = "goods"
    travel = "travel"


class Line(BaseModel):
    title: str
    amount: Decimal


class Cash(BaseModel):
    way: Literal["cash"]
    desk: int


class Transfer(BaseModel):
    way: Literal["transfer"]
    iban: str


class Everything(BaseModel):
    name: str
    count: int = Field(ge=1)
    price: Decimal
    total: Money
    due: date
    urgent: bool
    kind: Kind
    tags: list[Literal["a", "b", "c"]]
    lines: list[Line]
    address: Line
    further: Line | None
    notes: dict[str, int]
    pays: Annotated[Cash | Transfer, Field(discriminator="way")]
    secret: SecretStr
    anything: Any


GIVEN: dict[str, JsonValue] = {
    "name": "[b]ACME[/b]",
    "count": 3,
    "price": "12.50",
    "total": {"amount": "1234.50", "currency": "EUR"},
    "due": "2026-12-24",
    "urgent": True,
    "kind": "travel",
    "tags": ["a", "c"],
    "lines": [{"title": "one", "amount": "1.10"}, {"title": "two", "amount": "2.20"}],
    "address": {"title": "street", "amount": "0"},
    "further": None,
    "notes": {"x": 1, "y": 2},
    "pays": {"way": "transfer", "iban": "DE00"},
    "secret": "hush",
    "anything": {"deep": [1, None]},
}
SCHEMA = TypeAdapter(Everything).json_schema()


class Sheet(App[None]):
    """A form and nothing else."""

    CSS = RULES

    def __init__(self, form: Form, values: dict[str, object] | None = None) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self._view = FormView(form, values)

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield self._view

    @property
    def view(self) -> FormView:
        return self._view


async def test_every_kind_of_field_gives_back_the_value_that_it_shows() -> None:
    form = Form.of(SCHEMA)
    sheet = Sheet(form, form.fill(GIVEN))
    async with shown(sheet, size=(80, 160)) as pilot:
        value = await sheet.view.value()
        on_screen = screen_text(pilot)

    assert value == GIVEN
    assert "[b]ACME[/b]" in on_screen
    assert "hush" not in on_screen


async def test_a_blank_form_says_everything_that_is_missing_at_its_place() -> None:
    sheet = Sheet(Form.of(SCHEMA))
    async with shown(sheet, size=(80, 160)) as pilot:
        with pytest.raises(InputError):
            await sheet.view.value()
        await shows(pilot, "✗ Fill this in.")
        lines = screen_text(pilot).splitlines()
        place = next(number for number, line in enumerate(lines) if line.strip().startswith("Count"))

        assert "✗ Fill this in." in "".join(lines[place : place + 4])


async def test_a_fault_in_a_list_stands_at_its_row_even_after_rows_came_and_went() -> None:
    schema = TypeAdapter(list[Line]).json_schema()
    sheet = Sheet(Form.of(schema))
    async with shown(sheet, size=(80, 60)) as pilot:
        more, fewer = sheet.query("ListBox .buttons Button").results(Button)
        for button, rows in ((more, 1), (more, 2), (fewer, 1), (more, 2)):
            button.press()
            await until(pilot, lambda: len(sheet.query("ListBox Input")) == 2 * rows, "the rows are there")  # noqa: B023 - it is called before the next turn
        for box, text in zip(sheet.query("ListBox Input").results(Input), ["one", "1", "two", ""], strict=True):
            box.value = text
        with pytest.raises(InputError):
            await sheet.view.value()
        wrong = [box for box in sheet.query(".wrong") if box.display]
        assert len(wrong) == 1
        list(sheet.query("ListBox Input").results(Input))[3].value = "2.50"

        assert await sheet.view.value() == [{"title": "one", "amount": "1"}, {"title": "two", "amount": "2.50"}]


async def test_another_kind_of_value_brings_other_fields() -> None:
    schema = TypeAdapter(Annotated[Cash | Transfer, Field(discriminator="way")]).json_schema()
    sheet = Sheet(Form.of(schema))
    async with shown(sheet, size=(80, 40)) as pilot:
        kind = sheet.query_one("VariantBox > .kind", Select)
        kind.value = sheet.view.form.root.variants[0].key  # type: ignore[union-attr] # it has variants
        await shows(pilot, "Desk")
        sheet.query(Input).last(Input).value = "7"

        assert await sheet.view.value() == {"way": "cash", "desk": 7}


async def test_an_optional_group_is_filled_in_only_if_somebody_wants_it() -> None:
    class Holder(BaseModel):
        line: Line | None = None

    sheet = Sheet(Form.of(Holder.model_json_schema()))
    async with shown(sheet, size=(80, 40)) as pilot:
        assert await sheet.view.value() in ({}, {"line": None})
        sheet.query_one(".fill-in", Checkbox).value = True
        await shows(pilot, "Title")
        title, amount = sheet.query("GroupBox Input").results(Input)
        title.value, amount.value = "one", "1"

        assert await sheet.view.value() == {"line": {"title": "one", "amount": "1"}}


async def test_a_file_is_read_and_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(b"hello")
    schema = TypeAdapter(Base64Bytes).json_schema()
    sheet = Sheet(Form.of(schema))
    async with shown(sheet, size=(80, 20)):
        box = sheet.query_one(Input)
        box.value = str(tmp_path / "nothing")
        with pytest.raises(InputError, match="cannot be read"):
            await sheet.view.value()
        box.value = str(path)

        assert json.dumps(await sheet.view.value()) == '"aGVsbG8="'
