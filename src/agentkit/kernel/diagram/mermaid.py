"""A workflow as Mermaid text, for everything that draws Mermaid.

Rules: ids are `n0`, `n1` and so on, labels are quoted and escaped, so no name can be mistaken for a command; the text
stays below what Mermaid draws by default: 500 arrows and 50,000 characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from json import dumps

from .folding import Limits, fold
from .lettering import clean, clip
from .picture import Box, Picture
from .signs import SIGNS

__all__ = ["class_lines", "front_matter", "quoted", "workflow_mermaid"]

_LIMITS = Limits(boxes=250, arrows=480)
_LONGEST = 36
_ESCAPES = str.maketrans(
    {
        "#": "#35;",
        "&": "#amp;",
        "<": "#lt;",
        ">": "#gt;",
        '"': "#quot;",
        "`": "#96;",
        ";": "#59;",
        ":": "#58;",
        "\\": "#92;",
    }
)


def workflow_mermaid(picture: Picture) -> str:
    """The picture as a Mermaid flowchart, folded if it is large."""
    picture = fold(picture, _LIMITS)
    heading = picture.title
    if picture.status:
        heading += f" · {SIGNS[picture.status].glyph} {picture.status}"
    lines = [*front_matter(heading), "flowchart LR"]
    lines.extend(f"  %% {notice}" for notice in picture.notices)
    lines.extend(_box_lines(picture.boxes))
    lines.extend(f"  n{source} --> n{target}" for source, target in picture.arrows)
    optional = [f"n{number}" for number, box in enumerate(picture.boxes) if not box.required]
    if optional:
        lines.append("  classDef optional stroke-dasharray:5 4")
        lines.append(f"  class {','.join(optional)} optional")
    members: dict[str, list[str]] = {}
    for number, box in enumerate(picture.boxes):
        if box.status:
            members.setdefault(box.status, []).append(f"n{number}")
    lines.extend(class_lines(members))
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """The text as a Mermaid label, inert whatever is in it.

    Example:
        >>> quoted('say "hi"')
        'say #quot;hi#quot;'
    """
    return clean(text).translate(_ESCAPES)


def front_matter(title: str) -> list[str]:
    """The lines that give a Mermaid diagram its title; a JSON text is a YAML text."""
    return ["---", f"title: {dumps(clean(title), ensure_ascii=False)}", "---"]


def class_lines(members: dict[str, list[str]]) -> Iterator[str]:
    """The colours of each status, and who stands there; in the order of the signs."""
    for status, sign in SIGNS.items():
        if status in members:
            tint = sign.light
            yield f"  classDef {status} fill:{tint.fill},stroke:{tint.ink},color:{tint.ink}"
            yield f"  class {','.join(members[status])} {status}"


def _box_lines(boxes: Sequence[Box]) -> Iterator[str]:
    groups: dict[str | None, list[int]] = {None: []}
    for number, box in enumerate(boxes):
        groups.setdefault(box.group, []).append(number)
    for position, (name, members) in enumerate(groups.items()):
        indent = "  " if name is None else "    "
        if name is not None:
            yield f'  subgraph g{position} ["{quoted(clip(name, _LONGEST))}"]'
        for number in members:
            yield f'{indent}n{number}["{_label(boxes[number])}"]'
        if name is not None:
            yield "  end"


def _label(box: Box) -> str:
    lines = [f"<b>{quoted(clip(box.name, _LONGEST))}</b>", quoted(clip(box.work, _LONGEST))]
    if box.badges:
        lines.append(quoted(clip(" · ".join(box.badges), 2 * _LONGEST)))
    if box.status:
        lines.append(quoted(f"{SIGNS[box.status].glyph} {box.words}"))
    return "<br/>".join(lines)
