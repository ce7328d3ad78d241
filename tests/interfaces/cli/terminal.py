"""A real terminal with the command in it, and pipes that nobody reads.

Rules: what is waited for has a bound, a process does not outlive its test, and every file is closed by whoever made it.
"""

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.crash.site import Site

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CTRL_C = b"\x03"
_MOST_SECONDS = 60.0
_TAKE_THE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """Our end of a terminal, the process that has the other one, and all that was written to it."""

    def __init__(self, process: subprocess.Popen[str], ours: int) -> None:
        self.process = process
        self.raw = b""
        self._ours = ours
        self._end = time.monotonic() + _MOST_SECONDS

    @property
    def shown(self) -> str:
        """What was written, without what steers the terminal."""
        return CONTROL.sub("", self.raw.decode(errors="replace")).replace("\r", "")

    def press(self, key: bytes) -> None:
        os.write(self._ours, key)

    def wait_for(self, words: str) -> None:
        """Read until this was shown."""
        while words not in self.shown:
            assert self._read(), f"never shown: {words!r} in {self.raw[-500:]!r}"

    def ended(self, code: int = 0) -> str:
        """Read until the terminal has no other end, and see how the process ended; its standard output."""
        while self._read():
            pass
        out, _ = self.process.communicate(timeout=_MOST_SECONDS)
        assert self.process.returncode == code, self.shown
        return out or ""

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], max(0.0, self._end - time.monotonic()))
        assert ready, f"it stands still: {self.raw[-500:]!r}"
        try:
            read = os.read(self._ours, 65_536)
        except OSError:  # so Linux says that there is no other end any more
            return False
        self.raw += read
        return bool(read)


@contextmanager
def on_terminal(
    site: Site, *words: str, columns: int = 80, lines: int = 24, is_whole: bool = False
) -> Iterator[Terminal]:
    """Start the command in a session of its own, with a terminal for its keyboard and its standard error.

    Its standard output goes to a pipe, unless the terminal is to have that too.
    """
    ours, theirs = pty.openpty()
    try:
        termios.tcsetwinsize(theirs, (lines, columns))
        output = theirs if is_whole else subprocess.PIPE
        with site.running(
            *words, before=_TAKE_THE_TERMINAL, stdin=theirs, stdout=output, stderr=theirs, start_new_session=True
        ) as process:
            os.close(theirs)
            theirs = -1
            yield Terminal(process, ours)
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)


@contextmanager
def unread_pipe() -> Iterator[int]:
    """The end for writing of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)
