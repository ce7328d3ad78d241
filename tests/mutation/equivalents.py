"""Mutants that no test can kill, because they change nothing that anybody could see: each with the reason.

A mutant is named by its module and function, by what stood there, and by what stands there instead; so it is found
again when its line moves, and forgotten when its text changes. A test asks that each of them is still there.
"""

from typing import Final, NamedTuple

from tests.mutation.mutants import Mutant

__all__ = ["EQUIVALENTS", "Equivalent", "why_equivalent"]


class Equivalent(NamedTuple):
    """A mutant that changes nothing, and why."""

    where: str
    before: str
    after: str
    why: str


EQUIVALENTS: Final[tuple[Equivalent, ...]] = ()
_WHY: Final = {each[:3]: each.why for each in EQUIVALENTS}


def why_equivalent(mutant: Mutant) -> str | None:
    """Return why a mutant changes nothing, if that is so."""
    return _WHY.get((mutant.where, mutant.before, mutant.after))
