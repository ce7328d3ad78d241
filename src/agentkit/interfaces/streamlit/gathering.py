"""Input from elsewhere: a file that somebody uploads, or an address that answers with data.

Rules: files and addresses are read by `agentkit.data`, which bounds what they may bring and reaches no private network.
An address is asked when somebody presses the button, and never by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import streamlit as st
from pydantic import JsonValue

from agentkit.data import Access, FileSource, HttpSource, Table, extract
from agentkit.errors import AgentKitError, InputError
from agentkit.screens import Form, JsonField, ListField, count_text

from .filling import Filling
from .showing import written
from .states import failure
from .tables import table

__all__ = ["from_address", "from_file"]


def from_file(filling: Filling, form: Form, start: Mapping[str, object]) -> Callable[[], JsonValue]:
    """Draw the choice of a file; what reads the input out of it."""
    types = ["json", "csv", "tsv", "xlsx", "jsonl", "parquet"]
    given = st.file_uploader("File with the input, or with rows for it", type=types, key=f"{filling.name}#file")
    if given is None:
        return _nothing("choose a file first")
    content, name = given.getvalue(), Path(given.name).name
    if name.endswith(".json") and not content.lstrip().startswith(b"["):
        return lambda: form.read_text(_decoded(content))
    try:
        rows = _rows_of_file(name, content)
    except AgentKitError as error:
        failure(error)
        return _nothing("choose another file")
    return _placed(filling, form, start, rows)


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
    return _placed(filling, form, start, cast("Sequence[Mapping[str, JsonValue]]", rows))


def _placed(
    filling: Filling, form: Form, start: Mapping[str, object], rows: Sequence[Mapping[str, JsonValue]]
) -> Callable[[], JsonValue]:
    """Draw where rows belong, and the fields beside them; what reads both together."""
    table([{name: written(cell) for name, cell in row.items()} for row in rows[:100]], count_text(len(rows), "row"))
    st.caption(count_text(len(rows), "row") + (", the first 100 are shown" if len(rows) > 100 else ""))
    places = {one.key: one.label for one in form.fields if isinstance(one, ListField | JsonField) and one.path}
    if not places:
        return lambda: form.read_text(_json(rows))
    place = st.selectbox("Rows go into", list(places), format_func=lambda one: places[one], key=f"{filling.name}#place")
    held = filling.draw(form, start, without=place)
    taken = form.fill({place: cast("JsonValue", list(rows))})[place]
    return lambda: form.read({**held, place: taken})


def _rows_of_file(name: str, content: bytes) -> Sequence[Mapping[str, JsonValue]]:
    with TemporaryDirectory() as folder:
        path = f"upload{Path(name).suffix}"
        (Path(folder) / path).write_bytes(content)
        return _records(FileSource(name=name or "file", path=path), Access(root=folder))


def _rows_of_address(url: str, records: str) -> Sequence[Mapping[str, JsonValue]]:
    return _records(HttpSource(name="address", url=url, records=records, attempts=2), Access())


def _records(source: FileSource | HttpSource, access: Access) -> Sequence[Mapping[str, JsonValue]]:
    """The rows of a source. A thread of the page has no loop of its own, so it gets one for this."""
    done = asyncio.run(extract([source], access=access))
    table: Table = done.tables[source.name]
    return [{name: _value(cell) for name, cell in record.items()} for record in table.records()]


def _value(cell: object) -> JsonValue:
    """A cell as JSON; what JSON would round stays a text."""
    return cell if cell is None or isinstance(cell, bool | int | str) else str(cell)


def _json(rows: Sequence[Mapping[str, JsonValue]]) -> str:
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
