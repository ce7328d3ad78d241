"""The pages in a real server of a process of its own, and what a window waits for on them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from tests.browsing import Window

# Streamlit looks for its own server below the path of the page first, and the browser logs that it is not there.
OWN_CONSOLE = ("the server responded with a status of 404",)


def visit(somebody: Window, path: str, heading: str) -> Page:
    """Go to a page, and wait until all of it is drawn."""
    somebody.page.goto(somebody.url + path)
    return drawn(somebody, heading)


def drawn(somebody: Window, heading: str) -> Page:
    """Wait until the page of this name is there, and nothing is left of what stands for parts that are not yet."""
    somebody.page.get_by_role("heading", name=heading, exact=True, level=1).wait_for()
    settled(somebody)
    return somebody.page


def settled(somebody: Window) -> None:
    """Wait until the script has run, and all that it drew is there."""
    somebody.page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid="stApp"]')
            const parts = '[data-testid="stSkeleton"], [data-stale="true"]'
            const moves = one => one.playState === 'running' && one.effect.getComputedTiming().iterations !== Infinity
            const rests = !document.querySelector(parts) && !document.getAnimations().some(moves)
            return app && app.dataset.testScriptState === 'notRunning' && rests
        }"""
    )


@contextmanager
def served(*words: str) -> Iterator[str]:
    """A process of `agentkit streamlit`; its address. It is ended as people end it."""
    main = "from agentkit.interfaces.cli import main; main()"
    command = [sys.executable, "-c", main, "streamlit", *words, "--port", "0"]
    with TemporaryDirectory() as home:
        # Nobody's own preferences, and none that are left behind.
        own = {"NO_COLOR": "1", "XDG_CONFIG_HOME": home}
        yield from _served(command, {**os.environ, **own})


def _served(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "http://" in line:
                yield "http://" + line.partition("http://")[2].split()[0]
                break
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=20)[1]
    assert process.returncode == 0, (process.returncode, rest)
    # It tells its address and what goes wrong, and not who comes and goes.
    assert "Shutting down" not in rest
    assert "connection open" not in rest
