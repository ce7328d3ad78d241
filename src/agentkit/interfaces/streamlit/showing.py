"""Values as people read them: tables, amounts, charts, texts; and whole, as JSON.

Rules: a value is data. Amounts stay exact, since they are shown as texts; only a chart rounds them to its pixels. What
is too large to be read is not drawn, but can be had whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, cast

import streamlit as st
from pydantic import JsonValue

from agentkit.screens import amount_text, count_text

from .labels import label
from .tables import EXACT, chart, fields, metric, table

__all__ = ["value", "written"]

_Rows: TypeAlias = Sequence[Mapping[str, JsonValue]]

_MOST_ROWS: Final = 1_000
_MOST_FIELDS: Final = 100
_MOST_BARS: Final = 40
_MOST_LETTERS: Final = 20_000
_MOST_DEPTH: Final = 3


def value(found: JsonValue, *, name: str, depth: int = 0) -> None:
    """Draw a value.

    Args:
        found: The value.
        name: What it is called among the widgets of the page, and as a file.
        depth: In how many others it lies.
    """
    match found:
        case None:
            st.text("Nothing")
        case bool():
            st.text("yes" if found else "no")
        case str():
            _text(found)
        case int() | float():
            st.text(str(found))
        case dict() if _is_amount(found):
            metric("Amount", amount_text(found), is_bare=True)
        case list() if (rows := _rows(found)) is not None:
            _table(rows, name)
        case dict() if depth < _MOST_DEPTH and len(found) <= _MOST_FIELDS:
            _fields(found, name, depth)
        case _:
            st.json(json.dumps(found, ensure_ascii=False)[:_MOST_LETTERS] if _is_small(found) else _cut(found))


def _text(found: str) -> None:
    if "\n" in found or len(found) > 300:
        st.code(found[:_MOST_LETTERS], language=None, wrap_lines=True)
    else:
        st.text(found or "(an empty text)")


def _fields(found: Mapping[str, JsonValue], name: str, depth: int) -> None:
    """Draw what has names: short things in one table, each other under its name."""
    short = {key: written(one) for key, one in found.items() if _is_plain(one)}
    if short:
        fields(short, count_text(len(short), "field"))
    for key, one in found.items():
        if key not in short:
            st.markdown(f"**{label(key)}**")
            value(one, name=f"{name}/{key}", depth=depth + 1)
    if not found:
        st.text("(no fields)")


def _table(rows: _Rows, name: str) -> None:
    """Draw rows as a table, and as bars where that says more."""
    shown = [{key: written(one) for key, one in row.items()} for row in rows[:_MOST_ROWS]]
    words = count_text(len(rows), "row")
    table(shown, words, **dict.fromkeys(_numbers(rows), EXACT))
    st.caption(words if len(rows) <= _MOST_ROWS else f"{words}; the first {_MOST_ROWS} are shown")
    if (picture := _bars(rows)) is not None:
        with st.expander("As a chart", icon=":material/bar_chart:", key=f"chart/{name}"):
            chart(picture, f"A bar for each of {words}")


def _bars(rows: _Rows) -> dict[str, object] | None:
    """A bar for each row, if one column names them and one is numbers."""
    columns = list(rows[0])
    numbers = _numbers(rows)
    names = [key for key in columns if key not in numbers and all(isinstance(row.get(key), str) for row in rows)]
    if not 2 <= len(rows) <= _MOST_BARS or not numbers or not names:
        return None
    bars = [{"name": row[names[0]], "number": _number(row[numbers[0]])} for row in rows]
    return {
        "data": {"values": bars},
        "height": {"step": 28},
        "mark": {"type": "bar", "cornerRadius": 2},
        "encoding": {
            "x": {"field": "number", "type": "quantitative", "title": numbers[0]},
            "y": {"field": "name", "type": "nominal", "title": names[0], "sort": None},
            "tooltip": [{"field": "name", "type": "nominal"}, {"field": "number", "type": "quantitative"}],
        },
    }


def _numbers(rows: _Rows) -> Sequence[str]:
    """The columns that hold numbers or amounts, and nothing else."""
    return [key for key in rows[0] if all(_number(row.get(key)) is not None for row in rows)]


def _rows(found: Sequence[JsonValue]) -> _Rows | None:
    """The rows of a table, if a list is one."""
    if not found or not all(isinstance(row, dict) and all(map(_is_plain, row.values())) for row in found):
        return None
    return cast("_Rows", found)


def _is_amount(found: Mapping[str, JsonValue]) -> bool:
    return set(found) == {"amount", "currency"} and isinstance(found["currency"], str)


def _is_plain(found: JsonValue) -> bool:
    if isinstance(found, dict):
        return _is_amount(found)
    return not isinstance(found, list) and not (isinstance(found, str) and ("\n" in found or len(found) > 300))


def written(found: JsonValue) -> str:
    """A short value as it stands in a cell: always a text, so that no digit is lost."""
    match found:
        case None:
            return ""
        case bool():
            return "yes" if found else "no"
        case dict():
            return amount_text(found)
        case _:
            return str(found)


def _number(found: JsonValue) -> float | None:
    """The number that a bar is as long as."""
    if isinstance(found, dict) and _is_amount(found):
        found = found["amount"]
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    try:
        return float(found)
    except ValueError:
        return None


def _is_small(found: JsonValue) -> bool:
    return len(json.dumps(found)) <= _MOST_LETTERS


def _cut(found: JsonValue) -> str:
    return json.dumps({"too large to be shown": f"{len(json.dumps(found)):,} letters; download it"})
