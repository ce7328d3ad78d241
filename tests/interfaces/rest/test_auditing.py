"""The audit log: which requests are in it, and what of them."""

import asyncio
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from agentkit import Orchestrator
from agentkit.interfaces.cli.app import app as command
from agentkit.interfaces.rest import create_app
from agentkit.money import AuditEntry
from agentkit.orchestrator import JournalSink
from agentkit.service import Service, Settings, audit_trails
from tests.interfaces.rest.site import AGENTS, FLOWS, SECRET, Site, site

pytestmark = pytest.mark.blocking


def trail(open_site: Site) -> list[AuditEntry]:
    """What is in the audit log so far."""
    portal, door = open_site.client.portal, open_site.door
    assert portal is not None
    assert door.audit is not None
    portal.call(door.audit.flush)
    names = portal.call(audit_trails, door.orchestrator.store)
    loop = portal.call(asyncio.get_running_loop)
    return [AuditEntry(line) for name in names for line in JournalSink(door.orchestrator.store, name, loop=loop).read()]


def test_what_changes_something_or_is_refused_is_recorded_and_nothing_else() -> None:
    with site() as shop:
        shop.ended(shop.start("greet", {"name": "Ada"}))
        reader = shop.caller("reader", tenant="acme", scopes={"read"})
        asked = shop.start("ask")
        shop.client.get(f"/v1/operations/{asked}", headers=shop.ada)
        shop.client.delete(f"/v1/operations/{asked}", headers=shop.bob)
        shop.client.delete(f"/v1/operations/{asked}", headers=reader)
        shop.client.post("/v1/operations", json={"nonsense": 1}, headers=shop.ada)
        shop.client.get("/v1/operations", headers={"X-API-Key": SECRET})
        found = trail(shop)

    assert [(entry.actor, entry.operation, (entry.refusal or {}).get("code")) for entry in found] == [
        ("ada", "start_operation", None),
        ("ada", "start_operation", None),
        ("bob", "cancel_operation", None),
        ("reader", "cancel_operation", "not_allowed"),
        ("(unknown)", "list_operations", "unauthenticated"),
    ]
    assert found[1].outputs == {"status": "202", "id": asked}
    assert found[2].inputs["target"] == {"operation_id": asked}
    assert found[2].inputs["tenant"] == "acme"


def test_p25_no_body_and_no_secret_is_in_it() -> None:
    with site() as shop:
        key = shop.ada["Authorization"].removeprefix("Bearer ")
        shop.start("greet", {"name": "the body of a request"})
        shop.client.post("/v1/operations", headers={"Authorization": f"Bearer {SECRET}"})
        shop.client.delete(f"/v1/operations/{key}", headers={"Authorization": f"Bearer {key}x"})
        text = "".join(entry.body.decode() for entry in trail(shop))

    assert "start_operation" in text
    for secret in ("the body of a request", SECRET, key.split("_")[2]):
        assert secret not in text


def test_nothing_is_recorded_if_nobody_wants_it() -> None:
    with site(audit_log=False) as shop:
        shop.start("greet", {"name": "Ada"})
        assert shop.door.audit is None


def test_the_command_line_verifies_and_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = "sqlite:///runs.db"
    for name in ("ada", "bob"):
        app = create_app(Service(Orchestrator(AGENTS, store=store), FLOWS), settings=Settings())
        with TestClient(app, base_url="http://localhost") as client:
            shop = Site(client, app)
            shop.start("greet", {"name": "Ada"}, by=shop.caller(name, tenant="acme"))

    def call(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(command, ["audit", *words, "--store", store])
        assert done.exit_code == code, done.output
        return done.stdout

    names = call("list").split()

    assert len(names) == 2
    assert "1 entry verifies" in call("verify", names[0])
    assert "start_operation" in call("show", names[1])
    assert json.loads(call("show", names[1], "1"))["operation"] == "start_operation"
    call("verify", "api-nothing", code=3)
