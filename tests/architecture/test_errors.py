"""The page of errors is one tree, and the picture at its head shows it."""

import copy
import inspect
import pickle
import re

import pytest

from agentkit import errors

CLASSES = [item for item in vars(errors).values() if inspect.isclass(item) and item.__module__ == errors.__name__]
FAILURES = [item for item in CLASSES if issubclass(item, BaseException)]
DRAWN = re.compile(r"^\s+(?P<branch>[│ ]*(?:[├└]── )?)(?P<name>[A-Z]\w+)(?: \((?P<also>\w+)\))?", re.MULTILINE)


def drawing() -> list[tuple[int, str, str | None]]:
    """Return the drawn tree as (depth, name, built-in parent)."""
    tree = inspect.cleandoc(errors.__doc__ or "")
    block = "\n".join(line for line in tree.splitlines() if line.startswith("    "))
    return [(len(found["branch"]) // 4, found["name"], found["also"]) for found in DRAWN.finditer(block)]


@pytest.mark.parametrize("failure", FAILURES)
def test_every_error_derives_from_the_root(failure: type[BaseException]) -> None:
    assert issubclass(failure, errors.AgentKitError)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [failure.code for failure in FAILURES if issubclass(failure, errors.AgentKitError)]

    assert all("code" in vars(failure) for failure in FAILURES)
    assert sorted(codes) == sorted(set(codes))


def test_every_error_is_exported() -> None:
    assert set(errors.__all__) == {item.__name__ for item in CLASSES if not item.__name__.startswith("_")}


def test_the_tree_at_the_head_shows_exactly_the_errors_there_are() -> None:
    drawn = [name for _, name, _ in drawing()]

    assert sorted(drawn) == sorted(failure.__name__ for failure in FAILURES)


def test_the_tree_at_the_head_shows_who_derives_from_whom() -> None:
    above: list[str] = []
    for depth, name, also in drawing():
        parents = [parent.__name__ for parent in getattr(errors, name).__bases__]
        expected = [*above[depth - 1 : depth], *([also] if also else [])] if depth else ["Exception"]
        assert parents == expected, name
        above[depth:] = [name]


def test_an_error_can_be_copied_and_sent_to_another_process_with_all_that_it_holds() -> None:
    for made in (
        errors.AuditBroken("entry 2: damaged", number=2),
        errors.MissingExtra("audit", "cryptography"),
        errors.AmbiguousNumber("two readings", (1, 2)),
        errors.DefinitionError("one thing", "another thing"),
        errors.CapabilityMissing("nobody knows law", missing=["law"]),
        errors.ProtocolUnknown("there is no brawl", protocol="brawl"),
        errors.NoAgreement("jury", "rounds", "not complete", {"best": 1}),
        errors.OperationTimedOut("too late", operation_id="op-1"),
    ):
        for again in (copy.copy(made), pickle.loads(pickle.dumps(made))):
            assert (type(again), str(again), again.args, vars(again)) == (type(made), str(made), made.args, vars(made))
