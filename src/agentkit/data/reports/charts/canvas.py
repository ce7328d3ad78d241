"""A drawing as SVG text: lines, shapes and letters, with everything that is written made harmless.

Rules: the same drawing is the same text; nothing in it runs, and nothing in it comes from elsewhere.
"""

from __future__ import annotations

from html import escape
from typing import Final, Literal

from agentkit.data.reports.fonts.glyphs import width_of
from agentkit.data.reports.texts import plain

__all__ = ["COLOURS", "FAINT", "INK", "OTHERS", "PALE", "Canvas", "fitted"]

# Colours that differ for colour-blind eyes and, in this order, in their lightness on paper without colour.
COLOURS: Final = ("#1f4e79", "#e07b00", "#2a8c6a", "#b03a72", "#6aa5d8", "#8a6d1f", "#7a5ea8", "#7c8794")
OTHERS: Final = "#aab4c0"
INK: Final = "#1f2933"
FAINT: Final = "#5b6773"
PALE: Final = "#dde3ea"

WIDTH: Final = 680.0
"""How wide every drawing is; a page scales it."""


class Canvas:
    """Collects what is drawn, from the back to the front."""

    __slots__ = ("_shapes", "height", "width")

    def __init__(self, height: float) -> None:
        self._shapes: list[str] = []
        self.width: float = WIDTH
        self.height: float = height

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float = 1.0) -> None:
        """Draw a straight line."""
        self._shapes.append(
            f'<line x1="{_at(start[0])}" y1="{_at(start[1])}" x2="{_at(end[0])}" y2="{_at(end[1])}"'
            f' stroke="{colour}" stroke-width="{_at(width)}"/>'
        )

    def box(self, corner: tuple[float, float], size: tuple[float, float], colour: str) -> None:
        """Draw a filled rectangle."""
        self._shapes.append(
            f'<rect x="{_at(corner[0])}" y="{_at(corner[1])}" width="{_at(max(size[0], 0))}"'
            f' height="{_at(max(size[1], 0))}" fill="{colour}"/>'
        )

    def path(self, steps: str, *, fill: str = "none", stroke: str = "none", width: float = 1.0, dash: str = "") -> None:
        """Draw a path, given in the language of SVG."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._shapes.append(
            f'<path d="{steps}" fill="{fill}" stroke="{stroke}" stroke-width="{_at(width)}"'
            f' stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
        )

    def dot(self, centre: tuple[float, float], radius: float, colour: str) -> None:
        """Draw a filled circle with a white rim."""
        self._shapes.append(
            f'<circle cx="{_at(centre[0])}" cy="{_at(centre[1])}" r="{_at(radius)}" fill="{colour}"'
            f' stroke="#ffffff" stroke-width="1"/>'
        )

    def write(
        self,
        place: tuple[float, float],
        text: str,
        *,
        size: float = 11.0,
        anchor: Literal["start", "middle", "end"] = "start",
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        """Write one line of text, standing on its place."""
        weight = ' font-weight="700"' if bold else ""
        self._shapes.append(
            f'<text x="{_at(place[0])}" y="{_at(place[1])}" font-size="{_at(size)}" text-anchor="{anchor}"'
            f' fill="{colour}"{weight}>{escape(_one_line(text))}</text>'
        )

    def svg(self, description: str) -> str:
        """The drawing, with what it says to those who cannot see it."""
        told = escape(plain(description), quote=True)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_at(self.width)} {_at(self.height)}"'
            f' width="{_at(self.width)}" height="{_at(self.height)}" role="img" aria-label="{told}"'
            f" font-family=\"'Noto Sans', 'Noto Sans Arabic', 'Libertinus Serif', system-ui, sans-serif\">"
            f"{''.join(self._shapes)}</svg>"
        )


def fitted(text: str, width: float, size: float = 11.0) -> str:
    """A text, cut off with an ellipsis where it would get wider than this."""
    line = _one_line(text)
    if width_of(line, size) <= width:
        return line
    while line and width_of(line + "\u2026", size) > width:
        line = line[:-1]
    return line.rstrip() + "\u2026"


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def _at(number: float) -> str:
    """A coordinate: two decimals at most, and no negative zero."""
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
