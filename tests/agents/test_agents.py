"""Agents: names, types read from annotations, expertise, the registry."""

from decimal import Decimal
from typing import Any, cast

import pytest

from agentkit.agents import ANY, Agent, AgentPersonality, AgentRegistry, FunctionAgent, Registration, Task, agent
from agentkit.errors import DefinitionError
from agentkit.kernel import Approval, Stage, Workflow


class HTMLReportWriter(Agent[list[Decimal], str]):
    async def run(self, task: Task[list[Decimal]]) -> str:
        return str(sum(task.input))


class Silent(Agent[object, object]):
    async def run(self, task):  # type: ignore[no-untyped-def] # unannotated on purpose
        return task.input


@agent
async def swift(task: Task[int]) -> Decimal:
    return Decimal(task.input)


@agent(name="slow-one", role="Thinks", expertise="law")
def slow(task: Task[dict[str, int]]) -> list[int]:
    return list(task.input.values())


@agent
def bare(task):  # type: ignore[no-untyped-def] # unannotated on purpose
    return task


def registered(member: Agent[Any, object]) -> Registration:
    return AgentRegistry([member])[member.name]


@pytest.mark.parametrize(
    ("member", "name", "given", "made", "blocking"),
    [
        (HTMLReportWriter(), "htmlreport_writer", list[Decimal], str, False),
        (swift, "swift", int, Decimal, False),
        (slow, "slow-one", dict[str, int], list[int], True),
    ],
)
def test_types_are_read_from_annotations(
    member: Agent[Any, object], name: str, given: object, made: object, blocking: bool
) -> None:
    entry = registered(member)

    assert member.name == name
    assert (entry.input_type.declared, entry.output_type.declared, entry.blocking) == (given, made, blocking)


@pytest.mark.parametrize("member", [Silent(), bare])
def test_without_annotations_everything_is_plain_json(member: Agent[Any, object]) -> None:
    entry = registered(member)

    assert (entry.input_type, entry.output_type) == (ANY, ANY)


def test_a_class_inherits_its_personality_and_may_have_its_own() -> None:
    class Named(Silent):
        personality = AgentPersonality(name="somebody", expertise=["csv", "sql"])

    class Heir(Named):
        pass

    assert (Silent().name, Named().name, Heir().name) == ("silent", "somebody", "somebody")
    assert Named().personality.expertise == frozenset({"csv", "sql"})


def test_a_function_agent_is_still_what_it_was() -> None:
    def documented(task: Task[int]) -> int:
        """Do it."""
        return task.input

    made = agent(documented)

    assert (made.__doc__, repr(made), made.personality.role) == ("Do it.", "<agent 'documented'>", "")
    assert (slow.personality.role, slow.personality.expertise) == ("Thinks", frozenset({"law"}))


async def test_agents_can_be_tried_by_hand() -> None:
    assert await HTMLReportWriter().run(Task.standalone([Decimal("0.1"), Decimal("0.2")])) == "0.3"
    assert await swift.run(Task.standalone(3)) == Decimal(3)
    assert await slow.run(Task.standalone({"a": 1})) == [1]


async def test_an_agent_without_a_body_says_so() -> None:
    class Idle(Agent[object, object]):
        pass

    with pytest.raises(NotImplementedError, match="'idle' has no run"):
        await Idle().run(Task.standalone(None))


def test_names_are_unique_and_valid() -> None:
    @agent(name="not a name")
    def spoiled(task: Task[object]) -> None:
        return

    with pytest.raises(DefinitionError, match="'swift': the name is used more than once"):
        AgentRegistry([swift, swift])
    with pytest.raises(DefinitionError, match="not a name"):
        AgentRegistry([spoiled])
    with pytest.raises(DefinitionError, match="is not an agent"):
        AgentRegistry(cast("list[Agent[Any, object]]", [print]))


def test_an_annotation_that_cannot_be_read_is_told() -> None:
    @agent
    async def odd(task: "Task[Nowhere]") -> None:  # type: ignore[name-defined] # noqa: F821 - missing on purpose # pyright: ignore[reportUndefinedVariable]
        return

    with pytest.raises(DefinitionError, match="agent 'odd': cannot read its annotations, since name 'Nowhere'"):
        AgentRegistry([odd])


def test_expertise_that_is_missing_is_refused_in_words() -> None:
    flow: Workflow[object] = Workflow(
        "flow",
        [
            Stage("plead", agent="slow-one", expertise=["law", "rhetoric"], fallback=["swift"]),
            Stage("judge", agent="slow-one", expertise="law"),
        ],
    )
    with pytest.raises(DefinitionError) as caught:
        AgentRegistry([slow, swift]).check(flow)

    assert caught.value.problems == (
        "stage 'plead' needs expertise in rhetoric, which agent 'slow-one' lacks; it has: law",
        "stage 'plead' needs expertise in law, rhetoric, which agent 'swift' lacks; it has: none",
    )


def test_a_registry_is_a_mapping() -> None:
    registry = AgentRegistry([swift, slow])

    assert (len(registry), list(registry), registry.find("nobody")) == (2, ["swift", "slow-one"], None)
    assert registry["swift"].agent is swift


def test_who_agrees_to_a_tool_of_an_agent_made_of_a_function_may_be_one_or_several() -> None:
    def made(asked: Any) -> FunctionAgent[str, str]:
        async def work(task: Task[str]) -> str:
            return "done"

        return FunctionAgent(work, personality=AgentPersonality(name="clerk"), tools={"pay": asked})

    finance = Approval(by={"finance"})
    assert [[*made(asked).tools["pay"]] for asked in (None, finance, (finance, None))] == [
        [None],
        [finance],
        [finance, None],
    ]
    for wrong in ("finance", ["finance"], 5):
        with pytest.raises(DefinitionError, match="agent 'clerk': tool 'pay': an approval is an Approval, such as"):
            made(wrong)
