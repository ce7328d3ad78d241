"""What happens in a process of its own: a mistake is put in its place, and the tests that reach it run.

Two ways, because most mutants should cost no more than their tests do:

- `run_swapped`: pytest collects all tests once; for each mutant a child gives the function that is loaded already its
  wrong code, and runs the tests.
- `run_loaded`: what runs when a module is loaded has to be wrong before that, so pytest starts anew.

A child that fails at the first test ends there. One that needs far more time than the tests did is killed, and so is
the mutant: it hangs.
"""

import gc
import importlib
import importlib.abc
import importlib.machinery
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final, TypeAlias, cast

import pytest
from hypothesis import settings

from tests.mutation.mutants import Mutant, mutant_code

__all__ = ["TESTS", "Answer", "Task", "run_loaded", "run_swapped", "run_unchanged", "session_of"]

TESTS: Final = "tests/money"
MOST_EXAMPLES: Final = 25
"""Tests that ask for hundreds of drawings get as many as the Hypothesis profile `mutation` gives."""
MOST_MEMORY: Final = 4 * 2**30
ADDED_SECONDS: Final = 10
"""What a child gets beyond its share, for a machine that is busy and for what is slow at first."""

_Functions: TypeAlias = dict[tuple[str, str, int], list[FunctionType]]
"""All functions that are loaded, by file, name and first line."""

OPTIONS: Final = [
    "-q",
    "-p",
    "no:randomly",
    "-p",
    "no:cacheprovider",
    "--hypothesis-profile=mutation",
    # What is loaded before pytest starts, to be loaded once, cannot be rewritten any more; nothing asserts there.
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A mutant, the tests that reach it, and the seconds they take without it."""

    mutant: Mutant
    tests: Sequence[str]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a mutant: it was `killed` by a test or by `time`, or it `survived`.

    `unreached`: no test comes there. `unloaded`: its function cannot be exchanged, so its module is to be loaded anew.
    """

    verdict: str
    by: str
    seconds: float


class Loop:
    """A plugin of pytest that takes the place of its loop over all tests."""

    def __init__(self, run: Callable[["Loop", dict[str, pytest.Item]], None], mutant: Mutant | None) -> None:
        self.run = run
        self.mutant = mutant
        self.failed = ""

    def pytest_sessionstart(self) -> None:
        """Let the module be loaded with the mistake in it. Only now: pytest has put its own finder first."""
        if self.mutant:
            finder = _Finder(self.mutant)
            assert finder.name not in sys.modules
            sys.meta_path.insert(0, finder)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand all tests to whoever runs them."""
        for item in session.items:
            _take_few_examples(item)
        self.run(self, {item.nodeid: item for item in session.items})
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember which test failed."""
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def first_failure(self, items: Sequence[pytest.Item]) -> str:
        """Run tests until one fails, and name it."""
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                break
        return self.failed


def session_of(
    run: Callable[[Loop, dict[str, pytest.Item]], None], files: Sequence[str], mutant: Mutant | None = None
) -> int:
    """Start pytest, with a mutant in its place if there is one, and let `run` do what it likes with the tests."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        return int(pytest.main([*OPTIONS, f"--basetemp={folder}/tests", *files], plugins=[Loop(run, mutant)]))


def run_swapped(tasks: Sequence[Task], report: Callable[[Task, Answer], None]) -> None:
    """Run mutants of functions, each in a child of one process that has loaded everything."""

    def run(loop: Loop, items: dict[str, pytest.Item]) -> None:
        for file in sorted({task.mutant.file for task in tasks}):
            importlib.import_module(_module_name(file))
        functions = _functions()
        gc.freeze()  # what is here stays; a child need not look at it, nor copy it
        for task in tasks:
            report(task, _swapped(task, loop, items, functions))

    session_of(run, [TESTS])


def _swapped(task: Task, loop: Loop, items: dict[str, pytest.Item], functions: _Functions) -> Answer:
    assert task.mutant.function
    file, name = str(Path(task.mutant.file).resolve()), task.mutant.function
    found = functions.get((file, *name), [])
    codes = [code for code in _codes(mutant_code(task.mutant)) if (code.co_qualname, code.co_firstlineno) == name]
    if not found or any(each.__code__.co_freevars != codes[0].co_freevars for each in found):
        return Answer(verdict="unloaded", by="", seconds=0.0)

    def child() -> str:
        for function in found:
            function.__code__ = codes[0]
        return _run(loop, items, task)

    return in_child(child, task.seconds)


def run_loaded(task: Task) -> Answer:
    """Run one mutant in a child that loads everything anew. Nothing of agentkit may be loaded in this process."""

    def child() -> str:
        found: list[str] = []
        files = sorted({test.partition("::")[0] for test in task.tests})
        code = session_of(lambda loop, items: found.append(_run(loop, items, task)), files, task.mutant)
        return found[0] if found else f"pytest ended with {code} before any test"

    return in_child(child, task.seconds + ADDED_SECONDS)


def run_unchanged(tests: Sequence[str], seconds: float) -> Answer:
    """Run tests as for a mutant, without one: what does not survive then would be killed by nothing but the way."""
    found: list[str] = []

    def run(loop: Loop, items: dict[str, pytest.Item]) -> None:
        found.append(loop.first_failure([items[name] for name in tests]))

    return in_child(lambda: f"pytest ended with {code}" if (code := session_of(run, [TESTS])) else found[0], seconds)


def in_child(work: Callable[[], str], seconds: float) -> Answer:
    """Let a child work, and say what came of it: text is what killed the mutant, none that nothing did."""
    begin = monotonic()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _child(work, writing, seconds)
    os.close(writing)
    with open(reading, encoding="utf-8") as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    taken = round(monotonic() - begin, 2)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGALRM):
        return Answer(verdict="time", by=f"more than {seconds * 5:.0f} s", seconds=taken)
    if os.WIFSIGNALED(status):
        return Answer(verdict="killed", by=signal.Signals(os.WTERMSIG(status)).name, seconds=taken)
    return Answer(verdict="killed" if said else "survived", by=said, seconds=taken)


def _child(work: Callable[[], str], writing: int, seconds: float) -> None:
    allowed = int(ADDED_SECONDS + 5 * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, allowed + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.alarm(6 * allowed)  # for what waits and does not compute
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        said = work()
    except BaseException as broken:  # noqa: BLE001 - whatever it is, the mutant did not get through
        said = f"{type(broken).__name__}: {broken}"[:200] or "an error"
    os.write(writing, said.encode("utf-8", "replace"))
    os._exit(0)


def _run(loop: Loop, items: dict[str, pytest.Item], task: Task) -> str:
    # A mutant may change how a test that is made of a table is called: then it is left out.
    return loop.first_failure([items[name] for name in task.tests if name in items])


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _functions() -> _Functions:
    found: _Functions = {}
    for each in gc.get_objects():
        if type(each) is FunctionType:
            code = each.__code__
            found.setdefault((code.co_filename, code.co_qualname, code.co_firstlineno), []).append(each)
    return found


def _take_few_examples(item: pytest.Item) -> None:
    # Hypothesis offers no other way to lower what a test asks for itself.
    function = cast("Any", getattr(item, "obj", None))
    asked = getattr(function, "_hypothesis_internal_use_settings", None)
    if asked is not None and asked.max_examples > MOST_EXAMPLES:
        function._hypothesis_internal_use_settings = settings(asked, max_examples=MOST_EXAMPLES)


def _module_name(file: str) -> str:
    return ".".join(Path(file).with_suffix("").parts[1:])


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = _module_name(mutant.file)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        file = str(Path(self.mutant.file).resolve())
        return importlib.machinery.ModuleSpec(fullname, _Loader(fullname, file, self.mutant), origin=file)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, file: str, mutant: Mutant) -> None:
        super().__init__(name, file)
        self.mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return mutant_code(self.mutant)
