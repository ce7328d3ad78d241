"""A workflow as an SVG, from left to right; with signs, words and colours if it is the picture of a state.

Rules: what is cut is whole in the tooltip; nothing lies outside the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .drawing import arrow_head, curve, escaped, icon, number, page, rectangle, text
from .folding import Limits, fold, steps
from .layout import Spot, arrange
from .lettering import fit, span
from .picture import Box, Picture, counted

__all__ = ["workflow_svg"]

_LIMITS = Limits()
_NAME, _SMALL, _TINY = 13.0, 11.0, 10.0
_PADDING = 12.0
_ICON = 17.0
_NARROWEST, _WIDEST, _WIDEST_STACK = 96.0, 250.0, 330.0
_LINE = 18.0
_GAP, _GAP_WITH_GROUPS = 22.0, 40.0
_FRAME = 8.0
_FRAME_TOP = 22.0


def workflow_svg(picture: Picture) -> str:
    """The picture as SVG, folded if it is large."""
    picture = fold(picture, _LIMITS)
    boxes = picture.boxes
    step = steps(len(boxes), picture.arrows)
    widths: dict[int, float] = {}
    for column, box in zip(step, boxes, strict=True):
        widths[column] = max(widths.get(column, _NARROWEST), _wanted(box))
    grouped = any(box.group for box in boxes)
    layout = arrange(
        [(widths[column], _height(box, widths[column])) for column, box in zip(step, boxes, strict=True)],
        picture.arrows,
        gap=_GAP_WITH_GROUPS if grouped else _GAP,
        clusters=[box.group for box in boxes] if grouped else (),
    )
    frames = _frames(boxes, layout.spots)
    body = [
        *(_frame(frame) for frame in frames.values()),
        *(curve(route) for route in layout.routes),
        *(arrow_head(route[-1]) for route in layout.routes),
        *(_box(box, spot, tagged=box.group not in frames) for box, spot in zip(boxes, layout.spots, strict=True)),
    ]
    # Frames and tags reach a little further than the boxes they belong to.
    edge = _FRAME if grouped else 0.0
    above = _FRAME_TOP if grouped else 0.0
    shifted = [f'<g transform="translate({number(edge)} {number(above)})">', *body, "</g>"] if grouped else body
    return page(
        shifted,
        width=layout.width + 2 * edge + 6,
        height=layout.height + edge + above + 6,
        title=picture.title,
        description=f"{picture.summary}. {picture.description}".strip(),
        status=picture.status,
        notes=[fit(note, _SMALL, 900) for note in (picture.summary, picture.note, *picture.notices) if note],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    name: str
    spot: Spot


def _frames(boxes: tuple[Box, ...], spots: tuple[Spot, ...]) -> Mapping[str | None, _Frame]:
    """A frame for every group of several boxes that has its place to itself."""
    members: dict[str, list[Spot]] = {}
    for box, spot in zip(boxes, spots, strict=True):
        if box.group is not None:
            members.setdefault(box.group, []).append(spot)
    frames: dict[str | None, _Frame] = {}
    for name, own in members.items():
        around = _hull(own)
        strangers = (spot for box, spot in zip(boxes, spots, strict=True) if box.group != name)
        taken = any(_touch(around, spot) for spot in strangers) or any(_touch(around, f.spot) for f in frames.values())
        if len(own) > 1 and not taken:
            frames[name] = _Frame(name=name, spot=around)
    return frames


def _hull(spots: list[Spot]) -> Spot:
    left = min(spot.x for spot in spots) - _FRAME
    top = min(spot.y for spot in spots) - _FRAME_TOP
    right = max(spot.x + spot.width for spot in spots) + _FRAME
    bottom = max(spot.y + spot.height for spot in spots) + _FRAME
    return Spot(left, top, right - left, bottom - top)


def _touch(one: Spot, other: Spot) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def _frame(frame: _Frame) -> str:
    name = fit(frame.name, _TINY, frame.spot.width - 2 * _FRAME)
    return (
        f"<g><title>group {escaped(frame.name)}</title>{rectangle(frame.spot, 'frame', 10)}"
        + text(frame.spot.x + _FRAME, frame.spot.y + 14, name, "tiny")
        + "</g>"
    )


def _status_line(box: Box) -> str:
    if box.counts:
        return counted(box.counts)
    return f"{box.status} · {box.note}" if box.note else f"{box.status}"


def _wanted(box: Box) -> float:
    """The width a box would like to have."""
    lines = [span(box.name, _NAME), span(box.work, _SMALL), _badges_width(box.badges)]
    if box.status:
        lines.append(_ICON + span(_status_line(box), _SMALL))
    return min(max(lines) + 2 * _PADDING + 1, _WIDEST if box.stages == 1 else _WIDEST_STACK)


def _badges_width(badges: Sequence[str]) -> float:
    return sum(span(badge, _TINY) + 14 for badge in badges)


def _badge_rows(box: Box, width: float) -> list[list[str]]:
    """The badges in as many rows as they need; one that is wider than the box is cut."""
    room = width - 2 * _PADDING
    rows: list[list[str]] = []
    for badge in box.badges:
        shown = fit(badge, _TINY, room - 8)
        # Behind the last badge of a row nothing needs to be free.
        if rows and _badges_width([*rows[-1], shown]) - 6 <= room + 0.1:
            rows[-1].append(shown)
        else:
            rows.append([shown])
    return rows


def _height(box: Box, width: float) -> float:
    rows = len(_badge_rows(box, width))
    return 48 + _LINE * (rows + bool(box.status)) + (2 if rows or box.status else 0)


def _box(box: Box, spot: Spot, *, tagged: bool) -> str:
    room = spot.width - 2 * _PADDING
    x = spot.x + _PADDING
    y = spot.y + 20
    parts = [f"<g><title>{escaped(box.story)}</title>", *_shape(box, spot)]
    parts.append(text(x, y, fit(box.name, _NAME, room), "name"))
    y += _LINE - 1
    parts.append(_agent_line(box, x, y, room))
    for row in _badge_rows(box, spot.width):
        y += _LINE
        parts.extend(_badges(row, x, y))
    if box.status:
        y += _LINE
        parts.append(icon(x, y - 10, box.status))
        parts.append(text(x + _ICON, y, fit(_status_line(box), _SMALL, room - _ICON), box.status))
    if tagged and box.group is not None:
        parts.append(text(spot.x + 2, spot.y - 5, fit(f"group {box.group}", _SMALL, spot.width - 4), "faint"))
    return "".join(parts) + "</g>"


def _shape(box: Box, spot: Spot) -> Iterator[str]:
    kind = " ".join(filter(None, ("box", box.status, "" if box.required else "optional")))
    if box.stages > 1:
        for behind in (6.0, 3.0):
            yield rectangle(Spot(spot.x + behind, spot.y + behind, spot.width, spot.height), kind, 8)
    yield rectangle(spot, kind, 8)


def _agent_line(box: Box, x: float, y: float, room: float) -> str:
    if not box.active:
        return text(x, y, fit(box.work, _SMALL, room), "faint")
    active = box.agents[box.active]
    after = "".join(f" → {agent}" for agent in box.agents[box.active + 1 :])
    before = " → ".join(box.agents[: box.active]) + " → "
    if span(before + active, _SMALL) > room:
        before = "→ "
    shown = fit(active, _SMALL, room - span(before, _SMALL))
    after = fit(after, _SMALL, room - span(before + shown, _SMALL)) if shown == active and after else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" class="faint">{escaped(before)}'
        f'<tspan class="active">{escaped(shown)}</tspan>{escaped(after)}</text>'
    )


def _badges(row: Sequence[str], x: float, y: float) -> Iterator[str]:
    for badge in row:
        width = span(badge, _TINY) + 8
        yield rectangle(Spot(x, y - 11, width, 15), "badge", 7.5)
        yield text(x + 4, y, badge, "tiny")
        x += width + 6
