"""Every async test of this room runs in virtual time."""

from functools import partial
from typing import Any

import pytest
from pydantic import TypeAdapter

from agentkit.testing.clock import VirtualLoop


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": partial(VirtualLoop, limit_seconds=20_000)}


@pytest.fixture(scope="session", autouse=True)
def pydantic_is_loaded() -> None:
    """The first adapter of a process looks for plugins on the disk; that is pydantic's start and no call of ours."""
    TypeAdapter(list[int])
