"""The pages, one by one, as Streamlit's own test harness runs them, on a client that is near or far."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from agentkit.client import BlockingClient
from agentkit.interfaces.streamlit.serving import ENTRY
from agentkit.interfaces.streamlit.sharing import share
from agentkit.wire import OperationPage
from tests.interfaces.cli.conftest import Line
from tests.interfaces.streamlit import world
from tests.interfaces.streamlit.reading import without_components


@dataclass(frozen=True)
class Pages:
    """The pages of a service, and a client of it to see what they did."""

    client: BlockingClient

    def open(self, name: str, *, shares: bool = True, **query: str) -> AppTest:
        """One page, drawn once; of this client, unless something is shared already."""
        if shares:
            share(self.client)
        page = AppTest.from_file(str(ENTRY), default_timeout=30)
        page.switch_page(f"app_pages/{name}.py")
        for key, value in query.items():
            page.query_params[key] = value
        page.run()
        assert not page.exception, page.exception
        assert not any("`unexpected`" in one.value for one in page.error), page.error
        return page

    def start(self, workflow: str, given: Any = None) -> str:
        return self.client.execute(workflow, given, wait=False).id

    def ended(self, workflow: str, given: Any = None) -> str:
        """A run that has ended, well or not."""
        return self.client.wait(self.start(workflow, given), timeout=20).id

    def asking(self) -> str:
        """A run that waits for an approval."""
        return self.until(self.start("royalties", {"month": "2025-11"}), lambda page: "approval" in page.waiting).id

    def until(self, operation_id: str, holds: Callable[[OperationPage], bool]) -> OperationPage:
        """A run as it stands once something holds of it."""
        end = time.monotonic() + 20
        while not holds(page := self.client.operation(operation_id)):
            assert time.monotonic() < end, page
            time.sleep(0.02)
        return page


@pytest.fixture(scope="module", autouse=True)
def _no_components() -> Iterator[None]:
    with without_components():
        yield


@pytest.fixture(scope="module", params=["near", "far"])
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    opening = world.near() if request.param == "near" else world.far(tmp_path_factory.mktemp("far"))
    with opening as client:
        yield Pages(client)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.chdir(tmp_path)
    return Line(tmp_path)
