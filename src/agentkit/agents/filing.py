"""The part of a task that gives and reads files: `task.attach(...)` and `task.fetch(...)`.

Rules: files are given with the attempt's success and never without it; reading costs the bytes, and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from agentkit.errors import NotFound

from .assignment import Assignment
from .attaching import kept
from .notes import Notes, Recorder
from .relaying import check_blocking, finish, relay, running_loop
from .reports import Reports
from .values import ANY, ValueType

if TYPE_CHECKING:
    from agentkit.kernel import Artifact, RunAttempt

__all__ = ["Filing"]

In = TypeVar("In")


class Filing(Assignment[In]):
    """An assignment to which files are attached, and that keeps what is said besides its value."""

    __slots__ = ("_loop", "_notes", "_own", "_recorder")

    def __init__(
        self,
        command: RunAttempt,
        *,
        value_type: ValueType = ANY,
        reports: Reports | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__(command, value_type=value_type, reports=reports)
        self._notes: Notes | None = None
        self._recorder = recorder
        # Looked for here, since a plain function is in a thread, which does not know the loop.
        self._loop = None if recorder is None else running_loop()
        # Of a task that stands alone.
        self._own: dict[str, bytes] = {}

    @property
    def notes(self) -> Notes | None:
        """What was said besides the value; None if nothing was."""
        return self._notes

    async def attach(self, name: str, content: bytes, *, media_type: str | None = None) -> Artifact:
        """Give a file besides the value. `Operation.artifacts` lists it once the attempt has succeeded.

        The bytes are kept in the store, once, under their hash. A file of the same name in the same attempt replaces
        the one before.

        Args:
            name: A plain file name, such as `statement.pdf`.
            content: What is in it, at most 256 MiB.
            media_type: What it is; by the end of its name if it is not said.

        Raises:
            InputError: The name is no plain file name, the media type is none, or the content is no bytes or too large.
            LeaseLost: The operation is not driven here any more.
            StoreUnavailable: The bytes could not be kept.

        Example:
            >>> import asyncio
            >>> from agentkit import Task
            >>> asyncio.run(Task.standalone(None).attach("a.csv", b"a,b")).media_type
            'text/csv'
        """
        return await self._attach(name, content, media_type, blocking=False)

    def attach_sync(self, name: str, content: bytes, *, media_type: str | None = None) -> Artifact:
        """`attach` for plain functions.

        Raises:
            UsageError: This is called by a coroutine, which awaits `attach`.
            InputError: The name is no plain file name, the media type is none, or the content is no bytes or too large.
            LeaseLost: The operation is not driven here any more.
            StoreUnavailable: The bytes could not be kept.
        """
        check_blocking(self._loop, f"stage {self.stage!r}: a coroutine awaits `task.attach(...)`")
        return finish(self._attach(name, content, media_type, blocking=True))

    async def fetch(self, artifact: Artifact) -> bytes:
        """What is in a file that an earlier stage, or an earlier try, attached. A task that stands alone knows its own.

        Raises:
            NotFound: No such bytes are kept.
            StoreError: The store failed, or they are damaged.
        """
        return await self._fetch(artifact, blocking=False)

    def fetch_sync(self, artifact: Artifact) -> bytes:
        """`fetch` for plain functions.

        Raises:
            UsageError: This is called by a coroutine, which awaits `fetch`.
            NotFound: No such bytes are kept.
            StoreError: The store failed, or they are damaged.
        """
        check_blocking(self._loop, f"stage {self.stage!r}: a coroutine awaits `task.fetch(...)`")
        return finish(self._fetch(artifact, blocking=True))

    async def _fetch(self, artifact: Artifact, *, blocking: bool) -> bytes:
        command, recorder = self._command, self._recorder
        if recorder is None:
            if artifact.sha256 not in self._own:
                raise NotFound(f"file {artifact.name!r} was not attached to this task, which stands alone")
            return self._own[artifact.sha256]
        return await relay(
            self._loop, lambda: recorder.fetch(command, artifact.sha256), command.operation_id, blocking=blocking
        )

    async def _attach(self, name: str, content: bytes, media_type: str | None, *, blocking: bool) -> Artifact:
        command, recorder = self._command, self._recorder
        artifact = await relay(
            self._loop,
            lambda: kept(recorder, command, name, content, media_type),
            command.operation_id,
            blocking=blocking,
        )
        self._noted().artifacts[name] = artifact
        if recorder is None:
            self._own[artifact.sha256] = content
        return artifact

    def _noted(self) -> Notes:
        if self._notes is None:
            self._notes = Notes()
        return self._notes
