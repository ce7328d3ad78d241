"""Do the calculations of a trail again, and compare.

Rules: a calculation is found by the name of its operation; results are compared as entries hold them; nothing is
written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agentkit.errors import AgentKitError

from .entries import AuditEntry
from .redaction import has_commitment, revealed
from .verifier import canonical_text
from .writing import AuditValue, Personal, write, write_mapping

__all__ = ["Calculation", "Deviation", "Replay", "replay_entries"]

Calculation: TypeAlias = "Callable[[Mapping[str, AuditValue], AuditEntry], Mapping[str, object]]"
"""Does again what an entry did: takes the inputs (numbers as texts) and the entry; gives the outputs, or raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """An entry that came out otherwise.

    Attributes:
        number: Which one.
        recorded: What it holds, as canonical JSON.
        computed: What came of it now.
    """

    number: int
    recorded: str
    computed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of doing it again.

    Attributes:
        performed: How many entries were done again.
        unknown: The operations that nobody gave a calculation for, each with how many entries it has.
        redacted: The numbers of entries that could not be done again, as a personal value was erased.
        deviations: What came out otherwise.
    """

    performed: int
    unknown: Mapping[str, int]
    redacted: tuple[int, ...]
    deviations: tuple[Deviation, ...]

    @property
    def is_equal(self) -> bool:
        """Whether all that was done again came out the same."""
        return not self.deviations


def replay_entries(
    entries: Iterable[AuditEntry],
    calculations: Mapping[str, Calculation],
    opened: Callable[[AuditEntry], Mapping[str, AuditValue]],
) -> Replay:
    """Do entries again.

    Args:
        entries: The entries.
        calculations: What does an operation again, by its name.
        opened: The personal values of an entry that are still known, by their commitments.
    """
    performed, redacted, deviations = 0, list[int](), list[Deviation]()
    unknown: dict[str, int] = {}
    for entry in entries:
        calculate = calculations.get(entry.operation)
        if calculate is None:
            unknown[entry.operation] = unknown.get(entry.operation, 0) + 1
            continue
        values = opened(entry)
        inputs = revealed(dict(entry.inputs), values)
        assert isinstance(inputs, dict)
        if has_commitment(inputs):
            redacted.append(entry.number)
            continue
        performed += 1
        recorded, computed = _recorded(entry, values), _computed(calculate, inputs, entry)
        if recorded != computed:
            deviations.append(Deviation(number=entry.number, recorded=recorded, computed=computed))
    return Replay(performed=performed, unknown=unknown, redacted=tuple(redacted), deviations=tuple(deviations))


def _recorded(entry: AuditEntry, values: Mapping[str, AuditValue]) -> str:
    if entry.refusal is not None:
        # The words of a refusal may get better; that it is refused, and why, stays.
        return canonical_text({"refusal": entry.refusal.get("code")})
    return canonical_text({"outputs": revealed(dict(entry.outputs or {}), values)})


def _computed(calculate: Calculation, inputs: dict[str, AuditValue], entry: AuditEntry) -> str:
    try:
        outputs = calculate(inputs, entry)
    except AgentKitError as refused:
        return canonical_text({"refusal": refused.code})
    return f'{{"outputs":{write_mapping(outputs, _as_it_is)}}}'


def _as_it_is(personal: Personal) -> str:
    return write(personal.value, _as_it_is, 0)
