"""Agents that ask a model, out of plain data: what a file says of them.

Rules: a file names a model and what it is told. It names no tools, which are code, and no addresses and keys: a
provider's library reads those from the environment of whoever runs the file. Nothing is filled into what a model is
told; what an operation works on reaches it as data. What a model answers is of the kind that the file says, to the
last digit, or the model is told what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeAlias, cast

from pydantic import BeforeValidator, ConfigDict, SkipValidation, Strict, WithJsonSchema
from typing_extensions import TypedDict

from agentkit.agents import AgentPersonality, ModelAgent, ModelLimits, model_name_problems
from agentkit.data import Declared
from agentkit.errors import DefinitionError
from agentkit.kernel import name_problems

__all__ = ["ModelSettings"]

AnswerField: TypeAlias = str | Sequence[str]
"""A kind, or the texts to choose from."""

_DECIMAL: Final = r"-?[0-9]+(\.[0-9]+)?"
_DATE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _decimal(given: object) -> object:
    """No number with a point: it is a binary fraction by the time it is read, and has lost digits."""
    is_exact = isinstance(given, int | Decimal) and not isinstance(given, bool)
    if is_exact or (isinstance(given, str) and re.fullmatch(_DECIMAL, given)):
        return given
    raise ValueError('write the number as a text, such as "12.50"')


def _date(given: object) -> object:
    if isinstance(given, date) or (isinstance(given, str) and re.fullmatch(_DATE, given)):
        return given
    raise ValueError('write the date as a text, such as "2026-01-31"')


def _limits(given: object) -> object:
    """No flag: it would be read as 1, and what stands in YAML as `yes` is one."""
    whole: object = given
    if isinstance(given, Mapping):
        for name, value in cast("Mapping[object, object]", given).items():
            if isinstance(value, bool):
                raise ValueError(f"{name} is a number, not {value}")  # noqa: TRY004 - pydantic tells it with its place
    return whole


_KINDS: Final[Mapping[str, Any]] = {
    "text": str,
    "whole": Annotated[int, Strict()],
    "decimal": Annotated[
        Decimal,
        BeforeValidator(_decimal),
        WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": f"^{_DECIMAL}$"}]}),
    ],
    "flag": Annotated[bool, Strict()],
    "date": Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings(Declared):
    """Which model is asked, what it is told, and what it answers.

    Attributes:
        model: The model, by its name with its provider, such as `openai:gpt-5-mini`. The provider's library reads the
            key for it from the environment.
        fallback: Models that are asked where it does not begin to answer, in order.
        role: What the agent does, in a few words.
        expertise: What it is good at.
        system_prompt: What the model is told before everything else.
        answer: The fields of an answer, each with its kind (`text`, `whole`, `decimal`, `flag` or `date`; with `?`
            behind it, it may be null) or with a list of the texts it may be. None is an answer in words.
        limits: What one run may use.
        temperature: How freely the model chooses its words: 0 is not at all. None is as its provider has it.
        max_tokens: Tokens that one answer may have; None is as its provider has it.
        thinking: Whether it thinks before it answers, or how hard; None is as its provider has it.

    Raises:
        DefinitionError: A setting is not as it has to be.

    Example:
        >>> settings = ModelSettings(model="test", answer={"about": ("refund", "other"), "amount": "decimal?"})
        >>> settings.agent("sort").name
        'sort'
    """

    model: str
    fallback: SkipValidation[Sequence[str]] = ()
    role: str = ""
    expertise: str | tuple[str, ...] = ()
    system_prompt: str = ""
    answer: SkipValidation[Mapping[str, AnswerField] | None] = None
    limits: Annotated[ModelLimits | None, BeforeValidator(_limits)] = None
    temperature: float | None = None
    max_tokens: int | None = None
    thinking: bool | Literal["minimal", "low", "medium", "high", "xhigh", "max"] | None = None

    def __post_init__(self) -> None:
        problems = [*_list_problems(self.fallback), *_answer_problems(self.answer)]
        if problems:
            raise DefinitionError(*problems)

    def agent(self, name: str) -> ModelAgent[object, object]:
        """The agent.

        Args:
            name: What stages call it by.

        Raises:
            MissingExtra: pydantic-ai is not installed.
            DefinitionError: No model can be reached by a name, or the library of its provider is not installed.
        """
        who = AgentPersonality(name=name, role=self.role, expertise=self.expertise, system_prompt=self.system_prompt)
        chosen = {"temperature": self.temperature, "max_tokens": self.max_tokens, "thinking": self.thinking}
        made: ModelAgent[object, object] = ModelAgent(
            who,
            output=str if self.answer is None else _type_of(self.answer),
            model=self.model,
            fallback=self.fallback,
            limits=self.limits,
            settings={setting: value for setting, value in chosen.items() if value is not None},
        )
        problems = [
            *model_name_problems("model", self.model),
            *(problem for one in self.fallback for problem in model_name_problems("fallback", one)),
        ]
        if problems:
            raise DefinitionError(*(f"agent {name}: {problem}" for problem in problems))
        return made


def _list_problems(fallback: object) -> Iterator[str]:
    models = cast("Sequence[object]", fallback) if isinstance(fallback, list | tuple) else [None]
    if not all(isinstance(one, str) for one in models):
        yield f"fallback is a list of models, such as ['openai:gpt-5-mini'], not {fallback!r:.100}"


def _answer_problems(answer: object) -> Iterator[str]:
    if answer is None:
        return
    if not isinstance(answer, Mapping) or not answer:
        yield f"answer has fields, such as {{'summary': 'text'}}, not {answer!r:.100}"
        return
    for name, kind in cast("Mapping[object, object]", answer).items():
        if isinstance(name, str):
            yield from name_problems("answer", name)
            if "." in name:
                yield f"answer: {name!r:.100} has a dot, which stands between the parts of a path"
        else:
            yield f"answer: the name of a field is a text, not {name!r:.100}; put what YAML reads otherwise in quotes"
        yield from _kind_problems(name, kind)


def _kind_problems(name: object, kind: object) -> Iterator[str]:
    if isinstance(kind, str) and kind.removesuffix("?") in _KINDS:
        return
    if not isinstance(kind, list | tuple) or not kind:
        yield f"answer: {name} is {', '.join(_KINDS)} or a list of the texts to choose from, not {kind!r:.100}"
        return
    for one in cast("Sequence[object]", kind):
        if not isinstance(one, str) or not one:
            yield (
                f"answer: {name} is one of some texts, not {one!r:.100}; put what YAML reads otherwise, such as yes, no"
                " and dates, in quotes"
            )


def _type_of(answer: Mapping[str, AnswerField]) -> type[object]:
    """A type of such answers, whose values are plain dicts."""
    fields: dict[str, Any] = {}
    for name, kind in answer.items():
        if not isinstance(kind, str):
            fields[name] = Literal[tuple(kind)]
        elif kind.endswith("?"):
            fields[name] = _KINDS[kind[:-1]] | None
        else:
            fields[name] = _KINDS[kind]
    made = cast("Any", TypedDict)("Answer", fields)
    made.__pydantic_config__ = ConfigDict(extra="forbid")
    return cast("type[object]", made)
