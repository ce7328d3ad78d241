"""The routes of files that stages have given.

Rules: a file is handed out to be saved and never to be shown: whatever an agent put into it, a browser runs nothing of
it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from agentkit.errors import NotFound
from agentkit.wire import FileLine, Page

from .answers import answer
from .entering import Entered
from .operations import OperationId
from .schema import shows

__all__ = ["router"]

router: APIRouter = APIRouter(prefix="/v1/operations/{operation_id}/artifacts", tags=["files"])
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?charset=[\w-]+)?", re.ASCII)
_UNKNOWN = "application/octet-stream"


@router.get("", operation_id="list_artifacts", responses=shows(Page[FileLine], "What there is."))
async def artifacts(request: Request, desk: Entered, operation_id: OperationId) -> Response:
    """The files that the stages of an operation have given."""
    return answer(request, Page[FileLine](items=list(await desk.files(operation_id))), "artifacts")


@router.get(
    "/{name:path}",
    operation_id="download_artifact",
    response_class=Response,
    responses={
        200: {
            "description": "The file.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
            "headers": {"Content-Disposition": {"description": "Its name.", "schema": {"type": "string"}}},
        },
        304: {"description": "It is the one of the `If-None-Match` that was sent."},
    },
)
async def artifact(
    request: Request,
    desk: Entered,
    operation_id: OperationId,
    name: Annotated[str, Path(description="What it is called.", max_length=300)],
    stage: Annotated[str | None, Query(max_length=255, description="Which stage gave it, where several did.")] = None,
) -> Response:
    """One file, to be saved."""
    line = _newest(await desk.files(operation_id), name, stage)
    tag = f'"{line.sha256}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name.rpartition('/')[2], safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if tag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    content = await desk.file(operation_id, name, stage=stage)
    media_type = line.media_type if _MEDIA_TYPE.fullmatch(line.media_type) else _UNKNOWN
    # As a header, since a media type that is given apart gets a charset that nobody has said.
    return Response(content, headers={**headers, "Content-Type": media_type})


def _newest(lines: Sequence[FileLine], name: str, stage: str | None) -> FileLine:
    """The newest file of a name, which is the one that the desk gives.

    Raises:
        NotFound: There is none.
    """
    for line in reversed(lines):
        if line.name == name and stage in (None, line.stage):
            return line
    raise NotFound("this operation has no such file")
