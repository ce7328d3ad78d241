"""Traces: how work in several processes is known to belong together, as W3C Trace Context writes it.

Rules: the ids of an operation and of its attempts are made of their names, so that every process gives them the same,
and what goes on after a crash belongs to what was before. A header that is not as the standard says is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

__all__ = ["TraceParent", "child_trace", "read_traceparent", "trace_of"]

# https://www.w3.org/TR/trace-context/#traceparent-header: later versions may say more behind what is known.
_FORM = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceParent:
    """A place in a trace.

    Attributes:
        trace_id: Which trace, as 32 hexadecimal digits.
        span_id: Which work in it, as 16 hexadecimal digits.
        is_sampled: Whether whoever began the trace keeps it.
    """

    trace_id: str
    span_id: str
    is_sampled: bool = True

    @property
    def text(self) -> str:
        """The header `traceparent`."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.is_sampled):02x}"


def read_traceparent(text: str) -> TraceParent | None:
    """What a `traceparent` says; None if it says nothing.

    Example:
        >>> read_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").span_id
        '00f067aa0ba902b7'
        >>> read_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01") is None
        True
    """
    found = _FORM.fullmatch(text)
    if found is None or (found[1] == "00" and len(text) != 55):
        return None
    return TraceParent(trace_id=found[2], span_id=found[3], is_sampled=bool(int(found[4], 16) & 1))


def trace_of(operation_id: str, told: str, *, stage: str = "", attempt: int = 0) -> TraceParent:
    """The place of an operation in its trace, or that of an attempt.

    Args:
        operation_id: Which operation.
        told: The trace that it was told to belong to, as a `traceparent`; without one it is a trace of its own.
        stage: Which stage, for an attempt.
        attempt: Which attempt.
    """
    above = read_traceparent(told)
    span_id = _digest(f"span {attempt} {stage} {operation_id}" if stage else f"span {operation_id}")[:16]
    if above is None:
        return TraceParent(trace_id=_digest(f"trace {operation_id}")[:32], span_id=span_id)
    return TraceParent(trace_id=above.trace_id, span_id=span_id, is_sampled=above.is_sampled)


def child_trace(operation_id: str, told: str, *, stage: str, attempt: int) -> str:
    """What an operation is told that runs as an attempt of another one."""
    return trace_of(operation_id, told, stage=stage, attempt=attempt).text


def _digest(text: str) -> str:
    found = sha256(text.encode(errors="surrogatepass")).hexdigest()
    # All zeros is no id. It will not happen, and costs nothing.
    return found if int(found[:16], 16) else f"1{found[1:]}"
