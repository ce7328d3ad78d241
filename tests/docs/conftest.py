"""What the examples may find already done, whatever ran before them."""

import pytest
from pydantic import TypeAdapter


@pytest.fixture(autouse=True, scope="package")
def _plugins_are_known() -> None:
    # pydantic looks on the disk for its plugins when the first type is made; an example may be in a loop by then.
    TypeAdapter(int)
