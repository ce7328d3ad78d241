"""Conversations that outlive their attempt: paid answers are not paid again.

Rules: a conversation is kept as an effect of its stage, since what was paid for was done outside: so it is on the
journal, survives restarts, and a fork knows it. It belongs to what was asked; who is asked something else begins anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, cast

from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse, ToolCallPart, ToolReturnPart
from pydantic_core import PydanticSerializationError

from agentkit.agents.effects import Effect
from agentkit.agents.failures import whole_text
from agentkit.agents.registration import AnyTask
from agentkit.kernel import Usage

from .limits import Used

__all__ = ["Conversation", "Keeper", "done_of", "used_of", "worked_of"]

_EFFECT: Final = "ask model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Where a conversation stands.

    Attributes:
        messages: What was said.
        used: What that has used of the run's limits.
        asked: How many questions about calls of tools people were asked before those that wait.
        waiting: The ids of the calls of the last answer that wait for people, in order; some may be done by now.
        again: The ids of those that asked people themselves and are made again; some may be done by now.
        noted: What was said besides, as `told` has it.
    """

    messages: Sequence[ModelMessage]
    used: Used
    asked: int = 0
    waiting: Sequence[str] = ()
    again: Sequence[str] = ()
    noted: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def is_open(self) -> bool:
        """Whether calls of the last answer are still to be made."""
        return bool(self.waiting or self.again)

    @property
    def done(self) -> Set[str]:
        """The ids of the calls of the last answer that something came of."""
        return done_of(self.messages)

    def calls(self) -> list[ToolCallPart]:
        """The calls that wait for people."""
        answers = (message for message in reversed(self.messages) if isinstance(message, ModelResponse))
        last = next(answers, None)
        found = {} if last is None else {part.tool_call_id: part for part in last.tool_calls}
        return [found[name] for name in self.waiting if name in found]


def done_of(messages: Sequence[ModelMessage]) -> Set[str]:
    """The ids of the calls of the last answer that something came of, be it a refusal."""
    return {part.tool_call_id for part in _returns(messages)}


def worked_of(messages: Sequence[ModelMessage]) -> Set[str]:
    """The ids of the calls of the last answer that were made, and not refused."""
    return {part.tool_call_id for part in _returns(messages) if part.outcome != "denied"}


def _returns(messages: Sequence[ModelMessage]) -> Iterator[ToolReturnPart]:
    for message in reversed(messages):
        if isinstance(message, ModelResponse):
            return
        yield from (part for part in message.parts if isinstance(part, ToolReturnPart))


class Keeper:
    """Keeps the conversation of one run of one task.

    Args:
        task: Whose stage keeps it.
        about: Everything that the model was asked and told at first; another conversation has another one.
    """

    def __init__(self, task: AnyTask, about: Sequence[str]) -> None:
        self._task = task
        whole = "\0".join([task.within, *about]).encode(errors="surrogatepass")
        self._digest = blake2b(whole, digest_size=8).hexdigest()
        done = task.done_effects(_EFFECT)
        self._asked = max((_questions(text) for text in done.values()), default=0)
        own = [int(key.removeprefix(f"{self._digest}-")) for key in done if key.startswith(f"{self._digest}-")]
        self._count = max(own, default=0)
        self._last = done.get(f"{self._digest}-{self._count}")

    def last(self) -> Conversation | None:
        """The conversation as it was kept last; None if none was."""
        if self._last is None:
            return None
        data = cast("Mapping[str, Any]", json.loads(self._last))
        return Conversation(
            messages=ModelMessagesTypeAdapter.validate_python(data["messages"]),
            used=used_of(data.get("used", {})),
            asked=data["asked"],
            waiting=data["waiting"],
            again=data.get("again", ()),
            noted=data.get("noted", {}),
        )

    def number(self, count: int) -> int:
        """How many questions were asked before so many more, by whomever of this stage: no two have one number.

        What people say to one call can never be taken for what they say to another.
        """
        return self._task.numbered(_EFFECT, after=self._asked, count=count) - 1

    async def keep(self, conversation: Conversation) -> None:
        """Keep it, unless that is where it stood anyway; when this returns it is on the journal."""
        data = {
            "messages": json.loads(_text_of([*conversation.messages])),
            "used": _used_data(conversation.used),
            "asked": conversation.asked,
            "waiting": [*conversation.waiting],
            "again": [*conversation.again],
            "noted": {**conversation.noted},
        }
        if self._last is not None and data == json.loads(self._last):
            return
        effect = self._next()
        # Numbers of other items' conversations are passed over.
        while effect.is_strange:
            effect = self._next()
        await effect.run(lambda key: data)
        self._last = json.dumps(data)

    def _next(self) -> Effect[object]:
        self._count += 1
        return self._task.effect(_EFFECT, key=f"{self._digest}-{self._count}", reconcile=_nothing_was_kept)


def _text_of(messages: list[ModelMessage]) -> bytes | str:
    try:
        return ModelMessagesTypeAdapter.dump_json(messages)
    except PydanticSerializationError:
        # Somebody said half a letter, which JSON can write and this cannot; nobody can read it. Or a tool gave
        # `metadata` for its program alone: no model is told of it, so it is no reason to lose the rest.
        plain = ModelMessagesTypeAdapter.dump_python(messages, mode="json", fallback=lambda value: None)
        return whole_text(json.dumps(plain, ensure_ascii=False))


def _used_data(used: Used) -> dict[str, object]:
    counted = used.counted
    return {
        "calls": counted.calls,
        "tokens": counted.tokens,
        "money": counted.money,
        "currency": counted.currency,
        "tool_calls": used.tool_calls,
        "model": used.model,
        "unpriced": sorted(used.unpriced),
    }


def used_of(data: Mapping[str, object]) -> Used:
    """What a run has used, as it was kept; what an earlier version kept besides means nothing here."""
    kept = cast("Mapping[str, Any]", data)
    counted = Usage(**{name: kept[name] for name in ("calls", "tokens", "money", "currency") if name in kept})
    return Used(
        counted=counted,
        tool_calls=kept.get("tool_calls", 0),
        model=kept.get("model", ""),
        unpriced=frozenset(kept.get("unpriced", ())),
    )


def _questions(text: str) -> int:
    """The number of the last question that a conversation has asked."""
    data = cast("Mapping[str, Any]", json.loads(text))
    return int(data["asked"]) + len(data["waiting"])


def _nothing_was_kept(key: str) -> None:
    """What was not confirmed was not kept, and nothing outside knows of it."""
