"""A sight of an operation as HTML and as text.

Rules: every text is text (`agentkit.markup`); a status is sign and word, and colour only underlines them; the picture
needs nothing from outside and takes the colours of its page, and its own ones follow the reader's light or dark.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Final

from agentkit.markup import bundle, columns, escaped, folded, framed
from agentkit.screens import look_of
from agentkit.views import seconds_text

from .sight import File, Row, Sight, Trouble, Wanted
from .style import chip_style, style_of

__all__ = ["drawn"]

_ROWS: Final = 100
_QUIET: Final = frozenset({"pending", "completed", "skipped"})
_GRAPH_OPEN: Final = 60
"""The graph of a workflow with more stages is folded away at first."""


def drawn(sight: Sight, note: str = "") -> dict[str, str]:
    """The picture of an operation, as a notebook is told it.

    Args:
        sight: How it stands.
        note: What else there is to say of the picture itself.
    """
    return bundle("\n".join(_lines(sight, note)), "".join(_parts(sight, note)))


def _parts(sight: Sight, note: str) -> Iterator[str]:
    rows = _shown(sight)
    statuses = {sight.status, *(row.status for row in rows)}
    label = escaped(f"{sight.workflow}: {look_of(sight.status).label}")
    yield f'<div class="agentkit-view" role="group" aria-label="{label}">{style_of(statuses)}'
    yield f'<p class="head">{_chip(sight.status)} <strong>{escaped(sight.workflow)}</strong> '
    yield f"<span>{escaped(_times(sight))}</span></p>{_bar(sight.percent, label)}"
    yield f'<p class="small">operation {escaped(sight.operation_id)}{escaped(f" · {note}" if note else "")}</p>'
    if sight.trouble is not None:
        yield _trouble(sight.trouble)
    yield from map(_asked, sight.wanted)
    if sight.graph:
        yield folded("Graph", _graph(sight.graph, label), is_open=len(sight.rows) <= _GRAPH_OPEN)
    yield folded("Stages", _table(sight, rows), is_open=True)
    if sight.heard:
        lines = "<br>".join(f"<strong>{escaped(stage)}</strong> {escaped(said)}" for stage, said in sight.heard)
        yield f'<p class="small" role="log" aria-label="What agents say">{lines}</p>'
    if sight.outcome:
        yield folded("Result", sight.outcome, is_open=True)
    if sight.files:
        yield folded("Files", f"<ul>{''.join(map(_file, sight.files))}</ul>", is_open=True)
    if sight.costs:
        yield folded("Costs", sight.costs)
    yield "</div>"


def _graph(svg: str, label: str) -> str:
    """The graph as a picture of its own, so that nothing in it reaches the page, even if a server made it."""
    return framed(f'<img alt="{label}" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">')


def _shown(sight: Sight) -> tuple[Row, ...]:
    """The stages that are shown; of very many those first that have something to say, in their order."""
    rows = sight.rows
    if len(rows) <= _ROWS:
        return rows
    ranked = sorted(range(len(rows)), key=lambda number: (rows[number].status in _QUIET, number))
    return tuple(rows[number] for number in sorted(ranked[:_ROWS]))


def _table(sight: Sight, rows: tuple[Row, ...]) -> str:
    heads = "".join(f'<th scope="col">{word}</th>' for word in ("Status", "Stage", "Done", "By", "Time"))
    heads += '<th scope="col" class="says">Says</th>'
    more = len(sight.rows) - len(rows)
    last = f'<tr><td colspan="6">and {more:,} more</td></tr>' if more else ""
    return framed(f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(map(_stage, rows))}{last}</tbody></table>")


def _stage(row: Row) -> str:
    cells = (
        _chip(row.status),
        escaped(row.name),
        _bar(int(100 * row.fraction), escaped(row.name)),
        escaped(_by(row)),
        escaped(seconds_text(row.seconds) if row.attempt else ""),
        escaped(row.said),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _by(row: Row) -> str:
    return f"{row.agent}, attempt {row.attempt}" if row.attempt > 1 else row.agent


def _chip(status: str) -> str:
    return f'<span class="chip" style="{chip_style(status)}">{escaped(str(look_of(status)))}</span>'


def _bar(percent: int, label: str) -> str:
    return (
        f'<div class="bar" role="progressbar" aria-label="{label}" aria-valuemin="0" aria-valuemax="100"'
        f' aria-valuenow="{percent}"><div style="width:{percent}%"></div></div>'
    )


def _trouble(trouble: Trouble) -> str:
    return (
        f'<div class="note" role="alert"><strong>{escaped(trouble.code)}</strong> {escaped(trouble.message)}'
        f"<div>{escaped(trouble.remedy)}</div>{_code((trouble.call,))}</div>"
    )


def _asked(wanted: Wanted) -> str:
    facts = f'<div class="small">{escaped(wanted.facts)}</div>' if wanted.facts else ""
    return f'<div class="note"><strong>{escaped(wanted.question)}</strong>{facts}{_code(wanted.code)}</div>'


def _code(lines: tuple[str, ...]) -> str:
    return "<pre>" + escaped("\n".join(lines)) + "</pre>"


def _file(file: File) -> str:
    name, size = escaped(file.name), escaped(f"{file.size:,} bytes, from {file.stage}")
    if file.content is None:
        return f"<li>{name} ({size}; too large for a notebook)</li>"
    # Always as bytes to keep, never as a page to open, whatever it says that it is.
    source = f"data:application/octet-stream;base64,{b64encode(file.content).decode()}"
    return f'<li><a download="{name}" href="{source}">{name}</a> ({size})</li>'


def _times(sight: Sight) -> str:
    words = [f"{sight.percent} %", seconds_text(sight.seconds)]
    if sight.seconds_left is not None:
        words.append(f"about {seconds_text(sight.seconds_left)} left")
    return " · ".join(words)


def _lines(sight: Sight, note: str) -> Iterator[str]:
    look = look_of(sight.status)
    yield f"{look.icon} {_plain(sight.workflow)}: {look.label} · {_times(sight)}"
    yield f"operation {_plain(sight.operation_id)}{_plain(f' · {note}') if note else ''}"
    rows = _shown(sight)
    if rows:
        yield from columns([_cells(row) for row in rows])
    if len(sight.rows) > len(rows):
        yield f"and {len(sight.rows) - len(rows):,} more"
    yield from (_plain(f"{stage}: {said}") for stage, said in sight.heard)
    if sight.trouble is not None:
        yield _plain(f"{sight.trouble.code}: {sight.trouble.message}")
        yield f"{sight.trouble.remedy} {_plain(sight.trouble.call)}"
    for wanted in sight.wanted:
        yield _plain(f"{wanted.question} ({wanted.facts})" if wanted.facts else wanted.question)
        yield from (f"  {_plain(line)}" for line in wanted.code)


def _cells(row: Row) -> tuple[str, ...]:
    look = look_of(row.status)
    return tuple(map(_plain, (look.icon, look.label, row.name, _by(row), row.said)))


def _plain(text: str) -> str:
    """The text on one line, with nothing in it that steers a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
