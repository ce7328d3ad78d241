"""`ARCHITECTURE.md` says where any line belongs, so every module stands in its table."""

import re
from fnmatch import fnmatch
from itertools import takewhile

import pytest

from tests.architecture.house import MODULES, ROOT, SOURCE

PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
HEAD = "| a line that ... | lives in |"
# Rooms whose modules are named one by one: to name the room would be no answer.
TOLD_APART = {"kernel", "agents", "stores", "engines", "orchestrator", "service"}
NAMES = [path.relative_to(SOURCE).as_posix() for path in MODULES if path.stem != "__init__"]


def places() -> list[str]:
    """Return what the right column names: modules, patterns of modules, and whole rooms."""
    rows = takewhile(lambda line: line.startswith("|"), PAGE[PAGE.index(HEAD) :].splitlines()[2:])
    return [place for row in rows for place in re.findall(r"`([^`]+)`", row.split("|")[2])]


def covers(place: str, name: str) -> bool:
    return fnmatch(name, place) if place.endswith(".py") else name.startswith(f"{place}/")


@pytest.mark.parametrize("name", NAMES)
def test_every_module_has_its_place(name: str) -> None:
    assert any(covers(place, name) for place in places() if place not in TOLD_APART), f"{name} is not in the table"


@pytest.mark.parametrize("place", sorted({place for place in places() if "/" in place}))
def test_every_place_exists(place: str) -> None:
    assert any(covers(place, name) for name in NAMES)
