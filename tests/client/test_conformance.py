"""Near and far keep the same promises."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import pytest

from agentkit.testing import Served, check_calls
from agentkit.wire import Calls
from tests.client.serving import far, far_client, near

Make = Callable[[Served], AbstractAsyncContextManager[Sequence[Calls]]]


@pytest.mark.parametrize("make", [near, far, far_client])
async def test_every_way_to_a_service_keeps_the_promises_of_calls(make: Make) -> None:
    await check_calls(make)
