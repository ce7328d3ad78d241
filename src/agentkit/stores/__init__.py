"""Stores keep journals: numbered events, never changed, and the leases that say who may add to them.

Rules: `Journal`, `Leases` and `Artifacts` are what is asked of a store; `MemoryStore` is the reference, `SqliteStore`
the embedded default, which `take_backup` backs up while work runs. JSON by schema only: what is read back executes
nothing and imports nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from agentkit.faces import lazy

from .codec import Codec
from .memory import MemoryStore
from .observed import ObservedStore, Observer
from .opening import file_of, open_store, store_file
from .ports import Artifacts, Journal, Lease, Leases, Sort, Store, Summary

if TYPE_CHECKING:
    from .backup.manifest import BackupKind, Manifest
    from .backup.restoring import BackupCheck, Restoration, restore_backup, verify_backups
    from .backup.taking import Retention, backup_turn, list_backups, remove_old_backups, take_backup
    from .backup.targets import BackupTarget, FolderTarget, FsspecTarget, open_target
    from .examining import Examination, examine
    from .sqlite import SqliteStore

__all__ = [
    "Artifacts",
    "BackupCheck",
    "BackupKind",
    "BackupTarget",
    "Codec",
    "Examination",
    "FolderTarget",
    "FsspecTarget",
    "Journal",
    "Lease",
    "Leases",
    "Manifest",
    "MemoryStore",
    "ObservedStore",
    "Observer",
    "Restoration",
    "Retention",
    "Sort",
    "SqliteStore",
    "Store",
    "Summary",
    "backup_turn",
    "examine",
    "file_of",
    "list_backups",
    "open_store",
    "open_target",
    "remove_old_backups",
    "restore_backup",
    "store_file",
    "take_backup",
    "verify_backups",
]

# What needs SQLite, or is seldom asked for, is imported when it is asked for.
__getattr__: Callable[[str], object] = lazy(
    __name__,
    {
        "backup.manifest": ["BackupKind", "Manifest"],
        "backup.restoring": ["BackupCheck", "Restoration", "restore_backup", "verify_backups"],
        "backup.taking": ["Retention", "backup_turn", "list_backups", "remove_old_backups", "take_backup"],
        "backup.targets": ["BackupTarget", "FolderTarget", "FsspecTarget", "open_target"],
        "examining": ["Examination", "examine"],
        "sqlite": ["SqliteStore"],
    },
)[1]
