"""The house stands: import-linter's contracts, and what it cannot say."""

import subprocess
from itertools import pairwise

import pytest

from tests.architecture.house import FRONT_DOOR, ROOT, exists, own_arrows, program, room

# Rooms whose parts are faces of their own: each adapter or door is imported by its own name, where it is needed.
ROOMS_OF_FACES = {"interfaces"}
# Modules that are imported past their room's face, and why.
SIDE_DOORS: dict[str, str] = {}


@pytest.mark.skipif(not (exists("agentkit.kernel") and exists("agentkit.views")), reason="the rooms are not built yet")
def test_the_contracts_of_the_house_hold() -> None:
    done = subprocess.run(
        [program("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_reaches_itself_by_imports() -> None:
    arrows: dict[str, set[str]] = {}
    for importer, imported in own_arrows():
        arrows.setdefault(importer, set()).add(imported)

    assert find_circle(arrows) == []


def test_nothing_imports_the_front_door() -> None:
    assert [importer for importer, imported in own_arrows() if imported == FRONT_DOOR] == []


def test_between_rooms_imports_go_through_the_face() -> None:
    past_the_face = [
        f"{importer} -> {imported}"
        for importer, imported in own_arrows()
        if importer != FRONT_DOOR
        and room(importer) != room(imported)
        and room(imported) not in ROOMS_OF_FACES
        and imported.count(".") > 1
        and imported not in SIDE_DOORS
    ]

    assert past_the_face == []


def test_the_language_inside_and_the_one_at_the_doors_meet_in_one_room() -> None:
    known: dict[str, set[str]] = {}
    for importer, imported in own_arrows():
        known.setdefault(importer, set()).add(room(imported))

    bilingual = {module for module, rooms in known.items() if {"kernel", "wire"} <= rooms} - {FRONT_DOOR}

    assert {module for module in bilingual if not module.startswith("agentkit.service.translate")} == set()


def test_a_circle_is_found() -> None:
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert find_circle({"a": {"b", "c"}, "b": {"c"}}) == []


def find_circle(arrows: dict[str, set[str]]) -> list[str]:
    """Return one circle as a path that ends where it starts, or nothing."""
    left = {node: set(targets) for node, targets in arrows.items()}
    while leaves := {target for targets in left.values() for target in targets} - left.keys():
        left = {node: targets - leaves for node, targets in left.items()}
        left = {node: targets for node, targets in left.items() if targets}
    path = sorted(left)[:1]
    while path and path[-1] not in path[:-1]:
        path.append(min(left[path[-1]]))
    circle = path[path.index(path[-1]) :] if path else []
    assert all(target in arrows[node] for node, target in pairwise(circle))
    return circle
