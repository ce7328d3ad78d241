"""What must fit between the stages of a workflow: conditions, maps, contexts, children."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .graph import Graph
from .stage import Stage

__all__ = ["MAX_DEPTH", "control_problems"]

MAX_DEPTH = 8


def control_problems(stages: Sequence[Stage], graph: Graph) -> Iterator[str]:
    """What is wrong between stages that are wired correctly, one line each, naming the stage."""
    merges: dict[str, tuple[str, str]] = {}
    for number, stage in enumerate(stages):
        for setting, source in (("when", stage.condition), ("map", stage.items)):
            if source is not None and source.stage is not None:
                known = graph.index.get(source.stage, -1)
                if known not in graph.dependencies[number]:
                    yield (
                        f"stage {stage.name!r}: {setting} looks at {source.stage!r}, which it does not wait for;"
                        f" add it to after"
                    )
        for key, merge in stage.writes.items():
            first, other = merges.setdefault(key, (stage.name, merge))
            if other != merge:
                yield (
                    f"stage {stage.name!r}: writes {key!r} by {merge}, but stage {first!r} by {other};"
                    " a key is merged in one way"
                )
        if stage.workflow is not None:
            yield from _child_problems(stage)
    for stage in stages:
        for key in stage.reads:
            if key not in merges:
                written = ", ".join(merges) or "none"
                yield f"stage {stage.name!r}: reads {key!r}, which no stage writes; known are {written}"


def _child_problems(stage: Stage) -> Iterator[str]:
    layer: list[Stage] = [stage]
    for _ in range(MAX_DEPTH):
        layer = [inner for outer in layer if outer.workflow is not None for inner in outer.workflow.stages]
        if not layer:
            return
    if any(inner.workflow is not None for inner in layer):
        yield f"stage {stage.name!r}: its workflows are nested more than {MAX_DEPTH} deep"
