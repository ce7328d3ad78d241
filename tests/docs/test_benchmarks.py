"""The benchmarks that no other session runs still ask what they say they ask."""

import pytest

from benchmarks import models


@pytest.mark.parametrize("tool", [False, True])
@pytest.mark.parametrize("stream", [False, True])
async def test_both_sides_of_the_benchmark_of_models_say_the_same(*, stream: bool, tool: bool) -> None:
    one = await models.bare(stream=stream, tool=tool)()
    other = await models.ours(stream=stream, tool=tool)()
    assert str(other) in str(one)
    assert str(other) == models.TEXT
