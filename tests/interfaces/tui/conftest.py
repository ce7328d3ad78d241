"""Two people in front of one service: in this process, and at a server."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.interfaces.tui.stage import Two, far, near, served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("keys")
    with served(folder) as url:
        yield url, folder


@pytest.fixture(params=["near", "far"])
def two(request: pytest.FixtureRequest) -> AbstractAsyncContextManager[Two]:
    return near() if request.param == "near" else far(*request.getfixturevalue("site"))
