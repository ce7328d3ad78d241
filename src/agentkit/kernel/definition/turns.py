"""How the turns of a team are called in its workflow, for those who write it and those who read its journal."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["TEAM_END", "read_turn_group", "turn_group"]

TEAM_END: Final = "outcome"
"""The stage whose value is how a team ended."""

_GROUP = re.compile(r"turns\.([1-9][0-9]{0,5})\.([^\W\d_][\w-]*)")


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
