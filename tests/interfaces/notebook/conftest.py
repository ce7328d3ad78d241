"""Sheets that keep what is drawn on them."""

import pytest

from agentkit.interfaces.notebook import blocking, live
from tests.interfaces.notebook.pictures import Kept


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> list[Kept]:
    Kept.all = []
    monkeypatch.setattr(live, "Sheet", Kept)
    monkeypatch.setattr(blocking, "Sheet", Kept)
    return Kept.all
