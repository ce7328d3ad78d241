"""A parent and its workers, which are programs of one line here."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from itertools import count

import pytest

from agentkit.errors import DefinitionError
from agentkit.interfaces.cli import supervising
from agentkit.interfaces.cli.supervising import Worker, supervise
from agentkit.service import Serving
from tests.interfaces.cli.conftest import Line

READY = "import socket, signal, time; c = socket.socket(fileno={0}); c.sendall(b'{{\"key\": null}}\\n');"


def program(*codes: str) -> Callable[[Worker], Sequence[str]]:
    """The command lines of workers that run these programs, the last one again and again."""
    turns = count()

    def command(worker: Worker) -> Sequence[str]:
        code = codes[min(next(turns), len(codes) - 1)]
        return [sys.executable, "-ISc", code.format(worker.channel)]

    return command


def end(_serving: Serving) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def test_what_the_first_worker_cannot_begin_is_not_tried_again() -> None:
    assert await supervise(program("raise SystemExit(3)"), workers=2, port=0) == 3


async def test_workers_that_die_as_soon_as_they_serve_are_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervising, "_FIRST_PAUSE", 0.001)

    assert await supervise(program(READY + "raise SystemExit(7)"), workers=2, port=0) == 1
    assert "workers die as soon as they start, the last one with exit code 7" in caplog.text


async def test_a_worker_that_died_is_replaced_and_all_end_when_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervising, "_FIRST_PAUSE", 0.001)
    told = READY + "import os, signal; os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"

    assert await supervise(program(READY + "raise SystemExit(7)", told), workers=1, port=0) == 0
    assert "ended with exit code 7" in caplog.text


async def test_a_worker_that_does_not_end_in_time_is_killed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervising, "_MARGIN_SECONDS", 0.05)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + READY + "time.sleep(60)"

    assert await supervise(program(deaf), workers=1, port=0, drain_seconds=0, announce=end) == 1
    assert "did not end in time and are killed" in caplog.text


def test_a_store_in_memory_has_one_process(cli: Line) -> None:
    assert "one in memory is seen by one alone" in cli.error("serve", "--workers", "2", "--store", "memory://")


def test_what_a_parent_hands_over_is_read_as_it_was_said() -> None:
    handed = Worker(listener=3, channel=4, is_first=True)

    assert Worker.read(handed.text) == handed
    with pytest.raises(DefinitionError, match="use --workers"):
        Worker.read("7")
