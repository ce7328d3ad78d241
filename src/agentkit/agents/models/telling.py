"""What a run of a model says while it goes on: text as it streams, tools as they are called.

Rules: it is live only, like every line of `Task.log`; text is gathered, so that whoever watches gets lines and not
letters. What a model says is shown as text, and nothing more is done with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Final

from pydantic_ai.messages import (
    AgentStreamEvent,
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)

from agentkit.agents.registration import AnyTask

from .metering import AnyContext, Meter, written

__all__ = ["Teller"]

_LINE: Final = 160
_SHOWN: Final = 200


class Teller:
    """Tells those who watch a task what its model does, and counts how long its answers get.

    Args:
        task: Whose lines they are.
        meter: What refuses answers that are too long.
    """

    def __init__(self, task: AnyTask, meter: Meter) -> None:
        self._task = task
        self._meter = meter
        self._line = ""
        self._size = 0

    async def listen(self, context: AnyContext, events: AsyncIterable[AgentStreamEvent]) -> None:
        """Hear the events of one step of a run.

        Raises:
            OutputInvalid: An answer is longer than it may be.
        """
        self._size = 0
        async for event in events:
            match event:
                case PartStartEvent(part=TextPart(content=text)):
                    self._count(text)
                    self._say(text)
                case PartStartEvent(part=ThinkingPart(content=text)):
                    self._count(text)
                case PartStartEvent(part=ToolCallPart() as part):
                    self._count(written(part))
                case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                    self._count(text)
                    self._say(text)
                case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=text)):
                    self._count(text or "")
                case PartDeltaEvent(delta=ToolCallPartDelta(args_delta=args)):
                    self._count(args if isinstance(args, str) else str(args or ""))
                case PartEndEvent(part=TextPart()):
                    self._end()
                case FunctionToolCallEvent(part=part):
                    self._task.log(f"calls {part.tool_name}({_short(written(part))})")
                case FunctionToolResultEvent(part=part):
                    self._task.log(f"hears from {part.tool_name}: {_short(part.model_response_str())}")
                case _:
                    pass

    def _count(self, text: str) -> None:
        self._size += len(text)
        self._meter.check_size(self._size)

    def _say(self, text: str) -> None:
        self._line += text
        while "\n" in self._line or len(self._line) > _LINE:
            cut = self._line.find("\n", 0, _LINE)
            if cut < 0:
                # Between two words, if there are two.
                cut = self._line.rfind(" ", 0, _LINE)
            cut = cut if cut > 0 else min(len(self._line), _LINE)
            self._tell(self._line[:cut])
            self._line = self._line[cut:].lstrip(" \n") if cut < len(self._line) else ""

    def _end(self) -> None:
        self._tell(self._line)
        self._line = ""

    def _tell(self, text: str) -> None:
        if text.strip():
            self._task.log(text)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
