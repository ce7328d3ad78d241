"""What only a server has: keys that say who somebody is, and runs that go on when nobody looks any more."""

import io
import json
import signal
from collections.abc import Iterator

import pytest
from rich.console import Console

from agentkit.interfaces.cli.afar_picture import PagePicture
from agentkit.wire import LiveLine, OperationPage, StageLine, moment
from tests.crash.site import Site as Folder
from tests.crash.site import wait_for
from tests.interfaces.cli.conftest import Line
from tests.interfaces.cli.served import Site, served

pytestmark = pytest.mark.blocking


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("keys")) as site:
        yield site


@pytest.mark.parametrize(("columns", "bars"), [(120, 2), (60, 0)])
def test_each_stage_of_a_server_s_operation_has_a_bar_of_its_own(columns: int, bars: int) -> None:
    working = [StageLine(name=f"s{n}", status="running", fraction=n / 10, seconds=2, attempt=1) for n in (3, 7)]
    waits = [StageLine(name=f"w{n}", status="pending", fraction=0) for n in range(30)]
    page = OperationPage(
        id="op-1",
        workflow="crawl",
        status="running",
        created_at=moment(0),
        updated_at=moment(1),
        events=3,
        ended=False,
        fraction=0.5,
        seconds=1.0,
        stages=[waits[0], *working, *waits[1:]],
    )
    console = Console(file=io.StringIO(), width=columns, height=12, record=True)
    console.print(PagePicture(page))
    head, *lines = console.export_text().splitlines()

    assert "crawl" in head
    assert [line.split()[1] for line in lines[:3]] == ["w0", "s3", "s7"]
    assert sum("━" in line for line in lines) == bars
    assert (len(lines), lines[-1]) == (10, "  and 23 more")
    assert max(map(len, lines)) <= columns


def test_what_agents_say_is_below_the_stages_and_takes_three_lines_at_most() -> None:
    said = [LiveLine(number=number, stage="write", message=f"sentence {number} [bold]") for number in range(9)]
    stages = [StageLine(name=f"s{n}", status="running", fraction=0, attempt=1) for n in range(30)]
    page = OperationPage(
        id="op-1",
        workflow="letters",
        status="running",
        created_at=moment(0),
        updated_at=moment(1),
        events=3,
        ended=False,
        fraction=0.5,
        seconds=1.0,
        stages=stages,
        said=said,
    )
    console = Console(file=io.StringIO(), width=60, height=12, record=True)
    console.print(PagePicture(page))
    lines = console.export_text().splitlines()

    assert lines[-3:] == [f"  · write  sentence {number} [bold]" for number in (6, 7, 8)]
    assert len(lines) == 11


def newest(cli: Line, site: Site) -> str:
    return str(json.loads(cli("list", "-n", "1", "--json", *site.ada).stdout)["id"])


def test_the_same_key_starts_nothing_twice_and_events_come_once_and_in_order(cli: Line, site: Site) -> None:
    run = cli("run", "greet", "-i", "name=Ada", "--key", "once", *site.ada)
    name = newest(cli, site)
    again = cli("run", "greet", "-i", "name=Ada", "--key", "once", "--json", *site.ada)
    events = [json.loads(line) for line in again.stdout.splitlines()]

    assert run.stdout == "Hello Ada\n"
    assert newest(cli, site) == name
    assert [(line["operation"], line["number"]) for line in events] == [(name, n + 1) for n in range(len(events))]
    assert cli("show", name, "--history", *site.ada).stdout.count("\n") == len(events)
    assert "already started operation" in cli.error("run", "greet", "-i", "name=Bob", "--key", "once", *site.ada)


def test_a_run_is_started_and_left_at_once(cli: Line, site: Site) -> None:
    left = cli("run", "ask", "--detach", *site.ada)
    paged = json.loads(cli("run", "ask", "--detach", "--json", *site.ada).stdout)

    assert left.stdout.strip() in cli("list", "--json", *site.ada).stdout
    assert f"watch it with: agentkit watch {left.stdout.strip()} --server {site.url}" in left.stderr
    assert (paged["id"], paged["workflow"]) == (newest(cli, site), "ask")
    assert "--detach goes with --server" in cli.error("run", cli.flow(), "--detach")


def test_whoever_leaves_at_a_wait_has_read_what_came_before_it(cli: Line, site: Site) -> None:
    left = cli("run", "pay", "--no-wait", "--json", *site.ada, code=4)

    cli("cancel", newest(cli, site), *site.ada)

    assert [json.loads(line)["number"] for line in left.stdout.splitlines()] == [1, 2]


def test_a_list_whose_items_all_wait_is_left(cli: Line, site: Site) -> None:
    left = cli("run", "each", "--no-wait", *site.ada, code=4).stderr
    name = newest(cli, site).split("~")[0]
    cli("cancel", name, *site.ada)

    assert all(f"{name}~rows~{item}~1 waits for approval" in left for item in (0, 1))


def test_a_key_says_who_votes(cli: Line, site: Site) -> None:
    left = cli("run", "pay", "--no-wait", *site.ada, code=4).stderr
    name = newest(cli, site)

    assert f"{name} waits for approval; see: agentkit show {name} --server {site.url}" in left
    assert "scope 'approve'" in cli.error("approve", name, *site.ada, code=1)
    assert "asks you nothing" in cli.error("approve", name, "--name", "other", *site.bob, code=3)
    cli("refuse", name, "pay", "--comment", "no", *site.bob)
    assert "failed" in cli("show", name, *site.ada).stderr
    assert "bob" in cli("show", name, "--history", *site.ada).stdout
    assert "nothing waits for you" in cli("approvals", *site.bob).stderr


def test_ctrl_c_leaves_what_a_server_runs(cli: Line, site: Site) -> None:
    with Folder(cli.folder).running("run", "ask", *site.ada) as process:
        wait_for(process, "of workflow ask accepted")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    name = newest(cli, site)

    assert process.returncode == 130
    assert f"it goes on at the server; watch it with: agentkit watch {name} --server {site.url}" in said
    assert json.loads(cli("list", "-n", "1", "--json", *site.ada).stdout)["status"] == "running"


def test_wrong_use_is_told_in_one_line(cli: Line, site: Site) -> None:
    assert "there is no operation 'nothing'" in cli.error("show", "nothing", *site.ada, code=3)
    assert "no workflow 'other'" in cli.error("run", "other", *site.ada, code=3)
    assert "no operation 'other' at this server, and no workflow" in cli.error("draw", "other", *site.ada, code=3)
    assert "unencrypted" in cli.error("list", "--server", "http://agents.test", "--key-file", "ada.key")
    assert "--by NAME" in cli.error("approve", "x")
    assert "--by NAME" in cli.error("settle", "x", "pay", "done")
