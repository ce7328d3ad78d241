"""The SQLite store keeps the promises of every store."""

from pathlib import Path

from agentkit.stores import SqliteStore
from agentkit.testing import check_journal, check_leases


async def test_it_is_a_journal(tmp_path: Path) -> None:
    await check_journal(lambda: SqliteStore(tmp_path / "runs.db"))


async def test_it_keeps_leases(tmp_path: Path) -> None:
    def die(store: SqliteStore) -> None:
        assert store._file is not None
        store._file.life.forget()

    await check_leases(lambda: SqliteStore(tmp_path / "runs.db"), die)
