"""How many attempts may run at once, over all operations of an orchestrator.

Rules: a slot is taken before an attempt starts and given back when it ends; whoever finds none is told, in turn, when
there is one again. Nobody waits for two things at once, so nobody can wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agentkit.errors import DefinitionError

__all__ = ["Slots"]

Poke = Callable[[], None]


class Slots:
    """Counted slots: so many in all, and so many of each resource.

    Example:
        >>> slots = Slots(2, {"printer": 1})
        >>> slots.take("printer"), slots.take("printer"), slots.take(None), slots.take(None)
        (True, False, True, False)
    """

    __slots__ = ("_free", "_resources", "_waiting", "capacity")

    def __init__(self, capacity: int, resources: Mapping[str, int] | None = None) -> None:
        resources = dict(resources or {})
        for name, count in {"max_parallel": capacity, **resources}.items():
            if isinstance(count, bool) or count < 1:
                raise DefinitionError(f"{name} must be a whole number from 1 on, not {count!r}")
        self.capacity: Mapping[str, int] = resources
        self._free = capacity
        self._resources = dict(resources)
        self._waiting: dict[str | None, dict[Poke, None]] = {}

    def free(self, resource: str | None) -> int:
        """How many could be taken now."""
        if resource is None:
            return self._free
        return min(self._free, self._resources.get(resource, 0))

    def take(self, resource: str | None) -> bool:
        """Take one, if there is one."""
        if self.free(resource) < 1:
            return False
        self._free -= 1
        if resource is not None:
            self._resources[resource] -= 1
        return True

    def give(self, resource: str | None) -> None:
        """Give one back; the next in line is told."""
        self._free += 1
        if resource is not None:
            self._resources[resource] += 1
        if self._waiting:
            self.pass_on()

    def wait(self, resource: str | None, poke: Poke) -> None:
        """Ask to be told when there may be one; a second call changes nothing."""
        self._waiting.setdefault(resource, {}).setdefault(poke)

    def forget(self, poke: Poke) -> None:
        """Not interested any more, in any resource."""
        for queue in self._waiting.values():
            queue.pop(poke, None)

    def pass_on(self) -> None:
        """Tell the next in line for whatever is free. Whoever was told and had no use for it calls this."""
        for resource, queue in tuple(self._waiting.items()):
            if not queue:
                del self._waiting[resource]
            elif self.free(resource) > 0:
                poke = next(iter(queue))
                del queue[poke]
                poke()
