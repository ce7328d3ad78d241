"""One body for both: the commands say the same and end the same at a store of this machine and at a server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interfaces.cli.conftest import Line
from tests.interfaces.cli.served import Place, Site, served

pytestmark = pytest.mark.blocking


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("keys")) as site:
        yield site


@pytest.fixture(params=["near", "far"])
def place(request: pytest.FixtureRequest, cli: Line) -> Place:
    return Place(cli, request.getfixturevalue("site") if request.param == "far" else None)


def test_a_run_is_listed_shown_watched_and_drawn(place: Place) -> None:
    done = place.run("greet", "-i", "name=Ada")
    name = place.newest()
    shown = place.look("show", name[:10])

    assert done.stdout == shown.stdout == "Hello Ada\n"
    assert "operation completed" in done.stderr
    assert f"operation {name}" in shown.stderr
    assert "✓ greet  completed" in shown.stderr
    assert [name, "greet", "✓", "completed"] in [line.split()[:4] for line in place.look("list").stdout.splitlines()]
    assert "completed" in place.look("watch", name).stderr
    assert "✓ greet" in place.look("draw", name).stdout
    assert "<svg" in place.look("draw", name, "--format", "svg").stdout


def test_another_agent_does_a_stage_near_and_far(place: Place) -> None:
    done = place.run("either", "-i", "name=Ada", "--agent", "hail=greet")
    flow = "either" if place.site else "either.json"
    plan = place.go_on("plan", flow, "-i", "name=Ada", "--agent", "hail=greet", "--json")
    wrong = place.run("either", "-i", "name=Ada", "--agent", "hail=nobody", code=2)

    assert done.stdout == "Hello Ada\n"
    assert json.loads(plan.stdout)["stages"][0]["agents"] == ["greet"]
    assert "stage 'hail': unknown agent 'nobody'; known are" in wrong.stderr


def test_a_run_takes_no_longer_than_its_caller_says(place: Place) -> None:
    assert "longer than 0.1" in place.run("ask", "--timeout", "0.1", code=124).stderr


def test_what_a_result_lacks_is_said(place: Place) -> None:
    done = place.run("partly")

    assert json.loads(done.stdout) == {"rows": {}}
    assert "note: the optional stage 'print' failed, so its value is missing" in done.stderr


def test_nobody_leaves_at_a_wait_while_something_else_is_worked_on(place: Place) -> None:
    left = place.run("beside", "--no-wait", "--json", code=4)
    events = [json.loads(line) for line in left.stdout.splitlines()]

    assert [one["number"] for one in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "attempt.succeeded"


def test_what_is_done_before_a_wait_is_shown_as_it_happens(place: Place) -> None:
    assert "attempt" in place.run("beside", "--no-wait", code=4).stderr


def test_a_wait_of_an_operation_below_is_noticed(place: Place) -> None:
    said = place.run("below", "--no-wait", code=4).stderr

    assert f"{place.newest()[:8]}" in said
    assert "~within~1" in said


def test_files_are_listed_and_written_down(place: Place) -> None:
    place.run("greet", "-i", "name=Ada", "--files", "out")
    name = place.newest()
    place.look("files", name, "--output", "again")

    assert Path("out/greeting.txt").read_bytes() == Path("again/greeting.txt").read_bytes() == b"hello"
    assert "greeting.txt  5 bytes" in place.look("files", name).stdout
    assert "has no file 'x'" in place.look("files", name, "x", code=3).stderr


def test_what_failed_is_tried_again_and_what_did_not_is_left_alone(place: Place) -> None:
    assert "there is no ink" in place.run("mended", "-i", f"page={place.site}", code=1).stderr
    name = place.newest()
    again = place.go_on("retry", name)

    assert again.stdout == "printed\n"
    assert "is completed: there is nothing to try again" in place.go_on("retry", place.newest(), code=2).stderr
    assert "there is no operation 'nothing'" in place.go_on("retry", "nothing", code=3).stderr


def test_a_signal_is_sent_and_the_operation_goes_on(place: Place) -> None:
    place.run("ask", "--no-wait", code=4)
    name = place.newest()
    assert f"agentkit signal {name}" in place.look("show", name).stderr
    place.go_on("signal", name, "go", "--value", '{"parcels": 3}', "--id", "once")
    place.look("watch", name)

    assert json.loads(place.look("show", name).stdout) == {"parcels": 3}
    assert "--value 'x' is not JSON" in place.go_on("signal", name, "go", "--value", "x", code=2).stderr
    assert "completed" in place.go_on("signal", name, "go", code=1).stderr


def test_work_in_doubt_is_settled_by_a_person(place: Place) -> None:
    place.run("lost", "--no-wait", code=4)
    name = place.newest()
    shown = place.look("show", name).stderr
    assert f"agentkit settle {name} pay DECISION" in shown
    assert "pay is in doubt: it may have happened: took longer than 0.05 s" in shown
    place.decide("settle", name, "pay", "done", "--value", '"paid"', "--comment", "asked the bank")
    place.look("watch", name)

    assert place.look("show", name).stdout == "paid\n"
    assert "asked the bank" in place.look("show", name, "--history", "--json").stdout
    assert "not in doubt" in place.decide("settle", name, "pay", "abort", code=1).stderr


def test_people_agree_and_refuse(place: Place) -> None:
    place.run("pay", "--no-wait", code=4)
    name = place.newest()
    assert f"agentkit approve {name} pay" in place.look("show", name).stderr
    assert name in place.look("approvals").stdout
    role = ("--role", "finance") if place.site is None else ()
    place.decide("approve", name, "--form", "days=3", *role)
    place.look("watch", name)

    assert json.loads(place.look("show", name).stdout) == {"days": 3}


def test_a_fork_runs_again_with_another_input_and_is_compared(place: Place) -> None:
    place.run("greet", "-i", "name=Ada")
    first = place.newest()
    forked = place.go_on("fork", first, "-i", "name=Bob")
    second = place.newest()
    compared = place.look("compare", first, second)

    assert forked.stdout == "Hello Bob\n"
    assert f"{second} is a fork of {first}" in forked.stderr
    assert "name" in compared.stdout
    assert json.loads(place.look("compare", first, second, "--json").stdout)["same"] is False
    assert place.go_on("fork", first, "--at", "greet").stdout == "Hello Ada\n"
    assert "no stage 'x'" in place.go_on("fork", first, "--at", "x", code=3).stderr


def test_a_plan_says_what_a_run_would_take_and_a_check_what_is_missing(place: Place) -> None:
    place.run("greet", "-i", "name=Ada")
    flow = "greet" if place.site else "greet.json"
    plan = place.go_on("plan", flow, "-i", "name=Ada")
    Path("other.json").write_text('{"name": "other", "stages": [{"name": "a", "agent": "greet"}]}')
    Path("lost.json").write_text('{"name": "lost", "stages": [{"name": "a", "agent": "nobody"}]}')

    assert plan.stdout.startswith("plan of greet: 1 stage; nothing has run")
    assert json.loads(place.go_on("plan", flow, "--json").stdout)["levels"] == [["greet"]]
    assert "is a correct workflow" in place.go_on("check", "other.json").stderr
    assert "unknown agent 'nobody'" in place.go_on("check", "lost.json", code=2).stderr


def test_the_rows_of_a_file_are_the_input(place: Place) -> None:
    Path("sales.csv").write_text("artist;price\nIbis;1,50\nOak;2,00\n")
    Path("one.json").write_text('[{"a": 1}]')

    rows = [{"artist": "Ibis", "price": "1,50"}, {"artist": "Oak", "price": "2,00"}]
    assert json.loads(place.run("sum", "--input", "sales.csv").stdout) == rows
    assert json.loads(place.run("sum", "--input", "one.json").stdout) == [{"a": 1}]


def test_what_is_cancelled_stops(place: Place) -> None:
    place.run("ask", "--no-wait", code=4)
    name = place.newest()
    place.look("cancel", name, "--reason", "enough")

    place.look("watch", name, code=130)
    assert "enough" in place.look("show", name).stderr
