"""The views of one run that are made of its journal: timeline, events, costs, and what its stages gave so far.

Rules: what was heard is kept for as long as a session looks at the run, so that each picture costs what is new. What is
long is shown in part; all of it can be had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import streamlit as st
from pydantic import JsonValue

from agentkit.screens import Board, amount_text, clock_text, count_text, zone_text
from agentkit.wire import EventLine, OperationPage

from .downloads import download
from .frame import Here
from .labels import label
from .showing import value
from .states import empty
from .tables import Row, chart, metric, table

__all__ = ["board_of", "cost", "events", "given", "signals_of", "timeline"]

_KEPT: Final = "agentkit.board"
_PAGE: Final = 200
_MOST_BARS: Final = 200
_MOST_STAGES: Final = 60
_GIVING: Final = ("attempt.succeeded", "result.carried", "doubt.settled")
"""The events that bring the value of a stage."""

_CLOCK: Final = {"format": "%H:%M:%S", "tickCount": 5, "labelOverlap": True}


def timeline(here: Here, page: OperationPage) -> None:
    """Draw when each attempt and each wait was."""
    board, now = board_of(here, page), here.now
    bars = board.bars(now, most=_MOST_BARS)
    if not bars:
        empty("Nothing has begun", "Each attempt and each wait is a bar here.", icon="view_timeline")
        return
    looks = {bar.look.label: bar.look for bar in bars}
    is_dark = st.context.theme.type == "dark"
    colours = [look.dark.ink if is_dark else look.light.ink for look in looks.values()]
    shown = [
        {
            "stage": bar.stage,
            # Vega shows times by the clock of the browser or in UTC, never by another: so it is given the clock's face.
            "began": bar.began_at.astimezone(here.zone).replace(tzinfo=None).isoformat(),
            "ended": (bar.ended_at or now).astimezone(here.zone).replace(tzinfo=None).isoformat(),
            "state": bar.look.label,
            "about": bar.words(now),
        }
        for bar in bars
    ]
    spec = {
        "data": {"values": shown},
        "height": {"step": 30},
        # The stroke makes the shortest bar wide enough to be seen.
        "mark": {"type": "bar", "cornerRadius": 2, "height": {"band": 0.6}, "strokeWidth": 2},
        "encoding": {
            "x": {
                "field": "began",
                "type": "temporal",
                "title": f"Time, {zone_text(now.astimezone(here.zone))}",
                "axis": _CLOCK,
            },
            "x2": {"field": "ended"},
            "y": {"field": "stage", "type": "nominal", "title": None, "sort": None},
            "color": (colour := _coloured(list(looks), colours)),
            "stroke": colour,
            "tooltip": [{"field": "about", "type": "nominal", "title": "What"}],
        },
    }
    chart(spec, f"{count_text(len(bars), 'bar')}: when each attempt and each wait was")
    with st.expander("The same as a list", icon=":material/list:"):
        table([{"What": bar.words(now)} for bar in bars], count_text(len(bars), "line"))


def _coloured(words: Sequence[str], colours: Sequence[str]) -> dict[str, object]:
    scale = {"domain": words, "range": colours}
    return {"field": "state", "type": "nominal", "title": None, "scale": scale}


def events(here: Here, page: OperationPage) -> None:
    """Draw what happened, newest first, and offer all of it."""
    lines = board_of(here, page).lines(here.manner.settings.event_lines)
    stages = sorted({line.stage for line in lines if line.stage})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        only = st.selectbox("Stage", stages, index=None, placeholder="All stages", key="events_stage", width=260)
        download("All events", f"{page.id}.events.jsonl", partial(_journal, here, page.id))
    rows: list[Row] = [
        {
            "No.": line.number,
            "Time": clock_text(line.at, here.zone),
            "Stage": line.stage,
            "What": line.words,
            "Event": line.type,
        }
        for line in reversed(lines)
        if only in (None, line.stage)
    ]
    table(rows, count_text(len(rows), "event"))
    older = page.events - len(lines)
    words = count_text(len(lines), "event")
    st.caption(f"The newest {words}; {older:,} more are in the download." if older > 0 else words)


def cost(here: Here, page: OperationPage) -> None:
    """Draw what was used."""
    found = board_of(here, page).costs
    if not (found.amounts or found.tokens or found.calls):
        empty("Nothing was told of its cost", "Agents that tell what they use are counted here.", icon="payments")
        return
    with st.container(horizontal=True):
        for code, amount in found.amounts:
            metric("Money", amount_text({"amount": amount, "currency": code}))
        metric("Tokens", f"{found.tokens:,}")
        metric("Calls", f"{found.calls:,}")
    st.caption("All that was used." if found.is_whole else "Some attempts did not tell what they used.")


def given(here: Here, page: OperationPage, *, name: str) -> None:
    """Draw what the stages of a run have given so far, whether or not it has ended.

    Args:
        here: What the page works with.
        page: The run.
        name: What this is called among the widgets of the page.
    """
    found = _heard(here, page).values
    if not found:
        st.caption("No stage has given anything yet.")
        return
    with st.container(border=True):
        st.caption(f"What {count_text(len(found), 'stage')} gave so far")
        for stage, one in list(found.items())[:_MOST_STAGES]:
            st.markdown(f"**{label(stage)}**")
            value(one, name=f"{name}/{stage}")


def signals_of(here: Here, page: OperationPage) -> Mapping[str, str]:
    """The signals that stages of a run are done by, by stage: as its definition says, which travels with it."""
    first = here.client.history(page.id, limit=1)
    flow = first[0].data.get("workflow") if first else None
    stages = flow.get("stages") if isinstance(flow, dict) else None
    found = [one for one in stages if isinstance(one, dict)] if isinstance(stages, list) else []
    return {str(one["name"]): str(one["signal"]) for one in found if one.get("signal")}


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is known of a run.

    Attributes:
        operation: Which run.
        board: Its journal, in the words of pictures.
        values: What each of its stages gave.
    """

    operation: str
    board: Board = field(default_factory=Board)
    values: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])


def board_of(here: Here, page: OperationPage) -> Board:
    """The run in the words of pictures, with what is new."""
    return _heard(here, page).board


def _heard(here: Here, page: OperationPage) -> _Heard:
    """What is known of a run, with what is new."""
    kept = st.session_state.get(_KEPT)
    if not isinstance(kept, _Heard) or kept.operation != page.id:
        kept = st.session_state[_KEPT] = _Heard(page.id)
    board = kept.board
    board.take(page, seen_at=here.now)
    while new := here.client.history(page.id, after=board.after, limit=_PAGE):
        board.hear(new)
        kept.values.update(_values(new))
    return kept


def _values(lines: Sequence[EventLine]) -> Iterator[tuple[str, JsonValue]]:
    for line in lines:
        is_value = line.type in _GIVING and line.data.get("decision", "done") == "done" and "value" in line.data
        if line.stage is not None and is_value:
            yield line.stage, line.data["value"]


def _journal(here: Here, operation_id: str) -> str:
    """All events, a line each."""
    return "".join(f"{line.model_dump_json()}\n" for line in _all_events(here, operation_id))


def _all_events(here: Here, operation_id: str) -> Iterator[EventLine]:
    after = 0
    while found := here.client.history(operation_id, after=after, limit=_PAGE):
        yield from found
        after = found[-1].number
