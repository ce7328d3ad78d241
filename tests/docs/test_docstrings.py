"""Every example in a docstring runs. `await` may stand alone, as in a notebook."""

import ast
import asyncio
import doctest
import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in (SOURCE / "agentkit").rglob("*.py")
    if path.name != "__main__.py"
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(name)
    monkeypatch.chdir(tmp_path)

    failures = [report for test in doctest.DocTestFinder().find(module) if test.examples for report in run(test)]

    assert failures == []


def test_an_example_may_await_and_a_wrong_one_fails() -> None:
    call = ">>> await asyncio.sleep(0, 'right')\n"
    text = f">>> import asyncio\n{call}'right'\n{call}'wrong'\n"

    failures = run(doctest.DocTestParser().get_doctest(text, {}, "sample", None, 0))

    assert len(failures) == 1
    assert "'wrong'" in failures[0]


def load(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        if type(missing).__name__ == "MissingExtra":
            pytest.skip(str(missing))
        raise


def run(test: doctest.DocTest) -> list[str]:
    """Run the examples of one docstring on one event loop and return what went wrong."""
    reports: list[str] = []
    with asyncio.Runner() as loop:
        test.globs["_awaited"] = awaiter(loop, test.globs)
        for example in test.examples:
            if awaits(example.source):
                example.source = f"_awaited({example.source!r})\n"
        doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=reports.append)
    return reports


def awaits(source: str) -> bool:
    """Tell whether an example needs an event loop: it compiles only where `await` may stand alone."""
    code = compile(source, "<example>", "single", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return bool(code.co_flags & inspect.CO_COROUTINE)


def awaiter(loop: asyncio.Runner, names: dict[str, object]) -> Callable[[str], None]:
    def awaited(source: str) -> None:
        code = compile(source, "<example>", "single", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        loop.run(eval(code, names))

    return awaited
