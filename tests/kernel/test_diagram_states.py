"""Diagrams of status tables: all of the table, and nothing but the table."""

import re
from collections.abc import Mapping
from itertools import combinations
from xml.etree import ElementTree

import pytest

from agentkit.kernel import OPERATION_ENDS, OPERATION_TABLE, STAGE_ENDS, STAGE_TABLE
from agentkit.kernel.diagram import DiagramFormat, draw_states
from agentkit.kernel.diagram.machine import read_table

RECT = "{http://www.w3.org/2000/svg}rect"
FORMATS: list[DiagramFormat] = ["text", "ascii", "mermaid", "svg"]
TABLES: list[Mapping[str, Mapping[str, str]]] = [
    {event: {str(a): str(b) for a, b in row.items()} for event, row in STAGE_TABLE.items()},
    {event: {str(a): str(b) for a, b in row.items()} for event, row in OPERATION_TABLE.items()},
]

every_format = pytest.mark.parametrize("kind", FORMATS)
every_table = pytest.mark.parametrize("table", TABLES, ids=["stage", "operation"])


@every_format
@every_table
def test_every_event_and_every_status_is_there(table: Mapping[str, Mapping[str, str]], kind: DiagramFormat) -> None:
    drawing = draw_states(table, title="It", format=kind).replace("#58;", ":")

    assert "It" in drawing
    for event, row in table.items():
        assert event in drawing
        assert all(status in drawing for pair in row.items() for status in pair)


@every_table
def test_text_says_exactly_what_the_table_says(table: Mapping[str, Mapping[str, str]]) -> None:
    said: dict[str, dict[str, str]] = {}
    before = ""
    for line in draw_states(table, format="text").splitlines()[2:]:
        move = re.fullmatch(r"    (.+?) +→ (?:. )?(\w+)", line)
        if move:
            said.setdefault(move[1], {})[before] = before if move[2] == "stays" else move[2]
        else:
            before = line.split()[1]

    assert said == table


@every_table
def test_mermaid_says_exactly_what_the_table_says(table: Mapping[str, Mapping[str, str]]) -> None:
    drawing = draw_states(table, format="mermaid")
    words = {name: label.split()[-1] for label, name in re.findall(r'state "(.+)" as (s\d+)', drawing)}

    said: dict[str, dict[str, str]] = {}
    for before, after, events in re.findall(r"(s\d+) --> (s\d+) : (.+)", drawing):
        for event in events.replace("#58;", ":").split("<br/>"):
            said.setdefault(event, {})[words[before]] = words[after]

    assert said == table


def test_beginnings_and_ends_are_read_from_the_table() -> None:
    stage, operation = (read_table(table, "It") for table in TABLES)

    assert stage.starts == operation.starts == ("pending",)
    # What is completed may still be undone.
    assert {*stage.ends, "completed"} == STAGE_ENDS
    assert set(operation.ends) == OPERATION_ENDS


@every_table
def test_an_arrow_of_the_drawing_has_one_head(table: Mapping[str, Mapping[str, str]]) -> None:
    machine = read_table(table, "It")

    root = ElementTree.fromstring(draw_states(table, format="svg"))

    heads = [path for path in root.iter() if path.get("class") == "head"]
    assert len(heads) == len(machine.moves) + len(machine.starts)
    # A move that leads back is drawn from right to left.
    assert sum("l7 " in head.get("d", "") for head in heads) == (3 if table is TABLES[0] else 2)


@every_table
def test_nothing_of_the_drawing_is_clipped_or_covered(table: Mapping[str, Mapping[str, str]]) -> None:
    root = ElementTree.fromstring(draw_states(table, format="svg"))
    _, _, width, height = map(float, root.get("viewBox", "").split())

    page, *boxes = (tuple(float(rect.get(key, 0)) for key in ("x", "y", "width", "height")) for rect in root.iter(RECT))

    assert page[2:] == (width, height)
    for x, y, wide, high in boxes:
        assert x >= 0
        assert x + wide <= width - 20
        assert y >= 0
        assert y + high <= height - 50
    apart = [
        one
        for one in boxes
        if not any(one[0] < o[0] and one[1] < o[1] and o[0] + o[2] < one[0] + one[2] for o in boxes)
    ]
    for (x, y, wide, high), (left, top, across, down) in combinations(apart, 2):
        assert x + wide <= left or left + across <= x or y + high <= top or top + down <= y


def test_a_table_of_other_words_is_drawn_too() -> None:
    circle = {"Turned": {"a": "b", "b": "a"}, "<Kept>": {"b": "b"}}

    drawings = {kind: draw_states(circle, title='"&', format=kind) for kind in FORMATS}

    ElementTree.fromstring(drawings["svg"])
    assert "&lt;Kept&gt;" in drawings["svg"]
    assert 'title: "\\"&"' in drawings["mermaid"]
    assert drawings["ascii"].isascii()
