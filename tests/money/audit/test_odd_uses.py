"""Odd uses of a trail are refused by errors of agentkit, and entries of another kind are no entries."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from agentkit.errors import AuditBroken, AuditError
from agentkit.money import AuditTrail, InclusionProof, MemorySink, verify_entries
from agentkit.money.audit.verifier import Chain
from tests.money.audit.trails import START, Counting, lines


class Stopped:
    """A clock that says what it was told."""

    def __init__(self, seconds: Any) -> None:
        self.seconds = seconds

    def now(self) -> float:
        return self.seconds  # type: ignore[no-any-return]  # what a broken clock may say


def trail() -> AuditTrail:
    return AuditTrail(MemorySink(lines()[:10]), clock=Counting())


ODD: dict[str, Callable[[Any], object]] = {
    "rounding": lambda path: trail().append(actor="a", operation="b", inputs={}, outputs={}, rounding=5),  # type: ignore[arg-type]  # odd
    "actor": lambda path: trail().append(actor=None, operation="b", inputs={}, outputs={}),  # type: ignore[arg-type]  # odd
    "actor number": lambda path: trail().append(actor=5, operation="b", inputs={}, outputs={}),  # type: ignore[arg-type]  # odd
    "entry": lambda path: trail().entry(None),  # type: ignore[arg-type]  # odd
    "entry float": lambda path: trail().entry(1.0),  # type: ignore[arg-type]  # odd
    "entries": lambda path: list(trail().entries(-1)),
    "inclusion": lambda path: trail().prove_inclusion("1"),  # type: ignore[arg-type]  # odd
    "inclusion size": lambda path: trail().prove_inclusion(1, size=1.0),  # type: ignore[arg-type]  # odd
    "consistency": lambda path: trail().prove_consistency("1"),  # type: ignore[arg-type]  # odd
    "buffered": lambda path: AuditTrail(MemorySink(), buffered="1"),  # type: ignore[arg-type]  # odd
    "export": lambda path: trail().export(path / "x", "xml"),  # type: ignore[arg-type]  # odd
    "nan": lambda path: AuditTrail(MemorySink(), clock=Stopped(float("nan"))).checkpoint(),
    "inf": lambda path: AuditTrail(MemorySink(), clock=Stopped(float("inf"))).checkpoint(),
    "text": lambda path: AuditTrail(MemorySink(), clock=Stopped("now")).checkpoint(),
}


@pytest.mark.parametrize("name", ODD)
def test_rule_37_an_odd_use_is_refused_by_name(name: str, tmp_path: Any) -> None:
    with pytest.raises(AuditError):
        ODD[name](tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_rule_39_a_proof_of_something_else_does_not_hold() -> None:
    made = trail()
    checkpoint = made.checkpoint(at=START)
    body = made.entry(1).body

    assert made.prove_inclusion(1).holds(body, checkpoint)
    assert not made.prove_inclusion(1).holds("x", checkpoint)  # type: ignore[arg-type]  # what a stranger may send
    path: Any = ("x",)
    assert not InclusionProof(number=1, size=10, path=path).holds(body, checkpoint)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": "x"},
        {"outputs": "x"},
        {"operation": {"x": "y"}},
        {"rounding": ["x"]},
        {"data_versions": "x"},
        {"actor": ["x"]},
    ],
)
def test_rule_38_an_entry_whose_fields_are_of_another_kind_is_none_although_its_hash_fits(
    change: dict[str, Any],
) -> None:
    entry = json.loads(lines()[0])["entry"] | change
    body = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    line = b'{"entry":%b,"hash":"%b"}\n' % (body, hashlib.sha256(body).hexdigest().encode())

    assert Chain().problem(line) == "its content has a field of another kind than entries have"
    with pytest.raises(AuditBroken, match="entry 1"):
        verify_entries([line])
