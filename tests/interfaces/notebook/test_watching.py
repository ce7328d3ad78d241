"""An operation draws itself below its cell, near and far, awaited or not."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any, cast

import pytest

from agentkit import DefinitionError, OperationFailed, Orchestrator, Stage, Task, Workflow, agent
from agentkit.client import BlockingClient
from agentkit.errors import AgentKitError, UsageError
from agentkit.interfaces.notebook import LiveView, run_sync, show, watch
from agentkit.interfaces.notebook.drawing import drawn
from agentkit.interfaces.notebook.sheets import Sheet
from agentkit.interfaces.notebook.sight import Row, Sight
from agentkit.service import Desk, Service
from tests.interfaces.notebook.pictures import (
    ASKED,
    BROKEN,
    FLOWS,
    HELLO,
    HOSTILE,
    Kept,
    check_harmless,
    client_of,
    staff,
)


async def test_the_last_picture_says_how_it_ended_and_what_came_of_it(sheets: list[Kept]) -> None:
    async with staff() as orchestrator:
        result = await watch(await orchestrator.submit(HELLO, HOSTILE))

    [sheet] = sheets
    assert result.output == f"Hello {HOSTILE}"
    assert "hello: completed · 100 %" in sheet.text
    assert unescape(sheet.html).count(f"Hello {HOSTILE}") == 1
    assert 'download="it&#x27;s &amp; that.txt" href="data:application/octet-stream;base64,aGVsbG8="' in sheet.html
    assert "large.bin (200,000 bytes, from greet; too large for a notebook)" in sheet.html
    assert 'src="data:image/svg+xml;base64,' in sheet.html
    check_harmless(sheet.html)


async def test_a_failure_says_what_to_do_and_the_code_does_it(sheets: list[Kept]) -> None:
    async with staff() as orchestrator:
        view = watch(await orchestrator.submit(BROKEN, "Ada"))
        with pytest.raises(OperationFailed):
            await view

        [sheet] = sheets
        assert "give_up" in sheet.text
        assert HOSTILE in unescape(sheet.html)
        check_harmless(sheet.html)
        [call] = re.findall(r"operation = (await orchestrator\.resume\(.*\))", sheet.text)
        again = await run_line(call, orchestrator=orchestrator)
        assert again.is_new


async def test_a_question_says_how_it_is_answered_and_the_code_answers_it(sheets: list[Kept]) -> None:
    async with staff() as orchestrator:
        operation = await orchestrator.submit(ASKED, "Ada")
        view = watch(operation)
        await view.at_rest()

        [sheet] = sheets
        assert HOSTILE in unescape(sheet.html)
        assert "of finance, 0 of 1 agreed" in sheet.html
        check_harmless(sheet.html)
        [call] = re.findall(r"await operation\.approve\(.*\)", sheet.text)
        assert f"form={{'day': \"2025-12-31\", 'note': {f'{HOSTILE}, and as {{agreed}}'!r}}}" in call
        await run_line(call, operation=operation)
        assert (await view).output == "sent"
        assert "asked: completed" in sheet.text
        assert "approve" not in sheet.html


async def test_what_a_client_asks_for_looks_the_same(sheets: list[Kept]) -> None:
    async with staff() as orchestrator, client_of(orchestrator) as client:
        page = await client.execute("asked", "Ada", wait=False)
        view = watch(page, client)
        await view.at_rest()

        [sheet] = sheets
        assert "of finance, 0 of 1 agreed" in sheet.html
        [call] = re.findall(r"await client\.approve\(.*\)", sheet.text)
        await run_line(call, client=client)
        assert (await view).output == "sent"
        await show(page.id, client)
        await show(await orchestrator.get(page.id))

    far, again, near = (re.sub(r"\d+\.\d s", "", sheet.html) for sheet in sheets)
    assert far == again == re.sub("<details[^>]*><summary>Costs.*</details>", "", near)
    assert "asked: completed" in sheets[0].text
    check_harmless(far)


async def test_a_failure_far_away_says_what_to_do(sheets: list[Kept]) -> None:
    async with staff() as orchestrator, client_of(orchestrator) as client:
        page = await client.execute("broken", "Ada", wait=False)
        with pytest.raises(OperationFailed):
            await watch(page.id, client)

        assert f"await client.retry({page.id!r})" in unescape(sheets[0].html)


def test_a_blocking_client_draws_while_it_waits(sheets: list[Kept]) -> None:
    @asynccontextmanager
    async def opening() -> AsyncGenerator[Desk, None]:
        async with staff() as orchestrator:
            yield Service(orchestrator, FLOWS).desk()

    with BlockingClient(opening) as client:
        result = client.execute("hello", "Ada", show=LiveView(client))

    [sheet] = sheets
    assert result.output == "Hello Ada"
    assert "hello: completed · 100 %" in sheet.text
    assert "Hello Ada" in sheet.html
    check_harmless(sheet.html)


@pytest.mark.blocking
async def test_without_await_the_picture_is_drawn_too(sheets: list[Kept]) -> None:
    # A loop runs here, as in a notebook: it stands still meanwhile.
    result = run_sync(staff(), HELLO, "Ada")

    assert result.output == "Hello Ada"
    assert "hello: completed · 100 %" in sheets[0].text


async def test_an_open_orchestrator_is_not_run_without_await(sheets: list[Kept]) -> None:
    async with staff() as orchestrator:
        with pytest.raises(UsageError, match=r"await watch"):
            run_sync(orchestrator, HELLO, "Ada")


def test_nothing_is_watched_where_no_loop_runs() -> None:
    with pytest.raises(UsageError, match="run_sync"):
        watch(cast("Any", "op-1"), cast("Any", None))


async def test_an_id_needs_a_client() -> None:
    with pytest.raises(DefinitionError, match="client"):
        watch(cast("Any", "op-1"))


async def test_a_picture_that_is_stopped_stays_as_it_is(sheets: list[Kept]) -> None:
    async with staff() as orchestrator:
        operation = await orchestrator.submit(ASKED, "Ada")
        view = watch(operation)
        await view.at_rest()
        await view.stop()
        drawn_before = len(sheets[0].pictures)
        await operation.approve("send", by="bo", roles=["finance"], form={"note": "yes"})
        await operation

    assert len(sheets[0].pictures) == drawn_before
    assert "asked: running" in repr(view)


async def test_a_store_that_is_closed_ends_the_picture_and_says_so(sheets: list[Kept]) -> None:
    async with staff() as orchestrator:
        view = watch(await orchestrator.submit(ASKED, "Ada"))
        await view.at_rest()

    with pytest.raises(AgentKitError, match="not open"):
        await view
    assert "not followed any more" in sheets[0].text


async def test_events_are_drawn_a_few_times_a_second(sheets: list[Kept]) -> None:
    @agent
    async def busy(task: Task[object]) -> None:
        until = time.perf_counter() + 1
        while time.perf_counter() < until:
            task.progress(0.5, f"{time.perf_counter()}")
            await asyncio.sleep(0.001)

    async with Orchestrator([busy]) as orchestrator:
        await watch(await orchestrator.submit(Workflow("busy", [Stage("busy", agent="busy")])))

    # Five in a second, one at the beginning, and two at the end.
    assert 2 <= len(sheets[0].pictures) <= 8


def test_of_very_many_stages_those_are_shown_that_say_something() -> None:
    row = Row(name="s", status="completed", fraction=1.0, agent="a", attempt=1, seconds=1.0, said="")
    rows = [row] * 500 + [Row(name="bad", status="failed", fraction=0, agent="a", attempt=1, seconds=1.0, said="no")]
    sight = Sight(
        operation_id="op-1",
        workflow="large",
        status="running",
        is_over=False,
        percent=50,
        seconds=1.0,
        seconds_left=None,
        rows=tuple(rows),
    )
    picture = drawn(sight)

    assert picture["text/html"].count("<tr>") == 102
    assert "and 401 more" in picture["text/html"]
    assert "bad" in picture["text/plain"]


def test_what_agents_say_is_shown_as_text() -> None:
    sight = Sight(
        operation_id="op-1",
        workflow="letters",
        status="running",
        is_over=False,
        percent=50,
        seconds=1.0,
        seconds_left=None,
        rows=(),
        heard=(("write", "Dear <b>Ada</b>\x1b[2J"),),
    )
    picture = drawn(sight)

    assert "<strong>write</strong> Dear &lt;b&gt;Ada&lt;/b&gt;" in picture["text/html"]
    assert "write: Dear <b>Ada</b> [2J" in picture["text/plain"].splitlines()


def test_outside_of_notebooks_a_change_of_status_is_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    sheet = Sheet()
    for text in ("● a: running · 1 %", "● a: running · 2 %", "✓ a: completed · 100 %"):
        sheet.draw({"text/plain": text, "text/html": "<p>"})

    assert capsys.readouterr().out == "● a: running · 1 %\n✓ a: completed · 100 %\n"


async def run_line(line: str, **names: object) -> Any:
    """Run a line of code as a notebook does."""
    import ast

    code = compile(line, "cell", "eval", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return await eval(code, dict(names))
