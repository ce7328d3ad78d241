"""Errors as RFC 9457 problems.

Rules: a problem says what is wrong in words that are safe for whoever asked; what went wrong on our side stays in the
log, under the id of the request. Nothing that was sent is repeated but names and ids.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from agentkit.errors import AgentKitError, NotReady, OperationError, Overloaded, Unauthenticated
from agentkit.wire import Problem, ProblemPart

from .door import door_of
from .passage import Passage, passage_of

__all__ = [
    "HIDDEN",
    "PROBLEM_TYPE",
    "install_problems",
    "internal_problem",
    "pointer_of",
    "problem_of",
    "problem_page",
    "problem_response",
    "refusal",
]

PROBLEM_TYPE: Final = "application/problem+json"
_URN: Final = "urn:agentkit:problem:"
_MOST_LETTERS = 2_000

_CODES: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    413: "body_too_large",
    415: "media_type_unknown",
    421: "host_unknown",
    422: "input_invalid",
    503: "closed",
}
HIDDEN: Final = "the server could not do it; its log says why, under the id of this request"


def install_problems(app: FastAPI) -> None:
    """Have an application answer errors as problems."""
    app.add_exception_handler(AgentKitError, _ours)
    app.add_exception_handler(HTTPException, _theirs)
    app.add_exception_handler(RequestValidationError, _invalid)


def refusal(scope: Scope, status: int, detail: str, **headers: str) -> Response:
    """A problem of the protocol itself."""
    return problem_response(scope, _CODES.get(status, "error"), status, detail, headers=headers)


def internal_problem(scope: Scope) -> Response:
    """The problem for what should not have happened."""
    return problem_response(scope, "error", 500, HIDDEN)


def problem_response(
    scope: Scope,
    code: str,
    status: int,
    detail: str,
    *,
    retryable: bool = False,
    errors: Sequence[ProblemPart] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem, as an answer."""
    problem = problem_page(passage_of(scope), code, status, detail, retryable=retryable, errors=errors)
    return _answered(problem, headers or {})


def problem_page(
    passage: Passage,
    code: str,
    status: int,
    detail: str,
    *,
    retryable: bool = False,
    errors: Sequence[ProblemPart] = (),
) -> Problem:
    """One problem."""
    return Problem(
        type=f"{_URN}{code}",
        title=code.replace("_", " "),
        status=status,
        detail=detail if len(detail) <= _MOST_LETTERS else f"{detail[:_MOST_LETTERS]}...",
        instance=passage.request_id,
        code=code,
        retryable=retryable,
        errors=list(errors),
    )


def pointer_of(path: Iterable[object]) -> str:
    """A place in a body as a JSON pointer (RFC 6901), as far as that is worth showing."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)[:500]


def problem_of(passage: Passage, error: AgentKitError) -> Problem:
    """The problem that an error is; what went wrong on our side goes to the log, and is not told."""
    is_hidden = error.status >= 500 and not isinstance(error, Overloaded | OperationError)
    if is_hidden:
        passage.log_error(error)
    detail = HIDDEN if is_hidden else str(error)
    return problem_page(passage, error.code, error.status, detail, retryable=error.retryable)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, AgentKitError)
    headers: dict[str, str] = {}
    if isinstance(error, Overloaded):
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    elif isinstance(error, NotReady) or (error.retryable and error.status == 503):
        headers["Retry-After"] = "1"
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="agentkit"'
    return _answered(problem_of(passage_of(request.scope), error), headers)


def _answered(problem: Problem, headers: Mapping[str, str]) -> Response:
    safe = problem.model_dump_json().encode("utf-8", errors="replace")
    return Response(safe, problem.status, {"Cache-Control": "no-store", **headers}, media_type=PROBLEM_TYPE)


async def _theirs(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return refusal(request.scope, error.status_code, str(error.detail), **headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = cast("Sequence[Mapping[str, object]]", error.errors())
    parts: list[ProblemPart] = []
    for one in found[:50]:
        where, *path = cast("Sequence[str | int]", one["loc"])
        words = str(one["msg"])
        pointer = pointer_of(path) if where == "body" else ""
        detail = words if where == "body" else f"{where} {'.'.join(map(str, path))}: {words}"
        parts.append(ProblemPart(pointer=pointer, detail=detail[:500], type=str(one["type"])))
    first = parts[0]
    place = f"{first.pointer}: " if first.pointer else ""
    return problem_response(request.scope, "input_invalid", 422, f"{place}{first.detail}", errors=parts)


def _methods(request: Request) -> set[str]:
    """Which methods there are at the path of a request."""
    root, path = str(request.scope.get("root_path", "")), str(request.scope["path"])
    below = path.removeprefix(root)
    found = [route for route in door_of(request).routes if route.path_regex.match(below)]
    # A path that stands there letter by letter is meant, not one that has a name in its place.
    meant = [route for route in found if route.path == below] or found
    return {method for route in meant for method in route.methods or ()}
