"""Where the next page is.

Rules: the next page is where the first one was, at the same scheme, host and port; and a page that was there before is
an error, so that no server keeps anybody reading in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from agentkit.data.sources.json_source import at
from agentkit.errors import DefinitionError, SourceMalformed

__all__ = ["CursorPaging", "LinkPaging", "NumberPaging", "OffsetPaging", "Page", "Paging", "first_step", "next_step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPaging:
    """The header `Link` names the next page (RFC 8288), until there is none with `rel="next"`."""

    kind: Literal["link"] = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorPaging:
    """A field of the answer leads to the next page, until it is missing, null or empty.

    Attributes:
        field: Where it is, like `meta.next`.
        parameter: The parameter by which it is sent back; without one, the field holds the address of the next page.
    """

    field: str
    parameter: str | None = None
    kind: Literal["cursor"] = "cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPaging:
    """Pages are numbered, until one has no rows, or fewer than `size`.

    Attributes:
        parameter: The parameter of the number.
        first: The number of the first page.
        size_parameter: The parameter by which the rows of a page are asked for, if there is one.
        size: How many rows a page has; without it, the last page is the one with no rows.

    Raises:
        DefinitionError: A parameter for the size has no size.
    """

    parameter: str = "page"
    first: int = 1
    size_parameter: str | None = None
    size: int | None = None
    kind: Literal["page"] = "page"

    def __post_init__(self) -> None:
        if self.size_parameter is not None and self.size is None:
            raise DefinitionError(f"paging: {self.size_parameter!r} needs a size to ask for")


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetPaging:
    """A page begins after so many rows, until one has fewer rows than were asked for.

    Attributes:
        parameter: The parameter of the number of rows that come before.
        size_parameter: The parameter by which the rows of a page are asked for.
        size: How many that are.

    Raises:
        DefinitionError: The size is not above 0.
    """

    parameter: str = "offset"
    size_parameter: str = "limit"
    size: int = 100
    kind: Literal["offset"] = "offset"

    def __post_init__(self) -> None:
        if self.size < 1:
            raise DefinitionError(f"paging: a size of {self.size} leads nowhere")


Paging: TypeAlias = LinkPaging | CursorPaging | NumberPaging | OffsetPaging
"""How the pages of an address follow each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is known of a page when the next one is looked for.

    Attributes:
        number: Which it is, from 0.
        rows: How many rows it has.
        value: What it says.
        link: The address that its header names as next.
    """

    number: int
    rows: int
    value: object
    link: str | None


def first_step(paging: Paging | None) -> dict[str, str]:
    """The parameters of the first page."""
    match paging:
        case NumberPaging():
            return {paging.parameter: str(paging.first), **_sized(paging.size_parameter, paging.size)}
        case OffsetPaging():
            return {paging.parameter: "0", **_sized(paging.size_parameter, paging.size)}
        case _:
            return {}


def next_step(paging: Paging | None, page: Page) -> str | dict[str, str] | None:
    """The address of the next page, or its parameters; None if this is the last one.

    Raises:
        SourceMalformed: The field that leads on holds no text and no number.
    """
    match paging:
        case None:
            return None
        case LinkPaging():
            return page.link
        case CursorPaging():
            found = _cursor(paging, page.value)
            if found is None or paging.parameter is None:
                return found
            return {paging.parameter: found}
        case NumberPaging():
            if not page.rows or (paging.size is not None and page.rows < paging.size):
                return None
            number = paging.first + page.number + 1
            return {paging.parameter: str(number), **_sized(paging.size_parameter, paging.size)}
        case OffsetPaging():
            if page.rows < paging.size:
                return None
            offset = (page.number + 1) * paging.size
            return {paging.parameter: str(offset), **_sized(paging.size_parameter, paging.size)}


def _sized(parameter: str | None, size: int | None) -> dict[str, str]:
    return {parameter: str(size)} if parameter is not None else {}


def _cursor(paging: CursorPaging, value: object) -> str | None:
    *above, last = paging.field.split(".")
    holder = at(value, ".".join(above))
    found = cast("Mapping[str, object]", holder).get(last) if isinstance(holder, dict) else None
    match found:
        case None | "" | False:
            return None
        case bool() | dict() | list():
            raise SourceMalformed(f"{paging.field!r} should lead to the next page, and holds {found!r:.80}")
        case _:
            return str(found)
