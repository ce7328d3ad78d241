"""Mutants that no test can kill, because they change nothing that anybody could see: each with the reason.

A mutant is named by its module and function, by what stood there, and by what stands there instead; so it is found
again when its line moves, and forgotten when its text changes. A test asks that each of them is still there.
"""

from typing import Final, NamedTuple

from tests.mutation.mutants import Mutant

__all__ = ["EQUIVALENTS", "Equivalent", "why_equivalent"]


class Equivalent(NamedTuple):
    """A mutant that changes nothing, and why; `nth` where a function has several that look alike."""

    where: str
    before: str
    after: str
    why: str
    nth: int = 1


QUICK: Final = "a quicker way for what is usual; the general one after it comes to the same"
WORDS: Final = "it only changes how an error is worded"

DRAFT: Final = "nobody sees the name of a draft"

EQUIVALENTS: Final = (
    *(
        Equivalent("audit/sinks/files.py::write_whole", before, after, DRAFT, nth)
        for before, after, nth in [
            ("'.'", "'.XX'", 1),
            ("'.'", "''", 1),
            ("'.'", "'.XX'", 2),
            ("'.'", "''", 2),
            ("'.tmp'", "'.tmpXX'", 1),
            ("'.tmp'", "''", 1),
        ]
    ),
    Equivalent("amounts/amount.py::Money.__new__", "len(digits) <= PRECISION", "len(digits) < PRECISION", QUICK),
    Equivalent(
        "audit/sinks/json_lines.py::FileDisclosures.__init__",
        "whole < length",
        "whole <= length",
        "to cut a file to its length changes nothing",
    ),
    Equivalent(
        "audit/trail.py::AuditTrail.checkpoint",
        "size - self._seen.size",
        "size + self._seen.size",
        "nobody writes meanwhile, so there are no more lines than that",
    ),
    Equivalent("numbers/allocation.py::split_steps", "total < 0", "total <= 0", "nothing has no sign"),
    Equivalent("numbers/allocation.py::split_steps", "0", "1", "nothing has no sign"),
    Equivalent("reading/parsing.py::read_text", "1", "2", QUICK),
    Equivalent(
        "finance/tax.py::_divided", "0", "1", "it counts only where no line has tax, and then nothing is left", 2
    ),
    Equivalent("locales/formatting.py::_is_letter", "'SZ'", "'SZXX'", "no category of Unicode begins with an X"),
    Equivalent("locales/months.py::month_key", "'.'", "'.XX'", "what is casefolded has no X"),
    Equivalent("numbers/canonical.py::write_minor", "'d'", "''", "an int is written in decimal anyway"),
    Equivalent("numbers/canonical.py::write_minor", "'d'", "''", "an int is written in decimal anyway", 2),
    Equivalent("numbers/rounding.py::quantize", "places >= 0", "places > 0", "ten to the power of 0 is 1 either way"),
    Equivalent("reading/columns.py::_Evidence.left", "', ...'", "', ...XX'", WORDS),
    Equivalent("reading/columns.py::_Evidence.add", "1", "2", "all that is asked of the count is whether it is 0"),
    Equivalent("reading/dates.py::date_readings", "'ymd'", "''", QUICK),
    Equivalent("reading/marks.py::_tail", "2", "3", "it is asked only whether there is something", 1),
    Equivalent("reading/marks.py::read_marks", "len(suffix) > _LONGEST", "len(suffix) <= _LONGEST", QUICK),
    Equivalent("reading/parsing.py::read_text", "len(text) <= MOST_DIGITS", "len(text) < MOST_DIGITS", QUICK),
    Equivalent("reading/timestamps.py::_clock", "'pP'", "'pPXX'", "the pattern lets only A and P through"),
)
_WHY: Final = {(each.where, each.before, each.after, each.nth): each.why for each in EQUIVALENTS}


def why_equivalent(mutant: Mutant) -> str | None:
    """Return why a mutant changes nothing, if that is so."""
    return _WHY.get((mutant.where, mutant.before, mutant.after, mutant.nth))
