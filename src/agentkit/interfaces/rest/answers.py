"""Answers: what a desk gave, as JSON or as XML, with the headers that belong to it.

Rules: an answer is a model of `wire`, written by it; XML is the same, for those who ask for it. A place is told as a
path below this application, never with a host that somebody sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from agentkit.service import Desk
from agentkit.wire import OperationPage

from .xml_form import as_xml

__all__ = ["BEGUN", "accepted", "answer", "conditional", "next_link", "place", "wants"]

BEGUN: Final[Mapping[str, str]] = {
    "Location": "Where it is.",
    "Retry-After": "When it is worth looking.",
    "Idempotency-Replayed": "`true`, if the key had begun it before and so nothing new began.",
}
"""What the headers of something that was begun say."""

_JSON: Final = "application/json"
_XML: Final = ("application/xml", "text/xml")


def answer(
    request: Request, model: BaseModel, root: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A model, in the form that is asked for; 406 if that is XML, and the model has letters that XML cannot hold.

    Args:
        request: Who asks for which form.
        model: What to say.
        root: What the XML document is called.
        status: The HTTP status.
        headers: What to say besides.
    """
    more = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    if "accept" not in request.headers or wants(request, *_XML) <= wants(request, _JSON):
        return Response(model.model_dump_json(), status, more, media_type=_JSON)
    try:
        text = as_xml(model.model_dump(mode="json"), root)
    except ValueError as error:
        raise HTTPException(406, f"this cannot be written as XML, ask for JSON: {error}") from error
    return Response(text, status, more, media_type=_XML[0])


def accepted(request: Request, desk: Desk, model: BaseModel, operation_id: str, root: str = "operation") -> Response:
    """What was begun, and where it is; and whether it was begun by this request or by one before it."""
    headers = {"Location": place(request, f"/v1/operations/{quote(operation_id, safe='')}"), "Retry-After": "1"}
    if desk.has_replayed:
        headers["Idempotency-Replayed"] = "true"
    return answer(request, model, root, status=202, headers=headers)


def conditional(request: Request, page: OperationPage) -> Response:
    """An operation, unless whoever asks has it as it stands."""
    # Besides events only what attempts say changes it, and a place in line. What changes with every look, such as the
    # time so far, is no change; so it is a weak tag.
    said = (page.status, page.fraction, page.position, [(stage.fraction, stage.message) for stage in page.stages])
    tag = f'W/"{page.events}-{hashlib.sha256(repr(said).encode()).hexdigest()[:12]}"'
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if "*" in known or any(one.removeprefix("W/") == tag.removeprefix("W/") for one in known):
        return Response(status_code=304, headers={**headers, "Vary": "Accept"})
    return answer(request, page, "operation", headers=headers)


def place(request: Request, path: str) -> str:
    """A path of this application, wherever it is mounted."""
    return str(request.scope.get("root_path", "")).rstrip("/") + path


def next_link(request: Request, cursor: str, path: str = "/v1/operations") -> str:
    """The link to the next page of what is asked for."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f'<{place(request, path)}?{urlencode([*asked, ("cursor", cursor)])}>; rel="next"'


def wants(request: Request, *kinds: str) -> float:
    """How much one of these media types is asked for, from 0 to 1.

    What is not named at all counts a little more than nothing for JSON, which everybody gets who asks for nothing.
    """
    best = 0.01 if _JSON in kinds else 0.0
    for part in request.headers.get("accept", "").split(",")[:50]:
        kind, *parameters = (word.strip().lower() for word in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name == "q":
                weight = _weight(value)
        if kind in kinds or (kind in ("*/*", "application/*") and _JSON in kinds):
            best = max(best, weight)
    return best


def _weight(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0
