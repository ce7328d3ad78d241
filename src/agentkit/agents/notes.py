"""What an attempt says besides its value, and how it may be paused.

Rules: what is noted takes effect with the attempt's success and never without it, but for what it used: that is counted
whether it succeeds or not. A pause is no error and no answer: the attempt ends, and is run again when what it waits for
is there.
"""

from __future__ import annotations

import json
from typing import Protocol

from agentkit.errors import InputError
from agentkit.kernel import Artifact, Asked, Doubtful, RunAttempt, TierUsed, Usage, Wish

from .values import ANY

__all__ = ["Notes", "Paused", "Recorder"]


class Recorder(Protocol):
    """What puts on the journal what an attempt says while it works."""

    async def record(self, command: RunAttempt, wish: Wish) -> None:
        """Put it on the journal of the attempt's operation; when this returns it is kept.

        Raises:
            LeaseLost: The operation is not driven here any more.
            AgentKitError: The wish was refused.
        """
        ...

    async def keep(self, command: RunAttempt, content: bytes) -> str:
        """Keep the bytes of a file; when this returns they are kept.

        Returns:
            The hexadecimal SHA-256 under which they are.

        Raises:
            StoreUnavailable: They could not be kept.
            LeaseLost: The operation is not driven here any more.
        """
        ...

    async def fetch(self, command: RunAttempt, sha256: str) -> bytes:
        """The bytes of a file that was kept.

        Raises:
            NotFound: None are kept under that hash.
            StoreError: The store failed, or they are damaged.
        """
        ...


class Paused(BaseException):
    """Ends an attempt that cannot go on by itself. No `Exception`: an agent that catches those must not catch this.

    Attributes:
        outcome: What it waits for.
    """

    def __init__(self, outcome: Asked | Doubtful) -> None:
        self.outcome: Asked | Doubtful = outcome
        super().__init__("this attempt is paused")


class Notes:
    """What an attempt has said so far.

    Attributes:
        confidence: How sure it is, 0 to 1; None is as sure as one is.
        writes: What it writes to the operation's context, by key.
        messages: What is to leave with its success, as pairs of a kind and a content.
        usage: What it used; None if it has not said so.
        degraded: Whether the value is less than was asked for.
        tier: The capability tier that it was worked on with, and why; None if it was not chosen.
        artifacts: The files that it gives, by name.
    """

    __slots__ = ("artifacts", "confidence", "degraded", "messages", "tier", "usage", "writes")

    def __init__(self) -> None:
        self.confidence: float | None = None
        self.writes: dict[str, object] = {}
        self.messages: list[tuple[str, object]] = []
        self.usage: Usage | None = None
        self.degraded: bool = False
        self.tier: TierUsed | None = None
        self.artifacts: dict[str, Artifact] = {}

    def be_confident(self, confidence: float) -> None:
        """Say how sure the value is.

        Raises:
            InputError: It is no share from 0 to 1.
        """
        # A comparison that NaN fails.
        if not 0 <= confidence <= 1:
            raise InputError(f"a confidence is a share from 0 to 1, not {confidence!r}")
        self.confidence = confidence

    def use(self, usage: Usage) -> None:
        """Say what was used; it is added to what was said before.

        Raises:
            DefinitionError: Its currency is another one.
        """
        self.usage = usage if self.usage is None else self.usage + usage

    def join(self, part: Notes, *, succeeded: bool, degraded: bool = False) -> None:
        """Make what a part of the work said one's own; of one that failed, only what it used.

        Raises:
            DefinitionError: Its currency is another one.
        """
        if part.usage is not None:
            self.use(part.usage)
        if succeeded:
            self.confidence = part.confidence
            self.writes.update(part.writes)
            self.messages.extend(part.messages)
            self.degraded = part.degraded or degraded
            self.tier = part.tier or self.tier
            self.artifacts.update(part.artifacts)

    @property
    def context(self) -> str:
        """The writes as a JSON object; empty if there are none.

        Raises:
            UnstorableValue: One of them cannot be written exactly.
        """
        return ANY.encode(self.writes) if self.writes else ""

    @property
    def effects(self) -> str:
        """The messages as a JSON list; empty if there are none.

        Raises:
            UnstorableValue: One of them cannot be written exactly.
        """
        if not self.messages:
            return ""
        return "[" + ",".join(f"[{json.dumps(kind)},{ANY.encode(content)}]" for kind, content in self.messages) + "]"
