"""The reference has every name that a room shows, and no other; its first page has every name of the front door."""

import importlib
import re

import pytest

from tests.docs.pages import ROOT

REFERENCE = ROOT / "docs" / "reference"
ROOMS = [
    "agents",
    "client",
    "engines",
    "interfaces.gradio",
    "interfaces.notebook",
    "kernel",
    "money",
    "money.audit",
    "orchestrator",
    "screens",
    "service",
    "stores",
    "testing",
    "views",
    "wire",
]
# Shown by the room that it comes from.
BORROWED = {
    "money": set(importlib.import_module("agentkit.money.audit").__all__),
    "service": {"workflow_schema"},
}


@pytest.mark.parametrize("room", ROOMS)
def test_the_page_of_a_room_has_each_of_its_names_once(room: str) -> None:
    shown = re.findall(rf"^::: agentkit\.{room}\.(\w+)$", (REFERENCE / f"{room}.md").read_text(encoding="utf-8"), re.M)
    names = set(importlib.import_module(f"agentkit.{room}").__all__) - BORROWED.get(room, set())

    assert sorted(shown) == sorted(names)


def test_the_front_page_has_each_name_of_the_front_door_once() -> None:
    shown = re.findall(r"^\| \[`(\w+)`\]", (REFERENCE / "index.md").read_text(encoding="utf-8"), re.M)

    assert sorted(shown) == sorted(importlib.import_module("agentkit").__all__)
