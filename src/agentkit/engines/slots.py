"""How many attempts may run at once, over all operations of an orchestrator.

Rules: a slot is taken before an attempt starts and given back when it ends; whoever finds none is told, in turn, when
there is one again. What others wait for is not taken out of turn: each of them has a free slot kept. Nobody waits for
two things at once, so nobody can wait for each other. What is marked `WITHOUT_SLOT` takes none. A driver takes slots
within one scope (`Taken`), so that whatever goes wrong before an attempt has its slot, the slot is given back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Self, cast

from agentkit.errors import DefinitionError, NotFound
from agentkit.kernel import WITHOUT_SLOT

__all__ = ["Slots", "Taken"]

Poke = Callable[[], None]


class Slots:
    """Counted slots: so many in all, and so many of each resource.

    Attributes:
        capacity: How many there are of each resource.
        total: How many there are in all.
        spare: Told whenever there may be one of no resource that is not kept for those who wait.

    Raises:
        DefinitionError: A number is not a whole one from 1 on.

    Example:
        >>> slots = Slots(2, {"printer": 1})
        >>> slots.take("printer"), slots.take("printer"), slots.take(None), slots.take(None)
        (True, False, True, False)
    """

    __slots__ = ("_free", "_resources", "_told", "_waiting", "capacity", "spare", "total")

    def __init__(self, capacity: int, resources: Mapping[str, int] | None = None) -> None:
        resources = dict(resources or {})
        for name, count in {"max_parallel": capacity, **resources}.items():
            if isinstance(count, bool) or count < 1:
                raise DefinitionError(f"{name} must be a whole number from 1 on, not {count!r}")
        self.capacity: Mapping[str, int] = resources
        self.total: int = capacity
        self._free = capacity
        self._resources = dict(resources)
        self.spare: Poke | None = None
        self._waiting: dict[str | None, dict[Poke, None]] = {}
        self._told: dict[Poke, None] = {}

    def free(self, resource: str | None, poke: Poke | None = None) -> int:
        """How many could be taken now; given who asks, without those that are kept for others."""
        free = self._free if resource is None else min(self._free, self._resources.get(resource, 0))
        # After a limit was lowered there may be fewer than none.
        free = max(0, free)
        if poke is None or not free or not (self._waiting or self._told):
            return free
        return max(0, free - self._kept(poke))

    @property
    def used(self) -> int:
        """How many are taken now, of whatever resource; after a limit was lowered, these may be more than it."""
        return self.total - self._free

    def taken(self, resource: str) -> int:
        """How many of a resource are taken now."""
        return self.capacity[resource] - self._resources[resource]

    def resize(self, resource: str | None, count: int) -> None:
        """Have so many of a resource from now on, or so many in all; what is taken stays taken until it is given back.

        Raises:
            DefinitionError: The number is not a whole one from 1 on.
            NotFound: There is no such resource.
        """
        if isinstance(count, bool) or not isinstance(cast("object", count), int) or count < 1:
            raise DefinitionError(f"{resource or 'max_parallel'} must be a whole number from 1 on, not {count!r}")
        if resource is None:
            self._free += count - self.total
            self.total = count
        elif resource in self.capacity:
            self._resources[resource] += count - self.capacity[resource]
            self.capacity = {**self.capacity, resource: count}
        else:
            raise NotFound(f"there is no resource {resource!r}; there are {', '.join(self.capacity) or 'none'}")
        self.pass_on()

    def take_some(self, resource: str | None, most: int) -> int:
        """Take as many as are free, at most so many; how many that were."""
        return self._taken(resource, min(most, self.free(resource)))

    def claim(self, resource: str | None, most: int, poke: Poke) -> int:
        """Take as many as are free for who asks, at most so many, who is told when there may be more; how many."""
        if resource == WITHOUT_SLOT:
            return most
        free = self.free(resource, poke)
        if free < most:
            self.wait(resource, poke)
            return self._taken(resource, free)
        return self._taken(resource, most)

    def take(self, resource: str | None) -> bool:
        """Take one, if there is one."""
        return self.take_some(resource, 1) == 1

    def give(self, resource: str | None) -> None:
        """Give one back; the next in line is told."""
        if resource == WITHOUT_SLOT:
            return
        self._free += 1
        if resource is not None:
            self._resources[resource] += 1
        self.pass_on()

    def wait(self, resource: str | None, poke: Poke) -> None:
        """Ask to be told when there may be one; a second call changes nothing."""
        self._waiting.setdefault(resource, {}).setdefault(poke)

    def leave(self, poke: Poke) -> None:
        """Whoever was told has taken what there was to take; what is left is for the next."""
        if self._told.pop(poke, self) is None or self._waiting:
            self.pass_on()

    def forget(self, poke: Poke) -> None:
        """Not interested any more, in any resource; `pass_on` tells those behind."""
        self._told.pop(poke, None)
        for queue in self._waiting.values():
            queue.pop(poke, None)

    def pass_on(self) -> None:
        """Tell the next in line, for each resource, while there are more free slots than have been told; then spare."""
        if self._waiting:
            self._tell_waiting()
        if self.spare is not None and self._free > len(self._told):
            self.spare()

    def _tell_waiting(self) -> None:
        for resource, queue in tuple(self._waiting.items()):
            if not queue:
                del self._waiting[resource]
            elif self.free(resource) > len(self._told):
                poke = next(iter(queue))
                del queue[poke]
                self._told[poke] = None
                poke()

    def _taken(self, resource: str | None, count: int) -> int:
        """Take so many, which are free."""
        self._free -= count
        if resource is not None:
            self._resources[resource] -= count
        return count

    def _kept(self, poke: Poke) -> int:
        """How many free slots are kept for others: for who was told, and, unless this one was told, for who waits."""
        if poke in self._told:
            return len(self._told) - 1
        kept = len(self._told)
        for resource, queue in self._waiting.items():
            waiting = len(queue) - (poke in queue)
            kept += min(waiting, self.free(resource))
        return kept


class Taken:
    """The slots that somebody has taken and no attempt has got yet: when its scope ends, these are given back.

    Attributes:
        numbers: The stages that have a slot here, in order.
    """

    __slots__ = ("_poke", "_slots", "numbers")

    def __init__(self, slots: Slots, poke: Poke) -> None:
        self._slots = slots
        self._poke = poke
        self.numbers: dict[int, str | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for resource in self.numbers.values():
            self._slots.give(resource)

    def take(self, resource: str | None, queue: Collection[int], room: int | None = None) -> None:
        """Take a slot for each of the queue's first stages that may start now; no more than room in all.

        The resource is kept beside the number: after a write that failed, the steps that it would have made do not
        exist, and nobody could say what they needed.
        """
        most = len(queue) if room is None else min(len(queue), room - len(self.numbers))
        for number in islice(queue, self._slots.claim(resource, most, self._poke)):
            self.numbers[number] = resource

    def hand_over(self, number: int) -> None:
        """The stage's attempt has begun, and gives the slot back when it ends."""
        del self.numbers[number]
