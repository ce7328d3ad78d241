"""`check_audit_sink`: what every place for an audit trail promises, tried on one.

Rules: it knows nothing of the sink but the port; it stops at the first broken promise with an `AssertionError` that
says which; it needs no test framework.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from agentkit.errors import AuditError, Closed
from agentkit.money import AuditSink, AuditTrail

from .promises import promise, refused_at_once

__all__ = ["check_audit_sink", "check_audit_trail"]

_ODD_LINES = (
    b"\n",
    b" \n",
    b"\0\n",
    b"\r\n",
    b"\xff\xfe\n",
    "é\u2028日本語".encode() + b"\n",
    b"x" * 3_000_000 + b"\n",
)


class _At:
    """A time that does not pass."""

    def now(self) -> float:
        return 1_762_171_200.0


def check_audit_sink(make: Callable[[], AuditSink]) -> None:
    """Hold a sink to its promises.

    Args:
        make: Opens the sink, at every call on the same storage. The storage is empty at the first one. A sink is closed
            before the next one is made.

    Raises:
        AssertionError: A promise is broken; the message says which.

    Example:
        >>> from agentkit.money import JsonLinesSink
        >>> check_audit_sink(lambda: JsonLinesSink("trail.jsonl"))
    """
    sink = make()
    _keeps(sink)
    _has_one_winner(sink)
    _closes(sink)
    sink = make()
    promise(list(sink.read()) == [*_first(4), *_ODD_LINES], "what was kept is there when it is opened again")
    sink.close()


def check_audit_trail(make: Callable[[], AuditSink]) -> None:
    """Have a trail written to a sink by many threads, and go on with it later.

    Args:
        make: Opens the sink, at every call on the same storage. The storage is empty at the first one.

    Raises:
        AssertionError: A promise is broken; the message says which.

    Example:
        >>> from agentkit.money import JsonLinesSink
        >>> check_audit_trail(lambda: JsonLinesSink("threads.jsonl"))
    """

    def work(number: int) -> int:
        entry = trail.append(actor=f"thread {number % 8}", operation="count", inputs={"n": number}, outputs={})
        return entry.number

    with AuditTrail(make(), clock=_At(), buffered=7, durable=False) as trail, ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(work, range(200)))
        promise(sorted(numbers) == list(range(1, 201)), "each entry has a number of its own, and none is left out")
        promise(trail.verify().size == 200, "what threads append at once is one chain")
    with AuditTrail(make(), clock=_At()) as trail:
        work(200)
        promise(trail.verify().size == 201, "a trail that is opened again goes on with its chain")


def _first(count: int) -> list[bytes]:
    return [b"line %d\n" % number for number in range(1, count + 1)]


def _keeps(sink: AuditSink) -> None:
    promise((sink.size, list(sink.read())) == (0, []), "what is new is empty")
    sink.append(_first(1), expected=0)
    sink.append(_first(4)[1:], expected=1)
    sink.sync()
    promise(sink.size == 4, "its size is how many lines there are")
    for after in range(6):
        promise(list(sink.read(after)) == _first(4)[after:], f"read(after={after}) gives exactly what is behind")
    sink.append(_ODD_LINES, expected=4)
    promise(list(sink.read(4)) == list(_ODD_LINES), "lines come back byte for byte")


def _has_one_winner(sink: AuditSink) -> None:
    size = sink.size
    before = list(sink.read())
    for expected in (0, size - 1, size + 1):
        refused_at_once(AuditError, partial(sink.append, _first(2), expected=expected))
    promise(list(sink.read()) == before, "of a refused append nothing is kept")


def _closes(sink: AuditSink) -> None:
    size = sink.size
    sink.close()
    sink.close()
    refused_at_once(Closed, lambda: sink.append(_first(1), expected=size))
