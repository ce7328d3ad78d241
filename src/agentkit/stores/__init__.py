"""Stores keep journals: numbered events, never changed, and the leases that say who may add to them.

Rules: `Journal`, `Leases` and `Artifacts` are what is asked of a store; `MemoryStore` is the reference, `SqliteStore`
the embedded default. JSON by schema only: what is read back executes nothing and imports nothing.
"""

from typing import TYPE_CHECKING

from .codec import Codec
from .memory import MemoryStore
from .opening import open_store
from .ports import Artifacts, Journal, Lease, Leases, Store, Summary

if TYPE_CHECKING:
    from .sqlite import SqliteStore

__all__ = [
    "Artifacts",
    "Codec",
    "Journal",
    "Lease",
    "Leases",
    "MemoryStore",
    "SqliteStore",
    "Store",
    "Summary",
    "open_store",
]


def __getattr__(name: str) -> object:
    """Import SQLite when it is asked for."""
    if name == "SqliteStore":
        from .sqlite import SqliteStore

        return SqliteStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
