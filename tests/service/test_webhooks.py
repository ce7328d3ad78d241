"""Ends are announced: durably, signed, tried again over a day, and to public addresses only."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue
from standardwebhooks import Webhook, WebhookVerificationError

from agentkit import GiveUp, Orchestrator, Stage, Task, Workflow, agent
from agentkit.errors import AddressNotAllowed, DefinitionError, InputError, KeyReused, NotFound, StoreUnavailable
from agentkit.orchestrator import Limits
from agentkit.service import Caller, Service, Webhooks, WebhookSettings
from agentkit.service.callbacks import WEBHOOK, check_url
from agentkit.service.outbound import GuardedPoster
from agentkit.testing import VirtualClock, run_virtual
from agentkit.wire import ExecuteRequest, OperationQuery, SignalRequest, SubmitRequest

OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "A" * 32
SETTINGS = WebhookSettings(secrets=[OLD], hosts=["127.0.0.1"])
ADA = Caller(name="ada", tenant="acme", scopes={"read", "run"})
EVE = Caller(name="eve", tenant="other", scopes={"read", "run"})
EVA = Caller(name="eva", tenant="other", scopes={"admin"})
# In virtual time a day of looking for orphans four times a second would take its time.
SELDOM = Limits(adopt_seconds=60)
URL = "https://hooks.acme.test/in"


@agent
async def greet(task: Task[Any]) -> str:
    """Says hello, or fails."""
    if task.input == "fail":
        raise GiveUp("there is no ink")
    return "hello"


GREET = Workflow("greet", [Stage("greet", agent="greet")])
ASK = Workflow("ask", [Stage("ask", signal="answer")])


@dataclass
class Receiver:
    """Answers with what is planned, at last with 204, and keeps what it was told."""

    answers: deque[int | Exception] = field(default_factory=deque)
    told: list[tuple[float, str, Mapping[str, str], dict[str, Any]]] = field(default_factory=list)

    async def heard(self, count: int) -> None:
        while len(self.told) < count:  # noqa: ASYNC110 - it is told by a loop that knows nothing of this test
            await asyncio.sleep(0.02)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.told.append((VirtualClock().now(), url, headers, json.loads(body)))
        answer = self.answers.popleft() if self.answers else 204
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def serving(
    receiver: Any,
    *,
    store: str = "memory://",
    settings: WebhookSettings = SETTINGS,
    runs: bool = True,
    direct: Sequence[str] = (),
    **more: Any,
) -> AsyncGenerator[Service, None]:
    async with Orchestrator([greet], store=store, **more) as orchestrator:
        service = Service(orchestrator, [GREET, ASK], direct=direct)
        service.webhooks = Webhooks(orchestrator, settings, poster=receiver)
        task = asyncio.create_task(service.webhooks.run()) if runs else None
        yield service
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def delivered(service: Service, caller: Caller = ADA, *, until: str = "delivered", seconds: float = 0.02) -> str:
    """Wait until the newest announcement stands so; its id."""
    assert service.webhooks is not None
    while True:
        for one in await service.webhooks.deliveries(caller):
            if one.status == until:
                return one.id
        await asyncio.sleep(seconds)


def submit(flow: str = "greet", given: Any = None, url: str = URL) -> SubmitRequest:
    return SubmitRequest(workflow=flow, input=given, callback_url=url, metadata={"month": "11"})


async def test_p23_an_end_is_announced_with_a_signature() -> None:
    receiver = Receiver()
    async with serving(receiver) as service:
        page = await service.desk(ADA).submit(submit())
        await delivered(service)
        assert service.webhooks is not None
        secret = service.webhooks.secret("acme")
        ((_, url, headers, said),) = receiver.told

    assert url == URL
    assert (said["type"], said["data"]["id"], said["data"]["metadata"]) == (
        "operation.completed",
        page.id,
        {"month": "11"},
    )
    body = json.dumps(said, separators=(",", ":"))
    assert Webhook(secret).verify(body, dict(headers)) == said
    with pytest.raises(WebhookVerificationError):
        Webhook(service.webhooks.secret("other")).verify(body, dict(headers))


async def test_a_failure_is_announced_too() -> None:
    receiver = Receiver()
    async with serving(receiver) as service:
        await service.desk(ADA).submit(submit(given="fail"))
        await delivered(service)

    assert receiver.told[0][3]["type"] == "operation.failed"
    assert "no ink" in receiver.told[0][3]["data"]["failure"]["message"]


async def test_p23_two_signatures_while_a_secret_is_replaced() -> None:
    receiver = Receiver()
    async with serving(receiver, settings=WebhookSettings(secrets=[NEW, OLD])) as service:
        await service.desk(ADA).submit(submit())
        await delivered(service)
        async with Orchestrator() as other:
            old = Webhooks(other, SETTINGS).secret("acme")
        assert service.webhooks is not None
        for secret in (old, service.webhooks.secret("acme")):
            _, _, headers, said = receiver.told[0]
            Webhook(secret).verify(json.dumps(said, separators=(",", ":")), dict(headers))


async def a_day_of(receiver: Receiver) -> tuple[Service, list[Any]]:
    async with serving(receiver, clock=VirtualClock(), limits=SELDOM) as service:
        await service.desk(ADA).submit(submit())
        while True:
            await asyncio.sleep(600)
            assert service.webhooks is not None
            (one,) = await service.webhooks.deliveries(ADA)
            if one.status in ("delivered", "dead"):
                return service, [one]


def test_p23_a_receiver_that_is_down_for_an_hour_is_told_when_it_is_back() -> None:
    down: list[int | Exception] = [ConnectionError("refused"), TimeoutError(), 500, 503, 302]
    receiver = Receiver(deque(down))
    run_virtual(a_day_of(receiver))

    times = [at for at, *_ in receiver.told]
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert len(waits) == len(down)
    assert all(share * 0.79 <= wait <= share + 61 for wait, share in zip(waits, (30, 90, 270, 810, 2430), strict=True))
    assert times[-1] - times[0] > 0.8 * 3_600
    assert len({headers["webhook-id"] for _, _, headers, _ in receiver.told}) == 1
    assert [int(headers["webhook-timestamp"]) for _, _, headers, _ in receiver.told] == [int(at) for at in times]


def test_p23_after_a_day_it_is_dead_and_can_be_replayed() -> None:
    async def scene() -> list[str]:
        receiver = Receiver(deque([ConnectionError("refused")] * 12))
        async with serving(receiver, clock=VirtualClock(), limits=SELDOM) as service:
            await service.desk(ADA).submit(submit())
            await delivered(service, until="dead", seconds=3_600)
            webhooks = service.webhooks
            assert webhooks is not None
            dead = await webhooks.deliveries(ADA, dead=True)
            times = [at for at, *_ in receiver.told]
            assert (len(times), times[-1] - times[0] >= 86_400) == (12, True)
            with pytest.raises(NotFound, match="no webhook"):
                await webhooks.replay(EVE, dead[0].id)
            assert await webhooks.deliveries(EVE) == []
            await webhooks.replay(ADA, dead[0].id)
            await delivered(service)
            assert await webhooks.deliveries(ADA, dead=True) == []
            return [headers["webhook-id"] for _, _, headers, _ in receiver.told]

    ids = run_virtual(scene())
    assert (len(ids), len(set(ids))) == (13, 1)


def test_p23_a_receiver_that_is_gone_is_left_alone() -> None:
    receiver = Receiver(deque([410]))
    _, (one,) = run_virtual(a_day_of(receiver))

    assert (one.status, len(receiver.told)) == ("dead", 1)


def test_a_waiting_retry_is_a_row_and_nothing_else() -> None:
    async def scene() -> int:
        receiver = Receiver(deque([503] * 8))
        async with serving(receiver, clock=VirtualClock(), limits=SELDOM) as service:
            await service.desk(ADA).submit(submit())
            await asyncio.sleep(4_000)
            return service.orchestrator.active

    assert run_virtual(scene()) == 0


@pytest.mark.blocking
async def test_p23_what_was_expected_before_a_restart_is_announced_after_it(tmp_path: Path) -> None:
    store, receiver = f"sqlite:///{tmp_path}/runs.db", Receiver()
    async with serving(receiver, store=store, runs=False) as service:
        page = await service.desk(ADA).submit(submit())
        waits = await service.desk(ADA).submit(submit("ask"))
        await (await service.orchestrator.get(page.id)).result()
    async with serving(receiver, store=store) as service:
        assert service.webhooks is not None
        await receiver.heard(1)
        await service.desk(ADA).signal(waits.id, SignalRequest(name="answer", value=1))
        await (await service.orchestrator.get(waits.id)).result()
        await service.webhooks.sweep()
        await receiver.heard(2)

    assert [said["data"]["id"] for *_, said in receiver.told] == [page.id, waits.id]


async def test_announcing_goes_on_after_the_store_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver, asked = Receiver(), list[int]()
    settings = WebhookSettings(secrets=[OLD], sweep_seconds=0.01)
    async with serving(receiver, settings=settings, runs=False) as service:
        page = await service.desk(ADA).submit(submit())
        await (await service.orchestrator.get(page.id)).result()
        assert service.webhooks is not None
        service.webhooks._news.get_nowait()
        listing = service.orchestrator.list

        async def away(**more: Any) -> Any:
            asked.append(1)
            if len(asked) < 3:
                raise StoreUnavailable("away")
            return await listing(**more)

        monkeypatch.setattr(service.orchestrator, "list", away)
        task = asyncio.create_task(service.webhooks.run())
        await receiver.heard(1)
        task.cancel()

    assert len(asked) >= 3


async def test_a_request_under_the_same_key_is_announced_once_and_to_one_address() -> None:
    receiver = Receiver()
    async with serving(receiver) as service:
        desk = service.desk(ADA)
        first = await desk.submit(submit(), key="k")
        assert (await desk.submit(submit(), key="k")).id == first.id
        await delivered(service)
        await desk.submit(submit(), key="k")
        with pytest.raises(KeyReused):
            await desk.submit(submit(url="https://else.test"), key="k")

    assert len(receiver.told) == 1


async def test_announcements_are_in_nobodys_lists() -> None:
    async with serving(Receiver()) as service:
        desk = service.desk(ADA)
        await desk.submit(submit())
        await delivered(service)

        assert [line.workflow for line in (await desk.operations(OperationQuery())).items] == ["greet"]
        assert [line.name for line in await desk.agents()] == ["greet"]
        assert (await desk.health()).agents == 1
        with pytest.raises(NotFound):
            await desk.operation(await delivered(service))
    with pytest.raises(DefinitionError, match="agentkit's own"):
        Caller(name="x", tenant=f"{WEBHOOK}s")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://acme.test",
        "https://",
        "https://user:secret@acme.test",
        "https://acme.test/ä",
        "https://acme.test/a b",
        "https://[::1",
        "https://acme.test:99999",
        "http://127.0.0.2/",
        "http://[::ffff:169.254.169.254]/",
        "http://10.0.0.1",
    ],
)
async def test_what_cannot_be_called_is_refused_before_anything_begins(url: str) -> None:
    async with serving(Receiver()) as service:
        with pytest.raises(InputError, match="callback_url"):
            await service.desk(ADA).submit(submit(url=url))
        assert await service.orchestrator.list() == []
        service.webhooks = None
        with pytest.raises(InputError, match="announces nothing"):
            await service.desk(ADA).submit(submit())


@pytest.mark.parametrize("secrets", [[], [OLD, NEW, OLD], ["whsec_c2hvcnQ="], ["no base64!"], OLD])
def test_secrets_are_one_or_two_and_long_enough(secrets: Any) -> None:
    with pytest.raises(DefinitionError, match="webhooks"):
        WebhookSettings(secrets=secrets)
    assert OLD not in repr(SETTINGS)


# The guard


@dataclass
class Server:
    """A real server on this machine that counts who comes, and answers as it is told."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    came: int = 0
    port: int = 0
    bodies: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))[15:])
            self.bodies.append(await reader.readexactly(length))
            writer.write(self.answer)
            await writer.drain()
            if b"204" not in self.answer:
                await reader.read()
        writer.close()


@pytest.fixture
async def server() -> AsyncGenerator[Server, None]:
    one = Server()
    async with await asyncio.start_server(one.serve, "127.0.0.1", 0) as listening:
        one.port = listening.sockets[0].getsockname()[1]
        yield one


async def test_a_real_receiver_is_reached_where_its_host_is_allowed(server: Server) -> None:
    async with serving(GuardedPoster(["127.0.0.1"])) as service:
        await service.desk(ADA).submit(submit(url=f"http://127.0.0.1:{server.port}/in"))
        await delivered(service)

    assert json.loads(server.bodies[0])["type"] == "operation.completed"


@pytest.mark.parametrize("host", ["[::1]", "::1", "[0:0:0:0:0:0:0:1]"])
async def test_a_host_of_six_is_allowed_as_it_stands_in_an_address(host: str) -> None:
    one = Server()
    async with await asyncio.start_server(one.serve, "::1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        url = f"http://{host if host.startswith('[') else f'[{host}]'}:{port}/in"
        check_url(url, [host])
        assert await GuardedPoster([host]).post(url, {}, b"{}") == 204


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.0.2",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00::1]",
    "[ff02::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
]


@pytest.mark.parametrize("host", SPELLINGS)
async def test_p24_no_spelling_leads_to_an_address_that_is_not_public(host: str, server: Server) -> None:
    with pytest.raises((AddressNotAllowed, ConnectionError)) as caught:
        await GuardedPoster(seconds=5).post(f"http://{host}:{server.port}/", {}, b"{}")

    assert server.came == 0
    # What the system does not resolve at all is as good as refused; what is written as an address never is.
    assert isinstance(caught.value, AddressNotAllowed) or "cannot be resolved" in str(caught.value)


async def test_p24_the_address_that_was_checked_is_the_one_connected_to(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def changing(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        """A name that is public for whoever looks first, and private for whoever looks again."""
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34" if len(asked) == 1 else "127.0.0.1", port))]

    connected: list[str] = []

    async def connect(_: Any, host: str, port: int, *__: object) -> Any:
        connected.append(host)
        raise OSError

    monkeypatch.setattr("anyio.getaddrinfo", changing)
    monkeypatch.setattr("httpcore2.AnyIOBackend.connect_tcp", connect)
    with pytest.raises(OSError):  # noqa: PT011 - what was raised above
        await GuardedPoster().post(f"http://rebinding.test:{server.port}/", {}, b"{}")

    assert (asked, connected) == (["rebinding.test"], ["93.184.216.34"])


async def test_p24_a_redirect_is_not_followed(server: Server) -> None:
    place = f"location: http://127.0.0.1:{server.port}/".encode()
    server.answer = b"HTTP/1.1 302 Found\r\n" + place + b"\r\ncontent-length: 0\r\n\r\n"

    assert await GuardedPoster(["127.0.0.1"]).post(f"http://127.0.0.1:{server.port}/", {}, b"{}") == 302
    assert server.came == 1


async def test_p24_no_proxy_of_the_environment_is_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.port}")
    with pytest.raises(ConnectionError):
        await GuardedPoster().post("http://nowhere.invalid/", {}, b"{}")

    assert server.came == 0


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n" + b"x" * 1_000_000, 200),
        (b"", None),
        (b"HTTP/1.1 200 OK\r\n" + b"x-more: 1\r\n" * 3, None),
        (b"no http\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * 1_000_000, None),
    ],
)
async def test_p23_a_call_is_bounded_in_time_and_in_memory(answer: bytes, status: int | None, server: Server) -> None:
    server.answer = answer
    call = GuardedPoster(["127.0.0.1"], seconds=0.5).post(f"http://127.0.0.1:{server.port}/", {}, b"{}")
    if status is None:
        with pytest.raises((TimeoutError, ConnectionError)):
            await call
    else:
        assert await call == status


# On the way


CRAWL = Workflow("crawl", [Stage(f"s{n}", wait=2, after=[f"s{n - 1}"] if n else []) for n in range(9)])


async def crawled(receiver: Any, *, events: list[str]) -> Service:
    settings = WebhookSettings(secrets=[OLD], progress_seconds=5)
    async with Orchestrator([greet], clock=VirtualClock(), limits=SELDOM) as orchestrator:
        service = Service(orchestrator, [CRAWL])
        service.webhooks = Webhooks(orchestrator, settings, poster=receiver)
        task = asyncio.create_task(service.webhooks.run())
        asked = {"workflow": "crawl", "callback_url": URL, "callback_events": events}
        await service.desk(ADA).submit(SubmitRequest.model_validate(asked))
        await delivered(service, seconds=1)
        task.cancel()
        return service


def test_stages_that_end_are_told_on_the_way_a_few_seconds_in_one_message() -> None:
    receiver = Receiver()
    service = run_virtual(crawled(receiver, events=["completion", "progress"]))
    told = [(at, said["type"]) for at, _, _, said in receiver.told]
    stages = [name for _, _, _, said in receiver.told[:-1] for name in said["data"]["ended"]]
    shares = [said["data"]["fraction"] for _, _, _, said in receiver.told[:-1]]

    assert [kind for _, kind in told] == ["operation.progress"] * (len(told) - 1) + ["operation.completed"]
    assert all(later - earlier >= 5 for (earlier, _), (later, _) in pairwise(told[:-1]))
    assert stages == [f"s{n}" for n in range(len(stages))], "each stage is told once, in order"
    assert len(stages) >= 7
    assert shares == sorted(shares)
    assert len({headers["webhook-id"] for _, _, headers, _ in receiver.told}) == len(told)
    assert service.webhooks is not None
    signing = Webhook(service.webhooks.secret("acme"))
    for _, _, headers, said in receiver.told:
        # Its time is virtual, and none that would be taken for now.
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        signature = signing.sign(headers["webhook-id"], at, json.dumps(said, separators=(",", ":")))
        assert signature == headers["webhook-signature"]


def test_nothing_is_told_on_the_way_unless_it_is_asked_for() -> None:
    receiver = Receiver()
    run_virtual(crawled(receiver, events=["completion"]))

    assert [said["type"] for *_, said in receiver.told] == ["operation.completed"]


def test_word_of_the_way_that_is_not_taken_is_not_sent_again_and_holds_up_nothing() -> None:
    receiver = Receiver(deque([ConnectionError("refused"), 500]))
    run_virtual(crawled(receiver, events=["progress"]))
    first, second = (said["data"]["ended"] for _, _, _, said in receiver.told[:2])

    assert not first.keys() & second.keys()
    assert receiver.told[-1][3]["type"] == "operation.completed"


def test_a_message_that_is_under_way_at_the_end_is_given_up_before_the_end_is_told() -> None:
    class Slow(Receiver):
        async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
            if json.loads(body)["type"] == "operation.progress":
                try:
                    await asyncio.sleep(1_000)
                finally:
                    self.told.append((VirtualClock().now(), url, headers, json.loads(body)))
            return await super().post(url, headers, body)

    receiver = Slow()
    run_virtual(crawled(receiver, events=["progress"]))

    assert [said["type"] for *_, said in receiver.told] == ["operation.progress", "operation.completed"]


async def test_word_of_the_way_needs_somebody_to_tell() -> None:
    async with serving(Receiver()) as service:
        with pytest.raises(InputError, match="callback_events"):
            await service.desk(ADA).submit(SubmitRequest(workflow="greet", callback_events=["progress"]))


MESSAGE: JsonValue = {"operation": "op-1", "url": URL, "tenant": "acme", "type": "operation.completed"}


async def test_no_admin_of_a_tenant_has_messages_signed_for_another_one() -> None:
    receiver = Receiver()
    async with serving(receiver, direct=("*",)) as service:
        for caller in (EVA, EVE):
            with pytest.raises(NotFound, match=r"no agent 'agentkit\.webhook' works here"):
                await service.desk(caller).execute(ExecuteRequest(agent=WEBHOOK, task="", input=MESSAGE))
        admin = service.desk(EVA)
        forging: list[dict[str, Any]] = [
            {"agent": WEBHOOK},
            {"agent": "greet", "undo": WEBHOOK},
            {"agent": "greet", "fallback": [WEBHOOK]},
        ]
        for stage in forging:
            definition: Any = {"name": "forge", "stages": [{"name": "forge", **stage}]}
            with pytest.raises(InputError, match=r"unknown agent 'agentkit\.webhook'"):
                await admin.define(definition, SubmitRequest(workflow="forge", input=MESSAGE))
        assert receiver.told == []


async def test_nothing_that_a_caller_defines_is_taken_for_an_announcement() -> None:
    async with serving(Receiver()) as service:
        admin = service.desk(EVA)
        definition: JsonValue = {"name": WEBHOOK, "stages": [{"name": "wait", "signal": "never"}]}
        with pytest.raises(InputError, match="agentkit's own"):
            await admin.define(definition, SubmitRequest(workflow=WEBHOOK, input={}))
    with pytest.raises(DefinitionError, match="agentkit's own"):
        Service(Orchestrator([greet]), [Workflow(WEBHOOK, [Stage("wait", signal="never")])])
