"""The face of a room: names that are loaded when they are first used.

Rules: a face lists where each of its names lives, once for type checkers and once as a table; importing a room costs
nothing until one of its names is asked for, and then only the module where that name lives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

__all__ = ["lazy"]


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
