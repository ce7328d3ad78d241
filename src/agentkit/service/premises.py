"""What all desks share: the orchestrator, the workflows that are offered, and the bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final, TypeAlias

from agentkit.errors import DefinitionError, NotFound
from agentkit.kernel import Workflow
from agentkit.orchestrator import Orchestrator

from .api_audit import ApiAudit
from .callers import RESERVED, is_reserved
from .census import Census
from .changes import Changes
from .chores import Chores
from .keys import ApiKeys
from .machine import Machine
from .reading import Reader
from .schedules import Schedules
from .settings import Settings
from .usual import UsualTimes
from .webhooks import Webhooks

__all__ = ["Offered", "Premises", "ServiceLimits"]

VERSION: Final = version("agentkit")

Offered: TypeAlias = Workflow[object]
"""A workflow that is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLimits:
    """The bounds that a service keeps; every one can be set.

    Attributes:
        max_waiting: How many operations may wait for room, of all tenants together.
        max_open_per_tenant: How many of one tenant may not have ended; None is no bound.

    Raises:
        DefinitionError: A number is below 1.
    """

    max_waiting: int = 10_000
    max_open_per_tenant: int | None = None

    def __post_init__(self) -> None:
        for name in ("max_waiting", "max_open_per_tenant"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise DefinitionError(f"service limits: {name} must be a whole number from 1 on, not {value!r}")


class Premises:
    """What all desks share.

    Args:
        orchestrator: Who runs operations; it is open as long as the service is used.
        workflows: What is offered, by name.
        limits: The bounds to keep.
        direct: The agents that whoever may run anything may also ask for one piece of work by themselves, without a
            workflow around them; `"*"` is all. By default only admins may: it is workflows that ask people first.
        modules: The names of agents by the module they came from, for those who ask.

    Attributes:
        chores: What goes on beside the requests, such as announcing ends, as long as somebody keeps it going.

    Raises:
        DefinitionError: Two workflows have the same name, one cannot be run for callers, as `check` says, or `direct`
            names an agent that is not there.
    """

    version: str = VERSION
    webhooks: Webhooks | None = None
    """What announces ends; without it no `callback_url` is taken."""
    pepper: str = ""
    """What API keys are hashed with besides."""
    settings: Settings | None = None
    """How the server is set that has the service open; nothing serves a service that a program uses by itself."""
    audit: ApiAudit | None = None
    """Who records what chores change, while a server has the service open and if that is wished for."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        workflows: Iterable[Workflow[object]] = (),
        *,
        limits: ServiceLimits | None = None,
        direct: Collection[str] = (),
        modules: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.orchestrator: Orchestrator = orchestrator
        self.limits: ServiceLimits = limits or ServiceLimits()
        self.reader: Reader = Reader(orchestrator)
        self.usual: UsualTimes = UsualTimes(orchestrator)
        self.changes: Changes = Changes(orchestrator)
        self.direct: frozenset[str] = frozenset([direct] if isinstance(direct, str) else direct)
        self.modules: Mapping[str, frozenset[str]] = {name: frozenset(found) for name, found in (modules or {}).items()}
        self.chores: Chores = Chores()
        self.machine: Machine = Machine(orchestrator.now, store=orchestrator.store_path)
        self._schedules: Schedules | None = None
        self._keys: ApiKeys | None = None
        self._census: Census | None = None
        self._since: float | None = orchestrator.now() if orchestrator.is_open else None
        unknown = sorted(self.direct - {"*"} - self.agents)
        if unknown:
            known = ", ".join(sorted(self.agents)) or "none"
            raise DefinitionError(f"direct: no agent {unknown[0]!r} works here; there are: {known}")
        offered: dict[str, Workflow[object]] = {}
        for workflow in workflows:
            if workflow.name in offered:
                raise DefinitionError(f"two workflows are called {workflow.name!r}")
            self.check(workflow)
            offered[workflow.name] = workflow
        self.workflows: Mapping[str, Workflow[object]] = offered

    @property
    def uptime_seconds(self) -> float:
        """How long it has been open; whoever opens the orchestrator later asks once, so that it counts from then."""
        now = self.orchestrator.now()
        if self._since is None:
            self._since = now
        return now - self._since

    @property
    def schedules(self) -> Schedules:
        """The schedules of the store.

        Raises:
            Closed: The orchestrator is not open.
        """
        if self._schedules is None:
            self._schedules = Schedules(self.orchestrator.store, now=self.orchestrator.now)
        return self._schedules

    @property
    def keys(self) -> ApiKeys:
        """The API keys of the store.

        Raises:
            Closed: The orchestrator is not open.
        """
        if self._keys is None:
            self._keys = ApiKeys(self.orchestrator.store, now=self.orchestrator.now, pepper=self.pepper)
        return self._keys

    @property
    def census(self) -> Census:
        """How many operations the store has; counted anew on another loop, where it was opened again."""
        if self._census is None or self._census.loop is not asyncio.get_running_loop():
            self._census = Census(self.orchestrator)
        return self._census

    def offered(self, name: str) -> Offered:
        """A workflow that is offered.

        Raises:
            NotFound: There is none of that name.
        """
        if name not in self.workflows:
            known = ", ".join(sorted(self.workflows)) or "none"
            raise NotFound(f"no workflow {name!r} is offered here; there are: {known}")
        return self.workflows[name]

    def forget(self) -> None:
        """Let go of what was read of the store: it is about to be closed, and another loop may open it."""
        self._schedules = self._keys = self._census = None

    @property
    def agents(self) -> frozenset[str]:
        """The agents that work for callers: not agentkit's own, which act for everybody."""
        return frozenset(name for name in self.orchestrator.agents if not is_reserved(name))

    def check(self, workflow: Workflow[object]) -> None:
        """Check that a workflow can be run for callers.

        Raises:
            DefinitionError: It is called as one of agentkit's own, or names an agent or a resource that is not there.
        """
        if is_reserved(workflow.name):
            raise DefinitionError(f"workflow {workflow.name!r}: names beginning with {RESERVED!r} are agentkit's own")
        workflow.check_agents(self.agents)
        self.orchestrator.check(workflow)

    @property
    def has_room(self) -> bool:
        """Whether new operations are taken."""
        return self.orchestrator.waiting < self.limits.max_waiting
