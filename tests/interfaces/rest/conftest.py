"""One server for the tests of a module that change nothing of it."""

from collections.abc import Iterator

import pytest

from tests.interfaces.rest.site import Site, site


@pytest.fixture(scope="module")
def shop() -> Iterator[Site]:
    """A server with a few workflows."""
    with site(rate=100_000, direct=("greet",), modules={"shop.agents": ["greet", "pay"]}) as open_site:
        yield open_site
