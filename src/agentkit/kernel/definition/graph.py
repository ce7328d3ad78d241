"""How stages depend on each other, as numbers: made once per workflow, read at every event.

Rules: no recursion (a chain may be thousands deep); a problem names the stages it is about, a circle exactly its
stages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["MAX_EDGES", "MAX_STAGES", "Graph", "Node", "connect", "find_cycle", "levels"]

MAX_STAGES = 100_000
MAX_EDGES = 1_000_000


class Node(Protocol):
    """What the graph needs to know of a stage."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def after(self) -> Sequence[str]:
        """The stages and groups that it waits for."""
        ...

    @property
    def group(self) -> str | None:
        """The group it is in."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The wiring of a workflow; stages are numbered in the order in which they were given.

    Attributes:
        index: The number of each stage name.
        groups: The stages of each group.
        dependencies: For each stage, the stages it waits for.
        dependents: For each stage, the stages that wait for it.
        open_counts: For each stage, how many stages it waits for.
        sinks: The stages that nothing waits for.
    """

    index: Mapping[str, int]
    groups: Mapping[str, tuple[int, ...]]
    dependencies: tuple[tuple[int, ...], ...]
    dependents: tuple[tuple[int, ...], ...]
    open_counts: tuple[int, ...]
    sinks: tuple[int, ...]


def connect(nodes: Sequence[Node]) -> tuple[Graph, list[str]]:
    """Wire the stages; the second value is what is wrong, empty if nothing is."""
    problems: list[str] = []
    index = {node.name: number for number, node in enumerate(nodes)}
    groups: dict[str, list[int]] = {}
    for number, node in enumerate(nodes):
        if node.group is not None:
            groups.setdefault(node.group, []).append(number)
    problems.extend(_naming_problems(nodes, index, groups))

    dependencies: list[tuple[int, ...]] = []
    edges = 0
    for node in nodes:
        found: dict[int, None] = {}
        for name in node.after:
            if name in index:
                found[index[name]] = None
            elif name in groups:
                found.update(dict.fromkeys(groups[name]))
            else:
                problems.append(f"stage {node.name!r}: depends on {name!r}, which is neither a stage nor a group")
        edges += len(found)
        dependencies.append(tuple(found))
        if edges > MAX_EDGES:
            problems.append(f"stage {node.name!r}: with it the workflow has more than {MAX_EDGES} dependencies")
            dependencies.extend(() for _ in range(len(nodes) - len(dependencies)))
            break

    dependents: list[list[int]] = [[] for _ in nodes]
    for number, needed in enumerate(dependencies):
        for dependency in needed:
            dependents[dependency].append(number)
    graph = Graph(
        index=index,
        groups={name: tuple(members) for name, members in groups.items()},
        dependencies=tuple(dependencies),
        dependents=tuple(map(tuple, dependents)),
        open_counts=tuple(map(len, dependencies)),
        sinks=tuple(number for number, waiting in enumerate(dependents) if not waiting),
    )
    cycle = find_cycle(graph)
    if cycle:
        problems.append(_describe_cycle(nodes, cycle))
    return graph, problems


def find_cycle(graph: Graph) -> list[int]:
    """The stages of one circle, each followed by one that it waits for; empty if there is none."""
    remaining = list(graph.open_counts)
    free = [number for number, count in enumerate(remaining) if not count]
    for number in free:
        for dependent in graph.dependents[number]:
            remaining[dependent] -= 1
            if not remaining[dependent]:
                free.append(dependent)
    if len(free) == len(remaining):
        return []
    # Whatever is left waits for something left: walking along must come back to a stage already met.
    done = set(free)
    current = next(number for number in range(len(remaining)) if number not in done)
    position: dict[int, int] = {}
    path: list[int] = []
    while current not in position:
        position[current] = len(path)
        path.append(current)
        current = next(number for number in graph.dependencies[current] if number not in done)
    return path[position[current] :]


def levels(graph: Graph) -> list[int]:
    """For each stage, the length of the longest way to it from a stage without dependencies."""
    remaining = list(graph.open_counts)
    level = [0] * len(remaining)
    free = [number for number, count in enumerate(remaining) if not count]
    for number in free:
        for dependent in graph.dependents[number]:
            level[dependent] = max(level[dependent], level[number] + 1)
            remaining[dependent] -= 1
            if not remaining[dependent]:
                free.append(dependent)
    return level


def _naming_problems(
    nodes: Sequence[Node], index: Mapping[str, int], groups: Mapping[str, Sequence[int]]
) -> Iterator[str]:
    if not nodes:
        yield "the workflow is empty: give it at least one stage"
    if len(nodes) > MAX_STAGES:
        yield f"the workflow has {len(nodes)} stages; at most {MAX_STAGES} are allowed"
    for number, node in enumerate(nodes):
        if index[node.name] != number:
            yield f"stage {node.name!r}: the name is used more than once"
    for name, members in groups.items():
        if name in index:
            yield f"stage {nodes[members[0]].name!r}: its group {name!r} has the name of a stage; rename one of them"


def _describe_cycle(nodes: Sequence[Node], cycle: Sequence[int]) -> str:
    names = [nodes[number].name for number in cycle]
    for number, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        group = nodes[following].group
        if group in nodes[number].after and nodes[following].name not in nodes[number].after:
            way = " -> ".join([*names, names[0]])
            why = f"group {group!r} is unreachable, since one of its stages waits for it"
            return f"stage {nodes[number].name!r}: {why}: {way}"
    if len(names) == 1:
        return f"stage {names[0]!r}: depends on itself"
    return f"stage {names[0]!r}: is part of a circle of dependencies: " + " -> ".join([*names, names[0]])
