"""The colours and spaces of a picture in a notebook.

Rules: the style reaches nothing but the picture; what has a colour of its own has its own ground too, so that it can be
read on any page. Light or dark is what the notebook says, where it does, and otherwise what the reader prefers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agentkit.kernel import SIGNS, Sign

__all__ = ["chip_style", "style_of"]

_SIGNS: Final[Mapping[str, Sign]] = dict(SIGNS.items())
# Said twice, so that it weighs more than what notebooks say of all tables.
_ROOT: Final = ".agentkit-view.agentkit-view"
_SHAPES: Final = """
{font-family:system-ui,sans-serif;font-size:13px;line-height:1.45;max-width:100%}
 p,ul{margin:0 0 6px}
 .head strong{font-size:15px}
 .small{opacity:.75;overflow-wrap:anywhere}
 .chip{border-radius:9px;padding:1px 8px;white-space:nowrap;font-size:12px}
 .bar{height:6px;min-width:60px;border-radius:3px;background:rgba(128,128,128,.3);margin:0 0 6px;overflow:hidden}
 .bar div{height:100%;background:currentColor;opacity:.65}
 table{border-collapse:collapse;margin:0}
 table td,table th{text-align:left;vertical-align:top;padding:3px 12px 3px 0}
 table td,table th{border-bottom:1px solid rgba(128,128,128,.3)}
 table td .bar{margin:7px 0 0}
 table .says{min-width:12em}
 img{color-scheme:var(--scheme,light dark);border-radius:6px;margin:4px 0;max-width:100%}
 .note{border-left:3px solid currentColor;padding:4px 0 4px 10px;margin:0 0 8px}
 .note pre{margin:4px 0 0;white-space:pre-wrap;overflow-wrap:anywhere;background:none;color:inherit;font-size:12px}
 summary{cursor:pointer;font-weight:600}
"""
_LIGHT_PAGES: Final = ('[data-jp-theme-light="true"]', ".vscode-light")
_DARK_PAGES: Final = ('[data-jp-theme-light="false"]', ".vscode-dark", "html[theme=dark]")


def style_of(statuses: Iterable[str]) -> str:
    """The style of a picture that shows these statuses."""
    shown = [(name, _SIGNS[name]) for name in sorted(set(statuses)) if name in _SIGNS]
    light = "".join(f"--{name}-ink:{sign.light.ink};--{name}-fill:{sign.light.fill};" for name, sign in shown)
    dark = "".join(f"--{name}-ink:{sign.dark.ink};--{name}-fill:{sign.dark.fill};" for name, sign in shown)
    shapes = "".join(f"{_ROOT}{rule}\n" for rule in _SHAPES.splitlines() if rule)
    shapes = shapes.replace("p,ul", f"p,{_ROOT} ul").replace("td,table", f"td,{_ROOT} table")
    return (
        f"<style>{shapes}{_ROOT}{{{light}}}\n@media(prefers-color-scheme:dark){{{_ROOT}{{{dark}}}}}\n"
        f"{_on(_LIGHT_PAGES)}{{--scheme:light;{light}}}\n{_on(_DARK_PAGES)}{{--scheme:dark;{dark}}}</style>"
    )


def chip_style(status: str) -> str:
    """The colours of a status, from the style of the picture."""
    return f"color:var(--{status}-ink);background:var(--{status}-fill)" if status in _SIGNS else ""


def _on(pages: Iterable[str]) -> str:
    return ",".join(f"{page} {_ROOT}" for page in pages)
