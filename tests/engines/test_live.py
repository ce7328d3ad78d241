"""What attempts say while they work, and how failures are put into words."""

import asyncio
import math
import threading

import pytest

from agentkit.agents import MAX_MESSAGE, failed_by
from agentkit.engines import Live, SystemClock
from agentkit.errors import GiveUp, TryAgain
from agentkit.kernel import RunAttempt

COMMAND = RunAttempt(
    operation_id="o", stage="s", attempt=1, agent="a", instruction="", input="null", outputs={}, missing=(), timeout=9.0
)


def board() -> Live:
    live = Live(SystemClock())
    live.begin("o")
    return live


async def test_only_the_newest_progress_is_kept() -> None:
    live = board()
    for number in range(1_000):
        live.progress(COMMAND, number / 1_000, f"at {number}")

    assert live.said("o") == {"s": (0.999, "at 999")}


@pytest.mark.parametrize(("said", "kept"), [(-3, 0.0), (7, 1.0), (math.inf, 1.0), (-math.inf, 0.0), (True, 1.0)])
async def test_progress_is_cut_to_what_is_possible(said: float, kept: float) -> None:
    live = board()
    live.progress(COMMAND, said, "")

    assert live.said("o")["s"].fraction == kept


@pytest.mark.parametrize("said", [math.nan, "much", None])
async def test_progress_that_is_no_number_is_ignored(said: float) -> None:
    live = board()
    live.progress(COMMAND, said, "")

    assert live.said("o") == {}


async def test_the_last_hundred_lines_are_kept_and_numbered() -> None:
    live = board()
    for number in range(250):
        live.log(COMMAND, f"line {number}" + "x" * 10_000)

    lines = live.lines("o")
    assert [line.number for line in lines] == list(range(151, 251))
    assert max(len(line.message) for line in lines) == 500
    assert [line.number for line in live.lines("o", after=248)] == [249, 250]


async def test_whoever_listens_is_told_from_any_thread() -> None:
    live = board()
    heard = live.listen("o")
    thread = threading.Thread(target=live.progress, args=(COMMAND, 0.5, "from afar"))
    thread.start()
    async with asyncio.timeout(5):
        await heard.wait()
    thread.join()
    live.leave("o", heard)

    assert live._listeners == {}


async def test_what_is_over_is_forgotten() -> None:
    live = board()
    live.log(COMMAND, "one")
    live.drop("o")
    live.progress(COMMAND, 0.5, "too late")
    live.log(COMMAND, "too late")

    assert (live.said("o"), live.lines("o"), live._boards) == ({}, [], {})


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise KeyboardInterrupt


def test_a_failure_says_what_the_error_said() -> None:
    failed = failed_by(FileNotFoundError("no such thing"))

    assert (failed.failure.code, failed.failure.type, failed.failure.message) == (
        "error",
        "FileNotFoundError",
        "no such thing",
    )
    assert failed.kinds == ("FileNotFoundError", "OSError", "Exception", "BaseException")
    assert (failed.retryable, failed.retry_after) == (None, None)


def test_messages_are_cut_and_those_that_cannot_be_shown_are_replaced() -> None:
    assert len(failed_by(ValueError("x" * 1_000_000)).failure.message) == MAX_MESSAGE
    assert "cannot be shown" in failed_by(Unspeakable()).failure.message


class Numbered(Exception):
    def __init__(self, notes: object) -> None:
        super().__init__("no such thing")
        self.__dict__["__notes__"] = notes


def test_whatever_stands_in_the_notes_of_an_error_it_says_what_it_said() -> None:
    assert failed_by(Numbered(None)).failure.message == "no such thing"
    assert failed_by(Numbered(["in tool 'pay'", 7])).failure.message == "no such thing (in tool 'pay'; 7)"
    assert failed_by(Numbered(["x", Unspeakable()])).failure.message == "no such thing"


def test_a_message_is_cut_and_not_the_note_on_it() -> None:
    long, endless = ValueError("x" * 3_000), ValueError("no such thing")
    long.add_note("in tool 'pay'")
    endless.add_note("y" * 3_000)

    assert failed_by(long).failure.message == f"{'x' * (MAX_MESSAGE - 16)} (in tool 'pay')"
    assert failed_by(endless).failure.message == f"no such thing ({'y' * (MAX_MESSAGE - 16)})"


def test_agents_steer_by_their_errors() -> None:
    again, never = failed_by(TryAgain("busy", after=3)), failed_by(GiveUp("no"))

    assert (again.failure.code, again.retryable, again.retry_after) == ("try_again", True, 3)
    assert (never.failure.code, never.retryable) == ("give_up", False)
