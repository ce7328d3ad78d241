"""The General Decimal Arithmetic vectors that come with CPython's own tests: quantize, rounding, add and multiply.

A vector is a sum or a product that is rounded to so many digits. Here the exact result is computed on `ExactMoney`, and
rounded by `quantize` to the exponent that the vector's answer has; both answers are then the same number. Vectors about
NaN and infinity have to be refused, and those that overflow have no answer that is kept.
"""

import decimal
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from agentkit.errors import MoneyError, NonFinite, PrecisionExceeded
from agentkit.money import ExactMoney, Rounding, quantize

HOME = Path(decimal.__file__).parent / "test" / "decimaltestdata"
FILES = [f"{kind}{name}" for name in ("Quantize", "Add", "Multiply") for kind in ("dd", "dq")]
VECTOR = re.compile(r"(?P<name>\w+)\s+(?P<operation>\w+)\s+(?P<operands>.+?)\s+->\s+(?P<answer>\S+)(?P<flags>.*)")
DIRECTIVE = re.compile(r"(?P<name>\w+)\s*:\s*(?P<value>\S+)")
# What an amount may be computed with; beyond lies what no money has.
LARGEST = 900
MODES = frozenset(get_args(Rounding))

pytestmark = pytest.mark.skipif(not HOME.is_dir(), reason="this Python comes without test/decimaltestdata")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    name: str
    operation: str
    operands: tuple[str, ...]
    answer: str
    flags: frozenset[str]
    precision: int
    rounding: Rounding


@pytest.mark.parametrize("file", ["quantize", "rounding", "add", "multiply", *FILES])
def test_every_vector_is_answered_exactly_or_refused(file: str) -> None:
    wrong, checked = [], 0
    for vector in vectors(HOME / f"{file}.decTest"):
        verdict = judge(vector)
        checked += verdict is not None
        if verdict is False:
            wrong.append(vector)

    assert wrong == []
    assert checked > 200


def judge(vector: Vector) -> bool | None:
    """Tell whether we answer as the vector does; None where it asks what is not asked of amounts."""
    try:
        operands = [Decimal(text) for text in vector.operands]
    except InvalidOperation:
        return None
    if any(not operand.is_finite() for operand in operands):
        return refused(operands)
    if any(abs(operand.adjusted()) > LARGEST or abs(exponent(operand)) > LARGEST for operand in operands):
        return None
    match vector.operation:
        case "quantize":
            return judge_quantize(vector, operands)
        case "add" | "subtract" | "multiply" | "divide" | "plus" | "minus" | "abs":
            return judge_result(vector, operands)
        case _:
            return None


def judge_quantize(vector: Vector, operands: list[Decimal]) -> bool | None:
    value, like = operands
    places = -exponent(like)
    if "Invalid_operation" in vector.flags:
        # Too many digits, or an exponent beyond the bounds of that file.
        try:
            got = quantize(value, places, vector.rounding, precision=vector.precision)
        except PrecisionExceeded:
            return True
        return None if places < 0 or got == 0 or abs(places) > 300 else False
    answer = Decimal(vector.answer)
    # Tens and hundreds are written out, so they have more digits than the coefficient of the vector.
    precision = vector.precision + max(0, -places)
    got = quantize(value, places, vector.rounding, precision=precision)
    return got == answer and (places < 0 or exponent(got) == exponent(answer)) and not (got == 0 and got.is_signed())


def judge_result(vector: Vector, operands: list[Decimal]) -> bool | None:
    answer = Decimal(vector.answer)
    if not answer.is_finite() or vector.flags & {"Subnormal", "Underflow", "Clamped", "Overflow", "Division_by_zero"}:
        return None
    if abs(exponent(answer)) > LARGEST:
        return None
    result = computed(vector.operation, operands)
    got = quantize(result, -exponent(answer), vector.rounding, precision=10_000)
    return got == answer


def computed(operation: str, operands: list[Decimal]) -> Fraction:
    """Compute on amounts, exactly."""
    amounts = [ExactMoney(operand, "EUR") for operand in operands]
    match operation:
        case "add":
            return (amounts[0] + amounts[1]).fraction
        case "subtract":
            return (amounts[0] - amounts[1]).fraction
        case "multiply":
            return (amounts[0] * operands[1]).fraction
        case "divide":
            return (amounts[0] / operands[1]).fraction
        case "minus":
            return (-amounts[0]).fraction
        case "abs":
            return abs(amounts[0]).fraction
        case _:
            return amounts[0].fraction


def refused(operands: list[Decimal]) -> bool:
    for operand in operands:
        if not operand.is_finite():
            with pytest.raises(NonFinite):
                ExactMoney(operand, "EUR")
            with pytest.raises(MoneyError):
                quantize(operand, 2, "ROUND_HALF_UP")
    return True


def exponent(value: Decimal) -> int:
    found = value.as_tuple().exponent
    assert isinstance(found, int)
    return found


def vectors(path: Path) -> Iterator[Vector]:
    """Read a file of vectors; directives hold until the next one of their name."""
    said = {"precision": "9", "rounding": "half_up"}
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split("--")[0].strip()
        if found := DIRECTIVE.fullmatch(text):
            said[found["name"].lower()] = found["value"]
        elif found := VECTOR.fullmatch(text):
            mode = f"ROUND_{said['rounding'].upper()}"
            if "#" in text or "?" in found["answer"] or mode not in MODES:
                continue
            yield Vector(
                name=found["name"],
                operation=found["operation"].lower(),
                operands=tuple(part.strip("'") for part in found["operands"].split()),
                answer=found["answer"].strip("'"),
                flags=frozenset(found["flags"].split()),
                precision=int(said["precision"]),
                rounding=mode,  # type: ignore[arg-type]
            )
