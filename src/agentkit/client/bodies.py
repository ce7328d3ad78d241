"""What is sent and what comes back, as bytes and words.

Rules: what JSON cannot say is refused, never changed on the way; an answer is a model of `wire`, or is not believed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar, cast
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from agentkit.errors import AnswerInvalid, InputError

__all__ = ["checked_key", "new_key", "read", "segment", "word", "written"]

Model = TypeVar("Model", bound=BaseModel)


def new_key() -> str:
    """A name for one call that nobody else has."""
    return os.urandom(16).hex()


def checked_key(key: str) -> str:
    """A key that can stand in a header.

    Raises:
        InputError: It cannot.
    """
    if not (key.isascii() and key.isprintable()):
        raise InputError("a key that goes to a server has only letters of ASCII")
    return key


def segment(text: str) -> str:
    """A text as one step of a path."""
    # Dots alone would be taken for a way through the tree.
    return quote(text, safe="") if text.strip(".") else "%2E" * len(text)


def word(value: object) -> str | Sequence[str]:
    """A value as a query has it."""
    match value:
        case tuple():
            return [str(one) for one in cast("tuple[object, ...]", value)]
        case datetime():
            # A time without a zone is one of this machine.
            return value.astimezone(UTC).isoformat()
        case _:
            return str(value)


def written(body: BaseModel) -> bytes:
    """A model as JSON.

    Raises:
        InputError: There is something in it that JSON cannot say.
    """
    # Not by the model: it writes NaN as null, and nobody would notice.
    said = body.model_dump(mode="json", exclude_defaults=True)
    try:
        return json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise InputError(f"this cannot be sent as JSON: {error}") from error


def read(model: type[Model], answer: httpx2.Response) -> Model:
    """An answer as a model.

    Raises:
        AnswerInvalid: It is none.
    """
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise AnswerInvalid(
            f"the answer is no {model.__name__} ({place}: {first['msg']}): is this an agentkit server of this version?"
        ) from error
