"""The face of a room: names that are loaded when they are first used.

Rules: a face lists where each of its names lives, once for type checkers and once as a table; importing a room costs
nothing until one of its names is asked for, and then only the module where that name lives.
A value that can be drawn borrows the drawing from the room above it (`lent`), when it is shown and not before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

__all__ = ["lazy", "lent"]


def lazy(package: str, homes: Mapping[str, Sequence[str]]) -> tuple[list[str], Callable[[str], object]]:
    """The `__all__` and the `__getattr__` of a package whose names live in its modules.

    Args:
        package: The package's `__name__`.
        homes: For each module, the names that live there.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def load(name: str) -> object:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(__import__(f"{package}.{home}", fromlist=[name]), name)
        # Kept, so that it is looked up once.
        setattr(__import__(package, fromlist=[home]), name, value)
        return value

    return sorted(home_of), load


def lent(module: str, name: str) -> object:
    """What a value borrows from a room that stands on its own, to show itself: a workflow, the drawing of workflows.

    Args:
        module: Where it lives.
        name: What it is called there.
    """
    value: object = getattr(__import__(module, fromlist=[name]), name)
    return value
