"""API keys: shown once, kept as a hash, seen by every process, revoked within seconds."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents import ContextKey
from agentkit.errors import AgentKitError, DefinitionError, JournalCorrupt, NotFound, Unauthenticated
from agentkit.kernel import ContextUpdated
from agentkit.orchestrator import ContextStore, Orchestrator
from agentkit.service import FRESH_SECONDS, ApiKeys, Service, is_api_key
from agentkit.stores import Store, open_store
from agentkit.testing import VirtualClock
from agentkit.wire import OperationQuery


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1_000_000.0

    def now(self) -> float:
        return self.at


def keys_of(store: Store, time: Time | None = None, pepper: str = "") -> ApiKeys:
    return ApiKeys(store, now=(time or Time()).now, pepper=pepper)


async def test_a_key_says_who_whose_and_what() -> None:
    keys = keys_of(open_store("memory://"))
    made = await keys.create("ada", tenant="acme", scopes={"read", "approve"}, roles={"finance"})
    caller = await keys.caller(made.key)

    assert (caller.name, caller.tenant, caller.roles) == ("ada", "acme", {"finance"})
    assert [scope for scope in ("read", "run", "approve", "admin") if caller.may(scope)] == ["read", "approve"]
    assert is_api_key(made.key)


async def test_a_key_has_the_form_that_tools_find_in_leaks() -> None:
    keys = keys_of(open_store("memory://"))
    made = [await keys.create(f"ada-{n}") for n in range(20)]
    parts = [one.key.split("_") for one in made]

    assert {(prefix, len(key_id), len(tail)) for prefix, key_id, tail in parts} == {("agk", 12, 38)}
    assert len({tail for _, _, tail in parts}) == 20
    assert all(one.key.replace("_", "").isalnum() for one in made)


async def test_p19_a_store_holds_no_secret(tmp_path: Path) -> None:
    async with Orchestrator(store=f"sqlite:///{tmp_path}/runs.db") as orchestrator:
        made = await keys_of(orchestrator.store).create("ada")
    secret = made.key.split("_")[2][:32]
    with sqlite3.connect(tmp_path / "runs.db") as database:
        dump = "\n".join(database.iterdump())
    database.close()

    assert made.id in dump
    for text in (secret, secret[:12], secret.encode().hex()):
        assert text not in dump


async def test_p19_revocation_is_seen_by_every_process_within_30_seconds() -> None:
    store, time = open_store("memory://"), Time()
    here, there = keys_of(store, time), keys_of(store, time)
    made = await here.create("ada")
    assert (await there.caller(made.key)).name == "ada"
    await here.revoke(made.id)

    with pytest.raises(Unauthenticated):
        await here.caller(made.key)
    time.at += FRESH_SECONDS
    with pytest.raises(Unauthenticated):
        await there.caller(made.key)
    assert FRESH_SECONDS < 30


async def test_a_new_key_is_taken_by_every_process_within_seconds() -> None:
    store, time = open_store("memory://"), Time()
    here, there = keys_of(store, time), keys_of(store, time)
    await there.listed()
    made = await here.create("ada")
    time.at += FRESH_SECONDS

    assert (await there.caller(made.key)).name == "ada"


async def test_whoever_guesses_keys_makes_nobody_read_often(monkeypatch: pytest.MonkeyPatch) -> None:
    store, time = open_store("memory://"), Time()
    keys = keys_of(store, time)
    await keys.create("ada")
    guesses = [(await keys_of(open_store("memory://")).create("eve")).key for _ in range(20)]
    reads: list[str] = []
    read = store.read

    def counted(stream: str, **more: object) -> object:
        reads.append(stream)
        return read(stream, **more)  # type: ignore[arg-type]  # whatever it was asked with

    monkeypatch.setattr(store, "read", counted)
    for guess in guesses:
        time.at += 0.05
        with pytest.raises(Unauthenticated):
            await keys.caller(guess)

    assert len(reads) <= 5


async def test_keys_are_read_from_the_store_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    store, time = open_store("memory://"), Time()
    keys = keys_of(store, time)
    made = await keys.create("ada")
    reads: list[str] = []
    read = store.read

    def counted(stream: str, **more: object) -> object:
        reads.append(stream)
        return read(stream, **more)  # type: ignore[arg-type]  # whatever it was asked with

    monkeypatch.setattr(store, "read", counted)
    for _ in range(100):
        await keys.caller(made.key)

    assert reads == []


async def test_a_key_expires() -> None:
    time = Time()
    keys = keys_of(open_store("memory://"), time)
    made = await keys.create("ada", seconds=60)
    time.at += 59.9
    assert (await keys.caller(made.key)).name == "ada"
    time.at += 0.1

    with pytest.raises(Unauthenticated):
        await keys.caller(made.key)
    assert [line.active for line in await keys.listed()] == [False]


async def test_a_key_opens_nothing_under_another_pepper() -> None:
    store = open_store("memory://")
    made = await keys_of(store, pepper="one").create("ada")

    with pytest.raises(Unauthenticated):
        await keys_of(store, pepper="two").caller(made.key)
    assert (await keys_of(store, pepper="one").caller(made.key)).name == "ada"


async def test_the_first_key_is_made_once_however_many_servers_begin() -> None:
    store = open_store("memory://")
    made = await asyncio.gather(*(keys_of(store).create_first() for _ in range(5)))
    first = [one for one in made if one is not None]

    assert len(first) == 1
    assert (await keys_of(store).caller(first[0].key)).may("admin")


async def test_a_first_key_is_made_again_when_all_are_revoked() -> None:
    keys = keys_of(open_store("memory://"))
    first = await keys.create_first()
    assert first is not None
    await keys.create("ada")
    await keys.revoke(first.id)

    assert await keys.create_first() is not None
    assert [line.name for line in await keys.listed()].count("admin") == 2


async def test_to_revoke_twice_is_to_revoke_once() -> None:
    time = Time()
    keys = keys_of(open_store("memory://"), time)
    made = await keys.create("ada")
    first = await keys.revoke(made.id)
    time.at += 5

    assert (await keys.revoke(made.id)).revoked_at == first.revoked_at
    with pytest.raises(NotFound):
        await keys.revoke("nix")


@pytest.mark.parametrize(
    "more",
    [{"scopes": {"everything"}}, {"seconds": 0}, {"seconds": -1}, {"seconds": float("inf")}, {"seconds": float("nan")}],
    ids=str,
)
async def test_a_key_that_is_none_is_not_made(more: dict[str, object]) -> None:
    keys = keys_of(open_store("memory://"))
    with pytest.raises(DefinitionError):
        await keys.create("ada", **more)  # type: ignore[arg-type]  # that is what is tested
    with pytest.raises(DefinitionError):
        await keys.create("")
    assert await keys.listed() == []


@given(st.data())
async def test_a_key_with_one_letter_changed_opens_nothing(data: st.DataObject) -> None:
    keys = keys_of(open_store("memory://"))
    made = await keys.create("ada")
    place = data.draw(st.integers(0, len(made.key) - 1))
    letter = data.draw(st.characters().filter(lambda one: one != made.key[place]))

    with pytest.raises(Unauthenticated):
        await keys.caller(made.key[:place] + letter + made.key[place + 1 :])


@given(st.text() | st.text("agk_0Az", max_size=60).map("agk_".__add__))
async def test_p21_whatever_is_given_as_a_key_is_a_caller_or_nobody(text: str) -> None:
    with pytest.raises(AgentKitError) as caught:
        await keys_of(open_store("memory://")).caller(text)

    assert caught.type is Unauthenticated


async def test_keys_are_no_operations_and_nobody_finds_them_as_one() -> None:
    async with Orchestrator(clock=VirtualClock()) as orchestrator:
        await keys_of(orchestrator.store).create("ada")
        desk = Service(orchestrator).desk()

        assert (await desk.operations(OperationQuery())).items == []
        with pytest.raises(NotFound):
            await desk.operation('context[null,"agentkit.keys"]')


async def test_a_change_of_one_key_writes_that_key_alone() -> None:
    store = open_store("memory://")
    keys = keys_of(store)
    made = [await keys.create(f"ada-{n}") for n in range(50)]
    await keys.revoke(made[0].id)
    events = await store.read('context[null,"agentkit.keys"]')
    written = [list(json.loads(event.context)) for event in events if isinstance(event, ContextUpdated)]

    assert written == [[f":{one.id}"] for one in [*made, made[0]]]


async def test_a_key_that_has_opened_nothing_for_long_is_forgotten() -> None:
    time = Time()
    keys = keys_of(open_store("memory://"), time)
    revoked, expired, lasting = [
        await keys.create(name, seconds=at) for name, at in [("a", None), ("b", 60), ("c", None)]
    ]
    await keys.revoke(revoked.id)
    time.at += 80 * 86_400
    await keys.create("d")
    assert {line.id for line in await keys.listed()} >= {revoked.id, expired.id}
    time.at += 20 * 86_400
    await keys.create("e")

    assert [line.name for line in await keys.listed()] == ["e", "d", "c"]
    assert (await keys.caller(lasting.key)).name == "c"
    for one in (revoked, expired):
        with pytest.raises(Unauthenticated):
            await keys.caller(one.key)


async def test_a_key_that_was_revoked_where_the_clock_is_ahead_opens_nothing_here() -> None:
    store, time = open_store("memory://"), Time()
    made = await keys_of(store, time).create("ada")
    ahead = Time()
    ahead.at += 300
    await keys_of(store, ahead).revoke(made.id)

    with pytest.raises(Unauthenticated):
        await keys_of(store, time).caller(made.key)


async def test_keys_that_an_earlier_version_kept_together_open_what_they_did() -> None:
    store = open_store("memory://")
    made = [await keys_of(store).create(name) for name in ("ada", "bob")]
    kept = [
        json.loads(event.context)
        for event in await store.read('context[null,"agentkit.keys"]')
        if isinstance(event, ContextUpdated)
    ]
    key = ContextKey("keys", dict[str, object], merge="deep_merge")
    earlier_store = open_store("memory://")
    earlier = ContextStore(earlier_store, keys=[key], name="agentkit.keys")
    await earlier.open()
    for one, record in zip(made, kept, strict=True):
        await earlier.update({key: {one.id: record[f":{one.id}"]}}, by="keys")
    keys = keys_of(earlier_store)
    assert [(await keys.caller(one.key)).name for one in made] == ["ada", "bob"]
    await keys.revoke(made[0].id)

    assert [line.active for line in await keys_of(earlier_store).listed() if line.id == made[0].id] == [False]
    assert (await keys_of(earlier_store).caller(made[1].key)).name == "bob"


async def test_a_key_that_was_damaged_is_told_and_never_left_out() -> None:
    store = open_store("memory://")
    made = await keys_of(store).create("ada")
    kept = await store.read('context[null,"agentkit.keys"]')
    damaged = ContextUpdated(at=1.0, context=f'{{":{made.id}": {{"name": "ada"}}}}', by="eve")
    await store.append('context[null,"agentkit.keys"]', [damaged], expected=len(kept))

    with pytest.raises(JournalCorrupt, match="not as agentkit writes"):
        await keys_of(store).listed()


async def test_who_asks_and_who_approves_are_told_apart_by_names_that_nobody_shares() -> None:
    time = Time()
    keys = keys_of(open_store("memory://"), time)
    made = await keys.create("ada", tenant="acme", seconds=60)
    await keys.create("ada")
    await keys.create("ada", tenant="other")
    with pytest.raises(DefinitionError, match=f"'ada' has the key {made.id} already"):
        await keys.create("ada", tenant="acme")
    time.at += 60
    second = await keys.create("ada", tenant="acme")
    await keys.revoke(second.id)

    assert (await keys.create("ada", tenant="acme")).active


async def test_of_two_that_make_a_key_of_one_name_at_once_one_does() -> None:
    store = open_store("memory://")
    made = await asyncio.gather(*(keys_of(store).create("ada") for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(one, DefinitionError) for one in made) == 4


async def test_a_first_key_has_a_name_of_its_own_where_somebody_is_called_admin() -> None:
    keys = keys_of(open_store("memory://"))
    await keys.create("admin", scopes={"read"})
    made = await keys.create_first()

    assert made is not None
    assert made.name == f"admin-{made.id}"


async def test_of_many_that_give_wrong_keys_at_once_one_has_the_store_read(monkeypatch: pytest.MonkeyPatch) -> None:
    store, time = open_store("memory://"), Time()
    keys = keys_of(store, time)
    made = await keys.create("ada")
    guess = (await keys_of(open_store("memory://")).create("eve")).key
    reads: list[str] = []
    read = store.read

    async def counted(stream: str, **more: object) -> object:
        reads.append(stream)
        await asyncio.sleep(0)
        time.at += 1
        return await read(stream, **more)  # type: ignore[arg-type]  # whatever it was asked with

    monkeypatch.setattr(store, "read", counted)
    time.at += FRESH_SECONDS
    found = await asyncio.gather(
        *(keys.caller(guess) for _ in range(200)), keys.caller(made.key), return_exceptions=True
    )

    assert {type(one) for one in found[:200]} == {Unauthenticated}
    assert getattr(found[200], "name", "") == "ada"
    assert len(reads) == 1
