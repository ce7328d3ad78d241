"""HTML by which values show themselves, in notebooks and wherever else HTML is shown.

Rules: text is text: all of it goes through `escaped`, so that nothing in it becomes markup, hides letters or turns
them. A drawing needs nothing from outside, no script, no font, no link, and it takes the colours of the page that it
stands on, so it can be read in light and in dark.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from html import escape
from typing import Final, TypeGuard, cast

__all__ = ["bundle", "columns", "data", "escaped", "folded", "framed", "outcome", "paragraph", "preformatted", "table"]

_CELL: Final = "text-align:left;vertical-align:top;padding:2px 12px 2px 0;border-bottom:1px solid rgba(128,128,128,.3)"
_FIGURE: Final = _CELL.replace("left", "right", 1) + ";font-variant-numeric:tabular-nums;white-space:nowrap"
_FRAME: Final = "overflow:auto;max-width:100%;max-height:32em"
_LINES: Final = "margin:0;white-space:pre-wrap;overflow-wrap:anywhere;background:none;color:inherit"
_LETTERS: Final = 20_000
_ROWS: Final = 50
_COLUMNS: Final = 12
_SHORT: Final = 200


def escaped(text: str) -> str:
    r"""The text as HTML; what moves a cursor, hides or turns letters is taken out.

    Example:
        >>> escaped("<b>\x1b[31m 3 & 4")
        '&lt;b&gt;[31m 3 &amp; 4'
    """
    return escape(_seen(text))


def bundle(text: str, html: str) -> dict[str, str]:
    r"""What a notebook is told of a value: the same as text and as HTML; nothing in the text steers a terminal.

    Example:
        >>> bundle("a\x1b[31m", "<p>a</p>")
        {'text/plain': 'a[31m', 'text/html': '<p>a</p>'}
    """
    return {"text/plain": _seen(text), "text/html": html}


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines of text with columns, each row one line; the first row is the head.

    Example:
        >>> columns([("stage", "time"), ("read", "2 s")])
        ['stage  time', 'read   2 s']
    """
    shown = [[_seen(cell).replace("\n", " ").replace("\t", " ") for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in shown) for place in range(len(shown[0]))]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown]


def table(
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    figures: Collection[int] = (),
    below: Iterable[str] = (),
) -> str:
    """The rows as a table; the first row is the head.

    Args:
        rows: The texts of the cells.
        title: What stands above it.
        figures: The places of columns that hold figures: they stand to the right.
        below: Lines that stand below it.
    """
    styles = [_FIGURE if place in figures else _CELL for place in range(len(rows[0]))]
    head, *body = (
        [f' style="{style}">{escaped(cell)}</' for style, cell in zip(styles, row, strict=True)] for row in rows
    )
    lines = [f'<p style="margin:0 0 4px"><strong>{escaped(title)}</strong></p>'] if title else []
    lines.append('<table style="border-collapse:collapse;margin:0"><thead><tr>')
    lines.extend(f'<th scope="col"{cell}th>' for cell in head)
    lines.append("</tr></thead><tbody>")
    lines.extend(f"<tr>{''.join(f'<td{cell}td>' for cell in row)}</tr>" for row in body)
    lines.append("</tbody></table>")
    return framed("".join([*lines, _notes(below)]))


def framed(html: str) -> str:
    """What may be large, in a frame that scrolls, whatever the width of the page."""
    return f'<div style="{_FRAME}">{html}</div>'


def paragraph(text: str) -> str:
    """A line of text."""
    return f'<p style="margin:0 0 4px">{escaped(text)}</p>'


def preformatted(text: str, *, wraps: bool = True) -> str:
    """Lines of text as they are, with all their spaces; a text that is very long is cut.

    Args:
        text: The lines.
        wraps: Whether long lines are broken, rather than that the frame scrolls.
    """
    cut = f"\n… and {len(text) - _LETTERS:,} letters more" if len(text) > _LETTERS else ""
    style = _LINES if wraps else _LINES.replace("pre-wrap", "pre", 1)
    return framed(f'<pre style="{style}">{escaped(text[:_LETTERS] + cut)}</pre>')


def outcome(value: object, text: str, notes: Iterable[str] = ()) -> str:
    """What came out of some work: a value that can show itself does so, any other is shown as data.

    Args:
        value: The value.
        text: The same as JSON.
        notes: Lines that stand below it.
    """
    shown = _own_html(value)
    return (data(json.loads(text)) if shown is None else framed(shown)) + _notes(notes)


def folded(title: str, html: str, *, is_open: bool = False) -> str:
    """A part that can be folded away."""
    opened = " open" if is_open else ""
    return f'<details{opened} style="margin:4px 0"><summary>{escaped(title)}</summary>{html}</details>'


def data(value: object) -> str:
    """JSON data for people: rows as a table, fields one below the other, amounts as amounts.

    What is deeper than that is JSON, and what is very long is cut and says so.

    Example:
        >>> data({"amount": "19.90", "currency": "EUR"})
        '<div>19.90 EUR</div>'
    """
    if _is_mapping(value) and not _is_amount(value):
        rows = [(str(name), _short(field)) for name, field in [*value.items()][:_ROWS]]
        return table([("field", "value"), *rows], below=[_more(len(value))]) if value else "<div>nothing</div>"
    if _is_list(value) and value and all(_is_mapping(item) and not _is_amount(item) for item in value):
        return _records(cast("Sequence[Mapping[str, object]]", value))
    if isinstance(value, str) and "\n" in value:
        return preformatted(value)
    if _is_list(value) and all(isinstance(item, (Mapping, list)) or item is None for item in value):
        return preformatted(json.dumps(value, ensure_ascii=False, indent=2))
    if _is_list(value):
        return table([("value",), *((_short(item),) for item in value[:_ROWS])], below=[_more(len(value))])
    return f"<div>{escaped(_short(value, _LETTERS))}</div>"


def _seen(text: str) -> str:
    """The text without letters that move a cursor, hide or turn others; spaces of every kind stay spaces."""
    if text.isprintable():
        return text
    kept = (letter if letter.isprintable() or letter in "\n\t" else " " if letter.isspace() else "" for letter in text)
    return "".join(kept)


def _own_html(value: object) -> str | None:
    """What a value shows itself as; nothing, if it cannot."""
    for method, part in (("_repr_mimebundle_", "text/html"), ("_repr_html_", "")):
        if (show := getattr(type(value), method, None)) is None:
            continue
        # Whatever goes wrong in somebody's drawing: the value is there, and is shown in another way.
        with suppress(Exception):
            shown: object = show(value)
            if isinstance(shown, tuple):
                # Either way there may be metadata behind it.
                shown = cast("tuple[object, ...]", shown)[0]
            if isinstance(html := shown.get(part) if _is_mapping(shown) else shown, str):
                return html
    return None


def _records(records: Sequence[Mapping[str, object]]) -> str:
    """Records as a table, with a column for each of their fields."""
    shown = records[:_ROWS]
    names = [*dict.fromkeys(name for record in shown for name in record)]
    wide = f"and {len(names) - _COLUMNS} more columns" if len(names) > _COLUMNS else ""
    names = names[:_COLUMNS]
    figures = [place for place, name in enumerate(names) if all(_is_figure(one.get(name)) for one in shown)]
    rows = [[_short(record.get(name, "")) for name in names] for record in shown]
    return table([names, *rows], figures=figures, below=[_more(len(records)), wide])


def _notes(lines: Iterable[str]) -> str:
    listed = "".join(f"<li>{escaped(line)}</li>" for line in lines if line)
    return f'<ul style="margin:4px 0 0">{listed}</ul>' if listed else ""


def _more(count: int) -> str:
    return f"and {count - _ROWS:,} more" if count > _ROWS else ""


def _short(value: object, most: int = _SHORT) -> str:
    """A value on one line."""
    if isinstance(value, str):
        text = value
    elif _is_mapping(value) and _is_amount(value):
        text = f"{value['amount']} {value['currency']}"
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _is_amount(value: Mapping[str, object]) -> bool:
    """Whether it is the wire form of an amount."""
    return set(value) == {"amount", "currency"} and all(isinstance(part, str) for part in value.values())


def _is_figure(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number or (_is_mapping(value) and _is_amount(value))


def _is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list)
