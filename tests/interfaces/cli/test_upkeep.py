"""`webhooks`, `schedules`, `keys` and `learn`: the same words on a store and on a server."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from agentkit import Learner, Orchestrator, Stage, Task, Workflow, agent
from agentkit.agents import Outcome
from agentkit.interfaces.rest import Serving, serve
from agentkit.service import ApiKeys, Service, Settings
from tests.interfaces.cli.conftest import STORE, Line
from tests.interfaces.rest.receiver import SECRET, Receiver, receiving

pytestmark = pytest.mark.blocking


@agent
async def greet(task: Task[Any]) -> str:
    return f"Hello {task.input['name']}"


FLOWS: list[Workflow[object]] = [Workflow("greet", [Stage("greet", agent="greet")])]


@dataclass(frozen=True)
class Site:
    """A server that runs on the store of the command line, and who asks it: an admin of acme, and one of all."""

    url: str
    amy: tuple[str, ...]
    root: tuple[str, ...]


@pytest.fixture
def site(cli: Line) -> Iterator[Site]:
    heard: SimpleQueue[Serving] = SimpleQueue()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []
    settings = Settings(webhook_secrets=(SecretStr(SECRET),), webhook_hosts=("127.0.0.1",))

    async def work() -> None:
        async with Orchestrator([greet], store=STORE) as orchestrator:
            keys = ApiKeys(orchestrator.store, now=orchestrator.now)
            for name, tenant in (("amy", "acme"), ("root", None)):
                made = await keys.create(name, tenant=tenant, scopes={"admin"})
                (cli.folder / f"{name}.key").write_text(made.key)
        service = Service(Orchestrator([greet], store=STORE), FLOWS)
        serving = asyncio.create_task(serve(service, port=0, settings=settings, announce=heard.put))
        running.append((asyncio.get_running_loop(), serving))
        await asyncio.wait([serving])

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    url = heard.get(timeout=30).url
    try:
        yield Site(url, *(("--server", url, "--key-file", f"{name}.key") for name in ("amy", "root")))
    finally:
        loop, serving = running[0]
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(30)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as open_receiver:
        yield open_receiver


def lines(cli: Line, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in cli(*words, "--json").stdout.splitlines()]


def announced(cli: Line, receiver: Receiver, site: Site) -> None:
    """Have an end announced that the receiver does not want."""
    receiver.answers.append(410)
    key = (cli.folder / "amy.key").read_text()
    body = {"workflow": "greet", "input": {"name": "Ada"}, "callback_url": receiver.url}
    httpx2.post(f"{site.url}/v1/operations", json=body, headers={"Authorization": f"Bearer {key}"}).raise_for_status()
    receiver.heard()


def dead(cli: Line, *words: str) -> dict[str, Any]:
    """The one announcement that was never taken."""
    while not (found := lines(cli, "webhooks", "list", "--dead", *words)):
        pass
    return found[0]


def test_webhooks_of_a_server_are_listed_and_replayed(cli: Line, site: Site, receiver: Receiver) -> None:
    assert "no webhooks" in cli("webhooks", "list", *site.amy).stderr
    announced(cli, receiver, site)
    line = dead(cli, *site.amy)
    shown = cli("webhooks", "list", *site.amy).stdout
    said = cli("webhooks", "replay", line["id"], *site.amy).stderr
    receiver.heard(2)

    assert (line["status"], line["url"]) == ("dead", receiver.url)
    assert line["id"] in shown
    assert receiver.url in said
    assert "no dead webhooks" in cli("webhooks", "list", "--dead", *site.amy).stderr
    assert "there is no webhook 'x'" in cli.error("webhooks", "replay", "x", *site.amy, code=3)


def test_webhooks_of_a_store_are_listed_and_replayed_by_the_server_that_runs_on_it(
    cli: Line, site: Site, receiver: Receiver
) -> None:
    announced(cli, receiver, site)
    line = dead(cli)
    cli("webhooks", "replay", line["id"])
    receiver.heard(2)

    assert lines(cli, "webhooks", "list")[0]["operation"] == line["operation"]


def test_the_secret_of_a_tenant_is_the_same_near_and_far(
    cli: Line, site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced(cli, receiver, site)
    far = cli("webhooks", "secret", *site.amy).stdout.strip()
    assert "AGENTKIT_WEBHOOK_SECRETS" in cli.error("webhooks", "secret", "--tenant", "acme")
    monkeypatch.setenv("AGENTKIT_WEBHOOK_SECRETS", SECRET)
    near = cli("webhooks", "secret", "--tenant", "acme").stdout.strip()

    assert receiver.told[0].verified(far)
    assert far == near == json.loads(cli("webhooks", "secret", "--json", *site.amy).stdout)["secret"]
    assert far == cli("webhooks", "secret", "--tenant", "acme", *site.root).stdout.strip()
    assert "no tenant but their own" in cli.error("webhooks", "secret", "--tenant", "x", *site.amy, code=1)


def test_schedules_of_a_server_are_added_listed_paused_resumed_and_removed(cli: Line, site: Site) -> None:
    assert "no schedules" in cli("schedules", "list", *site.amy).stderr
    add = ("schedules", "add", "daily", "-w", "greet", "--cron", "0 6 * * *", "-i", "name=Ada")
    assert "due for the first time" in cli(*add, *site.amy).stderr
    cli(*add, "--tenant", "other", *site.root)
    (own,) = lines(cli, "schedules", "list", *site.amy)
    cli("schedules", "pause", "daily", *site.amy)
    paused = cli("schedules", "list", *site.amy).stdout
    cli("schedules", "resume", "daily", "--tenant", "acme", *site.root)
    near = lines(cli, "schedules", "list", "--tenant", "acme")
    cli("schedules", "remove", "daily", *site.amy)

    assert (own["tenant"], own["requester"], own["input"]) == ("acme", "amy", {"name": "Ada"})
    assert "paused" in paused
    assert near == [own]
    assert [one["tenant"] for one in lines(cli, "schedules", "list", *site.root)] == ["other"]
    assert "your key says who you are" in cli.error(*add, "--by", "ada", *site.amy)
    assert "no schedule 'daily'" in cli.error("schedules", "pause", "daily", *site.amy, code=3)
    assert "no workflow 'x'" in cli.error("schedules", "add", "x", "-w", "x", "--every", "9", *site.amy, code=3)
    assert "zone" in cli.error("schedules", "add", "x", "-w", "greet", "--every", "9", "--zone", "", *site.amy)


def test_keys_of_a_server_are_made_listed_and_revoked(cli: Line, site: Site) -> None:
    made = json.loads(cli("keys", "create", "olga", "--scope", "read", "--days", "1", "--json", *site.amy).stdout)
    plain = cli("keys", "create", "bob", *site.amy)
    listed = cli("keys", "list", *site.amy).stdout
    cli("keys", "revoke", made["id"], *site.amy)

    assert (made["tenant"], made["scopes"], made["key"][:4]) == ("acme", ["read"], "agk_")
    assert plain.stdout.strip().split("_")[1] in listed
    assert "root" not in listed
    (gone,) = [line for line in lines(cli, "keys", "list", *site.amy) if line["id"] == made["id"]]
    assert not gone["active"]
    assert "no tenant but their own" in cli.error("keys", "create", "x", "--tenant", "other", *site.amy, code=1)
    assert "name" in cli.error("keys", "create", "", *site.amy)
    assert "there is no key 'x'" in cli.error("keys", "revoke", "x", *site.amy, code=3)


def test_what_was_learned_is_shown_and_taken_back_on_a_server(cli: Line, site: Site) -> None:
    async def learn() -> None:
        for tenant in ("acme", "other"):
            async with Learner(STORE, arms=["draft", "check"], name="invoices", tenant=tenant) as learner:
                for n in range(60):
                    choice = await learner.choose(kind="tax", key=f"run{n}:write:1")
                    await learner.tell(choice, Outcome(success=choice.arm == "check", seconds=2.0))

    asyncio.run(learn())
    assert cli("learn", "show", *site.amy).stdout.splitlines() == ["invoices of acme"]
    assert lines(cli, "learn", "show", *site.root) == [
        {"name": "invoices", "tenant": "acme"},
        {"name": "invoices", "tenant": "other"},
    ]
    shown = cli("learn", "show", "invoices", *site.amy).stdout
    said = cli("learn", "rollback", "invoices", "--kind", "tax", "--why", "complaints", *site.amy).stderr
    explained = cli("learn", "explain", "invoices", *site.amy).stdout

    assert "tax: 60 outcomes, check leads" in shown
    assert "draft is used until it is released" in said
    assert "amy rolled back from check to draft, since complaints" in explained
    assert "draft was chosen for run0:write:1" in cli("learn", "explain", "invoices", "run0", *site.amy).stdout
    assert "it learns again" in cli("learn", "release", "invoices", "--kind", "tax", *site.amy).stderr
    assert "invoices of other is off" in cli("learn", "off", "invoices", "--tenant", "other", *site.root).stderr
    assert "switched off" not in cli("learn", "show", "invoices", *site.amy).stdout
    assert "your key says who you are" in cli.error("learn", "off", "invoices", "--by", "eve", *site.amy)
    assert "nothing to roll back" in cli.error("learn", "rollback", "invoices", *site.amy, "--kind", "tax", code=1)
    assert "no learner 'x'" in cli.error("learn", "show", "x", *site.amy, code=3)
