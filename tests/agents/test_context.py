"""The view that an attempt has of its operation's context."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from agentkit.agents import ContextKey, ContextView, Task
from agentkit.agents.context import view_of
from agentkit.errors import (
    AgentKitError,
    DefinitionError,
    InputError,
    MergeConflict,
    NotFound,
    Undeclared,
    UnstorableValue,
)
from agentkit.kernel import RunAttempt, Situation

TOTALS = ContextKey("totals", dict[str, Decimal], merge="deep_merge")


def command(situation: Situation | None) -> RunAttempt:
    content: dict[str, Any] = {"instruction": "", "input": "null", "outputs": {}, "missing": (), "timeout": None}
    return RunAttempt(operation_id="o", stage="s", attempt=1, agent="a", situation=situation, **content)


def view(writes: dict[str, str] | None = None, **values: object) -> ContextView:
    return Task.standalone(None, context=values, writes=writes).context


def test_declared_keys_are_read_as_data_or_by_their_type() -> None:
    context = view(totals={"USD": "1.10"}, month="june")

    assert context["totals"] == {"USD": "1.10"}
    assert context[TOTALS] == context.read("totals", dict[str, Decimal]) == {"USD": Decimal("1.10")}
    assert dict(context) == {"totals": {"USD": "1.10"}, "month": "june"}
    assert (len(context), "month" in context, context.get("month")) == (2, True, "june")


def test_a_view_sees_its_own_writes_on_top_of_what_was_there() -> None:
    context = view({"totals": "deep_merge", "log": "append", "best": "max"}, totals={"USD": "1.10"}, log=["a"])
    context.write(TOTALS, {"CHF": Decimal("0.95")})
    context["log"] = "b"
    context["log"] = ["c"]

    assert context[TOTALS] == {"USD": Decimal("1.10"), "CHF": Decimal("0.95")}
    assert context["log"] == ["a", "b", "c"]
    assert context.written == {"totals": {"CHF": "0.95"}, "log": ["b", "c"]}


def test_what_is_written_becomes_the_task_s_notes_and_what_is_read_does_not() -> None:
    task = Task.standalone(None, context={"month": "june"}, writes={"log": "append"})
    assert task.context["month"] == "june"
    assert (task.notes is None) or task.notes.context == ""
    task.context["log"] = ["a"]

    assert task.notes is not None
    assert task.notes.context == '{"log":["a"]}'


def test_neither_what_was_read_nor_what_was_written_can_be_changed_from_outside() -> None:
    context = view({"log": "append"}, month=["june"])
    written = ["a"]
    context["log"] = written
    written.append("b")
    month = context["month"]
    assert isinstance(month, list)
    month.append("july")

    assert (context["month"], context.written) == (["june"], {"log": ["a"]})


@pytest.mark.parametrize(
    ("use", "kind", "words"),
    [
        (lambda c: c["rates"], Undeclared, r"may not read 'rates': it declares reads of 'month'; add 'rates' to its"),
        (lambda c: c.get("rates"), Undeclared, "may not read 'rates'"),
        (lambda c: "rates" in c, Undeclared, "'rates': it declares reads"),
        (lambda c: c[ContextKey("log")], Undeclared, "may not read 'log'"),
        (lambda c: c.__setitem__("month", 1), Undeclared, r"may not write 'month': it declares writes of 'log'"),
        (lambda c: c.read("month", int), InputError, "key 'month'.*not a int"),
        (lambda c: c.__setitem__("log", {1}), UnstorableValue, "key 'log'.*cannot be written"),
        (lambda c: c.write(ContextKey("log", list[int]), ["a"]), InputError, r"key 'log'.*list\[int\]"),
        (lambda c: c.__setitem__("best", [1]), MergeConflict, "key 'best': max cannot merge a list"),
        (lambda c: c.__setitem__(ContextKey("log", merge="union"), [1]), DefinitionError, "'append'.*says 'union'"),
    ],
)
def test_what_was_not_declared_or_does_not_fit_is_refused_with_its_place(
    use: Callable[[ContextView], object], kind: type[AgentKitError], words: str
) -> None:
    context = view({"log": "append", "best": "max"}, month="june")

    with pytest.raises(kind, match="operation standalone, stage 'standalone'.*" + words):
        use(context)
    assert context.written == {}


def test_a_value_that_cannot_be_merged_with_what_was_seen_is_refused_at_its_line() -> None:
    context = view({"month": "deep_merge"}, month="june")

    with pytest.raises(MergeConflict, match="key 'month': deep_merge cannot merge a mapping into a text"):
        context["month"] = {"a": 1}


def test_a_declared_key_that_nobody_wrote_is_not_found_and_get_has_a_default() -> None:
    context = view_of(command(Situation(reads=("totals",))), {})

    assert (context.get("totals"), context.get(TOTALS, {}), "totals" in context, list(context)) == (None, {}, False, [])
    with pytest.raises(NotFound, match="operation o, stage 's': nobody has written 'totals' yet"):
        context["totals"]


def test_a_stage_that_declares_nothing_is_told_so() -> None:
    task: Task[object] = Task(command(None))

    with pytest.raises(Undeclared, match="it declares reads of none"):
        task.context["totals"]


@pytest.mark.parametrize(("name", "merge"), [("", None), (1, None), ("k", "sum"), ("k", 7)])
def test_a_key_has_a_name_and_a_known_merge(name: str, merge: str | None) -> None:
    with pytest.raises(DefinitionError):
        ContextKey(name, merge=merge)
