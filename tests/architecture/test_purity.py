"""The pure rooms know only what cannot reach the world."""

import ast

import pytest

from tests.architecture.house import MODULES, exists, foreign_imports, imports, own_modules, place, room, tree

PURE_ROOMS = ["errors", "kernel", "views", "money", "screens"]

# Modules that compute and nothing else. To add one is a decision about the house.
# fmt: off
HARMLESS = {
    "__future__", "abc", "base64", "binascii", "bisect", "collections", "contextlib", "copy", "dataclasses",
    "datetime", "decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "html",
    "itertools", "json", "keyword", "math", "numbers", "operator", "re", "statistics", "string", "struct", "textwrap",
    "types", "typing", "typing_extensions", "unicodedata", "zlib",
}
# fmt: on

# Libraries that are asked for facts, inside of a function, where they are installed. They compute and nothing else.
ASKED = {"money": {"babel"}}

# Models of `wire` come in, and fields of forms hold JSON: both are pydantic's, which computes here; its core looks for
# patterns. A zone is looked up by its name in the list that comes with the system.
MODELLED = {"screens": {"pydantic", "pydantic_core", "zoneinfo"}}

# The audit trail is where money touches the world, in these modules and for these reasons:
# fmt: off
EDGE_OF_MONEY = {
    # Its sinks keep lines in files and databases, one writer at a time.
    "agentkit.money.audit.sinks.files": {"os", "pathlib", "stat"},
    "agentkit.money.audit.sinks.json_lines": {"os", "pathlib"},
    "agentkit.money.audit.sinks.locks": {"fcntl", "os", "sys", "threading"},
    "agentkit.money.audit.sinks.memory": {"os"},
    "agentkit.money.audit.sinks.reading": {"pathlib"},
    "agentkit.money.audit.sinks.sqlite": {"pathlib", "sqlite3", "urllib"},
    # It is told the path of a file, and hands it on to a sink.
    "agentkit.money.audit.trail": {"pathlib"},
    # It is told the paths of files, reads those that go into a pack, and hands the pack on to be written.
    "agentkit.money.audit.packs": {"pathlib"},
    # Signatures compute; Ed25519 is no part of the standard library.
    "agentkit.money.audit.signing": {"cryptography", "hmac"},
    # A program of its own, which is handed out as one file.
    "agentkit.money.audit.verifier": {"argparse", "cryptography", "hmac"},
}
# fmt: on

# The ports to the world: who may read the clock, make ids, roll dice.
PORTS = {"time", "random", "uuid", "secrets"}
ROOMS_WITH_PORTS = {"engines", "testing"}

# Loading these runs code that somebody else wrote.
UNSAFE = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}


@pytest.mark.parametrize("name", PURE_ROOMS)
def test_a_pure_room_imports_harmless_things_only(name: str) -> None:
    if not exists(f"agentkit.{name}"):
        pytest.skip(f"{name} is not built yet")

    foreign = foreign_imports(name)
    reaching = {
        outside: foreign[outside] - on_the_edge(outside)
        for outside in foreign.keys() - HARMLESS - ASKED.get(name, set()) - MODELLED.get(name, set())
    }

    assert {outside: modules for outside, modules in reaching.items() if modules} == {}


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_pure_room_asks_a_library_inside_of_a_function_only(name: str) -> None:
    early = [
        place(path, node)
        for path in MODULES
        if path.parent.name == name
        for node in tree(path).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and ({alias.name for alias in node.names} | {getattr(node, "module", "")}) & ASKED[name]
    ]

    assert early == []


@pytest.mark.parametrize("module", EDGE_OF_MONEY)
def test_nothing_stands_on_the_edge_without_need(module: str) -> None:
    used = {imported.split(".")[0] for imported in imports().find_modules_directly_imported_by(module)}

    assert EDGE_OF_MONEY[module] <= used


@pytest.mark.parametrize("name", PURE_ROOMS)
def test_nothing_in_a_pure_room_awaits(name: str) -> None:
    waiting = [
        place(path, node)
        for path in MODULES
        if name in {path.stem, path.parent.name}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]

    assert waiting == []


def on_the_edge(outside: str) -> set[str]:
    """Return the modules that may import something that reaches the world."""
    return {module for module, reached in EDGE_OF_MONEY.items() if outside in reached}


def test_clock_ids_and_chance_come_from_the_engines() -> None:
    readers = [
        f"{module} -> {port}"
        for module in own_modules()
        if room(module) not in ROOMS_WITH_PORTS
        for port in sorted(PORTS & imports().find_modules_directly_imported_by(module))
    ]

    assert readers == []


def test_nothing_loads_what_can_run_code() -> None:
    loaders = [
        f"{module} -> {unsafe}"
        for module in own_modules()
        for unsafe in sorted(UNSAFE & imports().find_modules_directly_imported_by(module))
    ]

    assert loaders == []
