"""A status table as a diagram: the same table that `evolve` obeys, so the picture cannot be wrong.

Rules: where it begins and where it ends is read from the table: nothing leads to the beginning, nothing leads away
from an end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .drawing import arrow_head, curve, icon, number, page, rectangle, text
from .layout import Point, Spot, arrange
from .lettering import span
from .mermaid import class_lines, front_matter, quoted
from .signs import SIGNS

__all__ = ["Machine", "machine_mermaid", "machine_svg", "machine_text", "read_table"]

Word = TypeVar("Word", bound=str)

_NAME, _SMALL = 13.0, 11.0
_LINE = 15.0
_PIP = 12.0
_PORT = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a status table says.

    Attributes:
        title: What stands above it.
        words: Every status, the beginning first.
        moves: The events that lead from one status to another.
        stays: The events after which a status is the same.
    """

    title: str
    words: tuple[str, ...]
    moves: Mapping[tuple[str, str], tuple[str, ...]]
    stays: Mapping[str, tuple[str, ...]]

    @property
    def ends(self) -> tuple[str, ...]:
        """Every status that nothing leads away from."""
        left = {source for source, _ in self.moves}
        return tuple(word for word in self.words if word not in left)

    @property
    def starts(self) -> tuple[str, ...]:
        """Every status that nothing leads to."""
        entered = {target for _, target in self.moves}
        return tuple(word for word in self.words if word not in entered) or self.words[:1]


def read_table(table: Mapping[str, Mapping[Word, Word]], title: str) -> Machine:
    """The machine that a table (event -> status before -> status after) describes."""
    moves: dict[tuple[str, str], list[str]] = {}
    stays: dict[str, list[str]] = {}
    words: dict[str, None] = {}
    for event, row in table.items():
        for before, after in row.items():
            words.update({before: None, after: None})
            if before == after:
                stays.setdefault(before, []).append(event)
            else:
                moves.setdefault((before, after), []).append(event)
    return Machine(
        title=title,
        words=tuple(words),
        moves={ends: tuple(events) for ends, events in moves.items()},
        stays={word: tuple(events) for word, events in stays.items()},
    )


def machine_text(machine: Machine) -> str:
    """The machine as a list: each status, and what leads where."""
    lines = [machine.title, ""]
    widest = max(
        (len(event) for events in (*machine.moves.values(), *machine.stays.values()) for event in events), default=0
    )
    for word in machine.words:
        mark = " (the beginning)" if word in machine.starts else " (an end)" if word in machine.ends else ""
        lines.append(f"{_glyph(word)} {word}{mark}")
        for (before, after), events in machine.moves.items():
            if before == word:
                lines.extend(f"    {event:<{widest}} → {_glyph(after)} {after}" for event in events)
        lines.extend(f"    {event:<{widest}} → stays" for event in machine.stays.get(word, ()))
    return "\n".join(lines) + "\n"


def machine_mermaid(machine: Machine) -> str:
    """The machine as a Mermaid state diagram."""
    ids = {word: f"s{position}" for position, word in enumerate(machine.words)}
    lines = [*front_matter(machine.title), "stateDiagram-v2", "  direction LR"]
    lines.extend(f'  state "{quoted(f"{_glyph(word)} {word}")}" as {ids[word]}' for word in machine.words)
    lines.extend(f"  [*] --> {ids[word]}" for word in machine.starts)
    arrows = {**machine.moves, **{(word, word): events for word, events in machine.stays.items()}}
    for (before, after), events in arrows.items():
        lines.append(f"  {ids[before]} --> {ids[after]} : {'<br/>'.join(map(quoted, events))}")
    lines.extend(f"  {ids[word]} --> [*]" for word in machine.ends)
    lines.extend(class_lines({word: [ids[word]] for word in machine.words}))
    return "\n".join(lines) + "\n"


def machine_svg(machine: Machine) -> str:
    """The machine as SVG; the names of events are boxes of their own to the layout, so no two of them overlap."""
    moves = list(machine.moves.items())
    place = {word: position for position, word in enumerate(machine.words)}
    first_label = len(place)
    first_pip = first_label + len(moves)
    sizes = [_word_size(machine, word) for word in machine.words]
    sizes += [_label_size(events) for _, events in moves]
    sizes += [(_PIP, _PIP)] * len(machine.starts)
    back = _backward(machine)
    arrows: list[tuple[int, int]] = []
    for label, (ends, _) in enumerate(moves, start=first_label):
        source, target = (place[word] for word in (reversed(ends) if ends in back else ends))
        arrows += [(source, label), (label, target)]
    arrows += [(pip, place[word]) for pip, word in enumerate(machine.starts, start=first_pip)]
    layout = arrange(sizes, arrows, gap=18.0, spread=True)
    body = [curve(route) for route in layout.routes]
    body += _heads(layout.routes, [ends in back for ends, _ in moves])
    for spot, (_, events) in zip(layout.spots[first_label:], moves, strict=False):
        body += _label(spot, events)
    for spot in layout.spots[first_pip:]:
        body.append(f'<circle class="pip" cx="{number(spot.x + 6)}" cy="{number(spot.y + 6)}" r="6"/>')
    body += [_state(machine, word, layout.spots[position]) for word, position in place.items()]
    described = "; ".join(f"{a} to {b} by {', '.join(events)}" for (a, b), events in moves)
    return page(
        body,
        width=layout.width,
        height=layout.height,
        title=machine.title,
        description=described,
        status=None,
        notes=[],
    )


def _heads(routes: Sequence[Sequence[Point]], backward: Sequence[bool]) -> list[str]:
    """A head at the far end of each move: its second half, or its first half if it runs backward."""
    heads: list[str] = []
    for position, leftward in enumerate(backward):
        into, out = routes[2 * position], routes[2 * position + 1]
        heads.append(arrow_head(into[0], leftward=True) if leftward else arrow_head(out[-1]))
    return heads + [arrow_head(route[-1]) for route in routes[2 * len(backward) :]]


def _backward(machine: Machine) -> set[tuple[str, str]]:
    """The moves that close a circle, seen from the beginning; without them there is none."""
    targets: dict[str, list[str]] = {word: [] for word in machine.words}
    for before, after in machine.moves:
        targets[before].append(after)
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    for start in (*machine.starts, *machine.words):
        if start in done:
            continue
        path = [start]
        ways = [iter(targets[start])]
        while path:
            following = next(ways[-1], None)
            if following is None:
                done.add(path.pop())
                ways.pop()
            elif following in path:
                back.add((path[-1], following))
            elif following not in done:
                path.append(following)
                ways.append(iter(targets[following]))
    return back


def _glyph(word: str) -> str:
    return next((sign.glyph for status, sign in SIGNS.items() if status == word), "○")


def _word_size(machine: Machine, word: str) -> tuple[float, float]:
    stays = machine.stays.get(word, ())
    widest = max([span(word, _NAME) + 27, *(span(event, _SMALL) + 16 for event in stays)])
    sides = [sum(word == ends[side] for ends in machine.moves) for side in (0, 1)]
    return widest + 28, max(38 + _LINE * len(stays) + (4 if stays else 0), _PORT * (max(sides) + 1))


def _label_size(events: Sequence[str]) -> tuple[float, float]:
    return max(span(event, _SMALL) for event in events) + 8, _LINE * len(events) + 4


def _label(spot: Spot, events: Sequence[str]) -> list[str]:
    """The names of a move's events, on the page's own colour so that the line does not run through them."""
    paper = rectangle(spot, "page", 0)
    return [
        paper,
        *(
            text(spot.x + spot.width / 2, spot.y + 13 + _LINE * line, event, "label")
            for line, event in enumerate(events)
        ),
    ]


def _state(machine: Machine, word: str, spot: Spot) -> str:
    known = word if any(word == status for status in SIGNS) else ""
    stays = machine.stays.get(word, ())
    top = spot.y + (spot.height - (_LINE * len(stays) + 4 if stays else 0)) / 2
    rows = ["<g>", rectangle(spot, f"box {known}".rstrip(), 12)]
    if word in machine.ends:
        inner = Spot(spot.x + 4, spot.y + 4, spot.width - 8, spot.height - 8)
        rows.append(rectangle(inner, f"box {known}".rstrip(), 8))
    if known:
        rows.append(icon(spot.x + 14, top - 6, known))
    rows.append(text(spot.x + 33, top + 4.5, word, f"name {known}".rstrip()))
    for line, event in enumerate(stays):
        rows.append(text(spot.x + 14, top + 22 + _LINE * line, f"↺ {event}", "faint"))
    return "".join(rows) + "</g>"
