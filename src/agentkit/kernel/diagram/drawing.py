"""The strokes of an SVG: texts, lines, icons, the page and its style.

Rules: a drawing needs nothing from outside: no font, no script, no link, no id. It follows the reader's light or dark
scheme by itself, its rules reach nothing but itself when it stands inside a page, and every text goes through
`escaped`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .layout import Point, Spot
from .lettering import clean, span
from .signs import SIGNS, Tint

__all__ = ["arrow_head", "curve", "escaped", "icon", "number", "page", "rectangle", "text"]

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_ROOT = ".agentkit-diagram"
_HEADING, _SMALL = 15.0, 11.0
_MARGIN = 20.0

_SHAPES = """
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:11px}
.heading{font-size:15px;font-weight:600}
.name{font-size:13px;font-weight:600}
.active{font-weight:700}
.tiny{font-size:10px}
.box{stroke-width:1.4}
.optional{stroke-dasharray:5 4}
.frame{stroke-dasharray:2 4;stroke-linecap:round}
.arrow{fill:none;stroke-width:1.4}
.label{text-anchor:middle}
.icon{fill:none;stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
"""
_LIGHT = """
.page{fill:#ffffff}
text{fill:#1f2328}
.faint{fill:#57606a}
.box{fill:#f6f8fa;stroke:#8c959f}
.frame{fill:#f6f8fa;fill-opacity:.6;stroke:#8c959f}
.label{fill:#57606a}
.tiny{fill:#57606a}
.badge{fill:#ffffff;stroke:#8c959f}
.arrow{stroke:#8c959f}
.head{fill:#6e7781}
.pip{fill:#57606a}
"""
_DARK = """
.page{fill:#0d1117}
text{fill:#e6edf3}
.faint{fill:#9ea7b3}
.box{fill:#161b22;stroke:#6e7681}
.frame{fill:#161b22;fill-opacity:.6;stroke:#6e7681}
.label{fill:#9ea7b3}
.tiny{fill:#9ea7b3}
.badge{fill:#0d1117;stroke:#6e7681}
.arrow{stroke:#6e7681}
.head{fill:#8b949e}
.pip{fill:#9ea7b3}
"""


def escaped(value: str) -> str:
    """The text as XML, with nothing in it that XML forbids."""
    return clean(value).translate(_ESCAPES)


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel and without needless digits."""
    short = f"{value:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """A line of text, from its baseline."""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{number(x)}" y="{number(y)}"{named}>{escaped(words)}</text>'


def curve(route: Sequence[Point]) -> str:
    """An arrow's line along its route."""
    (x, y), *others = route
    steps = [f"M{number(x)} {number(y)}"]
    for index, (to_x, to_y) in enumerate(others):
        if index % 2 and to_y != y:
            middle = number((x + to_x) / 2)
            steps.append(f"C{middle} {number(y)} {middle} {number(to_y)} {number(to_x)} {number(to_y)}")
        elif index + 1 == len(others) or others[index + 1][1] != to_y:
            # A level line that goes on level needs no corner.
            steps.append(f"L{number(to_x)} {number(to_y)}")
        x, y = to_x, to_y
    return f'<path class="arrow" d="{"".join(steps)}"/>'


def arrow_head(tip: Point, *, leftward: bool = False) -> str:
    """The head of an arrow that arrives level."""
    back = 7 if leftward else -7
    return f'<path class="head" d="M{number(tip[0])} {number(tip[1])}l{back} -3.6v7.2z"/>'


def rectangle(spot: Spot, kind: str, radius: float) -> str:
    """A rectangle with round corners."""
    return (
        f'<rect class="{kind}" x="{number(spot.x)}" y="{number(spot.y)}" width="{number(spot.width)}"'
        f' height="{number(spot.height)}" rx="{number(radius)}"/>'
    )


def icon(x: float, y: float, status: str) -> str:
    """A status's icon, in its top left corner."""
    sign = next(sign for name, sign in SIGNS.items() if name == status)
    solid = " solid" if sign.solid else ""
    return f'<path class="icon{solid} {status}" transform="translate({number(x)} {number(y)})" d="{sign.outline}"/>'


def page(
    body: Iterable[str],
    *,
    width: float,
    height: float,
    title: str,
    description: str,
    status: str | None,
    notes: Sequence[str],
) -> str:
    """The whole drawing: heading and notes above, the body, drawn from 0, 0, below them."""
    heading = title + (f" · {status}" if status else "")
    shift = 20.0 if status else 0.0
    top = _MARGIN + 30 + 16 * len(notes)
    lines = [title, *notes]
    words = max(shift + 2 + span(heading, _HEADING), *(span(line, _SMALL) for line in lines))
    full_width = number(max(width, words) + 2 * _MARGIN)
    full_height = number(top + height + _MARGIN)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="agentkit-diagram" role="img" aria-label="{escaped(heading)}"'
        f' viewBox="0 0 {full_width} {full_height}" width="{full_width}" height="{full_height}">'
    )
    parts = [
        opening,
        f"<title>{escaped(heading)}</title>",
        f"<desc>{escaped(description)}</desc>",
        f"<style>{_style()}</style>",
        f'<rect class="page" width="{full_width}" height="{full_height}"/>',
        icon(_MARGIN, _MARGIN + 1, status) if status else "",
        text(_MARGIN + shift, _MARGIN + 12, heading, f"heading {status or ''}".rstrip()),
        *(text(_MARGIN, _MARGIN + 32 + 16 * line, note, "faint") for line, note in enumerate(notes)),
        f'<g transform="translate({number(_MARGIN)} {number(top)})">',
        *body,
        "</g>",
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _style() -> str:
    light = _LIGHT + "".join(_tint(status, sign.light) for status, sign in SIGNS.items())
    dark = _DARK + "".join(_tint(status, sign.dark) for status, sign in SIGNS.items())
    return _own(_SHAPES + light) + f"@media (prefers-color-scheme:dark){{\n{_own(dark)}}}"


def _tint(status: str, tint: Tint) -> str:
    return (
        f".box.{status}{{fill:{tint.fill};stroke:{tint.ink}}}\ntext.{status}{{fill:{tint.ink}}}\n"
        f".icon.{status}{{stroke:{tint.ink}}}\n.icon.solid.{status}{{fill:{tint.ink}}}\n"
    )


def _own(rules: str) -> str:
    """The rules, each for this drawing alone."""
    return "".join(f"{_ROOT} {line}\n" for line in rules.splitlines() if line)
