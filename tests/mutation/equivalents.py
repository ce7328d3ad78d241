"""Mutants that no test can kill, because they change nothing that anybody could see: each with the reason.

A mutant is named by the end of its file, by what stood there, and by what stands there instead; so it is found again
when its line moves, and forgotten when its text changes. A test asks that each of them is still there.
"""

from typing import Final, NamedTuple

from tests.mutation.mutants import Mutant

__all__ = ["EQUIVALENTS", "Equivalent", "why_equivalent"]


class Equivalent(NamedTuple):
    """A mutant that changes nothing, and why."""

    file: str
    before: str
    after: str
    why: str


EQUIVALENTS: Final[tuple[Equivalent, ...]] = ()


def why_equivalent(mutant: Mutant) -> str | None:
    """Return why a mutant changes nothing, if that is so."""
    for each in EQUIVALENTS:
        if mutant.file.endswith(each.file) and (mutant.before, mutant.after) == (each.before, each.after):
            return each.why
    return None
