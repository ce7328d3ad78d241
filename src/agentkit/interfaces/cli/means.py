"""What a command works with: the agents, the limited resources and the store that its options name."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agentkit.data import Access
from agentkit.errors import InputError
from agentkit.orchestrator import Orchestrator
from agentkit.service import Service, load_agents, load_workflow

if TYPE_CHECKING:
    from agentkit.kernel import Workflow
    from agentkit.stores import Store

__all__ = ["Means"]

_MOST_DIGITS = 9
_GIVEN = "AGENTKIT_SECRET_"
_NETWORKS = "AGENTKIT_NETWORKS"
_ROOT = "AGENTKIT_ROOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Agents, limited resources and a store, as they were given.

    Attributes:
        agents: Modules or files with agents.
        resources: `NAME=N`, one for each limited resource.
        store: The address of the store.
        waits: Whether to stay with an operation that waits for somebody.
        root: The folder below which the sources of ready-made agents may read files.
    """

    agents: Sequence[str]
    resources: Sequence[str] = ()
    store: str = "memory://"
    waits: bool = True
    root: str = field(default_factory=lambda: os.environ.get(_ROOT, "."))

    @property
    def options(self) -> Sequence[str]:
        """The same means for another command."""
        agents = [word for name in self.agents for word in ("--agents", name)]
        resources = [word for item in self.resources for word in ("--resource", item)]
        root = [] if self.root == "." else ["--root", self.root]
        return [*agents, *resources, *root, "--store", self.store]

    @property
    def secrets(self) -> Collection[str]:
        """What must never be shown: the secrets that sources and mail servers may ask for."""
        return _secrets().values()

    def orchestrator(self, store: Store | None = None, *, adopt: bool = False) -> Orchestrator:
        """An orchestrator that has them, and runs nothing but what it is asked for, unless it is to adopt operations.

        Raises:
            InputError: A resource is not written as `NAME=N`.
            DefinitionError: An agent cannot be found, or the store's address is not valid.
        """
        resources = self._capacities()
        agents = load_agents(self.agents, access=Access(root=self.root, secrets=_secrets(), networks=_networks()))
        return Orchestrator(agents, store=store or self.store, resources=resources, adopt=adopt)

    def service(self, workflows: Iterable[str | Path], *, adopt: bool = True, direct: Collection[str] = ()) -> Service:
        """The service of a door on them, whose orchestrator is to be opened by whoever serves.

        Args:
            workflows: The files of what is offered.
            adopt: Whether operations that others have left are gone on with.
            direct: The agents that may be asked directly.

        Raises:
            InputError: A resource is not written as `NAME=N`.
            DefinitionError: A file is not valid, an agent or a resource that it names is not there, or the store's
                address is not valid.
        """
        offered = [load_workflow(Path(path)) for path in workflows]
        modules = {module: [member.name for member in load_agents([module])] for module in self.agents}
        service = Service(self.orchestrator(adopt=adopt), offered, direct=direct, modules=modules)
        for workflow in offered:
            self.check_resources(workflow)
        return service

    def check_resources(self, workflow: Workflow[object]) -> None:
        """Check that every resource that a workflow names was given.

        Raises:
            InputError: A resource is not written as `NAME=N`.
            DefinitionError: A stage names a resource that was not given.
        """
        workflow.check_agents({name for stage in workflow.stages for name in stage.agents}, self._capacities())

    def _capacities(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for item in self.resources:
            name, _, text = item.rpartition("=")
            if not name or not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS) or not int(text):
                raise InputError(f"--resource {item[:100]!r}: write NAME=N, where N is a whole number from 1 on")
            if name in found:
                raise InputError(f"--resource {item[:100]!r}: {name[:100]!r} was given before")
            found[name] = int(text)
        return found


def _secrets() -> Mapping[str, str]:
    """What sources and mail servers may ask for: variables of the environment, `AGENTKIT_SECRET_NAME` for `NAME`."""
    found = {name.removeprefix(_GIVEN): value for name, value in os.environ.items() if name.startswith(_GIVEN)}
    return {name: value for name, value in found.items() if name and value}


def _networks() -> tuple[str, ...]:
    """Private networks that sources may reach all the same: `AGENTKIT_NETWORKS=127.0.0.1/32,10.1.0.0/16`."""
    return tuple(filter(None, os.environ.get(_NETWORKS, "").split(",")))
