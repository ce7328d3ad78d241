"""Files that an attempt gives besides its value: `task.attach(...)`.

Rules: the bytes are kept, durably, before the attempt says that it has them; what they are called takes effect with its
success. Bytes whose attempt failed are kept in vain and harm nobody.
"""

from __future__ import annotations

import mimetypes
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from agentkit.errors import InputError

from .notes import Recorder

if TYPE_CHECKING:
    from agentkit.kernel import Artifact, RunAttempt

__all__ = ["MOST_BYTES", "kept", "media_type_of"]

MOST_BYTES = 256 * 1024 * 1024
"""So many bytes a file has at most."""

_UNKNOWN = "application/octet-stream"


def media_type_of(name: str) -> str:
    """What a file is, by the end of its name.

    Example:
        >>> media_type_of("statement.pdf")
        'application/pdf'
    """
    # The table of the library alone: what the machine has registered would differ from host to host.
    end = name[name.rfind(".") :].lower() if "." in name else ""
    return _KNOWN.get(end) or _STANDARD.get(end, _UNKNOWN)


_STANDARD = mimetypes.MimeTypes().types_map[True]

_KNOWN = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
}


async def kept(
    recorder: Recorder | None, command: RunAttempt, name: str, content: bytes, media_type: str | None
) -> Artifact:
    """Keep the bytes of a file; without a recorder they are only looked at.

    Raises:
        InputError: The name is no plain file name, the media type is none, or the content is no bytes or too large.
        StoreUnavailable: They could not be kept.
    """
    from agentkit.kernel import Artifact

    if not isinstance(cast("object", content), bytes):
        raise InputError(f"artifact {name!r}: its content is bytes, not {type(content).__name__}")
    if len(content) > MOST_BYTES:
        raise InputError(f"artifact {name!r} has {len(content):,} bytes; at most {MOST_BYTES:,} are kept")
    artifact = Artifact(
        name=name,
        media_type=media_type or media_type_of(name),
        size=len(content),
        sha256=sha256(content).hexdigest(),
    )
    if recorder is not None:
        await recorder.keep(command, content)
    return artifact
