"""A model that needs no network: it reads a mail by its words, and writes by phrases.

It believes everything that a mail says, an order to refund 9,999 EUR too: what is safe here is not safe because of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, TypeAlias

from agentkit.testing import ModelCall, Says, ScriptedModel

from .phrases import LIKED, OPENINGS, STANDARD, TONES

Said: TypeAlias = Any
"""What is read out of JSON."""

PRICES: Final = {"small": Decimal("0.0000004"), "large": Decimal("0.000004")}
"""What a token costs, in US dollars."""

_LANGUAGES: Final = {
    "de": r"guten tag|grüß|bestellung|danke",
    "fr": r"bonjour|merci|commande",
    "es": r"hola|saludo|pedido|gracias",
}
_REASONS: Final = {
    "damaged": r"damaged|broken|leaks|beschädigt",
    "lost": r"never arrived|jamais arriv|nie angekommen",
    "late": r"retraso|too late|verspätet",
    "returned": r"sent it back|return|zurückgeschickt",
}
_SPAM: Final = r"click here|lottery|seo"
_PERSON: Final = r"lawyer|call me|scalded"
_ANGRY: Final = r"outrageous|terrible|furious|!!!"


def scripted(part: str, tier: str) -> ScriptedModel:
    """The model of a tier, for a part of the team: `triage`, `writer` or `critic`."""

    def answer(call: ModelCall) -> Says:
        said = _PARTS[part](call)
        tokens = len(call.text) // 4, len(json.dumps(said)) // 4
        return Says(said, input_tokens=tokens[0], output_tokens=tokens[1], cost=PRICES[tier] * sum(tokens))

    return ScriptedModel([answer], name=tier)


def _triage(call: ModelCall) -> Said:
    mail = _found(call, "sender")
    text = f"{mail['subject']} {mail['text']}"
    reason = _first(_REASONS, text, "none")
    kind = "spam" if _has(_SPAM, text) or not mail["text"].strip() else "person" if _has(_PERSON, text) else ""
    order = re.search(r"L-\d{4}", text)
    asked = re.search(r"\d[\d.,]*\d (EUR|USD)", text)
    return {
        "kind": kind or ("refund" if reason != "none" else "complaint" if _has(_ANGRY, text) else "question"),
        "language": _first(_LANGUAGES, text, "en"),
        "angry": _has(_ANGRY, text),
        "order": order and order[0],
        "reason": reason,
        "asked": asked and asked[0],
    }


def _write(call: ModelCall) -> Said:
    """A letter in the tone that it is told, or in the one that the critic asks for."""
    turn = _found(call, "speaks")
    case, name = turn["task"], re.split("[.@]", turn["task"]["mail"]["sender"])[0].title()
    advice = [said["content"]["advice"] for said in turn["messages"] if said["asked"] == "critique"]
    tone = advice[0] if advice else next(tone for tone, prompt in TONES.items() if prompt in call.instructions)
    language = case["triage"]["language"]
    return f"{OPENINGS[tone, language].format(name=name)} {STANDARD[language]}"


def _criticize(call: ModelCall) -> Said:
    """Content with the tone that such customers like."""
    turn = _found(call, "speaks")
    triage, draft = turn["task"]["triage"], turn["messages"][0]["content"]
    liked = LIKED["angry" if triage["angry"] else triage["kind"]]
    is_liked = any(tone == liked and draft.startswith(text.partition("{")[0]) for (tone, _), text in OPENINGS.items())
    return {"score": 0.9 if is_liked else 0.3, "accept": is_liked, "advice": "" if is_liked else liked}


_PARTS: Final[dict[str, Callable[[ModelCall], Said]]] = {"triage": _triage, "writer": _write, "critic": _criticize}


def _has(words: str, text: str) -> bool:
    return re.search(words, text, re.IGNORECASE) is not None


def _first(words: dict[str, str], text: str, otherwise: str) -> str:
    return next((name for name, pattern in words.items() if _has(pattern, text)), otherwise)


def _found(call: ModelCall, key: str) -> Said:
    """The newest object with such a key among what the model is given."""
    return next(found for found in _objects(json.loads(call.text)) if key in found)


def _objects(value: Said) -> Iterator[Said]:
    """All objects inside of a value, the last first; texts that hold JSON are looked into."""
    match value:
        case str() if (start := value.find("{")) >= 0:
            try:
                yield from _objects(json.loads(value[start:]))
            except ValueError:
                return
        case [*items]:
            for each in reversed(items):
                yield from _objects(each)
        case dict():
            yield value
            yield from _objects([*value.values()])
        case _:
            return
