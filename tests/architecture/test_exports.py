"""The front door: every name is there, once, typed, and nothing optional comes with it."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

import agentkit
from tests.architecture.house import MODULES, SOURCE, place, tree

OPTIONAL = {"typer", "rich", "yaml", "tomli_w", "sqlite3", "multiprocessing", "click", "hypothesis", "pytest"}
FACES = sorted(path for path in MODULES if path.name == "__init__.py" and path != SOURCE / "__init__.py")


def names() -> list[str]:
    exported = getattr(agentkit, "__all__", None)
    if exported is None:
        pytest.skip("the front door is not built yet")
    return list(exported)


def test_the_front_door_is_this() -> None:
    assert " ".join(names()) == (
        "AdaptiveAgent Agent AgentKitError AgentPersonality Allowance Approval ApprovalAnswer AuditTrail Budget"
        " BudgetExhausted BusinessDays ChainFailed ChainResult Comparison ContextKey ContextStore"
        " DefinitionError EffectFailed ExecutionPlan Fallback FallbackChain FinancialProcessor GiveUp"
        " InputError KeyReused Learner Limits Loop Map ModelAgent ModelLimits ModelTool Money NotAllowed NotFound"
        " Operation OperationCancelled"
        " OperationError OperationFailed OperationQuarantined OperationTimedOut Orchestrator"
        " PrecisionConfig Progress ProgressTracker Result RetryPolicy Stage StoreError Strategy Task Team Tier"
        " TierPolicy TierRule TooLate TryAgain Usage When Workflow agent draw dump_workflow load_workflow"
        " model_agent open_store"
    )


def test_every_name_of_the_front_door_resolves() -> None:
    missing = [name for name in names() if getattr(agentkit, name, None) is None]

    assert missing == []


def test_the_front_door_lists_each_name_once_and_in_order() -> None:
    # Constants, classes, the rest: the order that ruff (RUF022) keeps.
    def order(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)

    assert names() == sorted(set(names()), key=order)


def test_dir_shows_the_front_door_and_nothing_else() -> None:
    shown = {name for name in dir(agentkit) if not name.startswith("_")}

    assert shown == {name for name in names() if not name.startswith("_")}


def test_type_checkers_see_the_names_that_python_sees() -> None:
    seen = {alias.asname or alias.name for node in type_only_imports() for alias in node.names}

    assert seen == {name for name in names() if not name.startswith("_")}


def test_an_unknown_name_is_an_attribute_error() -> None:
    names()
    with pytest.raises(AttributeError, match="Orchestra"):
        getattr(agentkit, "Orchestra")  # noqa: B009 - the plain form would not pass the type checkers


def test_importing_agentkit_imports_nothing_optional() -> None:
    assert loaded_by("import agentkit") & OPTIONAL == set()


def test_importing_agentkit_alone_imports_none_of_its_rooms() -> None:
    names()

    assert {name for name in loaded_by("import agentkit") if name.startswith("agentkit.")} == {"agentkit.faces"}


@pytest.mark.parametrize("face", FACES, ids=lambda path: path.parent.relative_to(SOURCE).as_posix())
def test_a_room_says_what_it_shows(face: object) -> None:
    path = next(path for path in FACES if path == face)
    imported = [node for node in tree(path).body if isinstance(node, ast.Import | ast.ImportFrom)]
    listed = [
        node
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign) and "__all__" in ast.unparse(node.targets[0])
    ]

    assert listed or not imported, f"{place(path)} re-exports without an __all__"


def type_only_imports() -> Iterator[ast.ImportFrom]:
    for node in tree(SOURCE / "__init__.py").body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from (inner for inner in node.body if isinstance(inner, ast.ImportFrom))


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a fresh Python has loaded after a statement and had not before."""
    after = "print(json.dumps(sorted(set(sys.modules) - before)))"
    code = f"import json, sys; before = set(sys.modules); {statement}; {after}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stdout))
