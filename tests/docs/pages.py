"""Read the code blocks of a page and run them as its reader would.

A page is run from top to bottom in a working directory of its own, which holds a copy of `examples/`.

- A `python` block runs; the blocks of a page share their names. `await` may stand alone, as in a notebook.
- A line `$ agentkit ...` of a `console` or `bash` block runs and succeeds; `# exit 3` at its end expects that code.
- A block with a title (`title="flow.yaml"`) is a file: it is written before anything after it runs.
- `python no-run` is compiled only. There should be none.
"""

import ast
import asyncio
import inspect
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
PAGES = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if page.exists()]

FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=indent)(?P=fence) *$", re.M | re.S
)
TITLE = re.compile(r'title="(?P<title>[^"]+)"')
COMMAND = re.compile(r"(?:^|&&)\s*(?:\$ )?(?:\S*/)?(?P<command>agentkit (?:[^&]|&(?!&))*)")
EXIT = re.compile(r"#\s*exit (?P<code>\d+)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block, with the line where its body starts."""

    language: str
    body: str
    line: int
    title: str | None = None
    runs: bool = True

    def commands(self) -> list[tuple[str, int]]:
        """Return the `agentkit` commands of a console block, each with the exit code it expects."""
        lines = self.body.replace("\\\n", " ").splitlines()
        prompted = any(line.startswith("$ ") for line in lines)
        return [
            (found["command"].strip(), int(expected["code"]) if (expected := EXIT.search(line)) else 0)
            for line in lines
            if not prompted or line.startswith("$ ")
            if (found := COMMAND.search(line))
        ]


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        info = (
            found["info"].strip().strip("{}").replace(".", " ", 1)
            if found["info"].strip().startswith("{")
            else found["info"]
        )
        language, _, rest = info.strip().partition(" ")
        title = TITLE.search(rest)
        yield Block(
            language=language,
            body=textwrap.dedent(found["body"]),
            line=text.count("\n", 0, found.start("body")) + 1,
            title=title["title"] if title else None,
            runs="no-run" not in rest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Runs the blocks of one page in one namespace, on one event loop, in one directory."""

    page: Path
    namespace: ModuleType
    loop: asyncio.Runner
    directory: Path

    def read(self) -> None:
        for block in blocks(self.page):
            if block.title is not None:
                (self.directory / block.title).write_text(block.body, encoding="utf-8")
            if block.language in {"python", "py"}:
                self._run(block)
            elif block.language in {"console", "bash", "shell", "sh"}:
                for command, expected in block.commands():
                    call(command, expected=expected, directory=self.directory)

    def _run(self, block: Block) -> None:
        source = ast.parse(block.body)
        ast.increment_lineno(source, block.line - 1)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(source, str(self.page), "exec", flags=flags, dont_inherit=True)
        if not block.runs:
            return
        outcome = eval(code, vars(self.namespace))  # runs a module's code too
        if inspect.iscoroutine(outcome):
            self.loop.run(outcome)


def call(command: str, *, expected: int, directory: Path) -> None:
    """Run a command of the documentation with the programs of this environment."""
    programs = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=directory,
        env={**os.environ, "PATH": programs + os.pathsep + os.environ["PATH"], "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == expected, f"{command}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}"


def furnish(directory: Path) -> None:
    """Give a working directory its own copy of the examples, so that what they write stays there."""
    if (ROOT / "examples").is_dir():
        shutil.copytree(ROOT / "examples", directory / "examples", ignore=shutil.ignore_patterns("__pycache__", "out"))
