"""Diagrams of a workflow, of the state of an operation, and of the status tables; as text, Mermaid or SVG. Pure.

    workflow or state -> take -> Picture -> fold -> svg, mermaid, text
    status table      -> read_table -> Machine   -> svg, mermaid, text

Large workflows stay readable and their pictures bounded: over 600 stages or 2,000 dependencies (Mermaid: 250 and
480), or more than 20 stages that look alike, several stages become one stacked box that says how many they are and
where they stand. Text has one line for every stage, whatever their number.

Rules: a diagram depends on what it is of and on nothing else, to the byte; status is never shown by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, assert_never

from agentkit.kernel.definition.workflow import Workflow
from agentkit.kernel.state.state import State

from .machine import Word, machine_mermaid, machine_svg, machine_text, read_table
from .mermaid import workflow_mermaid
from .picture import take
from .signs import SIGNS, Sign, Tint
from .svg import workflow_svg
from .text import plain, workflow_text

__all__ = ["SIGNS", "DiagramFormat", "Sign", "Tint", "draw", "draw_states"]

DiagramFormat: TypeAlias = Literal["text", "ascii", "mermaid", "svg"]
"""What a diagram is written in; `ascii` is text for terminals that know nothing else."""


def draw(
    subject: Workflow[object] | State,
    *,
    format: DiagramFormat = "text",
) -> str:
    """Draw a workflow, or where an operation stands in it.

    Args:
        subject: A workflow; or a state, and then every stage shows its status.
        format: What to write.

    Example:
        >>> from agentkit.kernel import Stage, Workflow
        >>> flow = Workflow("greet", [Stage("ask", agent="clerk"), Stage("answer", agent="clerk", after=["ask"])])
        >>> print(draw(flow))
        greet · 2 stages
        <BLANKLINE>
        1 ─ ask     clerk
        2 ─ answer  clerk  after ask
        <BLANKLINE>
    """
    picture = take(subject)
    match format:
        case "text":
            return workflow_text(picture)
        case "ascii":
            return plain(workflow_text(picture))
        case "mermaid":
            return workflow_mermaid(picture)
        case "svg":
            return workflow_svg(picture)
        case _:
            assert_never(format)


def draw_states(
    table: Mapping[str, Mapping[Word, Word]],
    *,
    title: str = "Status",
    format: DiagramFormat = "text",
) -> str:
    """Draw a status table: what may follow what, by which event.

    Args:
        table: Event -> status before -> status after, such as `STAGE_TABLE` and `OPERATION_TABLE`.
        title: What stands above it.
        format: What to write.

    Example:
        >>> print(draw_states({"Opened": {"shut": "open"}}, title="A door"))
        A door
        <BLANKLINE>
        ○ shut (the beginning)
            Opened → ○ open
        ○ open (an end)
        <BLANKLINE>
    """
    machine = read_table(table, title)
    match format:
        case "text":
            return machine_text(machine)
        case "ascii":
            return plain(machine_text(machine))
        case "mermaid":
            return machine_mermaid(machine)
        case "svg":
            return machine_svg(machine)
        case _:
            assert_never(format)
