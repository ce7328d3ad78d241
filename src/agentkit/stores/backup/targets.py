"""Where backups are kept: a folder, or anything that fsspec reaches (extra `backup`).

Rules: a file is there as a whole or not at all, and the manifest comes last. Only names of ours are looked at; what
else lies there is left alone.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Protocol, cast

from agentkit.errors import BackupBroken, InputError, MissingExtra, NotFound, StoreUnavailable

__all__ = ["BackupTarget", "FolderTarget", "FsspecTarget", "open_target"]

_CHUNK = 1024 * 1024


class BackupTarget(Protocol):
    """Where backups are kept."""

    def names(self) -> Sequence[str]:
        """The names of all files.

        Raises:
            StoreUnavailable: It cannot be reached.
        """
        ...

    def read(self, name: str) -> IO[bytes]:
        """A file, opened to be read from its beginning.

        Raises:
            NotFound: There is none of that name.
            BackupBroken: It is no plain file.
            StoreUnavailable: It cannot be read.
        """
        ...

    def put(self, name: str, draft: Path) -> None:
        """Keep a file under this name; it is there as a whole or not at all.

        Raises:
            StoreUnavailable: It cannot be written.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no trouble.

        Raises:
            StoreUnavailable: It cannot be removed.
        """
        ...

    @property
    def workspace(self) -> Path | None:
        """A folder in which drafts may be made; None is the system's own for such things."""
        ...


def open_target(address: str | os.PathLike[str]) -> BackupTarget:
    """The place at an address: a folder, or a URL that fsspec knows, such as `s3://bucket/backups`.

    Raises:
        InputError: The address is empty, or no protocol that fsspec knows.
        MissingExtra: fsspec is not installed, or what it needs for this protocol.
    """
    text = os.fspath(address)
    if not text:
        raise InputError("backups need a place: the name of a folder, or a URL such as s3://bucket/backups")
    return FsspecTarget(text) if "://" in text else FolderTarget(text)


class FolderTarget:
    """A folder; it is made when the first backup is kept.

    Example:
        >>> FolderTarget("backups").names()
        []
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)

    def names(self) -> Sequence[str]:
        """See `BackupTarget.names`."""
        try:
            return sorted(entry.name for entry in os.scandir(self._folder))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unavailable("read", error) from error

    def read(self, name: str) -> IO[bytes]:
        """See `BackupTarget.read`."""
        path = self._folder / name
        try:
            # A pipe would let us wait for ever, and a link could lead anywhere.
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
            if not stat.S_ISREG(os.fstat(file).st_mode):
                os.close(file)
                raise BackupBroken(f"{path} is no plain file")
            return open(file, "rb")
        except FileNotFoundError as error:
            raise NotFound(f"there is no file {path}") from error
        except OSError as error:
            raise self._unavailable("read", error) from error

    def put(self, name: str, draft: Path) -> None:
        """See `BackupTarget.put`."""
        try:
            draft.chmod(0o600)
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            draft.replace(self._folder / name)
            sync_folder(self._folder)
        except OSError as error:
            raise self._unavailable("written", error) from error

    def remove(self, name: str) -> None:
        """See `BackupTarget.remove`."""
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._unavailable("changed", error) from error

    @property
    def workspace(self) -> Path:
        """The folder itself, so that what is made there only needs its name."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unavailable("made", error) from error
        return self._folder

    def _unavailable(self, what: str, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{self._folder} cannot be {what}: {error.strerror or error}")


class _FileSystem(Protocol):
    """What is asked of a file system of fsspec."""

    def ls(self, path: str, detail: bool) -> list[str]: ...

    def open(self, path: str, mode: str) -> IO[bytes]: ...

    def makedirs(self, path: str, exist_ok: bool) -> None: ...

    def rm_file(self, path: str) -> None: ...

    def invalidate_cache(self) -> None: ...


class FsspecTarget:
    """A place that fsspec reaches.

    An object store shows a file when it was written to its end; on file systems that show it before, the manifest,
    which is written last, is what tells that a backup is whole.

    Args:
        url: The place, with its protocol.

    Raises:
        InputError: fsspec does not know the protocol.
        MissingExtra: fsspec is not installed, or what it needs for this protocol.
    """

    def __init__(self, url: str) -> None:
        try:
            core = import_module("fsspec.core")
        except ImportError as error:
            raise MissingExtra("backup", "fsspec") from error
        try:
            found, path = core.url_to_fs(url)
        except ImportError as error:
            raise MissingExtra("backup", f"the part of fsspec for {url.partition(':')[0]}") from error
        except ValueError as error:
            raise InputError(f"{url}: {error}; name a folder, or a URL whose protocol fsspec knows") from error
        self._url = url
        self._files = cast("_FileSystem", found)
        self._path = str(path).rstrip("/")

    def names(self) -> Sequence[str]:
        """See `BackupTarget.names`."""
        try:
            self._files.invalidate_cache()
            return sorted(name.rstrip("/").rpartition("/")[2] for name in self._files.ls(self._path, detail=False))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unavailable("read", error) from error

    def read(self, name: str) -> IO[bytes]:
        """See `BackupTarget.read`."""
        try:
            return self._files.open(f"{self._path}/{name}", "rb")
        except FileNotFoundError as error:
            raise NotFound(f"there is no file {name} at {self._url}") from error
        except OSError as error:
            raise self._unavailable("read", error) from error

    def put(self, name: str, draft: Path) -> None:
        """See `BackupTarget.put`."""
        try:
            self._files.makedirs(self._path, exist_ok=True)
            with draft.open("rb") as source, self._files.open(f"{self._path}/{name}", "wb") as kept:
                shutil.copyfileobj(source, kept, _CHUNK)
        except OSError as error:
            raise self._unavailable("written", error) from error

    def remove(self, name: str) -> None:
        """See `BackupTarget.remove`."""
        try:
            self._files.rm_file(f"{self._path}/{name}")
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unavailable("changed", error) from error

    @property
    def workspace(self) -> None:
        """The system's own folder for drafts."""

    def _unavailable(self, what: str, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{self._url} cannot be {what}: {error}")


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a loss of power."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
