"""What a function raises by itself stands in its docstring.

These tests see the `raise` statements of a body, not what is raised further down: that remains for the reader to check.
"""

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentkit import errors
from agentkit.errors import AgentKitError
from tests.architecture.house import MODULES, SOURCE, place, tree

Function = ast.FunctionDef | ast.AsyncFunctionDef

SECTION = re.compile(r"^Raises:\n((?:    .*\n?)+)", re.MULTILINE)
ENTRY = re.compile(r"^    (\w+):", re.MULTILINE)
# Their class says it for them.
OF_THE_CLASS = {"__init__", "__post_init__"}

modules = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())


@modules
def test_a_public_function_says_which_of_our_errors_it_raises(path: Path) -> None:
    silent = [
        f"{place(path, raised)} {function.name}: {ast.unparse(raised)}"
        for function, doc in documented(tree(path))
        if not doc.startswith("See `")  # what a port promises is written at the port
        for raised in raises(function)
        if (kind := error_of(raised)) and not any(issubclass(kind, said) for said in said_in(doc))
    ]

    assert silent == []


@modules
def test_what_a_docstring_says_is_raised_can_be_raised(path: Path) -> None:
    unknown = [
        f"{place(path, node)} {name}"
        for node in ast.walk(tree(path))
        if isinstance(node, Function | ast.ClassDef)
        for name in entries(ast.get_docstring(node) or "")
        if named(name) is None
    ]

    assert unknown == []


def test_a_section_is_read() -> None:
    doc = "Do it.\n\nRaises:\n    NotFound: There is none,\n        or none yet.\n    OSError: Else.\n\nExample:\n    x"

    assert entries(doc) == ["NotFound", "OSError"]


def documented(node: ast.Module | ast.ClassDef) -> Iterator[tuple[Function, str]]:
    """Yield every public function and method with the docstring that has to tell what it raises."""
    for child in node.body:
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from documented(child)
        elif isinstance(child, Function):
            if child.name in OF_THE_CLASS and isinstance(node, ast.ClassDef):
                yield child, ast.get_docstring(node) or ""
            elif not child.name.startswith("_"):
                yield child, ast.get_docstring(child) or ""


def raises(function: Function) -> Iterator[ast.Raise]:
    """Yield the `raise` statements of a body, those of functions inside it excepted."""
    left: list[ast.AST] = [*function.body]
    while left:
        node = left.pop()
        if isinstance(node, ast.Raise):
            yield node
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            left.extend(ast.iter_child_nodes(node))


def error_of(raised: ast.Raise) -> type[AgentKitError] | None:
    """Return which of our errors a statement raises; None for those of Python, and where the text does not tell."""
    value = raised.exc.func if isinstance(raised.exc, ast.Call) else raised.exc
    kind = getattr(errors, value.id, None) if isinstance(value, ast.Name) else None
    return kind if isinstance(kind, type) and issubclass(kind, AgentKitError) else None


def entries(doc: str) -> list[str]:
    return [name for section in SECTION.findall(doc) for name in ENTRY.findall(section)]


def said_in(doc: str) -> list[type[BaseException]]:
    return [kind for name in entries(doc) if (kind := named(name))]


def named(name: str) -> type[BaseException] | None:
    kind = getattr(errors, name, None) or getattr(builtins, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, BaseException) else None
