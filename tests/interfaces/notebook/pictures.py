"""What the tests of pictures share: workflows, an orchestrator, and a sheet that keeps what is drawn on it."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

from agentkit import Approval, GiveUp, Orchestrator, Stage, Task, Workflow, agent
from agentkit.client import Client
from agentkit.service import Caller, Service

HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x" onerror=alert(2)>'


@agent
async def greet(task: Task[Any]) -> str:
    task.progress(0.5, HOSTILE)
    await task.attach("it's & that.txt", b"hello")
    await task.attach("large.bin", b"x" * 200_000)
    return f"Hello {task.input}"


@agent
async def refuse(task: Task[Any]) -> str:
    raise GiveUp(HOSTILE)


@agent
async def send(task: Task[Any]) -> str:
    return "sent"


HELLO = Workflow("hello", [Stage("greet", agent="greet")], returns=str)
BROKEN = Workflow("broken", [Stage("greet", agent="greet"), Stage("refuse", agent="refuse", after=["greet"])])
ASKED = Workflow(
    "asked",
    [
        Stage("greet", agent="greet"),
        Stage(
            "send",
            agent="send",
            after=["greet"],
            approval=Approval(
                question=f"Send it? {HOSTILE}",
                by=["finance"],
                form={"day": "date?", "note": "text"},
                proposed={"note": f"{HOSTILE}, and as {{{{agreed}}}}"},
                by_requester=True,
            ),
        ),
    ],
)
FLOWS: list[Workflow[object]] = [HELLO, BROKEN, ASKED]


def staff() -> Orchestrator:
    return Orchestrator([greet, refuse, send])


@asynccontextmanager
async def client_of(orchestrator: Orchestrator) -> AsyncGenerator[Client, None]:
    caller = Caller(name="ada", scopes=frozenset({"admin"}), roles=frozenset({"finance"}))
    yield Client(Service(orchestrator, FLOWS).desk(caller))


class Kept:
    """A sheet that keeps its pictures."""

    all: list["Kept"]

    def __init__(self) -> None:
        self.pictures: list[dict[str, str]] = []
        type(self).all.append(self)

    def draw(self, picture: dict[str, str]) -> None:
        self.pictures.append(picture)

    @property
    def html(self) -> str:
        return self.pictures[-1]["text/html"]

    @property
    def text(self) -> str:
        return self.pictures[-1]["text/plain"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in {"img", "br", "path", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"img", "br", "path", "rect"}:
            assert self.open.pop() == tag, f"{tag} closes another tag"


def tags(html: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Yield every tag with its attributes; each that is opened is closed."""
    parser = _Tags()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    yield from parser.found


def check_harmless(html: str) -> None:
    """Nothing in it runs, and nothing is asked of anybody."""
    for tag, attributes in tags(html):
        assert tag not in {"script", "iframe", "object", "embed", "link", "base", "form", "meta"}
        assert not [name for name in attributes if name.startswith("on")], f"{tag} does something"
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:"), f"{tag} leads elsewhere"
        assert "url(" not in (attributes.get("style") or "")
