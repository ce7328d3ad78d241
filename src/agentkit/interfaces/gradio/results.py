"""What came out of a run, as people read it: amounts, tables, texts; whole, it is there as JSON besides.

Rules: a value is data, shown digit by digit as it is. What is too large to be read is cut, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard, cast

from pydantic import JsonValue

from agentkit.screens import amount_text, count_text, duration_text, percent_text
from agentkit.wire import ResultPage

from .markup import cell, line, page, paragraphs, told

__all__ = ["result"]

_Rows: TypeAlias = Sequence[Mapping[str, JsonValue]]

_MOST_ROWS: Final = 200
_MOST_COLUMNS: Final = 30
_MOST_DEPTH: Final = 4
_LONG: Final = 200


def result(found: ResultPage) -> str:
    """The output of a run, and what is to be known about it."""
    notes = [f"took {duration_text(found.seconds)}"]
    if found.confidence < 1:
        notes.append(f"confidence {percent_text(found.confidence)}")
    less = [
        *(f"{name}: left out, since it failed" for name in found.missing),
        *(f"{name}: less than was asked for" for name in found.degraded),
        *(f"{name}: by {agent}, in place of the agent that failed" for name, agent in found.fallbacks.items()),
    ]
    return page(
        "<h2>Result</h2>",
        told("Not everything went as planned", *map(line, less), kind="ask") if less else "",
        _value(found.output, 0),
        f'<p class="ak-quiet">{line(" · ".join(notes))}</p>',
    )


def _value(found: JsonValue, depth: int) -> str:
    match found:
        case None:
            return (
                '<p class="ak-quiet">Nothing was returned.</p>' if not depth else '<span class="ak-quiet">none</span>'
            )
        case dict() if _is_amount(found):
            return f'<span class="ak-amount">{line(amount_text(found))}</span>'
        case list() if _is_table(found):
            return _table(found)
        case dict() if depth < _MOST_DEPTH:
            return _fields(found, depth) if found else '<span class="ak-quiet">(empty)</span>'
        case list() if depth < _MOST_DEPTH:
            return _list(found, depth) if found else '<span class="ak-quiet">(empty)</span>'
        case str() if "\n" in found or len(found) > _LONG:
            return f'<pre tabindex="0">{paragraphs(found)}</pre>'
        case _:
            return f"<span>{line(_short(found), 1_000)}</span>"


def _fields(found: Mapping[str, JsonValue], depth: int) -> str:
    shown = list(found.items())[:_MOST_ROWS]
    rows = "".join(f"<dt>{line(key)}</dt><dd>{_value(one, depth + 1)}</dd>" for key, one in shown)
    return f"<dl>{rows}</dl>{_rest(len(found) - len(shown), 'field')}"


def _list(found: Sequence[JsonValue], depth: int) -> str:
    shown = found[:_MOST_ROWS]
    items = "".join(f"<li>{_value(one, depth + 1)}</li>" for one in shown)
    return f"<ul>{items}</ul>{_rest(len(found) - len(shown), 'entry', 'entries')}"


def _table(rows: _Rows) -> str:
    columns = list(dict.fromkeys(key for row in rows[:_MOST_ROWS] for key in row))
    shown = columns[:_MOST_COLUMNS]
    figures = {key for key in shown if all(_is_figure(row.get(key)) for row in rows[:_MOST_ROWS])}
    head = "".join(f"<th{' class=ak-figure' if key in figures else ''}>{line(key)}</th>" for key in shown)
    body = "".join(
        "<tr>" + "".join(cell(line(_short(row.get(key))), is_figure=key in figures) for key in shown) + "</tr>"
        for row in rows[:_MOST_ROWS]
    )
    return (
        f'<div class="ak-scroll" tabindex="0" role="region" aria-label="{count_text(len(rows), "row")}"><table><thead>'
        f"<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f'<p class="ak-quiet">{count_text(len(rows), "row")}</p>'
        + _rest(len(rows) - _MOST_ROWS, "row")
        + _rest(len(columns) - len(shown), "column")
    )


def _rest(count: int, one: str, many: str = "") -> str:
    if count <= 0:
        return ""
    return f'<p class="ak-quiet">{count_text(count, f"more {one}", f"more {many}" if many else "")}: see it as JSON</p>'


def _is_table(found: Sequence[JsonValue]) -> TypeGuard[_Rows]:
    return bool(found) and all(isinstance(row, dict) and row and all(map(_is_short, row.values())) for row in found)


def _is_amount(found: object) -> TypeGuard[Mapping[str, JsonValue]]:
    if not isinstance(found, dict):
        return False
    given = cast("Mapping[str, JsonValue]", found)
    return set(given) == {"amount", "currency"} and isinstance(given["currency"], str)


def _is_short(found: JsonValue) -> bool:
    if isinstance(found, dict | list):
        return _is_amount(found)
    return not isinstance(found, str) or len(found) <= _LONG


def _is_figure(found: JsonValue) -> bool:
    if isinstance(found, bool):
        return False
    return found is None or isinstance(found, int | float) or _is_amount(found)


def _short(found: JsonValue) -> str:
    """A short value as it stands in a cell."""
    match found:
        case None:
            return ""
        case bool():
            return "yes" if found else "no"
        case dict():
            return amount_text(found) if _is_amount(found) else str(found)
        case _:
            return str(found)
