"""How far a turn of a conversation has come, and what of it is kept for the next attempt.

Rules: what people agreed to and was done is kept before the model hears of it, so that nothing that fails later has it
done again. What was answered is kept wherever another attempt may go on from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse

from agentkit.agents.failures import ended_by
from agentkit.kernel import Failed

from .keeping import Conversation, Keeper, done_of, worked_of
from .metering import Meter
from .noting import Noted, told
from .pausing import Pauses

__all__ = ["Progress"]


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far one turn has come.

    Attributes:
        keeper: What keeps it.
        meter: What counts it.
        pauses: The calls of tools that ask people themselves.
        noted: What tools say besides what they give back.
        before: Where the conversation stood; None is its beginning.
        said: What was said, as it grows.
    """

    keeper: Keeper
    meter: Meter
    pauses: Pauses
    noted: Noted
    before: Conversation | None
    said: Sequence[ModelMessage] = field(default_factory=list[ModelMessage])

    async def asking(self) -> None:
        """Keep what came of calls that people agreed to, now that the model is about to hear of it."""
        self.noted.mark()
        self.pauses.is_agreed = False
        if self._is_same_answer:
            await self._keep([*self.said])

    async def waits(self, waiting: Sequence[str]) -> Conversation:
        """Keep where it stands, now that calls of its last answer wait for people; where that is.

        Args:
            waiting: The ids of the calls that people have to agree to.

        Raises:
            BaseException: What a call ended the attempt with that has perhaps said something besides.
        """
        if self.pauses.is_mixed:
            await self._unmix()
        conversation = Conversation(
            messages=self.said,
            used=self.meter.used(done_of(self.said)),
            asked=self.keeper.number(len(waiting)),
            waiting=waiting,
            again=self.pauses.calls,
            noted=told(self.noted.now()),
        )
        await self.keeper.keep(conversation)
        return conversation

    async def _unmix(self) -> None:
        """Keep no word that a call says again; so all calls that are not agreed to are made again.

        Where a call was made beside it that people had agreed to, or been asked by, that counts for more: what was said
        may be said again.
        """
        before = self.before
        if before is None or not self._is_same_answer:
            await self.answered()
        elif (ending := self.pauses.ending) is not None:
            asked = {*before.waiting, *before.again}
            if not asked & (worked_of(self.said) - before.done):
                raise ending

    async def answered(self) -> None:
        """End the attempt if a call of the last answer still asks people: what else is in that answer came too early.

        Raises:
            BaseException: What the call ended the attempt with.
        """
        if (ending := self.pauses.ending) is not None:
            messages = [*self.said]
            while not isinstance(messages[-1], ModelResponse):
                messages.pop()
            await self._keep(messages)
            raise ending

    async def failed(self, error: BaseException) -> None:
        """Keep what is worth going on from, if there is more of it than before."""
        outcome = ended_by(error)
        if isinstance(outcome, Failed) and not isinstance(error, Exception):
            # Whoever is stopped from outside is not to go on keeping.
            return
        if self._is_same_answer:
            await self._keep_done()
        elif not isinstance(outcome, Failed) or outcome.retryable:
            messages = [*self.said]
            while messages and messages[-1].state != "complete":
                messages.pop()
            if any(isinstance(message, ModelResponse) for message in messages) and len(messages) > self._known:
                await self._keep(messages)

    @property
    def _known(self) -> int:
        return 0 if self.before is None else len(self.before.messages)

    @property
    def _is_same_answer(self) -> bool:
        """Whether the model has not answered since the turn began, and calls of its last answer were to be made."""
        return self.before is not None and self.before.is_open and _answers(self.said) == _answers(self.before.messages)

    async def _keep_done(self) -> None:
        """Keep what came of some of the calls that were to be made."""
        last = self.said[-1]
        if isinstance(last, ModelRequest) and last.parts:
            await self._keep([*self.said[:-1], replace(last, state="complete")])

    async def _keep(self, messages: Sequence[ModelMessage]) -> None:
        before, done = self.before, done_of(messages)
        asked, waiting, again = (0, (), ()) if before is None else (before.asked, before.waiting, before.again)
        if not self._is_same_answer or done >= {*waiting, *again}:
            # What people were asked has been done, or belongs to an answer that others came after.
            asked, waiting, again = asked + len(waiting), (), ()
        await self.keeper.keep(
            Conversation(
                messages=messages,
                used=self.meter.used(done),
                asked=asked,
                waiting=waiting,
                again=again,
                # Calls of an answer that stands last are all made again.
                noted=told(self.noted.at_answer if isinstance(messages[-1], ModelResponse) else self.noted.now()),
            )
        )


def _answers(messages: Sequence[ModelMessage]) -> int:
    return sum(isinstance(message, ModelResponse) for message in messages)
