"""JSON data as XML, without losing what it was.

Rules: an element says its type where that is not text, so that `"1"`, `1` and null stay apart; a name that XML does not
allow becomes an attribute; what XML cannot hold is refused, never left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast
from xml.sax.saxutils import escape, quoteattr

__all__ = ["as_xml"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_xml(value: object, root: str) -> str:
    """A document.

    Raises:
        ValueError: A text has letters that XML does not know.

    Example:
        >>> as_xml({"id": "op-1", "events": 2}, "operation").splitlines()[1]
        '<operation type="object"><id>op-1</id><events type="number">2</events></operation>'
    """
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(root, value)}\n'


def _element(name: str, value: object) -> str:
    tag, attributes = name, ""
    if not _NAME.fullmatch(name) or name.lower().startswith("xml"):
        tag, attributes = "entry", f" name={quoteattr(_checked(name))}"
    match value:
        case None:
            return f'<{tag}{attributes} type="null"/>'
        case bool() | int() | float():
            kind = "boolean" if isinstance(value, bool) else "number"
            return f'<{tag}{attributes} type="{kind}">{json.dumps(value)}</{tag}>'
        case str():
            # A carriage return by its number, or readers make a line feed of it.
            text = escape(_checked(value), {"\r": "&#13;"})
            return f"<{tag}{attributes}>{text}</{tag}>"
        case Mapping():
            inside = "".join(_element(str(key), item) for key, item in cast("Mapping[object, object]", value).items())
            return f'<{tag}{attributes} type="object">{inside}</{tag}>'
        case _:
            inside = "".join(_element("item", item) for item in cast("Sequence[object]", value))
            return f'<{tag}{attributes} type="list">{inside}</{tag}>'


def _checked(text: str) -> str:
    found = _FORBIDDEN.search(text)
    if found:
        raise ValueError(f"the letter U+{ord(found.group()):04X} does not exist in XML")
    return text
