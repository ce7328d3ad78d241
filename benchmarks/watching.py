"""What a live picture adds to the operation that it shows: in a real notebook kernel, with the picture and without.

The turns alternate, and an operation's duration is what its own journal says: from its acceptance to its end.
"""

import json
from statistics import median
from typing import Any

import nbformat
from nbclient import NotebookClient

BOUND = 1.05
TURNS = 5

_SETUP = """
import asyncio, json
from agentkit import Orchestrator, Stage, Task, Workflow, agent
from agentkit.interfaces.notebook import watch

@agent
async def wait(task: Task[object]) -> int:
    for step in range(20):
        task.progress(step / 20, f"step {step} of 20")
        await asyncio.sleep(0.0125)
    return 1

@agent
async def count(task: Task[object]) -> int:
    return sum(range(200_000))

def chain(name: str, length: int) -> Workflow[object]:
    stages = [Stage(f"s{n}", agent=name, after=[f"s{n - 1}"] if n else []) for n in range(length)]
    return Workflow(name, stages)

SHAPES = {"waits": ("wait", 8), "computes": ("count", 20), "computes much": ("count", 400)}
FLOWS = {name: chain(*shape) for name, shape in SHAPES.items()}
"""
_TURN = """
found = {}
for name, flow in FLOWS.items():
    async with Orchestrator([wait, count]) as orchestrator:
        alone = (await orchestrator.run(flow)).seconds
        watched = (await watch(await orchestrator.submit(flow))).seconds
    found[name] = alone, watched
print(json.dumps(found))
"""


def watch_all(turns: int = TURNS) -> bool:
    """Measure, print a line for each kind of operation, and say whether the pictures keep within their bound."""
    cells = [nbformat.v4.new_code_cell(_SETUP), *(nbformat.v4.new_code_cell(_TURN) for _ in range(turns + 1))]
    notebook: Any = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    said = [
        json.loads(output["text"])
        for cell in notebook.cells[2:]  # the first turn warms up
        for output in cell.outputs
        if output.get("name") == "stdout"
    ]
    is_kept = True
    for name in said[0]:
        alone, watched = (median(turn[name][side] for turn in said) for side in (0, 1))
        # Whatever else the machine does can only add time, so the fastest turns are compared.
        ratio = min(turn[name][1] for turn in said) / min(turn[name][0] for turn in said)
        is_kept = is_kept and ratio <= BOUND
        print(f"{name:22} {alone:7.3f} s alone  {watched:7.3f} s watched  {ratio:5.3f} x  (bound {BOUND})")
    return is_kept
