"""Three suppliers are asked at once, and the best offer wins, although one of them does not answer.

The cells (`# %%`) run in a notebook as they stand, and as a script: `python examples/notebook_style.py`.
"""

# %% Who works
from decimal import Decimal

from agentkit import Orchestrator, Stage, Task, Workflow, agent

PRICES = {"northwind": Decimal("4.15"), "paperhaus": Decimal("3.95")}


@agent
def ask(task: Task[dict[str, int]]) -> Decimal:
    """Ask one supplier; a stage's name says which."""
    if task.stage not in PRICES:
        raise ConnectionError(f"{task.stage} does not answer")
    return PRICES[task.stage] * task.input["boxes"]


@agent
def choose(task: Task[dict[str, Decimal]]) -> str:
    """Take the lowest offer of those that came in."""
    best = min(task.input, key=task.input.__getitem__)
    return f"{best} for {task.input[best]}; no answer from {', '.join(task.missing) or 'nobody'}"


# %% What they do
suppliers = ["northwind", "paperhaus", "officemart"]
purchase = Workflow(
    "purchase",
    stages=[
        *[Stage(name, agent="ask", group="offers", required=False) for name in suppliers],
        Stage("choose", agent="choose", after=["offers"]),
    ],
    returns=str,
)

# %% Do it
result = Orchestrator([ask, choose]).run_sync(purchase, {"boxes": 12})
print(result.output)

# %% Look at what came of each stage
for stage, value in result.values.items():
    print(f"{stage:10} {value}")
