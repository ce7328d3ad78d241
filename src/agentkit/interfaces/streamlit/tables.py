"""Tables and charts: the calls of Streamlit whose declared types are not whole, in one place.

Rules: a cell of `table` is shown as it is; a cell of `fields` and the value of a `metric` are read as Markdown by
Streamlit, so they are made labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias, cast

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from .labels import label

__all__ = [
    "EXACT",
    "FRACTION",
    "LINK",
    "SECONDS",
    "Cell",
    "Row",
    "chart",
    "fields",
    "metric",
    "pick",
    "picked",
    "table",
]

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = Mapping[str, Cell]
"""A row; its cells by the names of their columns."""

FRACTION: Final = "fraction"
"""The kind of a column of numbers from 0 to 1, which are drawn as bars."""

LINK: Final = "link"
"""The kind of a column of addresses of runs, which are shown by their ids."""

SECONDS: Final = "seconds"
"""The kind of a column of numbers of seconds, which sort as numbers."""

EXACT: Final = "exact"
"""The kind of a column of numbers and amounts that are texts, so that no digit is lost: they stand below each other."""


def table(rows: Sequence[Row], alt: str, /, **kinds: str) -> None:
    """Draw a table that sorts, is searched, and can be had as CSV.

    Args:
        rows: Its rows, all with the same columns.
        alt: What it is, for those who do not see it.
        kinds: The kinds of columns that are more than texts and numbers, by their names.
    """
    st.dataframe(  # pyright: ignore[reportUnknownMemberType] - its types name libraries that are not here
        rows, hide_index=True, column_config=_columns(kinds), alt=alt
    )


def picked(key: str) -> tuple[int, str] | None:
    """The cell that was picked in a table: the number of its row, among those that were drawn last, and its column.

    Args:
        key: What the table is called among the widgets of the page.
    """
    state = cast("Mapping[str, Mapping[str, Sequence[tuple[int, str]]]]", st.session_state.get(key) or {})
    cells = state.get("selection", {}).get("cells", ())
    return cells[0] if cells else None


def pick(rows: Sequence[Row], alt: str, *, key: str, **kinds: str) -> None:
    """Draw a table whose rows can be picked: `picked` says which was, and has to be asked before other rows are drawn.

    Args:
        rows: Its rows, all with the same columns.
        alt: What it is, for those who do not see it.
        key: What it is called among the widgets of the page.
        kinds: The kinds of columns that are more than texts and numbers, by their names.
    """
    st.dataframe(  # pyright: ignore[reportUnknownMemberType] - its types name libraries that are not here
        rows,
        hide_index=True,
        column_config=_columns(kinds),
        key=key,
        on_select="rerun",
        selection_mode="single-cell",
        alt=alt,
    )


def _columns(kinds: Mapping[str, str]) -> Mapping[str, ColumnConfig]:
    """How columns are drawn."""
    return {name: _column(name, kind) for name, kind in kinds.items()}


def _column(name: str, kind: str) -> ColumnConfig:
    match kind:
        case "fraction":
            return st.column_config.ProgressColumn(name, min_value=0, max_value=1, format="percent")
        case "exact":
            return st.column_config.TextColumn(name, alignment="right")
        case "link":
            return st.column_config.LinkColumn(name, display_text=r"op=(.+)$")
        case _:
            return st.column_config.NumberColumn(name, format="%,.1f s")


def fields(values: Mapping[str, str], alt: str) -> None:
    """Draw values by their names, a line each.

    Args:
        values: The values.
        alt: What they are, for those who do not see them.
    """
    rows = [{"Name": label(name), "Value": label(value, 300)} for name, value in values.items()]
    st.table(  # pyright: ignore[reportUnknownMemberType] - its types name libraries that are not here
        rows, border="horizontal", hide_index=True, hide_header=True, alt=alt
    )


def metric(
    name: str,
    value: str | int,
    change: str = "",
    *,
    colour: Literal["green", "red", "off"] = "off",
    about: str | None = None,
    is_bare: bool = False,
) -> None:
    """Draw a figure.

    Args:
        name: What it is.
        value: How much it is.
        change: What became of it.
        colour: Whether that is good.
        about: What there is to say of it besides.
        is_bare: Whether it stands alone, without its name and a border.
    """
    st.metric(
        label(name),
        label(value, 300),
        label(change, 300) if change else None,
        delta_color=colour,
        delta_arrow="off",
        help=label(about, 300) if about else None,
        label_visibility="collapsed" if is_bare else "visible",
        border=not is_bare,
        height="content" if is_bare else "stretch",
    )


def chart(spec: Mapping[str, object], alt: str) -> None:
    """Draw a chart.

    Args:
        spec: What, in the words of Vega-Lite.
        alt: What it shows, for those who do not see it.
    """
    st.vega_lite_chart(  # pyright: ignore[reportUnknownMemberType] - its types name libraries that are not here
        spec=dict(spec), alt=alt
    )
