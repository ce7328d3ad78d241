"""`plan`, `compare`, `draw` and `check` against a server."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, cast

from pydantic import JsonValue
from rich.text import Text

from agentkit.client import Client
from agentkit.errors import DefinitionError, NotFound
from agentkit.service import load_workflow
from agentkit.wire import DrawingFormat, PlanRequest

from .asking import ask, found_id
from .inputs import Request, given_input
from .looking import draw_data, write_drawing
from .reaching import Far
from .screen import errors

__all__ = ["check_afar", "compare_afar", "draw_afar", "plan_afar"]


def plan_afar(workflow: str, far: Far, request: Request, *, runs: int, as_json: bool) -> NoReturn:
    """Show what a workflow would do there; the exit code says whether anything is missing."""

    async def work(client: Client) -> int:
        given = cast("JsonValue", await given_input(request))
        plan = await client.plan(workflow, PlanRequest(input=given, runs=runs, agents=dict(request.agents)))
        sys.stdout.write((plan.model_dump_json(exclude={"text"}) if as_json else plan.text) + "\n")
        return 1 if plan.problems else 0

    ask(far, work)


def compare_afar(first: str, second: str, far: Far, *, as_json: bool) -> NoReturn:
    """Show two operations side by side."""

    async def work(client: Client) -> int:
        ids = [await found_id(client, beginning) for beginning in (first, second)]
        comparison = await client.compare(ids[0], ids[1])
        sys.stdout.write((comparison.model_dump_json(exclude={"text"}) if as_json else comparison.text) + "\n")
        return 0

    ask(far, work)


def draw_afar(subject: str, far: Far, *, form: DrawingFormat, output: Path | None) -> NoReturn:
    """Draw an operation as it stands, or a workflow that is offered."""

    async def work(client: Client) -> int:
        try:
            text = (await client.drawing(await found_id(client, subject), format=form)).drawing
        except NotFound:
            text = draw_data(json.dumps(await _offered(client, subject)), form)
        await write_drawing(text, output)
        return 0

    ask(far, work)


async def _offered(client: Client, name: str) -> JsonValue:
    try:
        return (await client.workflow(name)).definition
    except NotFound as error:
        raise NotFound(f"there is no operation {name!r} at this server, and no workflow of that name") from error


def check_afar(paths: Sequence[Path], far: Far) -> NoReturn:
    """Check workflow files, and that the agents of a server can do what they say."""

    async def work(client: Client) -> int:
        if not paths:
            raise DefinitionError("name a workflow file")
        flows = [load_workflow(path) for path in paths]
        names = {line.name for line in await client.agents()}
        for path, workflow in zip(paths, flows, strict=True):
            # Which resources a server has, nobody is told.
            workflow.check_agents(names, {stage.resource: 1 for stage in workflow.stages if stage.resource})
            errors().print(Text(f"{path} is a correct workflow, and its agents work at {far.url}"), soft_wrap=True)
        return 0

    ask(far, work)
