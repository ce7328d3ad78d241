"""Agents that ask a model, out of plain data: what a file says of them.

Rules: a file names a model and what it is told. It names no tools, which are code, and no addresses and keys: a
provider's library reads those from the environment of whoever runs the file. Nothing is filled into what a model is
told; what an operation works on reaches it as data.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, cast

from pydantic import ConfigDict
from typing_extensions import TypedDict

from agentkit.agents import AgentPersonality, ModelAgent, ModelLimits
from agentkit.data import Declared
from agentkit.errors import DefinitionError
from agentkit.kernel import name_problems

__all__ = ["ModelSettings"]

AnswerField: TypeAlias = str | tuple[str, ...]
"""A kind, or the texts to choose from."""

_KINDS: Final[Mapping[str, type]] = {"text": str, "whole": int, "decimal": Decimal, "flag": bool, "date": date}


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
        settings: Settings of the model, such as `{"temperature": 0}`.

    Raises:
        DefinitionError: A field of the answer is not as it has to be.

    Example:
        >>> settings = ModelSettings(model="test", answer={"about": ("refund", "other"), "amount": "decimal?"})
        >>> settings.agent("sort").name
        'sort'
    """

    model: str
    fallback: tuple[str, ...] = ()
    role: str = ""
    expertise: tuple[str, ...] = ()
    system_prompt: str = ""
    answer: Mapping[str, AnswerField] | None = None
    limits: ModelLimits | None = None
    settings: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        problems = [*_answer_problems(self.answer)]
        if problems:
            raise DefinitionError(*problems)

    def agent(self, name: str) -> ModelAgent[object, object]:
        """The agent.

        Args:
            name: What stages call it by.

        Raises:
            MissingExtra: pydantic-ai is not installed.
            DefinitionError: A setting is not valid.
        """
        who = AgentPersonality(name=name, role=self.role, expertise=self.expertise, system_prompt=self.system_prompt)
        return ModelAgent(
            who,
            output=str if self.answer is None else _type_of(self.answer),
            model=self.model,
            fallback=self.fallback,
            limits=self.limits,
            settings=self.settings,
        )


def _answer_problems(answer: object) -> Iterator[str]:
    if answer is None:
        return
    if not isinstance(answer, Mapping) or not answer:
        yield f"answer has fields, such as {{'summary': 'text'}}, not {answer!r:.100}"
        return
    for name, kind in cast("Mapping[object, object]", answer).items():
        problems = [*name_problems("answer", name)]
        if not problems and not (isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)):
            problems.append(f"answer: {name!r:.100} is no name of a field: use letters, digits and `_`")
        yield from problems
        if isinstance(kind, str) and kind.removesuffix("?") in _KINDS:
            continue
        choices = cast("tuple[object, ...]", kind) if isinstance(kind, tuple | list) else ()
        if not choices or not all(isinstance(one, str) and one for one in choices):
            yield f"answer: {name} is {', '.join(_KINDS)} or a list of the texts to choose from, not {kind!r:.100}"


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
