"""What is left alone, because no test should notice a change of it.

Sentences, which are the wording of errors and reports; `__repr__`; docstrings, types and decorators; and what only
guards the code against itself: `assert` and `zip(strict=True)`, which a sound program never notices.
"""

import ast
from pathlib import Path
from typing import Final

__all__ = ["FACTS", "is_exempt", "is_wording"]

FACTS: Final = (
    "currencies/iso4217.py",
    "locales/known.py",
    "locales/months.py",
    "locales/symbols.py",
)
"""Modules with tables of facts: other tests compare them with their source. Only their functions are changed."""

# Their texts name a thing in the message of an error.
WORDING: Final = {
    "_tolerance",
    "day_of",
    "refusal",
    "refuse_date",
    "unread",
    "ratio_of",
    "shortened",
    "TypeVar",
    "cast",
}
# Read from the text: nothing of agentkit may be loaded before a mistake is in its place.
ERRORS: Final = {
    node.name
    for node in ast.parse(Path("src/agentkit/errors.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
}
NAMES: Final = {"__all__", "__slots__"}
SILENT: Final = {"__repr__", "_repr_html_", "_repr_mimebundle_", "_why"}
"""Functions of which nothing but wording comes."""


def is_exempt(parent: ast.AST, field: str, node: ast.AST) -> bool:
    """Tell whether nothing is changed in a node and below it."""
    return field in {"annotation", "returns", "decorator_list"} or _is_type(parent, field) or _changes_nothing(node)


def _changes_nothing(node: ast.AST) -> bool:
    match node:
        case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.keyword(arg="strict"):
            return True
        case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True  # a docstring, the dots of a protocol
        case ast.Constant() | ast.JoinedStr():
            return _is_sentence(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return node.name in SILENT or any(_last_name(each) == "overload" for each in node.decorator_list)
        case ast.ClassDef():
            return any(_last_name(base) in {"Protocol", "TypedDict"} for base in node.bases)
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in NAMES
        case ast.AnnAssign():
            return _last_name(node.annotation) == "TypeAlias"
        case _:
            return False


def _is_sentence(node: ast.AST) -> bool:
    """Tell whether it is a text of several words, as only people read it."""
    if isinstance(node, ast.JoinedStr):
        return any(map(_is_sentence, node.values))
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and " " in text and any(map(str.isalpha, text))


def is_wording(node: ast.AST) -> bool:
    """Tell whether the texts in a node and below it are the words of an error."""
    if isinstance(node, ast.Raise):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = _last_name(node.func)
    return name in WORDING or name in ERRORS


def _is_type(parent: ast.AST, field: str) -> bool:
    """Tell whether it stands in the brackets of a generic class."""
    if field != "slice" or not isinstance(parent, ast.Subscript):
        return False
    name = _last_name(parent.value)
    return name[:1].isupper() and not name.isupper()


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last_name(value)
        case _:
            return ""
