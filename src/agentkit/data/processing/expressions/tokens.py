"""The words of an expression, one after the other, each with its place.

Rules: nothing is skipped but blanks; what is no word of the language is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

from .tree import invalid

__all__ = ["MOST_CHARACTERS", "Token", "TokenKind", "tokens_of"]

TokenKind: TypeAlias = Literal["number", "text", "column", "parameter", "word", "sign", "end"]

MOST_CHARACTERS: Final = 4000
"""How long an expression may be."""

TOKEN: Final = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?![\w.]))"
    r"|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|`(?P<column>[^`]+)`"
    r"|\$(?P<parameter>[^\W\d]\w*)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign>==|!=|<=|>=|[-+*/()<>,]|\[|\])"
)
HINTS: Final = {
    "=": "one = compares nothing here: write ==",
    "'": "a text is not closed",
    '"': "a text is not closed",
    "`": "the name of a column is not closed, or empty",
    "$": "a parameter is a name behind $, such as $period",
    "&": "write and",
    "|": "write or",
    "!": "write not, or !=",
    "%": "there is no %: multiply by a number, such as 0.15",
    "^": "there are no powers",
    ".": "there are no attributes, and a number has one point with digits after it",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, text or sign.

    Attributes:
        kind: What it is; `end` stands behind the last one.
        text: What it says: of a text what is between its quotes, of a column its name without backticks.
        at: Where it stands, counted from 0.
    """

    kind: TokenKind
    text: str
    at: int


def tokens_of(text: str) -> Iterator[Token]:
    """Split an expression into its tokens, one of kind `end` last.

    Raises:
        ExpressionInvalid: It is too long, or something in it is no word of the language.

    Example:
        >>> [token.text for token in tokens_of("price * 2 >= 1.50")]
        ['price', '*', '2', '>=', '1.50', '']
    """
    if len(text) > MOST_CHARACTERS:
        raise invalid(text, MOST_CHARACTERS, f"an expression has at most {MOST_CHARACTERS:,} characters")
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise invalid(text, at, _problem(text, at))
        kind = cast("TokenKind | Literal['blank']", found.lastgroup)
        said = found.group(kind)
        if kind == "text":
            quote = said[0]
            said = said[1:-1].replace(quote * 2, quote)
        if kind != "blank":
            yield Token(kind, said, at)
        at = found.end()
    yield Token("end", "", at)


def _problem(text: str, at: int) -> str:
    letter = text[at]
    if letter.isdigit():
        return "this is no number: write digits with at most one point, such as 1000.50"
    return HINTS.get(letter, f"{letter!r} means nothing here")
