"""What the architecture tests ask about the sources: files, syntax trees, imports.

The import graph is import-linter's own (grimp), so `TYPE_CHECKING` and local imports count like all others.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "agentkit"
FRONT_DOOR = "agentkit"
MODULES = sorted(SOURCE.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("agentkit", include_external_packages=True, cache_dir=None)


def place(path: Path, node: ast.AST | None = None) -> str:
    """Say where something stands, in the form that editors can open."""
    line = getattr(node, "lineno", 1)
    return f"{path.relative_to(ROOT)}:{line}"


def room(module: str) -> str:
    """Return the first part below the front door: `kernel` of `agentkit.kernel.events`."""
    return module.split(".")[1] if "." in module else ""


def own_modules() -> list[str]:
    return sorted(name for name in imports().modules if name.split(".")[0] == FRONT_DOOR)


def own_arrows() -> Iterator[tuple[str, str]]:
    """Yield every import of one own module by another, as (importer, imported)."""
    for importer in own_modules():
        for imported in sorted(imports().find_modules_directly_imported_by(importer)):
            if imported.split(".")[0] == FRONT_DOOR:
                yield importer, imported


def foreign_imports(room_name: str) -> dict[str, set[str]]:
    """Return what the modules of a room import from outside of agentkit: name to importers."""
    found: dict[str, set[str]] = {}
    for module in own_modules():
        if room(module) == room_name:
            for imported in imports().find_modules_directly_imported_by(module):
                if imported.split(".")[0] != FRONT_DOOR:
                    found.setdefault(imported.split(".")[0], set()).add(module)
    return found


def exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def program(name: str) -> str:
    """Return the path of a program installed beside the running Python."""
    return str(Path(sys.executable).with_name(name))
