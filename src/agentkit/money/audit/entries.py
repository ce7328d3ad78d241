"""One entry of a trail, as it was written.

Rules: an entry is its line, byte for byte; all that it says is read from there, so nobody sees anything else than what
was hashed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from agentkit.errors import AuditBroken
from agentkit.markup import bundle, data
from agentkit.money.numbers.kinds import object_of

from .verifier import body_of
from .writing import AuditValue

__all__ = ["AuditEntry"]


class AuditEntry:
    """One entry: who did what, with what, when, and what came of it. It cannot be changed.

    Numbers in it are texts: `Decimal(entry.inputs["percent"])`. What was given as `Personal` is a commitment here,
    `{"commitment": HEX}`; `AuditTrail.reveal` gives the value, as long as it was not erased.

    Args:
        line: The line, with its newline. It is not verified here; what does not have the form of an entry raises
            `AuditBroken` where it is read.

    Example:
        >>> from agentkit.money import AuditTrail, MemorySink
        >>> trail = AuditTrail(MemorySink())
        >>> entry = trail.append(
        ...     actor="ada", operation="share", inputs={"total": "10.00"}, outputs={"part": "5.00"},
        ...     at=datetime.fromisoformat("2025-11-03T12:00:00Z"),
        ... )
        >>> entry.number, entry.operation, entry.outputs
        (1, 'share', {'part': '5.00'})
    """

    __slots__ = ("_fields", "_line")

    def __init__(self, line: bytes) -> None:
        self._line = line
        self._fields: Mapping[str, AuditValue] | None = None

    @property
    def line(self) -> bytes:
        """The entry as it is kept, with the newline at its end."""
        return self._line

    @property
    def body(self) -> bytes:
        """The part of the line that is hashed."""
        return body_of(self._line)

    @property
    def hash(self) -> str:
        """The SHA-256 of its body, in hexadecimal, as the line says it."""
        return self._line[-67:-3].decode(errors="replace")

    def to_dict(self) -> Mapping[str, AuditValue]:
        """Return what the entry says, as it is written: a copy.

        Raises:
            AuditBroken: The line does not have the form of an entry.
        """
        try:
            said = object_of(json.loads(self.body))
        except (ValueError, RecursionError) as error:
            raise self._broken() from error
        if said is None:
            raise self._broken()
        return cast("dict[str, AuditValue]", said)

    def field(self, name: str) -> AuditValue:
        """Return one field as it is written; None where it is not there. It is not to be changed.

        Raises:
            AuditBroken: The line does not have the form of an entry.
        """
        if self._fields is None:
            self._fields = self.to_dict()
        return self._fields.get(name)

    @property
    def number(self) -> int:
        """Its number in the trail, from 1."""
        try:
            return int(self._text("number"))
        except ValueError as error:
            raise self._broken() from error

    @property
    def at(self) -> datetime:
        """When, in UTC."""
        try:
            return datetime.fromisoformat(self._text("at"))
        except ValueError as error:
            raise self._broken() from error

    @property
    def actor(self) -> AuditValue:
        """Who: a text, or a commitment to one."""
        return self.field("actor")

    @property
    def operation(self) -> str:
        """What was done."""
        return self._text("operation")

    @property
    def inputs(self) -> Mapping[str, AuditValue]:
        """With what."""
        return self._mapping("inputs")

    @property
    def outputs(self) -> Mapping[str, AuditValue] | None:
        """What came of it; None if it was refused."""
        return None if self.field("outputs") is None else self._mapping("outputs")

    @property
    def refusal(self) -> Mapping[str, AuditValue] | None:
        """Why it was refused: `code` and `message`; None if it was done."""
        return None if self.field("refusal") is None else self._mapping("refusal")

    @property
    def rounding(self) -> str | None:
        """How results were rounded, if they were."""
        return None if self.field("rounding") is None else self._text("rounding")

    @property
    def data_versions(self) -> Mapping[str, AuditValue]:
        """Which data it was done with, such as the date of the currency list."""
        return self._mapping("data_versions")

    @property
    def previous(self) -> str:
        """The hash of the entry before it; zeros for the first."""
        return self._text("previous")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AuditEntry) and self._line == other._line

    def __hash__(self) -> int:
        return hash(self._line)

    def __repr__(self) -> str:
        return f"AuditEntry({self.field('number')}, {self.field('operation')!r}, {self.hash[:16]}...)"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The entry as text and HTML, for notebooks: each of its fields on a line."""
        return bundle(repr(self), data(self.to_dict()))

    def _text(self, name: str) -> str:
        found = self.field(name)
        if not isinstance(found, str):
            raise self._broken()
        return found

    def _mapping(self, name: str) -> Mapping[str, AuditValue]:
        found = self.field(name)
        if not isinstance(found, dict):
            raise self._broken()
        return found

    def _broken(self) -> AuditBroken:
        # Which one it is, only the lines before it could say.
        return AuditBroken("a line does not have the form of an entry: AuditTrail.verify says which one", number=0)
