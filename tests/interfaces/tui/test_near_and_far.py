"""One body for both: what people do at the terminal comes to the same near and far."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from pydantic import JsonValue
from textual.widgets import Checkbox, Input, OptionList

from tests.interfaces.tui.stage import Two, cells, closed, opened, row_of, shown, shows, turned, until

pytestmark = pytest.mark.blocking


async def test_an_operation_is_started_with_a_form_and_followed_to_its_result(
    two: AbstractAsyncContextManager[Two],
) -> None:
    async with two as people, shown(people.app(), size=(100, 30)) as pilot:
        await shows(pilot, "connected")
        await pilot.press("n")
        await shows(pilot, "Start an operation")
        pilot.app.screen.query_one("#workflow").value = "bills"  # type: ignore[attr-defined] # a choice in a list
        await shows(pilot, "Supplier", "Who sent it.")
        await pilot.press("ctrl+s")
        await shows(pilot, "✗ Fill this in.")
        supplier, amount, due = pilot.app.screen.query("FormView Input").results(Input)
        supplier.value, amount.value, due.value = "ACME", "12.50", "2026-12-24"
        pilot.app.screen.query_one("FormView Checkbox", Checkbox).value = True
        await pilot.press("ctrl+s")
        await shows(pilot, "✓ completed  bills", "1 of 1 stage")
        await turned(pilot, "tab-result")
        await shows(pilot, '"supplier": "ACME"', '"amount": "12.50"')
        page = (await people.bob.operations()).items[0]

        assert (page.workflow, page.status) == ("bills", "completed")


async def test_beside_the_list_stands_what_can_be_started_and_who_works(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=(120, 60)) as pilot:
        offered = pilot.app.screen.query_one("#workflows", OptionList)
        await until(pilot, lambda: offered.option_count, "workflows are listed")

        assert [str(one.prompt) for one in offered.options] == [line.name for line in await people.ada.workflows()]
        assert offered.display
        await shows(pilot, "Active", "mended  ")


async def test_what_was_started_elsewhere_is_seen_and_its_file_saved(
    two: AbstractAsyncContextManager[Two], tmp_path: Path
) -> None:
    async with two as people, shown(people.app(), size=(120, 40)) as pilot:
        given: JsonValue = {"supplier": "ACME", "amount": "1", "due": "2026-12-24"}
        done = await people.bob.execute("bills", given, wait=False)
        await until(
            pilot, lambda: cells(pilot, "#operations")[:1] == [row_of(pilot, "#operations", done.id)], "is listed"
        )
        await pilot.press("home")
        await shows(pilot, "✓ completed  bills")
        await pilot.press("enter")
        await opened(pilot)
        await turned(pilot, "tab-files")
        await shows(pilot, "bill.txt", "text/plain")
        pilot.app.screen.query_one("#files").focus()
        await pilot.press("enter")
        await shows(pilot, "Save this file?")
        pilot.app.screen.query_one(Input).value = str(tmp_path)
        await pilot.press("enter")
        await until(pilot, (tmp_path / "bill.txt").exists, "is saved")

        assert (tmp_path / "bill.txt").read_bytes() == b"hello"


async def test_a_question_is_answered_with_a_form_and_a_comment(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=(100, 30)) as pilot:
        asked = await people.bob.execute("pay", {}, wait=False)
        await shows(pilot, "2 Approvals (")
        await pilot.press("2")
        await until(pilot, lambda: row_of(pilot, "#inbox", asked.id), "is in the inbox")
        await pilot.press("enter")
        await shows(pilot, "pay asks at pay", "Pay it?", "finance may decide; 0 of 1 agreed")
        await pilot.press("ctrl+s")
        await shows(pilot, "✗ Fill this in.")
        pilot.app.screen.query("FormView Input").results(Input).__next__().value = "14"
        pilot.app.screen.query_one("#comment", Input).value = "as agreed"
        await pilot.press("ctrl+s")
        result = await people.bob.wait(asked.id, timeout=20)
        await shows(pilot, "Nothing waits for you.")
        events = await people.bob.history(asked.id)

        assert (result.status, (await people.bob.result(asked.id)).output) == ("completed", {"days": 14})
        assert ("ada", "as agreed") in [(line.data.get("by"), line.data.get("comment")) for line in events]


async def test_a_question_is_refused_from_the_list(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=(100, 30)) as pilot:
        asked = await people.bob.execute("pay", {}, wait=False)
        await until(pilot, lambda: "◷ waits for approval" in row_of(pilot, "#operations", asked.id)[:1], "waits")
        await pilot.press("home", "x")
        await shows(pilot, "pay asks at pay")
        pilot.app.screen.query_one("#comment", Input).value = "too much"
        await pilot.press("ctrl+x")
        await until(pilot, lambda: "✗ failed" in row_of(pilot, "#operations", asked.id)[:1], "is refused")

        assert (await people.bob.operation(asked.id)).status == "failed"


async def test_an_operation_is_cancelled_only_if_that_is_confirmed(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=(100, 30)) as pilot:
        begun = await people.bob.execute("ask", {}, wait=False)
        await until(pilot, lambda: row_of(pilot, "#operations", begun.id), "is listed")
        await pilot.press("home", "c")
        await shows(pilot, "Cancel this operation?")
        await pilot.press("escape")
        await closed(pilot)
        assert (await people.bob.operation(begun.id)).status == "running"
        await pilot.press("c")
        await shows(pilot, "Cancel this operation?")
        pilot.app.screen.query_one(Input).value = "the wrong month"
        await pilot.press("enter")
        await until(pilot, lambda: "⊘ cancelled" in row_of(pilot, "#operations", begun.id)[:1], "is cancelled")

        assert "the wrong month" in [line.data.get("reason") for line in await people.bob.history(begun.id)]


async def test_a_failure_says_why_and_another_try_completes_it(
    two: AbstractAsyncContextManager[Two], request: pytest.FixtureRequest
) -> None:
    async with two as people, shown(people.app(), size=(100, 30)) as pilot:
        begun = await people.bob.execute("mended", {"page": request.node.name}, wait=False)
        await until(pilot, lambda: "✗ failed" in row_of(pilot, "#operations", begun.id)[:1], "has failed")
        await pilot.press("home", "enter")
        await opened(pilot)
        await shows(pilot, "there is no ink", "r Retry")
        await turned(pilot, "tab-result")
        await shows(pilot, "What to do")
        await pilot.press("r")
        await shows(pilot, "✓ completed  mended", "continues")


async def test_the_list_is_filtered_where_it_is_kept(two: AbstractAsyncContextManager[Two]) -> None:
    async with two as people, shown(people.app(), size=(100, 30)) as pilot:
        await people.bob.execute("echo", 1)
        waits = await people.bob.execute("ask", {}, wait=False)
        await until(pilot, lambda: row_of(pilot, "#operations", waits.id), "is listed")
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input), "the filter has the keys")
        await pilot.press(*"ask")
        await until(pilot, lambda: {row[1] for row in cells(pilot, "#operations")} == {"ask"}, "only asks are listed")
        await pilot.press("enter")
        await shows(pilot, "Filter: “ask”")
        await pilot.press("escape")
        await until(pilot, lambda: {"ask", "echo"} <= {row[1] for row in cells(pilot, "#operations")}, "all is listed")
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input), "the filter has the keys")
        await pilot.press(*"no such thing")
        await shows(pilot, "Nothing fits this filter.")


async def test_who_leaves_a_server_is_not_asked_and_what_runs_near_is_named(
    two: AbstractAsyncContextManager[Two],
) -> None:
    async with two as people:
        app = people.app()
        async with shown(app, size=(100, 30)) as pilot:
            begun = await people.ada.execute("slow", {}, wait=False)
            await shows(pilot, "● running")
            await pilot.press("q")
            if people.is_near:
                await shows(pilot, "Leave?", "1 operation is driven by this process", "leaving loses them")
                await pilot.press("escape")
                await closed(pilot)
                await pilot.press("q")
                await shows(pilot, "Leave?")
                await pilot.press("y")
            await until(pilot, lambda: not app.is_running or app._exit, "has left")
        assert (await people.ada.operation(begun.id)).status == "running"
        await people.ada.cancel(begun.id)
