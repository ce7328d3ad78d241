"""The views of one run: its result, stages, graph, timeline, events, input, files and costs.

Rules: only the view that is open is asked for and drawn. What is long is shown in part, and can be had whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import streamlit as st

from agentkit.errors import AgentKitError, NotReady
from agentkit.screens import clock_text, count_text, duration_text, look_of, moment_text, percent_text, size_text
from agentkit.wire import EventLine, OperationPage

from .frame import Here
from .labels import label
from .showing import value
from .states import empty, failure

__all__ = ["views"]

_LARGE: Final = 60
_SHOWN_EVENTS: Final = 500
_PAGE: Final = 200


def views(here: Here, page: OperationPage) -> None:
    """Draw the views of a run, one behind the other."""
    drawn: Mapping[str, Callable[[Here, OperationPage], None]] = {
        "Result": _result,
        "Stages": _stages,
        "Graph": _graph,
        "Timeline": _timeline,
        "Events": _events,
        "Input": _input,
        "Files": _files,
        "Cost": _cost,
    }
    first = "Result" if page.status == "completed" else "Stages"
    for tab, (name, draw) in zip(st.tabs(list(drawn), key="view", default=first, on_change="rerun"), drawn.items(), strict=True):
        if tab.open:
            with tab:
                draw(here, page)


def _result(here: Here, page: OperationPage) -> None:
    try:
        found = here.client.result(page.id)
    except NotReady:
        empty("No result yet", "It is here as soon as the run is completed.", icon="hourglass_empty")
        return
    except AgentKitError as error:
        failure(error)
        return
    value(found.output, name="result")
    notes = [f"took {duration_text(found.seconds)}"]
    notes += [f"confidence {percent_text(found.confidence)}"] if found.confidence < 1 else []
    notes += [f"without {name}, which failed" for name in found.missing]
    notes += [f"{name} gave less than was asked for" for name in found.degraded]
    notes += [f"{name} was done by {agent}" for name, agent in found.fallbacks.items()]
    st.caption(label(" · ".join(notes), 1_000))
    _download("Result as JSON", f"{page.id}.json", lambda: json.dumps(found.output, ensure_ascii=False, indent=1))
    with st.expander("What each stage gave", icon=":material/stacks:"):
        for name, one in list(found.values.items())[:_LARGE]:
            st.markdown(f"**{label(name)}**")
            value(one, name=f"value/{name}")


def _stages(here: Here, page: OperationPage) -> None:
    lines = [
        {
            "State": str(look_of(stage.status)),
            "Stage": stage.name,
            "Done": stage.fraction,
            "Agent": stage.agent,
            "Took": duration_text(stage.seconds) if stage.seconds else "",
            "Attempt": stage.attempt or None,
            "What it says": stage.failure or stage.waits_for or stage.message,
        }
        for stage in page.stages
    ]
    st.dataframe(
        lines,
        hide_index=True,
        column_config={"Done": st.column_config.ProgressColumn("Done", min_value=0, max_value=1, format="percent")},
        alt=count_text(len(lines), "stage"),
    )


def _graph(here: Here, page: OperationPage) -> None:
    many = len(page.stages)
    if many > _LARGE and not st.toggle(f"Draw all {count_text(many, 'stage')}; the table shows them too", key="large"):
        return
    drawing = here.client.drawing(page.id, format="svg").drawing
    # As a picture: nothing in it can run.
    st.image(drawing, alt=f"The graph of {page.workflow}: {count_text(many, 'stage')}")


def _timeline(here: Here, page: OperationPage) -> None:
    empty("Timeline", "")


def _cost(here: Here, page: OperationPage) -> None:
    empty("Cost", "")


def _events(here: Here, page: OperationPage) -> None:
    found = here.client.history(page.id, after=max(0, page.events - _SHOWN_EVENTS), limit=_SHOWN_EVENTS)
    stages = sorted({line.stage for line in found if line.stage})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        only = st.selectbox("Stage", stages, index=None, placeholder="All stages", key="events_stage", width=260)
        _download("All events", f"{page.id}.events.jsonl", partial(_journal, here, page.id))
    shown = [line for line in reversed(found) if only in (None, line.stage)]
    lines = [
        {
            "No.": line.number,
            "Time": clock_text(line.at, here.zone),
            "What": line.type,
            "Stage": line.stage or "",
            "More": json.dumps(line.data, ensure_ascii=False)[:500] if line.data else "",
        }
        for line in shown
    ]
    st.dataframe(lines, hide_index=True, alt=count_text(len(lines), "event"))
    older = page.events - len(found)
    st.caption(f"The newest {len(found)} are shown; {count_text(older, 'event')} more are in the download." if older else count_text(len(found), "event"))


def _journal(here: Here, operation_id: str) -> str:
    """All events, a line each."""
    return "".join(f"{line.model_dump_json()}\n" for line in _all_events(here, operation_id))


def _all_events(here: Here, operation_id: str) -> Iterator[EventLine]:
    after, found = 0, here.client.history(operation_id, limit=_PAGE)
    while found:
        yield from found
        after = found[-1].number
        found = here.client.history(operation_id, after=after, limit=_PAGE)


def _input(here: Here, page: OperationPage) -> None:
    first: Sequence[EventLine] = here.client.history(page.id, limit=1)
    given = first[0].data.get("input") if first else None
    value(given, name="input")
    _download("Input as JSON", f"{page.id}.input.json", lambda: json.dumps(given, ensure_ascii=False, indent=1))


def _files(here: Here, page: OperationPage) -> None:
    found = here.client.files(page.id)
    if not found:
        empty("No files", "What the stages of this run give as files is here.", icon="folder_open")
    for number, line in enumerate(found):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap="xxsmall"):
                st.text(line.name)
                st.caption(label(f"{size_text(line.size)} · {line.media_type} · {line.stage} · {moment_text(line.at, here.zone)}", 300))
            get = partial(here.client.file, page.id, line.name, stage=line.stage)
            _download("Download", line.name, get, media_type=line.media_type, key=f"file/{number}")


def _download(
    words: str, name: str, get: Callable[[], str | bytes], *, media_type: str = "application/json", key: str | None = None
) -> None:
    """A button that fetches something when it is pressed, and not before."""
    st.download_button(
        words, get, file_name=name, mime=media_type, icon=":material/download:", on_click="ignore", key=key
    )
