"""One request on its way through: its id, and what its answer is to say besides.

Rules: the id is the caller's if it is harmless, else ours; what goes into the log cannot be forged by what was sent.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass, field
from itertools import count

from starlette.types import Scope

from agentkit.views import TraceParent

__all__ = ["LOG", "Passage", "Proof", "passage_of", "request_id"]

LOG = logging.getLogger("agentkit.rest")
_PLACE = "agentkit.passage"
_PROCESS = os.urandom(4).hex()
_NUMBERS = count(1)
_HARMLESS = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What somebody shows to say who they are.

    Attributes:
        address: Where they ask from.
        credential: A key or a token.
        cookie: The cookie of a session; it counts where there is no credential.
    """

    address: str
    credential: str = field(default="", repr=False)
    cookie: str = field(default="", repr=False)

    @property
    def is_by_cookie(self) -> bool:
        """Whether it is the browser that says who asks, by itself."""
        return bool(self.cookie) and not self.credential


@dataclass(slots=True, kw_only=True)
class Passage:
    """One request on its way.

    Attributes:
        request_id: What it is called, in answers and in the log.
        headers: What the answer says besides.
        caller: Who asks, once that is known.
        tenant: Whose things they see.
        trace: Where it is in a trace, if it is in one.
        identity: What they are counted by.
        proof: What they have shown.
    """

    request_id: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    caller: str = ""
    tenant: str | None = None
    trace: TraceParent | None = None
    identity: str = ""
    proof: Proof | None = None

    def enter(self, scope: Scope) -> None:
        """Lay it where whoever works on the request finds it."""
        scope[_PLACE] = self

    @property
    def fields(self) -> dict[str, object]:
        """What every line of the log says of it."""
        found: dict[str, object] = {"request": self.request_id}
        return found if self.trace is None else {**found, "trace": self.trace.trace_id}

    def log_error(self, error: BaseException) -> None:
        """Write what went wrong on our side."""
        LOG.error(
            "request %s: %s", self.request_id, type(error).__name__, exc_info=error, extra={"fields": self.fields}
        )


def passage_of(scope: Scope) -> Passage:
    """The passage of a request."""
    found: object = scope[_PLACE]
    assert isinstance(found, Passage)
    return found


def request_id(given: str) -> str:
    """What a request is called."""
    if _HARMLESS.fullmatch(given):
        return given
    # Different in every process, and counted on in it: chance from the system costs more than all of this.
    return f"{_PROCESS}{next(_NUMBERS) % 2**32:08x}"
