"""Mutants: the same module with one mistake in it. They are found in the text, and made of it again."""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Final, TypeAlias

from tests.mutation.exempt import FACTS, is_exempt, is_wording
from tests.mutation.operators import mistakes

__all__ = ["ROOM", "Mutant", "Step", "mutant_code", "mutants_of", "sampled"]

ROOM: Final = Path("src/agentkit/money")

Step: TypeAlias = tuple[str, int | None]
"""From a node to one below it: a field, and the place in it if it is a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One mistake in one module.

    Attributes:
        file: The module, from the root of the repository.
        path: Where the changed node is in the tree.
        operator: What kind of mistake it is.
        node: What stands there instead.
        before: The text of what is replaced.
        after: The text of what replaces it.
        lines: The lines that run when it does: the statement, or the head of it.
        function: The outermost function it is in, by qualified name and first line. None: it runs when the module is
            loaded.
        nth: Which one of those it is that change the same text to the same text in the same function.
    """

    file: str
    path: tuple[Step, ...]
    operator: str
    node: ast.AST
    before: str
    after: str
    lines: range
    function: tuple[str, int] | None
    nth: int = 1

    @property
    def key(self) -> str:
        """What it is called: the same for the same mistake in the same text."""
        text = f"{self.file}|{self.path}|{self.before}|{self.after}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def where(self) -> str:
        """The module, from the room, and the function: `finance/tax.py::Taxed.to_dict`."""
        file = self.file.removeprefix(f"{ROOM.as_posix()}/")
        return f"{file}::{self.function[0]}" if self.function else file

    def __str__(self) -> str:
        return f"{self.file}:{self.lines.start}: {self.before}  ->  {self.after}"


@dataclass(frozen=True, slots=True)
class _Place:
    """What is known on the way down the tree."""

    path: tuple[Step, ...] = ()
    names: tuple[str, ...] = ()
    function: tuple[str, int] | None = None
    lines: range = range(0)
    wording: bool = False


def mutants_of(file: Path) -> list[Mutant]:
    """Find all mutants of a module, in the order of its text."""
    seen: Counter[tuple[str, str, str]] = Counter()
    return [_numbered(mutant, seen) for mutant in _found(file.as_posix())]


def _found(file: str) -> Iterator[Mutant]:
    for node, place in _walk(ast.parse(_text_of(file)), _Place()):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (place.wording and is_text) or (file.endswith(FACTS) and place.function is None):
            continue
        for operator, other in mistakes(node):
            yield Mutant(
                file=file,
                path=place.path,
                operator=operator,
                node=other,
                before=_shown(node),
                after=_shown(other),
                lines=place.lines,
                function=place.function,
            )


def _numbered(mutant: Mutant, seen: Counter[tuple[str, str, str]]) -> Mutant:
    named = mutant.where, mutant.before, mutant.after
    seen[named] += 1
    return replace(mutant, nth=seen[named])


def sampled(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """Draw some of them: the same ones for the same seed, whatever becomes of the others."""
    drawn = sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed}|{mutant.key}".encode()).digest())[:count]
    return [mutant for mutant in mutants if mutant in drawn]


def mutant_code(mutant: Mutant) -> CodeType:
    """Compile the module with the mistake in it."""
    tree = ast.parse(_text_of(mutant.file))
    *way, (field, index) = mutant.path
    above: ast.AST = tree
    for name, place in way:
        below = getattr(above, name)
        above = below if place is None else below[place]
    if index is None:
        setattr(above, field, ast.copy_location(mutant.node, getattr(above, field)))
    else:
        getattr(above, field)[index] = ast.copy_location(mutant.node, getattr(above, field)[index])
    return compile(ast.fix_missing_locations(tree), str(Path(mutant.file).resolve()), "exec")


@cache
def _text_of(file: str) -> str:
    # Read once: somebody may go on writing while mutants run.
    return Path(file).read_text(encoding="utf-8")


def _walk(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or is_exempt(node, field, child):
                continue
            if place.wording and isinstance(child, ast.JoinedStr):
                continue
            below = _below(node, field, child, place, (field, index))
            yield child, below
            yield from _walk(child, below)


def _below(node: ast.AST, field: str, child: ast.AST, place: _Place, step: Step) -> _Place:
    names, function = place.names, place.function
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and field == "body" and function is None:
        function = (".".join(names), min([node.lineno, *(each.lineno for each in node.decorator_list)]))
    if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        names = (*names, child.name)
    lines = _lines_of(child) if isinstance(child, (ast.stmt, ast.match_case)) else place.lines
    return _Place((*place.path, step), names, function, lines, place.wording or is_wording(child))


def _lines_of(node: ast.stmt | ast.match_case) -> range:
    """The lines of a statement; of one with a body, those of its head."""
    first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if body else getattr(node, "end_lineno", first)
    return range(first, max(first, last) + 1)


def _shown(node: ast.AST) -> str:
    if isinstance(node, (ast.If, ast.While)):
        return f"{type(node).__name__.lower()} {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())
