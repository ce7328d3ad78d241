"""A part of an attempt's work that somebody else does within it: what they are given, and what tells it from others.

Rules: a part has the same name if the attempt is done again, so that what was paid for and agreed to is found; two
parts of one attempt never have one name, so that nobody takes for theirs what was said to another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentkit.kernel import RunAttempt

__all__ = ["command_of_part", "name_of_part"]


def command_of_part(command: RunAttempt, given: str, instruction: str) -> RunAttempt:
    """An attempt as it is given to somebody who does a part of it, on something else."""
    situation = command.situation
    return replace(
        command,
        input=given,
        outputs={},
        missing=(),
        instruction=instruction,
        template="",
        situation=None if situation is None else replace(situation, item=None, previous=None),
    )


def name_of_part(about: tuple[str, ...], call: str, numbered: Callable[[str], int]) -> str:
    """What tells a part from the others of whoever it belongs to.

    Args:
        about: Who does it, what they are to do, and what they are given.
        call: The call that asked for it, if that has a name of its own; empty if not.
        numbered: Counts how often the same was asked for.
    """
    text = call or "\0".join(about)
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=6).hexdigest()
    return digest if call else f"{digest}-{numbered(digest)}"
