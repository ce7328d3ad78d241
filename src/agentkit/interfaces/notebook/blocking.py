"""Live pictures for a client that does not await: `LiveView`."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TypeVar

from agentkit.client import BlockingClient
from agentkit.wire import ApprovalLine, DrawingFormat, DrawingPage, FileLine, OperationPage, ResultPage

from .drawing import drawn
from .far import FarSource, is_over
from .pacing import SECONDS, Pace
from .sheets import Sheet

__all__ = ["LiveView"]

Answer = TypeVar("Answer")


class LiveView:
    """A live picture for `BlockingClient`: give it to `execute`, `wait` or `follow` as `show`.

    Args:
        client: Who is asked for the drawing, questions, result and files.
        seconds: The shortest time between two pictures.

    Example:
        >>> from agentkit.client import BlockingClient
        >>> def pay(client: BlockingClient) -> object:
        ...     return client.execute("pay", {"month": "2025-11"}, show=LiveView(client)).output
    """

    def __init__(self, client: BlockingClient, *, seconds: float = SECONDS) -> None:
        self._client = client
        self._source: FarSource | None = None
        self._id = ""
        self._sheet = Sheet()
        self._pace = Pace(seconds)

    def __call__(self, page: OperationPage) -> None:
        """Draw a picture."""
        if self._source is None or page.id != self._id:
            self._source, self._id = FarSource(_Answered(self._client), page.id, awaits=""), page.id
        if self._pace.pause and not is_over(page):
            return
        self._pace.begin()
        self._sheet.draw(drawn(_done(self._source.seen(page, graph=self._pace.affords_graph(len(page.stages))))))
        self._pace.end()


class _Answered:
    """A blocking client with the calls of one that is awaited: each has its answer when it is awaited."""

    def __init__(self, client: BlockingClient) -> None:
        self._client = client

    async def operation(self, operation_id: str) -> OperationPage:
        return self._client.operation(operation_id)

    async def drawing(self, operation_id: str, *, format: DrawingFormat = "text") -> DrawingPage:
        return self._client.drawing(operation_id, format=format)

    async def approvals(self, operation_id: str | None = None) -> Sequence[ApprovalLine]:
        return self._client.approvals(operation_id)

    async def result(self, operation_id: str) -> ResultPage:
        return self._client.result(operation_id)

    async def files(self, operation_id: str) -> Sequence[FileLine]:
        return self._client.files(operation_id)

    async def file(self, operation_id: str, name: str, *, stage: str | None = None) -> bytes:
        return self._client.file(operation_id, name, stage=stage)


def _done(work: Coroutine[None, None, Answer]) -> Answer:
    """What a coroutine returns that waits for nothing, and so needs no loop."""
    try:
        work.send(None)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    raise AssertionError("it waits for something")
