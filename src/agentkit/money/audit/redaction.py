"""Personal values: the trail holds a salted commitment, and the value is kept apart, where it can be erased.

Rules: a commitment is the SHA-256 of the canonical JSON of salt and value, so that whoever has both can check it and
nobody can guess the value without the salt; erasing the two leaves the entry as it was, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self, cast

from agentkit.errors import AuditBroken, AuditError, NotFound
from agentkit.money.numbers.kinds import is_a

from .entries import AuditEntry
from .verifier import canonical_text
from .writing import AuditValue

__all__ = ["Disclosure", "commitment_at", "commitment_of", "revealed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What opens one commitment.

    Attributes:
        number: The entry that has it.
        salt: In hexadecimal.
        value: The value, as entries hold values.
    """

    number: int
    salt: str
    value: AuditValue

    @property
    def commitment(self) -> str:
        """What the entry holds."""
        return commitment_of(self.salt, canonical_text(self.value))

    def line(self) -> bytes:
        """As it is kept."""
        fields = {"number": str(self.number), "salt": self.salt, "value": self.value}
        return (canonical_text(fields) + "\n").encode()

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Read what `line` wrote.

        Raises:
            AuditError: It is not that.
        """
        try:
            fields = cast("Mapping[str, AuditValue]", json.loads(line))
            return cls(number=int(str(fields["number"])), salt=str(fields["salt"]), value=fields["value"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise AuditError("a line of the disclosures is damaged: take it from a copy, or remove it") from error


def commitment_of(salt: str, text: str) -> str:
    """The commitment to a value, given as canonical JSON.

    Example:
        >>> commitment_of("00", '"Ada"')[:16]
        '3314810cd04ae0a6'
    """
    return hashlib.sha256(f'{{"salt":"{salt}","value":{text}}}'.encode()).hexdigest()


def commitment_at(entry: AuditEntry, field: str) -> str:
    """Find the commitment at a place of an entry.

    Args:
        entry: The entry.
        field: The place as a JSON pointer (RFC 6901), such as `/inputs/author`.

    Raises:
        NotFound: There is nothing, or no commitment.
    """
    if not is_a(field, str):
        raise NotFound(f"a field is a text such as '/inputs/author', not {type(field).__name__}")
    found: AuditValue = dict(entry.to_dict())
    for step in field.split("/")[1:] if field.startswith("/") else [field]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isascii() and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise NotFound(f"entry {entry.number} has nothing at {field!r}: write it as '/inputs/author'")
    told = _commitment(found)
    if told is None:
        raise NotFound(f"entry {entry.number} holds no commitment at {field!r}: it was not given as Personal(...)")
    return told


def revealed(value: AuditValue, opened: Mapping[str, AuditValue]) -> AuditValue:
    """Put values in the place of commitments, as far as they are known by them."""
    told = _commitment(value)
    if told is not None:
        return opened.get(told, value)
    if isinstance(value, dict):
        return {name: revealed(each, opened) for name, each in value.items()}
    if isinstance(value, list):
        return [revealed(each, opened) for each in value]
    return value


def has_commitment(value: AuditValue) -> bool:
    """Whether there is a commitment anywhere in a value."""
    return bool(_commitments(value))


def check_disclosures(entry: AuditEntry, disclosures: Sequence[Disclosure]) -> None:
    """Check that every value that is kept for an entry is what the entry commits to.

    Raises:
        AuditBroken: One is not.
    """
    told = _commitments(dict(entry.to_dict()))
    for each in disclosures:
        if each.commitment not in told:
            raise AuditBroken(
                f"entry {entry.number}: a personal value that is kept for it is not what it commits to:"
                " compare with a copy of the disclosures",
                number=entry.number,
            )


def _commitments(value: AuditValue) -> set[str]:
    told = _commitment(value)
    if told is not None:
        return {told}
    below = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return {found for each in below for found in _commitments(each)}


def _commitment(value: AuditValue) -> str | None:
    told = value.get("commitment") if isinstance(value, dict) and len(value) == 1 else None
    return told if isinstance(told, str) else None
