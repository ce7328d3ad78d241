"""The same commands against a server, in another thread on a free port."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interfaces.cli.conftest import Line
from tests.interfaces.cli.served import Site, served


@pytest.fixture
def site(cli: Line) -> Iterator[Site]:
    with served(cli.folder) as site:
        yield site


@pytest.mark.blocking
def test_a_workflow_of_a_server_is_run_looked_at_and_its_files_are_fetched(cli: Line, site: Site) -> None:
    run = cli("run", "greet", "-i", "name=Ada", "--key", "k", *site.ada)
    again = cli("run", "greet", "-i", "name=Ada", "--key", "k", *site.ada)
    (listed,) = cli("list", "--json", *site.ada).stdout.splitlines()
    name = json.loads(listed)["id"]
    shown = cli("show", name[:9], *site.ada)
    events = cli("watch", name, "--json", *site.ada).stdout.splitlines()
    written = cli("files", name, "-o", "out", *site.ada).stdout.strip()

    assert run.stdout == again.stdout == shown.stdout == "Hello Ada\n"
    assert "operation completed" in run.stderr
    assert f"operation {name}" in shown.stderr
    assert name in cli("list", *site.ada).stdout
    assert [json.loads(line)["number"] for line in events] == list(range(1, len(events) + 1))
    assert cli("show", name, "--history", *site.ada).stdout.count("\n") == len(events)
    assert "5 bytes" in cli("files", name, "greeting.txt", *site.ada).stdout
    assert Path(written).read_bytes() == b"hello"


@pytest.mark.blocking
def test_people_decide_on_a_server_under_their_keys(cli: Line, site: Site) -> None:
    left = cli("run", "pay", "--no-wait", *site.ada, code=4).stderr
    name = json.loads(cli("approvals", "--json", *site.bob).stdout)["operation"]
    own = cli.error("approve", name, *site.ada, code=1)
    cli("approve", name[:9], "--form", "days=3", *site.bob)
    done = json.loads(cli("show", name, *site.ada).stdout or "null")
    cli("watch", name, *site.ada)
    cli("run", "pay", "--no-wait", *site.ada, code=4)
    other = json.loads(cli("approvals", "--json", *site.bob).stdout)["operation"]
    cli("refuse", other, "pay", "--comment", "no", *site.bob)

    assert f"{name} waits for approval" in left
    assert "scope 'approve'" in own
    assert done in ({"days": 3}, None)
    assert json.loads(cli("show", name, *site.ada).stdout) == {"days": 3}
    assert "nothing waits for you" in cli("approvals", *site.bob).stderr
    assert "failed" in cli("show", other, *site.ada).stderr


@pytest.mark.blocking
def test_what_failed_goes_on_and_what_waits_is_cancelled(cli: Line, site: Site) -> None:
    assert "there is no ink" in cli("run", "broken", *site.ada, code=1).stderr
    failed = json.loads(cli("list", "--status", "failed", "--json", *site.ada).stdout)["id"]
    cli("resume", failed, *site.ada, code=1)
    cli("run", "pay", "--no-wait", *site.ada, code=4)
    waiting = json.loads(cli("list", "--workflow", "pay", "--json", *site.ada).stdout)["id"]

    assert len(cli("list", "-w", "broken", "--json", *site.ada).stdout.splitlines()) == 2
    assert f"{waiting} is" in cli("cancel", waiting, "--reason", "enough", *site.ada).stderr
    cli("watch", waiting, *site.ada, code=130)


@pytest.mark.blocking
def test_wrong_use_is_told_in_one_line(cli: Line, site: Site) -> None:
    assert "there is no operation 'nothing'" in cli.error("show", "nothing", *site.ada, code=3)
    assert "your key says who you are" in cli.error("approve", "x", "--by", "ada", *site.bob)
    assert "your key says who you are" in cli.error("run", "greet", "--by", "ada", *site.ada)
    assert "name an operation" in cli.error("resume", *site.ada)
    assert "no workflow 'other'" in cli.error("run", "other", *site.ada, code=3)
    assert "asks who you are: name a file with your key" in cli.error("show", "x", "--server", site.url, code=1)
    assert "cannot be read" in cli.error("list", "--server", site.url, "--key-file", "nowhere")
    assert "unencrypted" in cli.error("list", "--server", "http://agents.test", "--key-file", "ada.key")
    assert "--by NAME" in cli.error("approve", "x")
