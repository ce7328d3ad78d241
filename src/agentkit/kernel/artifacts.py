"""Artifacts: files that an attempt gives besides its value, as the journal knows them.

Rules: the journal holds what a file is called and the hash of its bytes; the bytes are kept once, under that hash. They
are kept before the journal says that they are there, so what it says is always there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from agentkit.errors import InputError

from .checks import shortened

__all__ = ["TABLE_TYPE", "Artifact", "artifacts_from_text", "artifacts_text"]

TABLE_TYPE: Final = "application/vnd.agentkit.table"
"""What a table is, as one stage hands it to the next."""

# A file name on every system: no separators, no control characters, nothing that hides or climbs.
_NAME = re.compile(r"[^/\\:*?\"<>|\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]{1,200}")
_MEDIA_TYPE = re.compile(
    r"[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}(; ?[a-zA-Z0-9-]+=[\w.-]+)*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that belongs to an operation.

    Attributes:
        name: What it is called: a file name of at most 200 letters, without a folder.
        media_type: What it is, such as `application/pdf`.
        size: How many bytes it has.
        sha256: The hash of its bytes, in hexadecimal.

    Raises:
        InputError: The name is no plain file name, or the media type is none.

    Example:
        >>> Artifact(name="statement.pdf", media_type="application/pdf", size=3, sha256="a" * 64).name
        'statement.pdf'
    """

    name: str
    media_type: str
    size: int
    sha256: str

    @property
    def is_for_people(self) -> bool:
        """Whether people want to have it; a table that one stage hands to the next is for agents alone."""
        return self.media_type != TABLE_TYPE

    def __post_init__(self) -> None:
        name = self.name
        if not _NAME.fullmatch(name) or name.strip() != name or set(name) == {"."} or not name.isprintable():
            raise InputError(f"an artifact's name is a plain file name of 1 to 200 letters, not {shortened(name)}")
        if not _MEDIA_TYPE.fullmatch(self.media_type):
            raise InputError(f"artifact {self.name!r}: {shortened(self.media_type)} is no media type, such as text/csv")


def artifacts_text(artifacts: Iterable[Artifact]) -> str:
    """Artifacts as a JSON list; empty if there are none."""
    listed = [asdict(artifact) for artifact in artifacts]
    return json.dumps(listed, separators=(",", ":")) if listed else ""


def artifacts_from_text(text: str) -> tuple[Artifact, ...]:
    """The artifacts that were written as this text.

    Example:
        >>> artifacts_from_text(artifacts_text([])) == ()
        True
    """
    return tuple(Artifact(**data) for data in json.loads(text)) if text else ()
