"""Random workflows with everything in them, by the dice that they are given: any of them must end."""

import random
from typing import Any

from agentkit.kernel import Approval, Fallback, Loop, Map, RetryPolicy, Stage, When, Workflow

AGENTS = ("ada", "bob", "cyd")
SIGNALS = ("go", "paid")
INPUT = {"n": 1, "items": [1, "two", {"three": 3}]}
MERGES = {"log": "append", "seen": "union", "last": "replace", "mine": "conflict"}


def workflow(chance: random.Random, *, depth: int = 1) -> Workflow[object]:
    """A workflow; whatever hangs is ended by its limit, so that every operation must end."""
    most = 5 if depth else 2
    stages = [_stage(chance, number, depth) for number in range(chance.randint(1, most))]
    # Not too short: people need their time to answer.
    return Workflow(
        "flow", stages, timeout=chance.choice([15.0, 40.0, 300.0]), max_parallel=chance.choice([None, 1, 2])
    )


def _stage(chance: random.Random, number: int, depth: int) -> Stage:
    after = chance.sample([f"s{n}" for n in range(number)], min(number, chance.randint(0, 2)))
    settings = _work(chance, depth)
    if after and chance.random() < 0.2:
        settings["when"] = chance.choice([When(after[0], present=True), When(after[0]), When(path="n", equals=2)])
    if "approval" not in settings and chance.random() < 0.1:
        settings["approval"] = _approval(chance)
    return Stage(f"s{number}", after=after, required=chance.random() < 0.6, **settings)


def _work(chance: random.Random, depth: int) -> dict[str, Any]:
    kind = chance.random()
    if kind < 0.07:
        return {"wait": chance.choice([0.0, 2.0, 30.0])}
    if kind < 0.14:
        return {"signal": chance.choice(SIGNALS), "timeout": chance.choice([None, 8.0])}
    if kind < 0.2:
        return {"approval": _approval(chance)}
    if kind < 0.3:
        undo = chance.choice([None, *AGENTS])
        return {"agent": chance.choice(AGENTS), "effect": "at_most_once", "undo": undo}
    if kind < 0.4 and depth:
        many = {"map": Map(path="items", parallel=chance.choice([None, 1]))} if chance.random() < 0.3 else {}
        return {"workflow": workflow(chance, depth=0), "retry": RetryPolicy(attempts=chance.randint(1, 2)), **many}
    return _agent_work(chance)


def _approval(chance: random.Random) -> Approval:
    return Approval(
        by=chance.choice([(), ("finance",), ("finance", "boss")]),
        quorum=chance.choice([1, 1, 2]),
        deadline=chance.choice([None, 4.0, 30.0]),
        remind=chance.choice([None, None, 2.0]),
        on_expiry=chance.choice(["refuse", "approve"]),
    )


def _agent_work(chance: random.Random) -> dict[str, Any]:
    retry = RetryPolicy(
        attempts=chance.randint(1, 3), delay=chance.choice([0, 1.0]), attempt_timeout=chance.choice([None, 4.0])
    )
    fallback: list[str | Fallback] = [*chance.sample(AGENTS, chance.randint(0, 1))]
    if chance.random() < 0.2:
        fallback.append(Fallback(chance.choice(AGENTS), on=chance.choice([("timeout",), ("error", "low_confidence")])))
    settings: dict[str, Any] = {
        "agent": chance.choice(AGENTS),
        "timeout": chance.choice([None, 5.0, 20.0]),
        "retry": retry,
        "fallback": fallback,
        "resource": chance.choice([None, None, "printer"]),
        "undo": chance.choice([None, None, *AGENTS]),
        "minimal": chance.choice([None, None, None, []]),
        "min_confidence": chance.choice([None, None, 0.5]),
        "reads": chance.choice([(), ("log", "mine")]),
        "writes": {key: MERGES[key] for key in chance.sample(sorted(MERGES), chance.choice([0, 0, 1, 3]))},
    }
    many = chance.random()
    if many < 0.15:
        keep = chance.random() < 0.5
        settings["map"] = Map(
            path="items",
            parallel=chance.choice([None, 1, 2]),
            on_failure="keep" if keep else "fail",
            quorum=chance.choice([None, 1, 3]) if keep else None,
        )
    elif many < 0.3:
        until = When(path="turn", at_least=chance.randint(1, 4))
        most = chance.randint(1, 3)
        settings["loop"] = Loop(until=until, most=most, otherwise="fail" if chance.random() < 0.5 else "keep")
    return settings
