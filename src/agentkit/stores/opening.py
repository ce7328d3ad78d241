"""Opening a store by its address, such as `sqlite:///runs.db`.

Rules: an address names a kind and a place; an unknown kind or setting is refused, never guessed. SQLite is imported
when it is asked for, so that whoever keeps everything in memory does without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import parse_qsl, unquote, urlsplit

from agentkit.errors import DefinitionError

from .memory import MemoryStore
from .observed import ObservedStore
from .ports import Store

__all__ = ["file_of", "open_store", "store_file"]

_KNOWN = "memory://, sqlite:///relative.db, sqlite:////absolute.db"


def open_store(url: str) -> Store:
    """The store at an address; it is opened by `async with`, or by its `open`.

    Args:
        url: `memory://`, `sqlite:///relative.db` or `sqlite:////absolute.db`. `?synchronous=NORMAL` makes single
            commits faster: they survive the death of the process, but power loss may drop the newest ones.

    Raises:
        DefinitionError: The address names no known kind of store, no place, or an unknown setting.

    Example:
        >>> type(open_store("memory://")).__name__
        'MemoryStore'
    """
    parts = urlsplit(url)
    if parts.scheme == "memory" and not parts.netloc and not parts.path and not parts.query:
        return MemoryStore()
    if parts.scheme != "sqlite":
        raise DefinitionError(f"store {url!r} is of no known kind; known are {_KNOWN}")
    path = unquote(parts.path[1:])
    if parts.netloc or not path:
        raise DefinitionError(f"store {url!r} names no file; write sqlite:///relative.db or sqlite:////absolute.db")
    settings = dict(parse_qsl(parts.query, keep_blank_values=True))
    synchronous = settings.pop("synchronous", "FULL").upper()
    if settings:
        raise DefinitionError(f"store {url!r}: unknown setting {', '.join(settings)}; known is synchronous")
    from .sqlite import SqliteStore

    return SqliteStore(path, synchronous=synchronous)


def store_file(url: str) -> Path | None:
    """The file of the SQLite store at an address; None if it is a store of another kind.

    Example:
        >>> store_file("sqlite:///runs.db").name, store_file("memory://")
        ('runs.db', None)
    """
    parts = urlsplit(url)
    path = unquote(parts.path[1:])
    return Path(path) if parts.scheme == "sqlite" and path and not parts.netloc else None


@runtime_checkable
class _InFile(Protocol):
    """A store that is one file."""

    @property
    def path(self) -> Path: ...


def file_of(store: Store) -> Path | None:
    """The file of a SQLite store; None if it is a store of another kind.

    Example:
        >>> file_of(open_store("sqlite:///runs.db")).name, file_of(open_store("memory://"))
        ('runs.db', None)
    """
    inner = store.inner if isinstance(store, ObservedStore) else store
    return inner.path if isinstance(inner, _InFile) else None
