"""The views of one run: its result, stages, graph, timeline, events, input, files and costs.

Rules: only the view that is open is asked for and drawn. What is long is shown in part, and can be had whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import streamlit as st

from agentkit.errors import NotReady, OperationError
from agentkit.screens import count_text, duration_text, look_of, moment_text, percent_text, size_text
from agentkit.wire import OperationPage

from .downloads import download
from .frame import Here
from .journals import cost, events, given, timeline
from .labels import label
from .showing import value
from .states import empty
from .tables import FRACTION, Row, table

__all__ = ["show_result", "views"]

_LARGE: Final = 60
_VIEW: Final = "view"


def show_result() -> None:
    """Have the result come first in what is drawn next, unless something else was chosen."""
    if st.session_state.get(_VIEW) in (None, "Stages"):
        st.session_state[_VIEW] = "Result"


def views(here: Here, page: OperationPage) -> None:
    """Draw the views of a run, one behind the other."""
    drawn: Mapping[str, Callable[[Here, OperationPage], None]] = {
        "Result": _result,
        "Stages": _stages,
        "Graph": _graph,
        "Timeline": timeline,
        "Events": events,
        "Input": _input,
        "Files": _files,
        "Cost": cost,
    }
    first = "Result" if page.status == "completed" else "Stages"
    tabs = st.tabs(list(drawn), key=_VIEW, default=first, bind="query-params")
    for tab, draw in zip(tabs, drawn.values(), strict=True):
        if tab.open:
            with tab:
                draw(here, page)


def _result(here: Here, page: OperationPage) -> None:
    try:
        found = here.client.result(page.id)
    except NotReady:
        empty("No result yet", "It is here as soon as the run is completed.", icon="hourglass_empty")
        given(here, page, name="given")
        return
    except OperationError:
        empty(
            "No result", "It did not end well; why is said above, and each stage shows how far it came.", icon="block"
        )
        given(here, page, name="given")
        return
    value(found.output, name="result")
    notes = [f"took {duration_text(found.seconds)}"]
    notes += [f"confidence {percent_text(found.confidence)}"] if found.confidence < 1 else []
    notes += [f"without {name}, which failed" for name in found.missing]
    notes += [f"{name} gave less than was asked for" for name in found.degraded]
    notes += [f"{name} was done by {agent}" for name, agent in found.fallbacks.items()]
    st.caption(label(" · ".join(notes), 1_000))
    download("Result as JSON", f"{page.id}.json", lambda: json.dumps(found.output, ensure_ascii=False, indent=1))
    with st.expander("What each stage gave", icon=":material/stacks:"):
        for name, one in list(found.values.items())[:_LARGE]:
            st.markdown(f"**{label(name)}**")
            value(one, name=f"value/{name}")


def _stages(here: Here, page: OperationPage) -> None:
    lines: list[Row] = [
        {
            "State": str(look_of(stage.status)),
            "Stage": stage.name,
            "Done": stage.fraction,
            "Agent": stage.agent,
            "Took": duration_text(stage.seconds) if stage.seconds else "",
            "Attempt": str(stage.attempt or ""),
            "What it says": stage.failure or stage.waits_for or stage.message,
        }
        for stage in page.stages
    ]
    table(lines, count_text(len(lines), "stage"), Done=FRACTION)


def _graph(here: Here, page: OperationPage) -> None:
    many = len(page.stages)
    if many > _LARGE and not st.toggle(f"Draw all {count_text(many, 'stage')}; the table shows them too", key="large"):
        return
    drawing = here.client.drawing(page.id, format="svg").drawing
    # As a picture: nothing in it can run.
    st.image(drawing, alt=f"The graph of {page.workflow}: {count_text(many, 'stage')}")


def _input(here: Here, page: OperationPage) -> None:
    first = here.client.history(page.id, limit=1)
    given = first[0].data.get("input") if first else None
    value(given, name="input")
    download("Input as JSON", f"{page.id}.input.json", lambda: json.dumps(given, ensure_ascii=False, indent=1))


def _files(here: Here, page: OperationPage) -> None:
    found = here.client.files(page.id)
    if not found:
        empty("No files", "What the stages of this run give as files is here.", icon="folder_open")
    for number, line in enumerate(found):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap="xxsmall"):
                st.text(line.name)
                about = (size_text(line.size), line.media_type, line.stage, moment_text(line.at, here.zone))
                st.caption(label(" · ".join(about), 300))
            get = partial(here.client.file, page.id, line.name, stage=line.stage)
            download("Download", line.name, get, media_type=line.media_type, key=f"file/{number}")
