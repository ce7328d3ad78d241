"""What a trail does before its first append: it looks whether what is kept is what a trail has left.

Rules: the last entries are verified each by each, so that nothing is ever added behind something broken; all of them
are what `AuditTrail.verify` is for.
"""

from __future__ import annotations

from typing import Final

from agentkit.errors import AuditBroken

from .entries import AuditEntry
from .ports import AuditSink
from .verifier import Chain

__all__ = ["tail_of"]

_TAIL: Final = 64
"""How many entries are verified when a trail is opened."""


def tail_of(sink: AuditSink) -> Chain:
    """Return the chain as a sink has it, after its last entries were verified.

    Raises:
        AuditBroken: One of them does not verify.
    """
    size = sink.size
    start = max(0, size - _TAIL)
    chain = Chain()
    for line in sink.read(start):
        if chain.size == 0 and start:
            chain = Chain(start, _previous_of(line))
        if wrong := chain.problem(line):
            number = chain.size + 1
            raise AuditBroken(f"entry {number}: {wrong}; verify the trail, and go on from a copy", number=number)
    if chain.size != size:
        number = max(chain.size, start) + 1
        raise AuditBroken(f"entry {number}: it is missing at the end; go on from a copy", number=number)
    return chain


def _previous_of(line: bytes) -> str:
    try:
        return str(AuditEntry(line).previous)
    except (ValueError, AttributeError):
        return ""  # what is no entry is found by the chain that meets it
