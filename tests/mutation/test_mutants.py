"""The mistakes that `nox -s mutate` makes: which ones, where, and where not."""

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.equivalents import EQUIVALENTS, why_equivalent
from tests.mutation.mutants import ROOM, Mutant, mutant_code, mutants_of, sampled
from tests.mutation.operators import mistakes

MODULE = '''
"""Not changed."""
from typing import Final

MOST: Final[int] = 5


class Box:
    @property
    def size(self, more: int = 1) -> "int":
        assert more
        if more > MOST:
            raise OutOfRange(f"{more} is above {MOST + 1}")
        return more + 1

    def __repr__(self) -> str:
        return "Box" + "es"
'''


@pytest.fixture
def found(tmp_path: Path) -> list[Mutant]:
    (tmp_path / "box.py").write_text(MODULE)
    return mutants_of(tmp_path / "box.py")


@pytest.mark.parametrize(
    ("code", "others"),
    [
        ("a + b", ["a - b"]),
        ("a // b", ["a * b"]),
        ("a < b", ["a <= b", "a >= b"]),
        ("a == b", ["a != b"]),
        ("0 <= a < 2", ["0 < a < 2", "0 > a < 2", "0 <= a <= 2", "0 <= a >= 2"]),
        ("a in b", ["a not in b"]),
        ("a and b", ["a or b"]),
        ("not a", ["a"]),
        ("-a", ["a"]),
        ("7", ["8", "6"]),
        ("0", ["1"]),
        ("True", ["False"]),
        ("'x'", ["'xXX'", "''"]),
        ("a if b else c", ["a if not b else c"]),
        ("a if b < c else d", []),
        ("f'{a}'", []),
    ],
)
def test_an_expression_is_changed_as_people_mistake_it(code: str, others: list[str]) -> None:
    node = ast.parse(code, mode="eval").body

    assert [ast.unparse(other) for _, other in mistakes(node)] == others


@pytest.mark.parametrize(
    ("code", "others"),
    [
        ("a += 1", ["a -= 1", "pass"]),
        ("raise a", ["pass"]),
        ("a.b = 1", ["pass"]),
        ("a = 1", []),
        ("a(b)", ["pass"]),
        ("while a:\n    break", ["while not a:\n    break"]),
    ],
)
def test_a_statement_is_changed_or_removed(code: str, others: list[str]) -> None:
    node = ast.parse(code).body[0]

    assert [ast.unparse(other) for _, other in mistakes(node)] == others


def test_types_docstrings_decorators_assertions_and_wording_are_left_alone(found: list[Mutant]) -> None:
    assert [f"{mutant.before} -> {mutant.after}" for mutant in found] == [
        "5 -> 6", "5 -> 4", "1 -> 2",
        "more > MOST -> more >= MOST", "more > MOST -> more <= MOST",
        "raise OutOfRange(f'{more} is above {MOST + 1}') -> pass",
        "return more + 1 -> return None", "more + 1 -> more - 1", "1 -> 2",
    ]  # fmt: skip


def test_a_mutant_knows_its_lines_and_the_function_that_has_to_be_exchanged(found: list[Mutant]) -> None:
    by_text = {f"{mutant.before} {mutant.lines.start}": mutant for mutant in found}

    assert by_text["5 5"].function is None
    assert by_text["1 10"].function is None, "a default is computed when the module is loaded"
    assert by_text["more > MOST 12"].function == ("Box.size", 9)
    assert by_text["more > MOST 12"].lines == range(12, 13), "of an `if`, its head"


def test_what_is_compiled_has_the_one_mistake(found: list[Mutant]) -> None:
    names: dict[str, Any] = {}
    mutant = next(each for each in found if each.after == "more - 1")

    exec(mutant_code(mutant), names)

    assert names["Box"]().size == 0
    assert names["MOST"] == 5


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    mutants = mutants_of(ROOM / "finance" / "tax.py")

    assert sampled(mutants, 9, 1) == sampled(mutants, 9, 1) != sampled(mutants, 9, 2)
    assert len({mutant.key for mutant in mutants}) == len(mutants)


def test_every_mutant_that_is_said_to_change_nothing_is_still_there() -> None:
    files = {each.where.partition("::")[0] for each in EQUIVALENTS}
    there = {
        (mutant.where, mutant.before, mutant.after, mutant.nth)
        for file in files
        for mutant in mutants_of(ROOM / file)
        if why_equivalent(mutant)
    }

    assert there == {(each.where, each.before, each.after, each.nth) for each in EQUIVALENTS}
    assert all(each.why for each in EQUIVALENTS)
