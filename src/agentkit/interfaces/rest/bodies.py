"""Bodies of requests: read within bounds, and understood in one way only.

Rules: a body is JSON in UTF-8 of limited size and depth that comes within a time; what two readers could understand
differently is refused: a key twice, NaN and Infinity, halves of surrogate pairs, a number that would not come back as
it was written. Then the model says what fits.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from math import isinf
from typing import NoReturn, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from agentkit.objects import each_once

from .door import door_of

__all__ = ["body_of", "parse_json"]

Model = TypeVar("Model", bound=BaseModel)

_MOST_DIGITS = 100
_JSON = re.compile(r"application/(json|[\w.-]+\+json)\s*(;.*)?", re.IGNORECASE)
# The closing quote is optional, so that a text without its end is read once, not once for every quote in it.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def body_of(model: type[Model]) -> Callable[[Request], Awaitable[Model]]:
    """What reads the body of a request as a model; for `Depends`."""

    async def read(request: Request) -> Model:
        settings = door_of(request).settings
        content = await _content(request, settings.max_body, settings.body_seconds)
        try:
            parse_json(content, max_depth=settings.max_depth)
        except (ValueError, RecursionError) as error:
            raise HTTPException(400, f"the body is not JSON that can be taken: {error}") from error
        try:
            return model.model_validate_json(content)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from error

    return read


def parse_json(content: bytes, *, max_depth: int = 100) -> object:
    """JSON that can be understood in one way only.

    Raises:
        ValueError: It is not; the message says why.

    Example:
        >>> parse_json(b'{"a": [1, 2.50]}')
        {'a': [1, 2.5]}
        >>> parse_json(b'{"a": 1, "a": 2}')
        Traceback (most recent call last):
        ...
        ValueError: the key 'a' stands twice in one object
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ValueError("it is no UTF-8") from error
    _check_depth(text, max_depth)
    try:
        value: object = json.loads(
            text, object_pairs_hook=each_once, parse_constant=_no_constant, parse_int=_whole, parse_float=_float
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    if _SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError("half of a surrogate pair is no letter") from error
    return value


def _check_depth(text: str, most: int) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        letter = text[token.start()]
        if letter in "[{":
            depth += 1
            if depth > most:
                raise ValueError(f"it has more than {most} levels")
        elif letter in "]}":
            depth -= 1


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS} digits")
    return int(text)


def _float(text: str) -> float:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS} digits")
    value = float(text)
    mantissa = text.lower().partition("e")[0]
    if isinf(value) or (not value and mantissa.strip("-0.")) or (value and Decimal(repr(value)) != Decimal(text)):
        raise ValueError(f"the number {text:.50} would not come back as it is written: send it as a text")
    return value


async def _content(request: Request, most: int, seconds: float) -> bytes:
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        raise HTTPException(415, "the body must be JSON: send it with `Content-Type: application/json`")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "the body must not be compressed")
    too_large = HTTPException(413, f"the body has more than {most:,} bytes", headers={"Connection": "close"})
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
        raise too_large
    content = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                content += chunk
                if len(content) > most:
                    raise too_large
    except TimeoutError as error:
        closing = {"Connection": "close"}
        raise HTTPException(408, f"the body did not come within {seconds:g} seconds", headers=closing) from error
    return bytes(content)
