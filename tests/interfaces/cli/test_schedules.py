"""`schedules add`, `list`, `pause`, `resume` and `remove`."""

import json
from typing import Any

import pytest

from tests.interfaces.cli.conftest import Line

pytestmark = pytest.mark.blocking


def listed(cli: Line, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in cli("schedules", "list", "--json", *words).stdout.splitlines()]


def test_schedules_are_added_listed_paused_resumed_and_removed(cli: Line) -> None:
    cli("run", cli.flow(), "--input", "a=1")
    assert "no schedules" in cli("schedules", "list").stderr
    cli("schedules", "add", "daily", "-w", "flow", "--cron", "0 6 * * *", "--zone", "Europe/Berlin", "-i", "a=json:7")
    said = cli("schedules", "add", "often", "-w", "flow", "--every", "60", "--missed", "all", "--tenant", "acme").stderr
    (daily, often) = listed(cli)

    assert "due for the first time" in said
    assert (daily["cron"], daily["input"], daily["zone"], daily["missed"]) == (
        "0 6 * * *",
        {"a": 7},
        "Europe/Berlin",
        "once",
    )
    assert (often["every"], often["tenant"], often["missed"]) == (60, "acme", "all")
    assert [one["name"] for one in listed(cli, "--tenant", "acme")] == ["often"]
    cli("schedules", "pause", "daily")
    assert "paused" in cli("schedules", "list").stdout
    cli("schedules", "resume", "daily")
    assert not listed(cli)[0]["paused"]
    cli("schedules", "remove", "often", "--tenant", "acme")
    assert [one["name"] for one in listed(cli)] == ["daily"]


def test_what_is_wrong_is_said(cli: Line) -> None:
    assert "no store" in cli.error("schedules", "list", code=3)
    cli("run", cli.flow(), "--input", "a=1")
    assert "say one" in cli.error("schedules", "add", "x", "-w", "flow")
    assert "Bad minute" in cli.error("schedules", "add", "x", "-w", "flow", "--cron", "99 * * * *")
    assert "no time zone" in cli.error("schedules", "add", "x", "-w", "flow", "--every", "9", "--zone", "Mars")
    assert "no schedule 'x'" in cli.error("schedules", "pause", "x", code=3)
