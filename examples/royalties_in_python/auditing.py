"""Write down what was calculated.

Rules: a run adds to the trail beside its files and changes nothing that is there; a stage that runs again after a crash
calculates again, and its trail says so.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from agentkit.engines import SystemClock
from agentkit.money import AuditTrail, FinancialProcessor, JsonLinesSink

from .model import Options


@contextmanager
def audited(options: Options, actor: str) -> Generator[FinancialProcessor]:
    """A processor for the report's currency, whose calculations are in `audit.jsonl` when it is let go."""
    options.folder.mkdir(parents=True, exist_ok=True)
    sink = JsonLinesSink(options.folder / "audit.jsonl", repair=True)
    with AuditTrail(sink, clock=SystemClock(), buffered=1_000) as trail:
        yield FinancialProcessor(currency=options.currency, audit=trail, actor=actor)
