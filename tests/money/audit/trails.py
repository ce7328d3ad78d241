"""Trails for tests: always the same entries, at times that count up."""

from datetime import UTC, datetime, timedelta
from functools import cache

from agentkit.money import AuditTrail, MemorySink

START = datetime(2025, 11, 3, 12, 0, tzinfo=UTC)


class Counting:
    """A clock on which a second passes each time somebody looks."""

    def __init__(self) -> None:
        self.seconds = START.timestamp() - 1

    def now(self) -> float:
        self.seconds += 1
        return self.seconds


def fill(trail: AuditTrail, count: int) -> None:
    """Add entries of several kinds."""
    for number in range(trail.size, trail.size + count):
        at = START + timedelta(seconds=number)
        inputs = {"total": f"{number}.00", "percent": "12.5", "title": f"Über {number}: 日本"}
        if number % 7 == 3:
            refusal = {"code": "out_of_range", "message": "too much"}
            trail.append(actor="ada", operation="share", inputs=inputs, refusal=refusal, at=at)
        else:
            trail.append(actor="bob", operation="share", inputs=inputs, outputs={"part": f"{number}.50"}, at=at)


@cache
def lines(count: int = 500) -> tuple[bytes, ...]:
    """The lines of a trail."""
    sink = MemorySink()
    trail = AuditTrail(sink)
    fill(trail, count)
    return tuple(sink.read())
