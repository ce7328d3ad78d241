"""Input from elsewhere: a file that somebody uploads, or an address that answers with data.

Rules: files and addresses are read by `agentkit.data`, which bounds what they may bring and reaches no private network.
An address is asked when somebody presses the button, and never by itself. A file of JSON is the input as it stands; if
only its list fits, into a field, that goes there as it stands.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

import streamlit as st
from pydantic import JsonValue

from agentkit.data import Access, FileSource, HttpSource, Table, extract
from agentkit.errors import AgentKitError, FormInvalid, InputError
from agentkit.screens import Form, JsonField, ListField, count_text

from .filling import Filling
from .showing import written
from .states import failure
from .tables import table

__all__ = ["from_address", "from_file"]

_ANYTHING: Final = Form.of(None)
"""Reads any JSON."""


def from_file(filling: Filling, form: Form, start: Mapping[str, object]) -> Callable[[], JsonValue]:
    """Draw the choice of a file; what reads the input out of it."""
    types = ["json", "csv", "tsv", "xlsx", "jsonl", "parquet"]
    given = st.file_uploader("File with the input, or with rows for it", type=types, key=f"{filling.name}#file")
    if given is None:
        return _nothing("choose a file first")
    content, name = given.getvalue(), Path(given.name).name
    try:
        if name.lower().endswith(".json"):
            return _from_json(filling, form, start, _decoded(content))
        rows = _rows_of_file(name, content)
    except AgentKitError as error:
        failure(error)
        return _nothing("choose another file")
    return _placed(filling, form, start, rows)


def _from_json(filling: Filling, form: Form, start: Mapping[str, object], text: str) -> Callable[[], JsonValue]:
    """What reads the input out of JSON: the whole of it if that fits, or else its list into a field."""

    def whole() -> JsonValue:
        return form.read_text(text)

    try:
        whole()
    except FormInvalid:
        if not text.lstrip().startswith("[") or not _places(form):
            return whole
    else:
        return whole
    return _placed(filling, form, start, cast("Sequence[JsonValue]", _ANYTHING.read_text(text)))


def from_address(filling: Filling, form: Form, start: Mapping[str, object]) -> Callable[[], JsonValue]:
    """Draw the choice of an address; what reads the input out of its answer."""
    kept = f"{filling.name}#rows"
    url = st.text_input("Address of the data", key=f"{filling.name}#url", placeholder="https://example.com/sales.json")
    records = st.text_input(
        "Where its rows are (optional)", key=f"{filling.name}#records", placeholder="data.items", help="In JSON only."
    )
    if st.button("Fetch", icon=":material/cloud_download:", key=f"{filling.name}#fetch", disabled=not url):
        st.session_state.pop(kept, None)
        try:
            st.session_state[kept] = _rows_of_address(url, records)
        except AgentKitError as error:
            failure(error)
    rows = st.session_state.get(kept)
    if rows is None:
        return _nothing("fetch the data first")
    return _placed(filling, form, start, cast("Sequence[JsonValue]", rows))


def _placed(
    filling: Filling, form: Form, start: Mapping[str, object], rows: Sequence[JsonValue]
) -> Callable[[], JsonValue]:
    """Draw where rows belong, and the fields beside them; what reads both together."""
    shown = [row if isinstance(row, dict) else {"value": row} for row in rows[:100]]
    columns = dict.fromkeys(name for row in shown for name in row)
    table([{name: _cell(row.get(name)) for name in columns} for row in shown], count_text(len(rows), "row"))
    st.caption(count_text(len(rows), "row") + (", the first 100 are shown" if len(rows) > 100 else ""))
    places = _places(form)
    if not places:
        return lambda: form.read_text(_json(rows))
    place = st.selectbox("Rows go into", list(places), format_func=lambda one: places[one], key=f"{filling.name}#place")
    held = filling.draw(form, start, without=place)
    taken = form.fill({place: cast("JsonValue", list(rows))})[place]
    return lambda: form.read({**held, place: taken})


def _places(form: Form) -> Mapping[str, str]:
    """The fields that rows may go into: their labels by their keys."""
    return {one.key: one.label for one in form.fields if isinstance(one, ListField | JsonField) and one.path}


def _rows_of_file(name: str, content: bytes) -> Sequence[JsonValue]:
    with TemporaryDirectory() as folder:
        path = f"upload{Path(name).suffix}"
        (Path(folder) / path).write_bytes(content)
        return _records(FileSource(name=name or "file", path=path), Access(root=folder))


def _rows_of_address(url: str, records: str) -> Sequence[JsonValue]:
    return _records(HttpSource(name="address", url=url, records=records, attempts=2), Access())


def _records(source: FileSource | HttpSource, access: Access) -> Sequence[JsonValue]:
    """The rows of a source. A thread of the page has no loop of its own, so it gets one for this."""
    done = asyncio.run(extract([source], access=access))
    table: Table = done.tables[source.name]
    return [{name: _value(cell) for name, cell in record.items()} for record in table.records()]


def _value(cell: object) -> JsonValue:
    """A cell as JSON; what JSON would round stays a text."""
    return cell if cell is None or isinstance(cell, bool | int | str) else str(cell)


def _cell(found: JsonValue) -> str:
    return json.dumps(found, ensure_ascii=False) if isinstance(found, dict | list) else written(found)


def _json(rows: Sequence[JsonValue]) -> str:
    return json.dumps(list(rows), ensure_ascii=False)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except ValueError as error:
        raise InputError("this file is no text in UTF-8") from error


def _nothing(words: str) -> Callable[[], JsonValue]:
    def read() -> JsonValue:
        raise InputError(words)

    return read
