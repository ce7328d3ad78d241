"""The examination of an installation: it finds what is wrong, says what to do, and changes nothing."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from agentkit import Approval, GiveUp, Orchestrator, Stage, Task, Workflow, agent
from agentkit.engines import SystemClock
from agentkit.kernel import RetryPolicy
from agentkit.service import (
    Caller,
    Scope,
    Service,
    diagnosis,
    diagnosis_page,
    examine_machine,
    examine_server,
    examine_settings,
    examine_store,
)
from agentkit.service.diagnosis import _machine_of, _room
from agentkit.wire import FindingLine, QueuePage, ResourcesPage

pytestmark = pytest.mark.blocking

NOW = SystemClock().now()


@agent
async def echo(task: Task[Any]) -> Any:
    await task.attach("echo.txt", b"echo")
    return task.input


@agent
async def broken(task: Task[Any]) -> str:
    raise GiveUp("there is no ink")


@agent
async def lost(task: Task[Any]) -> str:
    await asyncio.sleep(3_600)
    return "never"


FLOWS: Sequence[Workflow[object]] = [
    Workflow("echo", [Stage("echo", agent="echo")]),
    Workflow("broken", [Stage("print", agent="broken", retry=RetryPolicy(attempts=1))]),
    Workflow("ask", [Stage("ask", agent="echo", approval=Approval())]),
    Workflow("doubt", [Stage("pay", agent="lost", effect="at_most_once", timeout=0.02)]),
]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with operations of all kinds in it."""

    async def fill() -> None:
        async with Orchestrator([echo, broken, lost], store=f"sqlite:///{tmp_path}/runs.db") as orchestrator:
            operations = [await orchestrator.submit(flow, key=flow.name) for flow in FLOWS]
            for operation in operations:
                await operation.at_rest()

    asyncio.run(fill())
    return tmp_path / "runs.db"


def look(path: Path, *, verify: bool = True, now: float = NOW) -> dict[str, FindingLine]:
    return {one.name: one for one in examine_store(f"sqlite:///{path}", verify=verify, now=now)}


def picture(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file there, with when and what."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest()) for path in files}


def test_a_store_is_looked_at_and_not_touched(store: Path) -> None:
    before = picture(store.parent)
    found = look(store)

    assert picture(store.parent) == before
    assert "format 2" in found["place"].detail
    assert found["checksums"].verdict == "ok"
    assert found["operations"].detail == "1 completed, 1 failed, 2 running"
    assert (found["waiting: approval"].verdict, found["waiting: doubt"].verdict) == ("note", "problem")
    assert "agentkit approvals --store sqlite:///" in found["waiting: approval"].advice
    assert "stalled" not in found
    assert found["leases"].verdict == "ok"


def test_a_store_that_is_in_use_is_looked_at(store: Path) -> None:
    async def use() -> dict[str, FindingLine]:
        async with Orchestrator([echo], store=f"sqlite:///{store}") as orchestrator:
            await (await orchestrator.submit(FLOWS[0]))
            return look(store)

    found = asyncio.run(use())

    assert "2 completed" in found["operations"].detail
    assert found["checksums"].verdict == "ok"


def test_the_log_that_a_crash_left_is_read_and_stays(store: Path) -> None:
    left = store.parent / "left"
    left.mkdir()

    async def crash() -> None:
        async with Orchestrator([echo], store=f"sqlite:///{store}") as orchestrator:
            await (await orchestrator.submit(FLOWS[0]))
            for path in (store, store.with_name("runs.db-wal")):
                (left / path.name).write_bytes(path.read_bytes())

    asyncio.run(crash())
    before = picture(left)
    found = look(left / "runs.db")

    assert "2 completed" in found["operations"].detail
    assert {name: seen for name, seen in picture(left).items() if not name.endswith("-shm")} == before


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("update event set data = replace(data, 'echo', 'Echo') where stream_no = 1", "damaged: 1 operations"),
        ("delete from event where stream_no = 2 and seq = 2", "damaged: 1 operations"),
        ("update artifact set content = x'00'", "damaged: 1 files"),
    ],
)
def test_damage_is_found_unless_nobody_is_to_read_it_all(damage: str, said: str, store: Path) -> None:
    with closing(sqlite3.connect(store)) as file, file:
        file.execute(damage)

    assert (look(store)["checksums"].verdict, said in look(store)["checksums"].detail) == ("problem", True)
    assert "agentkit restore" in look(store)["checksums"].advice
    assert "checksums" not in look(store, verify=False)


def test_what_nobody_runs_and_what_the_dead_hold_is_found(store: Path) -> None:
    with closing(sqlite3.connect(store)) as file, file:
        file.execute("update stream set owner = '1-dead', parked = 0, ended = 0 where name = 'ask'")
        file.execute("update stream set status = 'quarantined' where name = 'broken'")
    found = look(store)

    assert found["stalled"].detail == "1 are run by nobody"
    assert "agentkit resume --agents MODULE --store sqlite:///" in found["stalled"].advice
    assert found["leases"].detail.startswith("1 held by dead processes")
    assert found["quarantined"].verdict == "problem"


def test_a_clock_that_is_behind_is_found(store: Path) -> None:
    assert look(store, now=NOW - 3_600)["clock"].verdict == "problem"
    assert {one.name: one.verdict for one in examine_machine(now=5.0)}["clock"] == "problem"


def test_what_is_no_store_and_what_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database")

    assert look(tmp_path / "none.db")["place"].verdict == "note"
    assert not (tmp_path / "none.db").exists()
    assert "is not a SQLite file" in look(tmp_path / "text.db")["place"].detail
    assert "does not exist" in look(tmp_path / "no" / "such.db")["place"].detail
    assert [one.verdict for one in examine_store("mysql://x", now=NOW)] == ["problem"]
    assert [one.verdict for one in examine_store("memory://", now=NOW)] == ["note"]


def test_a_disk_that_is_nearly_full_is_a_problem(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000_000})())

    assert (look(store)["disk"].verdict, look(store)["disk"].detail) == ("problem", "1.0 MB free")


def test_the_settings_are_told_and_no_secret_of_them(tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text("hot")
    found = {
        one.name: one
        for one in examine_settings(
            {
                "AGENTKIT_PEPPER": "hot",
                "AGENTKIT_SECRET_SHOP": "hot",
                "AGENTKIT_JWT_KEY_FILE": str(tmp_path / "pepper"),
                "AGENTKIT_KEY_FILE": "/no/such/file",
                "AGENTKIT_STORE": "sqlite:///runs.db",
                "AGENTKIT_STROE": "hot",
                "AGENTKIT_RATE": "many",
                "HOME": "/root",
            }
        )
    }

    assert "hot" not in str(found)
    assert found["AGENTKIT_PEPPER"].detail == found["AGENTKIT_SECRET_SHOP"].detail == "******** (from the environment)"
    assert str(tmp_path / "pepper") in found["AGENTKIT_JWT_KEY_FILE"].detail
    assert found["AGENTKIT_STORE"].detail == "sqlite:///runs.db (from the environment)"
    assert found["AGENTKIT_KEY_FILE"].verdict == "problem"
    assert found["AGENTKIT_STROE"].verdict == "note"
    assert "rate" in found["server"].detail
    assert "HOME" not in found
    assert [one.detail for one in examine_settings({})] == ["no AGENTKIT_ variable is set: everything is as by default"]


def test_the_machine_is_told_with_every_extra() -> None:
    found = {(one.area, one.name): one for one in examine_machine(now=NOW)}

    assert found["machine", "python"].verdict == "ok"
    assert "typer" in found["extras", "cli"].detail
    assert {"api", "client", "data", "webhooks"} <= {name for area, name in found if area == "extras"}
    assert not {"dev", "web", "fastapi"} & {name for _, name in found}


def test_an_extra_that_is_not_installed_is_told_with_the_command_that_does(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ['no-such-package>=1; extra == "moon"', 'typer; sys_platform == "plan9" and extra == "moon"']
    monkeypatch.setattr(diagnosis, "requires", lambda _: [*wanted, "agentkit[moon]; extra == 'sun'"])
    found = {one.name: one for one in examine_machine(now=NOW) if one.area == "extras"}

    assert found["moon"].detail == found["sun"].detail == "not installed: no-such-package"
    assert (found["moon"].verdict, found["moon"].advice) == ("note", "pip install 'agentkit[moon]'")


@pytest.mark.parametrize(
    ("scopes", "tenant", "said"),
    [
        (("read", "run", "approve"), None, "it may read, run, approve"),
        (("read",), "acme", "it may read"),
        ((), "acme", "it may nothing"),
    ],
)
async def test_a_server_tells_what_a_key_may_do(scopes: Sequence[Scope], tenant: str | None, said: str) -> None:
    async with Orchestrator([echo, broken, lost]) as orchestrator:
        desk = Service(orchestrator, FLOWS).desk(Caller(name="ada", tenant=tenant, scopes=scopes))
        found = {one.name: one for one in await examine_server(desk)}
        assert await orchestrator.list() == []

    assert found["key"].detail == said
    assert found["key"].verdict == ("ok" if scopes else "problem")
    assert found["version"].verdict == "ok"


async def test_a_server_tells_what_waits_and_what_it_takes(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/runs.db"
    async with Orchestrator([echo, broken, lost], store=store, resources={"printer": 2}) as orchestrator:
        found = {one.name: one.detail for one in await examine_server(Service(orchestrator, FLOWS).desk())}

    assert found["room"] == "0 of at most 256 attempts run, 0 operations are driven"
    assert found["machine"].startswith("0 of 2 printer, ")
    assert found["machine"].endswith(" threads")
    assert found["disk"].endswith(" free")


def test_of_a_server_whose_machine_tells_little_little_is_told() -> None:
    nothing = ResourcesPage(
        processor_share=None,
        processor_seconds=None,
        cores=None,
        memory_bytes=None,
        threads=3,
        disk_free_bytes=None,
        disk_total_bytes=None,
    )
    short = nothing.model_copy(update={"disk_free_bytes": 1_000, "disk_total_bytes": 2_000})
    line = QueuePage(
        waiting=3,
        by_priority={"high": 1, "normal": 0, "low": 2},
        oldest_seconds=12.4,
        most_waiting=10,
        driven=1,
        running=1,
        most_running=1,
    )
    told, (_, disk) = [*_room(line), *_machine_of(nothing)], _machine_of(short)

    assert [one.detail for one in told] == [
        "1 of at most 1 attempts run, 1 operations are driven; 3 wait (1 high, 2 low), the oldest for 12 s",
        "3 threads",
    ]
    assert (disk.area, disk.verdict) == ("server", "problem")


def test_problems_and_nothing_else_make_it_ill() -> None:
    def of(*verdicts: Any) -> bool:
        return diagnosis_page([FindingLine(area="store", name="x", verdict=one) for one in verdicts]).ok

    assert of("ok", "note")
    assert not of("ok", "problem")


def test_no_password_in_an_address_is_repeated() -> None:
    environment = {"AGENTKIT_STORE": "postgresql://ada:hunter2@db/runs", "AGENTKIT_BACKUP_TO": "s3://id:hunter2@acme/b"}
    found = [*examine_settings(environment), *examine_store(environment["AGENTKIT_STORE"], now=0)]

    assert "hunter2" not in str(found)
    assert "postgresql://***@db/runs" in str(found)
