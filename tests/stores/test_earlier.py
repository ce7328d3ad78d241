"""What an earlier agentkit wrote is read, and gone on with."""

import json
from pathlib import Path
from typing import get_args

import pytest

from agentkit import Orchestrator, Task, agent
from agentkit.engines import SystemClock
from agentkit.kernel import Event
from agentkit.orchestrator import ContextStore
from agentkit.service import ApiKeys
from agentkit.stores import Codec
from agentkit.stores.sqlite_schema import FORMAT
from tests.stores.earlier import LONG, broken, count, dump_of, kept_lines, read_store

FORMATS = [number for number in range(1, FORMAT + 1) if dump_of(number).exists()]


@agent
async def lasting(task: Task[object]) -> str:
    return "done at last"


def test_p31_there_is_a_store_of_this_format_and_a_line_of_every_kind_of_event() -> None:
    # Not so? `python -m tests.stores.earlier` writes what is new.
    kinds = {json.loads(line)["type"] for line in kept_lines()}

    assert FORMATS[-1] == FORMAT
    assert {kind.__name__ for kind in get_args(Event)} <= kinds


@pytest.mark.parametrize("line", kept_lines(), ids=lambda line: json.loads(line)["type"])
def test_p31_an_event_that_was_written_once_is_read_for_ever(line: str) -> None:
    codec = Codec()
    event = codec.decode(line)

    assert codec.decode(codec.encode(event)) == event
    if json.loads(codec.encode(event))["v"] == json.loads(line)["v"]:
        assert codec.encode(event) == line


@pytest.mark.parametrize("number", FORMATS)
async def test_p31_a_store_of_an_earlier_format_is_read_and_gone_on_with(number: int, tmp_path: Path) -> None:
    read_store(number, tmp_path / "runs.db")
    async with Orchestrator([count, broken, lasting], store=f"sqlite:///{tmp_path}/runs.db") as orchestrator:
        found = {(line.name, line.status): line.stream for line in await orchestrator.list() if line.ended}
        whole = await (await orchestrator.get(found["round", "completed"]))
        asked = next(line.stream for line in await orchestrator.list() if line.name == "asked")
        await (await orchestrator.get(asked)).approve("ask", by="bob")
        async with ContextStore(orchestrator.store, keys=["key"], name="kept") as context:
            key = str((await context.read())["key"])

        assert found.keys() >= {("round", "completed"), ("lost", "failed"), ("long", "cancelled")}
        assert (whole.output, whole.is_degraded) == ("done", True)
        assert await (await orchestrator.get(found["round", "completed"])).context() == {"log": ["first", "shaky"]}
        assert (await (await orchestrator.get(asked))).output == "done at last"
        assert (await (await orchestrator.submit(LONG, "for ever", key="the long one"))).output == "done at last"
        assert (
            await ApiKeys(orchestrator.store, now=SystemClock().now, pepper="pepper").caller(str(key))
        ).name == "ada"
