"""Every call of a model: reserved in all budgets before it is made, counted when its answer is there.

Rules: a call is what is sent to a provider, those that a fallback moved on from included. What it cost is exact where
its price is known, and unknown where it is not, never 0. Of a call that broke off nobody knows what it used, so what
was reserved counts.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Container, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final, TypeAlias, cast

from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import (
    ApprovalRequired,
    CallDeferred,
    ModelHTTPError,
    ModelRetry,
    ToolFailed,
    ToolFailedError,
    ToolRetryError,
)
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ThinkingPart, ToolCallPart, ToolReturn
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import RunContext, ToolDefinition
from pydantic_core import PydanticSerializationError

from agentkit.agents.budget import Budget, Hold
from agentkit.agents.registration import AnyTask
from agentkit.errors import BudgetExhausted, OutputInvalid
from agentkit.kernel import Usage, as_money

from .giving import json_of, note_tool, readable, unreadable
from .limits import CURRENCY, ModelLimits, Used
from .pausing import Pauses

__all__ = ["METER", "AnyContext", "Meter", "usage_of", "written"]

# Of runs with whatever `deps`, and tools of whatever type: agents of others are asked too.
AnyContext: TypeAlias = RunContext[Any]
"""The context of a run."""

Arguments: TypeAlias = dict[str, Any]
"""What a model gives a tool, checked."""

METER: Final[ContextVar[Meter | None]] = ContextVar("agentkit_meter", default=None)
"""What counts the tools of the run that goes on here, where they count themselves."""

_STEP: Final = Decimal(1).scaleb(-24)
_EXACT: Final = Context(prec=60)


class Meter(AbstractCapability[Any]):
    """What counts the calls of one run, of models and of tools.

    Args:
        task: Whose budgets are charged.
        name: Who is limited.
        limits: What the run may use.
        used: What it has used before, which the task's own budgets know of.
        pauses: Where calls of tools are noted that ask people themselves.

    Attributes:
        before_asking: Awaited before each call of a model.
    """

    def __init__(self, task: AnyTask, name: str, limits: ModelLimits, used: Used, pauses: Pauses) -> None:
        self.before_asking: Callable[[], Awaitable[None]] | None = None
        self._name = name
        self._limits = limits
        self._budget: Budget = task.budget.child(f"limits of {name}", limits.allowance)
        self._budget.catch_up(used.counted, used.counted, alone=True)
        self._pauses = pauses
        self._tool_calls = self._tools_at_answer = used.tool_calls
        self._begun: list[str] = []
        self._model = used.model
        self._unpriced = {*used.unpriced}

    def used(self, done: Container[str]) -> Used:
        """What the run has used so far, without the calls of tools that are made again.

        Args:
            done: The ids of the calls since the last answer that are not.
        """
        tool_calls = self._tools_at_answer + sum(call in done for call in self._begun)
        return Used(
            counted=self._budget.counted,
            tool_calls=tool_calls,
            model=self._model,
            unpriced=frozenset(self._unpriced),
        )

    def get_wrapper_model(self, model: Model) -> Model:
        """A model whose calls are counted here."""
        return _Metered(model, self)

    async def prepare(self) -> None:
        """Do what is to be done before a model is asked."""
        if self.before_asking is not None:
            await self.before_asking()

    @contextmanager
    def call(self, model: str) -> Generator[Hold]:
        """Reserve one call. If it is not settled in the block nobody knows what it used, and what was reserved counts.

        Args:
            model: The name of the model that is asked.

        Raises:
            BudgetExhausted: Some budget, or a limit of the run, does not have that much left.
        """
        self._model = model
        with self._reserved() as hold:
            refused = False
            try:
                yield hold
            except ModelHTTPError as error:
                # It was refused before any work: that is free with every provider.
                refused = 400 <= error.status_code < 500
                raise
            finally:
                if hold.is_open:
                    hold.settle(Usage(calls=1) if refused else Usage(calls=1, tokens=None, money=None))

    def check_ahead(self, calls: Collection[str]) -> None:
        """Refuse before people are asked, where what they agree to could not be done, or nobody could hear of it.

        Args:
            calls: The ids of the calls of tools that would follow, before the next one of a model.

        Raises:
            BudgetExhausted: There is not enough left for them.
        """
        # A tool that says only when it is called that people have to agree is counted by then.
        self._check_tools(sum(call not in self._begun for call in calls))
        self._reserved().cancel()

    def _reserved(self) -> Hold:
        limits = self._limits
        counts_nothing = self._model in self._unpriced and not as_money(limits.call_money)
        if counts_nothing and (left := self._budget.left_money) is not None:
            # What costs nobody knows how much would never reach a limit of money.
            raise BudgetExhausted(
                f"limits of {self._name}",
                kind="money",
                asked=f"the unknown price of another call of {self._model}",
                left=f"{left:f} {CURRENCY}",
                advice="say with ModelLimits(call_money=...) how much counts for a call of unknown price",
            )
        # Its currency is named even without money: a budget in another one refuses before anything is spent.
        return self._budget.reserve(
            tokens=limits.call_tokens, money=limits.call_money, currency=CURRENCY, by=self._name
        )

    def _check_tools(self, more: int) -> None:
        most = self._limits.tool_calls
        if most is not None and self._tool_calls + more > most:
            left = str(max(0, most - self._tool_calls))
            raise BudgetExhausted(f"limits of {self._name}", kind="tool calls", asked=str(more), left=left)

    def answered(self, hold: Hold, response: ModelResponse) -> None:
        """Count what an answer used."""
        self._tools_at_answer = self._tool_calls
        self._begun.clear()
        usage = usage_of(response)
        (self._unpriced.add if usage.money is None else self._unpriced.discard)(self._model)
        hold.settle(usage)

    def check_size(self, characters: int) -> None:
        """Refuse an answer that is too long.

        Raises:
            OutputInvalid: It is.
        """
        most = self._limits.characters
        if most is not None and characters > most:
            raise OutputInvalid(
                f"agent {self._name!r}: an answer has more than {most:,} characters; raise ModelLimits(characters=...),"
                " or set max_tokens"
            )

    async def before_tool_execute(
        self, ctx: AnyContext, *, call: ToolCallPart, tool_def: ToolDefinition, args: Arguments
    ) -> Arguments:
        """Count a call of a tool that pydantic-ai makes.

        Raises:
            BudgetExhausted: It is one more than the run may make.
            Repetition: The same call was made too often.
        """
        self.count_tool(tool_def.name, written(call), call.tool_call_id)
        return args

    async def wrap_tool_execute(
        self,
        ctx: AnyContext,
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: Arguments,
        handler: Callable[[Arguments], Awaitable[object]],
    ) -> object:
        """Cut what a tool says went wrong that pydantic-ai called, and let it ask people."""
        with self.calling(call.tool_call_id, tool_def.name):
            return await handler(args)

    async def after_tool_execute(
        self, ctx: AnyContext, *, call: ToolCallPart, tool_def: ToolDefinition, args: Arguments, result: object
    ) -> object:
        """Look at what a tool gave that pydantic-ai called."""
        return self.bounded(tool_def.name, result)

    def count_tool(self, tool: str, given: str, call: str) -> None:
        """Count a call of a tool, and refuse the one that is too many or a repetition.

        Raises:
            BudgetExhausted: It is one more than the run may make.
            Repetition: The same call was made too often.
        """
        self._check_tools(1)
        self._tool_calls += 1
        self._begun.append(call)
        # Nothing is spent; a guard against repetition hears of it.
        self._budget.reserve(calls=0, by=f"{self._name}: {tool}", asking=given).cancel()

    @contextmanager
    def calling(self, call: str, tool: str) -> Generator[None]:
        """Cut what a tool says went wrong: the model reads no more of it than of an answer. If it asks, it may wait.

        An error that ends the attempt stays what it is, and is noted to be the tool's. People may have agreed to calls
        beside it: those come to their end first.
        """
        try:
            with self._pauses.kept(call):
                yield
        except (ModelRetry, ToolFailed) as error:
            error.message = self._cut(error.message)
            raise
        except ToolRetryError as error:
            error.tool_retry.content = self._cut(error.tool_retry.content)
            raise
        except ToolFailedError as error:
            error.tool_failed.content = self._cut(error.tool_failed.content)
            raise
        except (ApprovalRequired, CallDeferred):
            raise
        except Exception as error:
            note_tool(error, tool)
            self._pauses.put_off(error)
            raise

    def _cut(self, told: Any) -> Any:  # Whatever a part of a message may hold; what is short stays as it is.
        most = self._limits.characters
        if most is None:
            return told
        text = told if isinstance(told, str) else json_of(told, fallback=str)
        size = len(text)
        if size <= most:
            return told
        text = text if isinstance(text, str) else text.decode(errors="replace")
        return f"{text[:most]}... (cut: it had {size:,} characters)"

    def bounded(self, tool: str, result: object) -> object:
        """What a model reads of what a tool gave; where it is too much the model is told that, in place of all of it.

        Raises:
            UnstorableValue: It cannot be written down, so no model could read it.
        """
        if isinstance(result, ToolReturn):
            # What else is in it is never sent.
            whole = cast("ToolReturn[object]", result)
            value, size = _read(tool, whole.return_value)
            size += 0 if whole.content is None else _read(tool, whole.content)[1]
            given: object = replace(whole, return_value=value)
        else:
            given, size = _read(tool, result)
        most = self._limits.characters
        if most is not None and size > most:
            raise ToolFailed(f"{tool} gave {size:,} characters; at most {most:,} can be read: ask for less")
        return given


class _Metered(WrapperModel):
    """A model whose calls are counted."""

    def __init__(self, wrapped: Model, meter: Meter) -> None:
        super().__init__(wrapped)
        self._meter = meter

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        await self._meter.prepare()
        with self._meter.call(self.wrapped.model_name) as hold:
            response = await self.wrapped.request(messages, model_settings, model_request_parameters)
            self._meter.answered(hold, response)
        self._meter.check_size(_size(response))
        return response

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: AnyContext | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        await self._meter.prepare()
        with self._meter.call(self.wrapped.model_name) as hold:
            async with self.wrapped.request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                yield stream
                response = stream.get()
                if response.state != "incomplete":
                    self._meter.answered(hold, response)


def usage_of(response: ModelResponse) -> Usage:
    """What one answer used; None for what nobody knows."""
    spent = response.usage
    if spent.unmeasured_requests:
        return Usage(calls=1, tokens=None, money=None)
    cost = spent.cost if spent.cost is not None else _price(response)
    money = None if cost is None else _writable(cost)
    return Usage(calls=1, tokens=spent.total_tokens, money=money, currency=None if money is None else CURRENCY)


def _price(response: ModelResponse) -> Decimal | None:
    if not response.model_name:
        return None
    try:
        return response.cost().total_price
    except Exception:  # noqa: BLE001 - whatever a price list has against a model: then its price is unknown, and no more
        return None


def _writable(cost: Decimal) -> str | None:
    """An amount as it is kept; digits beyond the 24th decimal are rounded, half to even."""
    exact = cost if as_money(cost) is not None else cost.quantize(_STEP, rounding=ROUND_HALF_EVEN, context=_EXACT)
    known = as_money(exact)
    return None if known is None else f"{known:f}"


def written(call: ToolCallPart) -> str:
    """The arguments of a call, as the model wrote them.

    Raises:
        OutputInvalid: They are no text that could be read, or written down.
    """
    try:
        return call.args_as_json_str()
    except (PydanticSerializationError, TypeError) as error:
        raise OutputInvalid(f"the model wants to call {call.tool_name} with what is no whole text") from error


def _read(tool: str, value: object) -> tuple[object, int]:
    """What a model reads of a value, and how long that is."""
    if isinstance(value, str):
        return value, len(value)
    try:
        text = json_of(value)
    except ValueError as error:
        raise unreadable(tool, value, error) from error
    return readable(value, text), len(text)


def _size(response: ModelResponse) -> int:
    return sum(
        len(written(part)) if isinstance(part, ToolCallPart) else len(part.content)
        for part in response.parts
        if isinstance(part, TextPart | ThinkingPart | ToolCallPart)
    )
