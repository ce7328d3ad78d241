"""Tasks: what an agent is given."""

from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import Task, ValueType
from agentkit.errors import InputError, NotFound
from agentkit.kernel import RunAttempt


def command(**settings: Any) -> RunAttempt:
    content: dict[str, Any] = {"input": '{"month":"june"}', "outputs": {}, "missing": (), **settings}
    return RunAttempt(operation_id="o", stage="s", attempt=2, agent="a", instruction="Do it", timeout=5.0, **content)


class Ears:
    def __init__(self) -> None:
        self.heard: list[object] = []
        self.time = 100.0

    def progress(self, command: RunAttempt, fraction: float, message: str) -> None:
        self.heard.append((command.stage, fraction, message))

    def log(self, command: RunAttempt, message: str) -> None:
        self.heard.append(message)

    def now(self) -> float:
        return self.time


@pytest.mark.parametrize(
    ("outputs", "missing", "expected"),
    [
        ({}, (), {"month": "june"}),
        ({"a": "[1]"}, (), [1]),
        ({}, ("a",), None),
        ({"a": "1", "b": "null"}, (), {"a": 1, "b": None}),
        ({"a": "1"}, ("b",), {"a": 1}),
        ({}, ("a", "b"), {}),
        ({'odd"name': "1", "é": "2"}, (), {'odd"name': 1, "é": 2}),
    ],
)
def test_input_follows_from_the_place_of_the_stage(
    outputs: dict[str, str], missing: tuple[str, ...], expected: object
) -> None:
    task: Task[object] = Task(command(outputs=outputs, missing=missing))

    assert task.input == expected
    assert task.operation_input == {"month": "june"}
    assert (dict(task.outputs).keys(), task.missing) == (outputs.keys(), missing)


def test_input_is_of_the_declared_type() -> None:
    task: Task[dict[str, Decimal]] = Task(
        command(outputs={"a": '"0.10"', "b": '"0.20"'}), value_type=ValueType(dict[str, Decimal])
    )

    assert sum(task.input.values()) == Decimal("0.30")


def test_input_that_does_not_fit_is_refused_before_the_body() -> None:
    with pytest.raises(InputError, match=r"not a list\[int\]"):
        Task(command(), value_type=ValueType(list[int]))


def test_one_output_is_read_by_a_type() -> None:
    task: Task[object] = Task(command(outputs={"a": '"0.10"', "b": "[1]"}))

    assert task.output("a", Decimal) == Decimal("0.10")
    with pytest.raises(InputError, match="not a Decimal"):
        task.output("b", Decimal)
    with pytest.raises(NotFound, match="no value of 'c'; it has those of: a, b"):
        task.output("c", Decimal)


def test_each_reading_gives_a_value_of_its_own() -> None:
    task: Task[object] = Task(command(outputs={"a": "[1]", "b": "2"}))
    value = task.outputs["a"]
    assert isinstance(value, list)
    value.append(2)

    assert task.outputs["a"] == [1]
    assert task.output("a", list) == [1]


def test_a_task_says_who_and_where_it_is() -> None:
    task: Task[object] = Task(command())

    assert (task.operation_id, task.stage, task.attempt, task.instruction) == ("o", "s", 2, "Do it")
    assert task.idempotency_key == "agentkit:o:s"


async def test_progress_and_logs_go_out_at_once_awaited_or_not() -> None:
    ears = Ears()
    task: Task[object] = Task(command(), reports=ears)
    _ = task.progress(0.5)
    await task.progress(0.7, "most of it")
    await task.log("a line")

    assert ears.heard == [("s", 0.5, ""), ("s", 0.7, "most of it"), "a line"]


def test_a_limited_attempt_knows_its_deadline_and_what_is_left_of_it() -> None:
    ears = Ears()
    task: Task[object] = Task(command(), reports=ears)
    ears.time += 3.0

    assert (task.deadline, task.remaining_seconds) == (105.0, 2.0)


async def test_a_standalone_task_needs_nobody() -> None:
    value = object()
    task = Task.standalone(value, instruction="Try it")
    await task.progress(0.5)
    await task.log("a line")

    assert (task.input, task.instruction, task.remaining_seconds) == (value, "Try it", None)
