"""Files as reports need them: all of them whole, or none.

Rules: everything is written beside its place first, and on the disk, and checked there; only then do the files get
their names. What fails in between leaves the folder as it was.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from agentkit.errors import ReportError

__all__ = ["Draft", "drafts", "failed_write"]


class Draft:
    """A folder of files that are not there yet.

    Attributes:
        folder: Where they are written for now.
    """

    def __init__(self, target: Path) -> None:
        self.folder: Path = Path(tempfile.mkdtemp(prefix=".report-", dir=target))
        self._target = target
        self._names: list[str] = []

    def path(self, name: str) -> Path:
        """Where a file is written that is to have this name.

        Raises:
            ReportError: Another file of the report has it already, or it is the name of a folder.
        """
        if name in self._names or (self._target / name).is_dir():
            raise ReportError(
                f"two files would be called {name!r}: give the tables other titles, or name another folder"
            )
        self._names.append(name)
        return self.folder / name

    def publish(self) -> None:
        """Give all files their names, or none of them."""
        for name in self._names:
            _sync(self.folder / name)
        kept = self.folder / "before"
        kept.mkdir()
        done: list[str] = []
        try:
            for name in self._names:
                place = self._target / name
                if place.exists() or place.is_symlink():
                    place.replace(kept / name)
                done.append(name)
                (self.folder / name).replace(place)
            _sync(self._target)
        except OSError:
            for name in done:
                (self._target / name).unlink(missing_ok=True)
                if (kept / name).exists():
                    (kept / name).replace(self._target / name)
            raise


@contextmanager
def drafts(folder: Path, what: Sequence[str]) -> Generator[Draft]:
    """A folder for drafts, whose files are published where the block ends well, and gone where it does not.

    Args:
        folder: Where the files are to be; it is made if it is not there.
        what: What is written, for the message.

    Raises:
        ReportError: They cannot be written.
    """
    draft: Draft | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Draft(folder)
        yield draft
        draft.publish()
    except OSError as error:
        raise failed_write(error, f"{', '.join(what)} in {folder}") from error
    finally:
        if draft is not None:
            shutil.rmtree(draft.folder, ignore_errors=True)


def failed_write(error: BaseException, what: str) -> ReportError:
    """The error that says what could not be written, and what to do."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return ReportError(f"{what} cannot be written: {reason}; make room, or name another folder. Nothing was kept of it")


def _sync(path: Path) -> None:
    if os.name != "posix" and path.is_dir():
        return
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
