"""The arm that a stage goes on with after a pause: it is held on the journal of the operation.

Rules: what people say is said to the arm that asked, so no other one goes on with it. From the first pause on the stage
has that arm, whatever its learner says by then, also where it fails and is tried again. It is held as an effect of the
stage: beside the question, and known as long as the answer is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from typing import Any, Final, cast

from agentkit.agents.notes import Paused
from agentkit.agents.registration import AnyTask

from .ports import Choice

__all__ = ["held_choice", "hold", "short_key"]

_LONG: Final = 200
"""A key of a learner, or of an effect, has at most so many letters."""
_KEPT: Final = 160
_EFFECT: Final = "choose arm"


def held_choice(task: AnyTask, name: str) -> Choice | None:
    """The choice that an agent of this name goes on with; None if it has not paused in this stage."""
    text = task.done_effects(_EFFECT).get(_place(task, name))
    if text is None:
        return None
    known = cast("Mapping[str, Any]", json.loads(text))
    arm = known["arm"]
    why = "it was chosen before the pause"
    return Choice(arm=arm, kind=known["kind"], key=known["key"], would=arm, why=why, is_kept=known["is_kept"])


async def hold(task: AnyTask, name: str, choice: Choice) -> None:
    """Have the stage go on with a choice; when this returns it is on the journal."""
    data = {"arm": choice.arm, "kind": choice.kind, "key": choice.key, "is_kept": choice.is_kept}
    # Where a fork has other items at this place, nobody knows what this one held: its pause is told all the same.
    with suppress(Paused):
        await task.effect(_EFFECT, key=_place(task, name), reconcile=_nothing_was_held).run(lambda key: data)


def _place(task: AnyTask, name: str) -> str:
    """Which agent, and in which part of the attempt; the tries of a chain are not told apart, as questions are not."""
    return short_key(name + "/".join(part.partition(".")[0] for part in task.within.split("/")))


def short_key(key: str) -> str:
    """A key; of one that is too long, its beginning and a digest of it."""
    if len(key) <= _LONG:
        return key
    return f"{key[:_KEPT]}~{blake2b(key.encode(errors='surrogatepass'), digest_size=16).hexdigest()}"


def _nothing_was_held(key: str) -> None:
    """What was not confirmed was not held, and nothing outside knows of it."""
