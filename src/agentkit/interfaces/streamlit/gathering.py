"""Input from elsewhere: a file that somebody uploads, or an address that answers with data.

Rules: files and addresses are read by `agentkit.data`, which bounds what they may bring and reaches no private network.
An address is asked when somebody presses the button, and never by itself; a file is read once. A file of JSON is the
input as it stands; if only its list fits, into a field, that goes there as it stands.
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
from streamlit.runtime.uploaded_file_manager import UploadedFile

from agentkit.data import Access, FileSource, HttpSource, Table, extract
from agentkit.errors import AgentKitError, FormInvalid, InputError
from agentkit.screens import Form, JsonField, ListField, count_text

from .drafts import Draft, Taken
from .filling import Filling
from .labels import label
from .showing import written
from .states import failure
from .tables import table
from .widgets import Place

__all__ = ["from_address", "from_file"]

_ANYTHING: Final = Form.of(None)
"""Reads any JSON."""


def from_file(draft: Draft, filling: Filling) -> Callable[[], JsonValue]:
    """Draw the choice of a file; what reads the input out of it."""
    at = f"{filling.name}#file"

    def heard() -> None:
        # Whoever takes a file away means it; one that is gone with its widget is kept.
        if st.session_state[at] is None:
            draft.file = None

    types = ["json", "csv", "tsv", "xlsx", "jsonl", "parquet"]
    given = st.file_uploader("File with the input, or with rows for it", type=types, key=at, on_change=heard)
    if given is not None and (draft.file is None or draft.file.upload != given.file_id):
        draft.file = _taken(draft.form, Path(given.name).name, given)
    taken = draft.file
    if taken is None:
        return _nothing("choose a file first")
    if given is None:
        _kept(draft, taken)
    if taken.wrong is not None:
        failure(taken.wrong)
        return _nothing("choose another file")
    if taken.rows is None:
        return lambda: draft.form.read_text(taken.text)
    return _placed(draft, filling, taken.rows)


def _kept(draft: Draft, taken: Taken) -> None:
    """Draw that a file is still there which was chosen before."""

    def remove() -> None:
        draft.file = None

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/description: {label(taken.name)}, chosen before", width="content")
        st.button("Remove it", icon=":material/delete:", key=f"{draft.key}#unfile", on_click=remove, type="tertiary")


def _taken(form: Form, name: str, given: UploadedFile) -> Taken:
    """Read a file that was chosen."""
    try:
        if not name.lower().endswith(".json"):
            return Taken(name, given.file_id, _rows_of_file(name, given.getvalue()))
        text = _decoded(given.getvalue())
        rows = None if _is_whole(form, text) else cast("Sequence[JsonValue]", _ANYTHING.read_text(text))
        return Taken(name, given.file_id, rows, text)
    except AgentKitError as error:
        return Taken(name, given.file_id, wrong=error)


def _is_whole(form: Form, text: str) -> bool:
    """Whether JSON is meant as the input itself, and not as rows for one of its lists."""
    try:
        form.read_text(text)
    except FormInvalid:
        return not text.lstrip().startswith("[") or not _places(form)
    return True


def from_address(draft: Draft, filling: Filling) -> Callable[[], JsonValue]:
    """Draw the choice of an address; what reads the input out of its answer."""
    kept = f"{draft.name}#rows"
    url = _line(filling.place(f"{filling.name}#url", ""), "Address of the data", "https://example.com/sales.json")
    at = filling.place(f"{filling.name}#records", "")
    records = _line(at, "Where its rows are (optional)", "data.items", about="In JSON only.")
    if st.button("Fetch", icon=":material/cloud_download:", key=f"{filling.name}#fetch", disabled=not url):
        st.session_state.pop(kept, None)
        try:
            st.session_state[kept] = _rows_of_address(url, records)
        except AgentKitError as error:
            failure(error)
    rows = st.session_state.get(kept)
    if rows is None:
        return _nothing("fetch the data first")
    return _placed(draft, filling, cast("Sequence[JsonValue]", rows))


def _line(at: Place, words: str, example: str, *, about: str | None = None) -> str:
    return st.text_input(words, str(at.start), key=at.key, placeholder=example, help=about, on_change=at.heard)


def _placed(draft: Draft, filling: Filling, rows: Sequence[JsonValue]) -> Callable[[], JsonValue]:
    """Draw where rows belong, and the fields beside them; what reads both together."""
    shown = [row if isinstance(row, dict) else {"value": row} for row in rows[:100]]
    columns = dict.fromkeys(name for row in shown for name in row)
    table([{name: _cell(row.get(name)) for name in columns} for row in shown], count_text(len(rows), "row"))
    st.caption(count_text(len(rows), "row") + (", the first 100 are shown" if len(rows) > 100 else ""))
    form, places = draft.form, _places(draft.form)
    if not places:
        return lambda: form.read_text(_json(rows))
    at = filling.place(f"{filling.name}#place", next(iter(places)))
    first = list(places).index(str(at.start)) if at.start in places else 0
    place = st.selectbox(
        "Rows go into", list(places), first, format_func=places.__getitem__, key=at.key, on_change=at.heard
    )
    held = filling.draw(form, draft.begun, without=place)
    return lambda: form.read({**held, place: form.fill({place: cast("JsonValue", list(rows))})[place]})


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
