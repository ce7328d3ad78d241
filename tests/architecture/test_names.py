"""Names and sizes: the habits that reviewers would otherwise repeat."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import MODULES, SOURCE, place, tree

# fmt: off
VAGUE = {
    "abstract", "advanced", "base", "common", "data", "enhanced", "handler", "helper", "impl", "info", "manager",
    "misc", "universal", "util", "wrapper",
}
# fmt: on
# The room of tables and reports is called what it holds.
ROOMS = {"data"}
MODULE_LINES = 400
# Every way to fail is one tree on one page, drawn at its head; so users find all of it in one place.
# The verifier is handed out alone, so what it needs is in it.
LONGER_ON_PURPOSE = {"errors.py": 1200, "money/audit/verifier.py": 920}
FUNCTION_LINES = 60

# A rule may be broken on a line that says why: after the code of the rule, a dash and a reason.
EXCEPTION = re.compile(r"#\s*(?:type:\s*ignore|pyright:\s*ignore|noqa|pragma:)(?P<rest>.*)$")
REASON = re.compile(r"^(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*|\[[^\]]*\]|\s*no cover|\s*no branch)\s*(?:-|#)\s*\S+")

modules = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())


@modules
def test_names_say_what_a_thing_is(path: Path) -> None:
    own = {*words(path.stem), *([] if path.parent.name in ROOMS else words(path.parent.name))}
    vague = [place(path)] if own & VAGUE and path.stem not in ROOMS else []
    vague += [f"{place(path, node)} {node.name}" for node in classes(path) if words(node.name) & VAGUE]

    assert vague == []


@modules
def test_a_module_fits_into_the_head_of_its_reader(path: Path) -> None:
    most = LONGER_ON_PURPOSE.get(path.relative_to(SOURCE).as_posix(), MODULE_LINES)

    assert len(path.read_text(encoding="utf-8").splitlines()) <= most


@modules
def test_a_function_fits_on_a_page(path: Path) -> None:
    long = [
        f"{place(path, node)} {node.name}: {size(node)} lines"
        for node in functions(path)
        if size(node) > FUNCTION_LINES
    ]

    assert long == []


@modules
def test_every_exception_to_a_rule_says_why(path: Path) -> None:
    silent = [
        f"{place(path)[:-2]}:{number} {line.strip()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := EXCEPTION.search(line)) and not REASON.match(found["rest"])
    ]

    assert silent == []


@modules
def test_public_signatures_do_not_say_any(path: Path) -> None:
    unclear = [
        f"{place(path, node)} {node.name}"
        for node in functions(path)
        if not node.name.startswith("_") and any("Any" in names_in(annotation) for annotation in annotations(node))
    ]

    assert unclear == []


@pytest.mark.parametrize(
    ("line", "says_why"),
    [
        ("x  # noqa: S608 - a closed list", True),
        ("x  # type: ignore[arg-type]  # the stubs are wrong", True),
        ("x  # pragma: no cover - a race that no test can win", True),
        ("x  # noqa: S608", False),
        ("x  # type: ignore[arg-type]", False),
    ],
)
def test_a_reason_is_recognised(line: str, says_why: bool) -> None:
    found = EXCEPTION.search(line)

    assert found is not None
    assert (REASON.match(found["rest"]) is not None) is says_why


def words(name: str) -> set[str]:
    """Split a name of any style into its words, in singular."""
    return {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def classes(path: Path) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def size(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    doc = function.body[0] if ast.get_docstring(function) is not None else None
    documented = (doc.end_lineno or 0) - doc.lineno + 1 if doc else 0
    return (function.end_lineno or 0) - function.lineno + 1 - documented


def annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    given = function.args
    for argument in (*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg):
        if argument is not None and argument.annotation is not None:
            yield argument.annotation
    if function.returns is not None:
        yield function.returns


def names_in(annotation: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
