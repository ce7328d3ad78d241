"""The OpenAPI document.

Rules: it is version 3.1 and says everything that routes do by hand: bodies, answers in both forms, the one kind of
problem, headers. Every route has a name of its own for generated clients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, TypeAlias, cast, get_args

from fastapi import FastAPI, Header
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from agentkit.wire import EndType, OperationEnded, OperationProgress, Problem

from .browsing import COOKIES
from .problems import PROBLEM_TYPE

__all__ = ["ASKED", "Answers", "Described", "install_schema", "shows", "takes"]

Described = dict[str, Any]
"""A part of the document."""

Answers = dict[int | str, Described]
"""What a route may answer, as FastAPI takes it."""

ASKED: Final[list[type[BaseModel]]] = []
"""The models of bodies: routes read them by themselves, so FastAPI does not know of them."""

_REFERENCE: Final = "#/components/schemas/{model}"
_WAYS_IN: Final[Mapping[str, Described]] = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIES[-1],
        "description": "The session of a browser; what changes something takes `X-CSRF-Token` too.",
    },
}
"""Beside `bearer`, which FastAPI finds at the routes."""
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_WORDS: Final = """Operations of agent workflows: start them, follow them, decide what they ask, fetch what they give.

Errors are problems as RFC 9457 describes them, with a stable `code`. Requests that start something take an
`Idempotency-Key`: the same key never starts twice.
"""


def takes(model: type[BaseModel]) -> Described:
    """What to tell FastAPI of a route whose body is this model."""
    if model not in ASKED:
        ASKED.append(model)
    reference = {"$ref": _REFERENCE.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference}}}}


def shows(
    model: type[BaseModel], words: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answers:
    """What to tell FastAPI of a route that answers with this model."""
    said = {name: {"description": text, "schema": {"type": "string"}} for name, text in (headers or {}).items()}
    return {status: {"model": model, "description": words, "headers": said}}


def install_schema(app: FastAPI) -> None:
    """Have an application describe itself completely."""
    for kind in get_args(EndType):
        _add_message(app, kind, _announced, f"It is {kind.partition('.')[2]}")
    _add_message(app, "operation.progress", _on_the_way, "It is on its way")

    def document() -> Described:
        if not app.openapi_schema:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # this is how FastAPI wants it


def _add_message(app: FastAPI, kind: str, message: Callable[..., None], words: str) -> None:
    app.webhooks.add_api_route(
        kind,
        message,
        methods=["POST"],
        operation_id=kind.replace(".", "_"),
        summary=words,
        status_code=204,
        response_description="It is taken.",
    )


_Id: TypeAlias = Annotated[str, Header(description="Which message; it stays the same over all tries.")]
_Sent: TypeAlias = Annotated[int, Header(description="When it was sent, in seconds since 1970.")]
_Signature: TypeAlias = Annotated[str, Header(description="Signatures, `v1,` and base64, with blanks between.")]


def _on_the_way(
    message: OperationProgress, webhook_id: _Id, webhook_timestamp: _Sent, webhook_signature: _Signature
) -> None:
    """Sent where `callback_events` has `progress`, when stages have ended: at most every few seconds, and each once."""


def _announced(  # the signature is what the document says
    message: OperationEnded,
    webhook_id: _Id,
    webhook_timestamp: _Sent,
    webhook_signature: _Signature,
) -> None:
    """Sent to `callback_url`, signed as Standard Webhooks describes; `GET /v1/webhooks/secret` says what verifies it.

    Any answer of 2xx takes it; 410 ends its tries at once; otherwise it is sent again for a day.
    """


def _document(app: FastAPI) -> Described:
    found = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=_WORDS,
        routes=app.routes,
        webhooks=app.webhooks.routes,
    )
    schemas: dict[str, Any] = found.setdefault("components", {}).setdefault("schemas", {})
    _, asked = models_json_schema([(model, "validation") for model in ASKED], ref_template=_REFERENCE)
    _, problem = models_json_schema([(Problem, "serialization")], ref_template=_REFERENCE)
    schemas |= {**problem.get("$defs", {}), **asked.get("$defs", {})}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    found["components"].setdefault("securitySchemes", {}).update(_WAYS_IN)
    for path, operation in _operations(found["paths"]):
        _complete(path, operation)
    for _, operation in _operations(found.get("webhooks", {})):
        operation.get("responses", {}).pop("422", None)
    return found


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Say of one route what all have in common."""
    if "security" in operation:
        operation["security"] = [{"bearer": []}, *({name: []} for name in _WAYS_IN)]
    answers: dict[str, Any] = operation["responses"]
    answers.pop("422", None)
    for answer in answers.values():
        content: dict[str, Any] = answer.get("content", {})
        # Everything that is a model is there as XML too; what is a file or a stream says so itself.
        if set(content) == {"application/json"} and path.startswith(("/v1", "/v2", "/api")):
            content["application/xml"] = {"schema": {"type": "string", "description": "The same, as XML."}}
    answers["default"] = {
        "description": "A problem (RFC 9457).",
        "headers": {"X-Request-ID": {"description": "The request, for the log.", "schema": {"type": "string"}}},
        "content": {PROBLEM_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}},
    }


def _operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in paths.items():
        for method in _METHODS:
            if method in item:
                yield path, cast("dict[str, Any]", item[method])
