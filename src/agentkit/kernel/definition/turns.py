"""How the turns of a team are called in its workflow, for those who write it and those who read its journal."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["TEAM_END", "read_team_end", "read_turn_group", "team_end_text", "turn_group"]

TEAM_END: Final = "outcome"
"""The stage whose value is how a team ended."""

_GROUP = re.compile(r"turns\.([1-9][0-9]{0,5})\.([^\W\d_][\w-]*)")

_END = re.compile(r"team '[^']*' ended after \d+ round\(s\), (\w+): (.*?)(?:; otherwise=.*)?", re.DOTALL)


def turn_group(number: int, asked: str) -> str:
    """The group of the stages in which members are asked the same thing in the same round.

    Example:
        >>> turn_group(2, "critique")
        'turns.2.critique'
    """
    return f"turns.{number}.{asked}"


def read_turn_group(group: str | None) -> tuple[int, str] | None:
    """The round of a group, and what is asked in it; None if it is none of a team.

    Example:
        >>> read_turn_group("turns.2.critique"), read_turn_group("charts")
        ((2, 'critique'), None)
    """
    found = None if group is None else _GROUP.fullmatch(group)
    return None if found is None else (int(found[1]), found[2])


def team_end_text(team: str, rounds: int, how: str, why: str) -> str:
    """How a team ended, in one line, also where an error has to say it.

    Example:
        >>> team_end_text("jury", 2, "rounds", "it is not complete")
        "team 'jury' ended after 2 round(s), rounds: it is not complete"
    """
    return f"team {team!r} ended after {rounds} round(s), {how}: {why}"


def read_team_end(text: str) -> tuple[str, str] | None:
    """How and why a team ended, by such a line; None if it is none.

    Example:
        >>> read_team_end("team 'jury' ended after 2 round(s), rounds: it is not complete")
        ('rounds', 'it is not complete')
    """
    found = _END.fullmatch(text)
    return None if found is None else (found[1], found[2])
