"""What a `ModelAgent` is made with, checked before anything of it is used: a mistake is named where it is made."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, cast

from agentkit.agents.values import ValueType
from agentkit.errors import DefinitionError, MissingExtra

from .limits import ModelLimits

__all__ = ["check_settings", "model_name_problems"]

_MADE_UP: Final = "test"
"""The model that is none: it answers anything that fits."""


def check_settings(  # noqa: PLR0913 - every part of an agent is an argument
    name: str,
    *,
    input: object,
    output: object,
    model: object,
    fallback: object,
    tools: object,
    validators: object,
    limits: object,
    settings: object,
    models: object,
) -> None:
    """Check what an agent is made with, as it was given; None is what was not given.

    Raises:
        DefinitionError: Something is not what it has to be.
    """
    problems = [
        *_type_problems("input", input),
        *_type_problems("output", output),
        *_model_problems("model", model),
        *_order_problems("fallback", fallback, of="models"),
        *_list_problems("tools", tools, of="tools"),
        *_list_problems("validators", validators, of="functions"),
        *_mapping_problems("settings", settings),
        *_mapping_problems("models", models),
    ]
    if limits is not None and not isinstance(limits, ModelLimits):
        problems.append(f"limits is a ModelLimits, such as ModelLimits(calls=5), not {_shown(limits)}")
    if not problems:
        named = cast("Mapping[str, object] | None", models) or {}
        for one in cast("Collection[object]", fallback):
            problems.extend(_model_problems("fallback", one))
        for called, one in named.items():
            problems.extend(_model_problems(f"models[{called!r}]", one))
        for one in cast("Collection[object]", validators):
            if not callable(one):
                problems.append(f"a validator is a function of the answer, not {_shown(one)}")
    if problems:
        raise DefinitionError(*(f"agent {name!r}: {problem}" for problem in problems))


def model_name_problems(what: str, name: str) -> Iterator[str]:
    """Why no model can be asked by a name, a line each; nothing where one can be, once its key is there.

    Args:
        what: What the name is for.
        name: The name, such as `openai:gpt-5-mini`.

    Raises:
        MissingExtra: pydantic-ai is not installed.

    Example:
        >>> [*model_name_problems("model", "openai:gpt-5-mini")]
        []
    """
    try:
        from pydantic_ai.models import parse_model_id
        from pydantic_ai.providers import infer_provider_class
    except ImportError as error:
        raise MissingExtra("llm", "pydantic-ai") from error

    if name == _MADE_UP:
        return
    provider, model = parse_model_id(name)
    advice = "write a model with its provider, such as openai:gpt-5-mini"
    if not provider or not model:
        yield f"{what}: {name!r:.100} names no provider, or no model of it; {advice}"
        return
    try:
        infer_provider_class(provider)
    except ImportError as error:
        yield f"{what}: {name!r:.100}: {error}"
    except ValueError:
        yield f"{what}: {name!r:.100}: no provider {provider!r:.100} is known; {advice}"


def _type_problems(setting: str, declared: object) -> Iterator[str]:
    if isinstance(declared, str):
        yield f"{setting} is a type, not its name: give the class itself in place of {_shown(declared)}"
    elif _is_more_than_type(declared):
        yield f"{setting} is a type, not {_shown(declared)}: give the class itself; for a union write A | B"
    elif declared is not None:
        try:
            ValueType(declared).prepare()
        except DefinitionError as error:
            why = str(error).partition(". ")[0]
            yield f"{setting}: {why:.200}; give a pydantic class, a dataclass, or a type of plain values like list[str]"


def _is_more_than_type(declared: object) -> bool:
    """Whether it is what agents of pydantic-ai take for a type: several of them, or how to ask a model for one."""
    from pydantic_ai import NativeOutput, PromptedOutput, TextOutput, ToolOutput

    return isinstance(declared, list | tuple | set | NativeOutput | PromptedOutput | TextOutput | ToolOutput)


def _model_problems(setting: str, model: object) -> Iterator[str]:
    from pydantic_ai.models import Model

    if model is not None and not isinstance(model, str | Model):
        yield f"{setting} is a model, or the name of one such as 'openai:gpt-5', not {_shown(model)}"


def _list_problems(setting: str, given: object, *, of: str) -> Iterator[str]:
    shown = _shown(given)
    if isinstance(given, str | Mapping) or not isinstance(given, Collection):
        yield f"{setting} is a list of {of}, such as [{shown}]"


def _order_problems(setting: str, given: object, *, of: str) -> Iterator[str]:
    kind, others = type(given).__name__, _list_problems(setting, given, of=of)
    if isinstance(given, Collection) and not isinstance(given, Sequence | Mapping):
        yield f"{setting} is a list of {of}, in the order in which they are asked, not a {kind}"
    else:
        yield from others


def _mapping_problems(setting: str, given: object) -> Iterator[str]:
    if given is not None and not isinstance(given, Mapping):
        yield f"{setting} is a dict, such as {{'name': ...}}, not {_shown(given)}"


def _shown(given: object) -> str:
    called = getattr(given, "__name__", None)
    return called if isinstance(called, str) else f"{given!r:.100}"
