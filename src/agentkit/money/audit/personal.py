"""The personal values of a trail, wherever they are kept, or nowhere.

Rules: a value is kept before the entry that commits to it is written; what no entry commits to is erased when the trail
is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agentkit.errors import AuditError, UnstorableValue

from .ports import Disclosures
from .redaction import Disclosure, commitment_of
from .writing import Commit, Personal, encoded, write

__all__ = ["PersonalValues"]


class PersonalValues:
    """What a trail does with `Personal`.

    Args:
        place: Where values are kept; None refuses them.
    """

    __slots__ = ("_place",)

    def __init__(self, place: Disclosures | None) -> None:
        self._place = place

    def committing(self, noted: list[tuple[str, str]]) -> Commit:
        """Return what writes a value as a commitment, and notes the salt and the text that open it."""

        def commit(personal: Personal) -> str:
            if self._place is None:
                raise AuditError(
                    "there is no place for personal values: give the trail one, such as"
                    " AuditTrail(..., disclosures=FileDisclosures('personal.jsonl'))"
                )
            salt, text = self._place.new_salt().hex(), write(personal.value, _refuse_inner, 0)
            encoded(text)
            noted.append((salt, text))
            return f'{{"commitment":"{commitment_of(salt, text)}"}}'

        return commit

    def add(self, lines: Sequence[bytes]) -> None:
        """Keep what opens commitments."""
        if self._place is not None and lines:
            self._place.append(lines)

    def kept(self) -> list[Disclosure]:
        """Give all that is kept."""
        return [] if self._place is None else [Disclosure.read(line) for line in self._place.read()]

    def erase(self, number: int, commitment: str) -> None:
        """Erase one value."""
        self._rewrite(each for each in self.kept() if (each.number, each.commitment) != (number, commitment))

    def erase_behind(self, size: int) -> None:
        """Erase values whose entry a crash has prevented."""
        kept = self.kept()
        if any(each.number > size for each in kept):
            self._rewrite(each for each in kept if each.number <= size)

    def close(self) -> None:
        """Let go of the place."""
        if self._place is not None:
            self._place.close()

    def _rewrite(self, kept: Iterable[Disclosure]) -> None:
        if self._place is not None:
            self._place.rewrite([each.line() for each in kept])


def _refuse_inner(_: Personal) -> str:
    # Nothing could reveal or erase it: a place in an entry leads to the outer one, and ends there.
    raise UnstorableValue("a personal value lies in another one: make one of the two Personal")
