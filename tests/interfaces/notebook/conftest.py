"""Sheets that keep what is drawn on them."""

import pytest

from agentkit.interfaces.notebook import blocking, live, running
from tests.interfaces.notebook.pictures import Kept


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> list[Kept]:
    Kept.all = []
    monkeypatch.setattr(live, "Sheet", Kept)
    monkeypatch.setattr(blocking, "Sheet", Kept)
    monkeypatch.setattr(running, "Sheet", Kept)
    return Kept.all
