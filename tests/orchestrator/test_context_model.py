"""A shared context against a model of a few lines: dictionaries, one per version."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agentkit.agents import ContextKey
from agentkit.errors import Expired, MergeConflict
from agentkit.orchestrator import ContextStore
from agentkit.stores import open_store
from agentkit.testing.clock import VirtualClock

KEYS: list[ContextKey[Any] | str] = [
    ContextKey("set"),
    ContextKey("first", merge="keep"),
    ContextKey("log", list[int], merge="append"),
    ContextKey("tags", merge="union"),
    ContextKey("tree", merge="deep_merge"),
    ContextKey("best", int, merge="max"),
    ContextKey("sum", int, merge=lambda old, new: old + new),
]
data = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3)
numbers = st.integers(-9, 9)
writes: dict[str, st.SearchStrategy[Any]] = {
    "set": data,
    "first": data,
    "log": st.lists(numbers, max_size=2),
    "tags": st.lists(st.sampled_from("abc"), max_size=2),
    "tree": st.dictionaries(st.sampled_from(["x", "y"]), numbers),
    "best": numbers,
    "sum": numbers,
}
updates = st.fixed_dictionaries({}, optional=writes).filter(bool)


def merge(key: str, old: Any, new: Any) -> Any:
    match key:
        case "first":
            return old
        case "log":
            return old + new
        case "tags":
            return [*old, *sorted(set(new) - set(old), key=new.index)]
        case "tree":
            return {**old, **new}
        case "best":
            return max(old, new)
        case "sum":
            return old + new
        case _:
            return new


class ContextMachine(RuleBasedStateMachine):
    url = "memory://"

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(self.url.format(path=Path(self.folder.name, "model.db")))
        self.versions: list[dict[str, Any]] = [{}]
        self.oldest = 0
        self.do(self.store.open())
        self.contexts = [self.opened(), self.opened()]

    def do(self, call: Any) -> Any:
        async def calling() -> Any:
            return await call

        return self.loop.run(calling())

    def opened(self) -> ContextStore:
        context = ContextStore(self.store, keys=KEYS, tenant="acme", clock=VirtualClock())
        self.do(context.open())
        return context

    def expect(self, written: dict[str, Any]) -> int:
        after = dict(self.versions[-1])
        for key, value in written.items():
            first = sorted(set(value), key=value.index) if key == "tags" else value
            after[key] = merge(key, after[key], value) if key in after else first
        self.versions.append(after)
        return len(self.versions) - 1

    @rule(which=st.integers(0, 1), written=updates)
    def update(self, which: int, written: dict[str, Any]) -> None:
        assert self.do(self.contexts[which].update(written, by="ada")) == self.expect(written)

    @rule(which=st.integers(0, 1), written=updates, behind=st.integers(0, 3))
    def compare_and_set(self, which: int, written: dict[str, Any], behind: int) -> None:
        expected = len(self.versions) - 1 - behind
        call = self.contexts[which].update(written, by="bob", expected_version=expected)
        if behind:
            with pytest.raises(MergeConflict):
                self.do(call)
        else:
            assert self.do(call) == self.expect(written)

    @rule(written=updates, count=st.sampled_from([2, 90, 300]))
    def update_at_once(self, written: dict[str, Any], count: int) -> None:
        async def all_at_once() -> list[int]:
            calls = [self.contexts[n % 2].update({**written, "sum": n}, by="eve") for n in range(count)]
            return list(await asyncio.gather(*calls))

        made = self.do(all_at_once())
        assert sorted(made) == list(range(len(self.versions), len(self.versions) + count))
        for number in sorted(range(count), key=made.__getitem__):
            self.expect({**written, "sum": number})

    @rule(which=st.integers(0, 1))
    def come_back(self, which: int) -> None:
        self.do(self.contexts[which].close())
        self.contexts[which] = self.opened()

    @rule(keep=st.integers(1, 400))
    def compact(self, keep: int) -> None:
        self.do(self.contexts[0].compact(keep=keep))
        self.oldest = max(self.oldest, len(self.versions) - keep)

    @rule(which=st.integers(0, 1), data=st.data())
    def read_at(self, which: int, data: st.DataObject) -> None:
        version = data.draw(st.integers(0, len(self.versions) - 1))
        if version < self.oldest:
            with pytest.raises(Expired):
                self.do(self.contexts[which].read(at=version))
        else:
            assert dict(self.do(self.contexts[which].read(at=version))) == self.versions[version]

    @rule(which=st.integers(0, 1))
    def list_versions(self, which: int) -> None:
        numbers = [version.number for version in self.do(self.contexts[which].versions())]
        assert numbers == list(range(max(1, self.oldest), len(self.versions)))

    @invariant()
    def both_see_the_newest_version(self) -> None:
        for context in self.contexts:
            view = self.do(context.read())
            assert (view.version, dict(view)) == (len(self.versions) - 1, self.versions[-1])

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.do(self.store.close())
            self.loop.close()
            self.folder.cleanup()


class SqliteContextMachine(ContextMachine):
    url = "sqlite:///{path}?synchronous=NORMAL"


TestOnMemory = pytest.mark.blocking(ContextMachine.TestCase)
TestOnMemory.settings = settings(max_examples=30, stateful_step_count=15)
TestOnSqlite = pytest.mark.blocking(SqliteContextMachine.TestCase)
TestOnSqlite.settings = settings(max_examples=10, stateful_step_count=15)
