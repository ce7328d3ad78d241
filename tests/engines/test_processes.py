"""Attempts in processes of their own: real ones. Whatever happens, none is left behind."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from agentkit.agents import Agent, AgentRegistry, Task, agent
from agentkit.engines import LocalExecutor, processes
from agentkit.errors import AgentKitError, DefinitionError, StoreUnavailable, TooLate
from agentkit.kernel import (
    Doubtful,
    EffectTold,
    Failed,
    KnownEffect,
    Outcome,
    RunAttempt,
    Situation,
    Stage,
    Succeeded,
    Wish,
    Workflow,
    artifacts_from_text,
)
from agentkit.orchestrator import Limits, Orchestrator
from tests.engines import process_agents
from tests.engines.scenes import until

AGENTS: list[Agent[Any, object]] = [
    process_agents.where,
    process_agents.add,
    process_agents.fail,
    process_agents.vanish,
    process_agents.leave,
    process_agents.chatter,
    process_agents.large,
    process_agents.family,
    process_agents.note,
    process_agents.visit,
    process_agents.pay,
    process_agents.pay_later,
    process_agents.give,
    process_agents.Settled(),
]
pytestmark = pytest.mark.blocking


class Lines:
    """What an attempt said."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def progress(self, command: RunAttempt, fraction: float, message: str) -> None:
        self.said.append((fraction, message))

    def log(self, command: RunAttempt, message: str) -> None:
        self.said.append(message)

    def now(self) -> float:
        return 100.0


def attempt(name: str, given: object = None) -> RunAttempt:
    return RunAttempt(
        operation_id="o",
        stage="s",
        attempt=1,
        agent=name,
        instruction="",
        input=json.dumps(given),
        outputs={},
        missing=(),
        timeout=None,
    )


async def execute(name: str, given: object = None, *, lines: Lines | None = None, most: int = 1_000_000) -> Outcome:
    executor = LocalExecutor(AgentRegistry(AGENTS), lines or Lines(), max_result=most)
    return await executor.execute(attempt(name, given))


def alive(pids: Sequence[int]) -> list[int]:
    """Those of the processes that run; one that ended and waits to be reaped does not."""
    found = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            continue
        if state != "Z":
            found.append(pid)
    return found


async def test_a_value_comes_from_another_process() -> None:
    outcome = await execute("where")

    assert isinstance(outcome, Succeeded)
    assert int(outcome.value) != os.getpid()
    assert alive([int(outcome.value)]) == []


async def test_a_process_sees_the_context_and_says_more_than_its_value() -> None:
    situation = Situation(context={"log": '["a"]'}, reads=("log",), writes={"log": "append"})
    executor = LocalExecutor(AgentRegistry(AGENTS), Lines())

    assert await executor.execute(replace(attempt("note"), situation=situation)) == Succeeded(
        value='["a","s"]', confidence=0.5, context='{"log":["s"]}', effects='[["noted","s"]]'
    )


async def test_types_hold_there_too() -> None:
    assert await execute("add", [1, 2, 3]) == Succeeded(value="6")
    outcome = await execute("add", "no list")
    assert isinstance(outcome, Failed)
    assert outcome.failure.code == "input_invalid"
    assert await execute("settled") == Succeeded(value='"class"')


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("fail", "ConnectionResetError", "the line is dead"),
        ("vanish", "ProcessLost", "exit code 3"),
        ("leave", "SystemExit", "4"),
    ],
)
async def test_failures_are_told(name: str, kind: str, words: str) -> None:
    outcome = await execute(name)

    assert isinstance(outcome, Failed)
    assert outcome.failure.type == kind
    assert words in outcome.failure.message


async def test_what_an_agent_prints_is_no_answer() -> None:
    lines = Lines()

    assert await execute("chatter", lines=lines, most=1_000) == Succeeded(value='"honest"')
    assert lines.said[0] == (0.5, "half\nway")


@pytest.mark.parametrize("letter", ["x", '"', "\\", "\x01", "é", "日", "🙂"])
async def test_large_values_come_through_whatever_they_are_made_of(letter: str) -> None:
    escaped = len(json.dumps(letter, ensure_ascii=False)) - 2
    count = 299_990 // escaped
    outcome = await execute("large", [letter, count], most=300_000)

    assert isinstance(outcome, Succeeded)
    assert json.loads(outcome.value) == [letter * count]


async def test_giant_values_are_refused_clearly() -> None:
    outcome = await execute("large", ["x", 3_000_000])

    assert isinstance(outcome, Failed)
    assert outcome.failure.code == "output_too_large"


@pytest.mark.parametrize("said", [b'["outcome", {"type": "Succ', b"[1, 2, 3]\n", b'["outcome"\n', b'["unheard", 1]\n'])
async def test_a_process_that_is_killed_in_its_words_is_lost(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(processes, "_WORKER", f"import os; os.write(1, {said!r}); os.kill(os.getpid(), 9)")

    outcome = await execute("where")

    assert isinstance(outcome, Failed)
    assert (outcome.failure.code, outcome.kinds) == ("process_lost", ("ProcessLost",))


HELD = """
import os, time
hear, tell = os.pipe()
if not os.fork():
    {leave}
    os.write(1, b'["log", "%d"]\\n' % os.getpid())
    os.write(tell, b"x")
    time.sleep(60)
os.read(hear, 1)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("leave", ["", "os.setsid()"])
async def test_the_end_of_a_process_is_not_hidden_by_what_it_has_forked(
    monkeypatch: pytest.MonkeyPatch, leave: str
) -> None:
    monkeypatch.setattr(processes, "_WORKER", HELD.format(leave=leave))
    lines = Lines()

    async with asyncio.timeout(30):
        outcome = await execute("where", lines=lines)

    assert isinstance(outcome, Failed)
    assert "killed by SIGKILL" in outcome.failure.message
    others = [int(str(line)) for line in lines.said]
    if leave:
        assert alive(others) == others
        os.kill(others[0], signal.SIGKILL)
    await until(lambda: not alive(others))


async def test_a_process_that_closes_its_pipe_and_goes_on_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_WORKER", "import os, time; os.close(1); time.sleep(60)")

    async with asyncio.timeout(30):
        outcome = await execute("where")

    assert isinstance(outcome, Failed)
    assert "has closed its pipe" in outcome.failure.message


@pytest.mark.parametrize("how", ["end", "hang"])
async def test_no_process_is_left_behind(how: str) -> None:
    lines = Lines()
    running = asyncio.get_running_loop().create_task(execute("family", how, lines=lines))
    await until(lambda: lines.said)
    pids = [int(pid) for pid in str(lines.said[0]).split()]
    if how == "hang":
        running.cancel()
    await asyncio.wait([running], timeout=20)

    assert running.cancelled() == (how == "hang")
    await until(lambda: not alive(pids))


async def test_a_cancel_kills_within_the_grace() -> None:
    flow: Workflow[object] = Workflow("hang", [Stage("s", agent="family")])
    async with Orchestrator(AGENTS, limits=Limits(cancel_seconds=5)) as orchestrator:
        operation = await orchestrator.submit(flow, "hang")
        runtime = orchestrator._open()
        await until(lambda: runtime.live.lines(operation.id))
        pids = [int(pid) for pid in runtime.live.lines(operation.id)[0].message.split()]
        await operation.cancel()
        with pytest.raises(Exception, match="was cancelled"):
            await operation

        assert orchestrator.abandoned == 0
    await until(lambda: not alive(pids))


@pytest.mark.parametrize("most", [1, 2])
async def test_processes_have_a_bound(most: int, tmp_path: Path) -> None:
    flow: Workflow[object] = Workflow("visits", [Stage(f"s{n}", agent="visit") for n in range(5)])
    async with Orchestrator(AGENTS, limits=Limits(processes=most)) as orchestrator:
        result = await orchestrator.run(flow, str(tmp_path))

    assert len(result.values) == 5
    assert max(int(str(seen)) for seen in result.values.values()) <= most


async def test_a_process_that_was_killed_makes_room_for_the_next() -> None:
    lines = Lines()
    executor = LocalExecutor(AgentRegistry(AGENTS), lines, processes=1)
    loop = asyncio.get_running_loop()
    first = loop.create_task(executor.execute(attempt("family", "hang")))
    await until(lambda: lines.said)
    waiting = loop.create_task(executor.execute(attempt("family", "hang")))
    second = loop.create_task(executor.execute(attempt("add", [1, 2])))
    await asyncio.sleep(0)
    waiting.cancel()
    first.cancel()

    assert await second == Succeeded(value="3")
    assert len(lines.said) == 1


def test_an_agent_that_no_process_can_find_is_refused_at_once() -> None:
    @agent(isolation="process")
    def hidden(task: Task[object]) -> None:
        return

    unsettled = process_agents.Settled()
    unsettled.word = "object"
    with pytest.raises(DefinitionError, match="at the top of a module"):
        Orchestrator([hidden])
    with pytest.raises(DefinitionError, match="attributes of its class"):
        Orchestrator([unsettled])


async def test_an_agent_of_a_script_is_found(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from agentkit import Orchestrator, Stage, Task, Workflow, agent\n"
        "@agent(isolation='process')\n"
        "def greet(task: Task[str]) -> str:\n"
        "    return f'Hello {task.input}'\n"
        "if __name__ == '__main__':\n"
        "    flow = Workflow('greet', [Stage('greet', agent='greet')])\n"
        "    print(Orchestrator([greet]).run_sync(flow, 'Ada').output)\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, str(script), stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()

    assert (process.returncode, output) == (0, b"Hello Ada\n")


class Journal:
    """What was told of effects; it takes what it is told, or refuses it."""

    def __init__(self, refuses: AgentKitError | None = None) -> None:
        self.told: list[EffectTold] = []
        self.kept: list[bytes] = []
        self._refuses = refuses

    async def record(self, command: RunAttempt, wish: Wish) -> None:
        assert isinstance(wish, EffectTold)
        if self._refuses is not None:
            raise self._refuses
        self.told.append(wish)

    async def keep(self, command: RunAttempt, content: bytes) -> str:
        if self._refuses is not None:
            raise self._refuses
        self.kept.append(content)
        return sha256(content).hexdigest()

    async def fetch(self, command: RunAttempt, sha256: str) -> bytes:
        if self._refuses is not None:
            raise self._refuses
        return bytes(100_001)


async def execute_on(journal: Journal, name: str, known: KnownEffect | None = None) -> Outcome:
    situation = None if known is None else Situation(effects={("pay", "INV-1"): known})
    executor = LocalExecutor(AgentRegistry(AGENTS), Lines(), recorder=journal)
    return await executor.execute(replace(attempt(name, ""), situation=situation))


@pytest.mark.parametrize("name", ["pay", "pay_later"])
async def test_effects_are_on_the_journal_before_they_happen_over_there(name: str) -> None:
    journal = Journal()

    outcome = await execute_on(journal, name)

    assert outcome == Succeeded(value='"paid agentkit:o:s:pay:INV-1"')
    assert [told.word for told in journal.told] == ["intended", "confirmed"]
    refused = await execute_on(Journal(TooLate("it is over")), name)
    assert isinstance(refused, Failed)
    assert (refused.failure.type, refused.failure.message) == ("TooLate", "it is over")


async def test_what_is_known_of_effects_is_known_over_there() -> None:
    journal = Journal()
    done = KnownEffect(outcome="confirmed", result='"before"')

    assert await execute_on(journal, "pay", done) == Succeeded(value='"before"')
    again = await execute_on(journal, "pay", KnownEffect(outcome="intended", under="agentkit:before"))
    assert again == Succeeded(value='"paid agentkit:before"')
    assert [told.word for told in journal.told] == ["again", "confirmed"]
    doubtful = await execute_on(journal, "pay_later", KnownEffect(outcome="intended"))
    assert isinstance(doubtful, Doubtful)
    assert (doubtful.name, doubtful.key) == ("pay", "INV-1")


async def test_files_of_any_size_are_kept_before_the_attempt_goes_on_over_there() -> None:
    journal = Journal()

    outcome = await execute_on(journal, "give")

    assert isinstance(outcome, Succeeded)
    assert [(file.name, file.size) for file in artifacts_from_text(outcome.artifacts)] == [("a.bin", 100_001)]
    assert journal.kept == [bytes(100_001)]
    refused = await execute_on(Journal(StoreUnavailable("no room")), "give")
    assert isinstance(refused, Failed)
    assert (refused.failure.type, refused.failure.message) == ("StoreUnavailable", "no room")
