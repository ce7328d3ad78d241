"""Data: tables, where they come from, how they are cleaned and worked on, what they tell, and reports of them.

Rules: a row is never lost without a word, a number is never rounded without being told to, and both engines give the
same. Usable without agents, orchestrator and store.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .issues import Issue as Issue
    from .issues import Quarantined as Quarantined
    from .tables.grouping import Total as Total
    from .tables.grouping import TotalKind as TotalKind
    from .tables.kinds import Cell as Cell
    from .tables.kinds import Column as Column
    from .tables.kinds import Kind as Kind
    from .tables.origins import Origin as Origin
    from .tables.storage import EngineName as EngineName
    from .tables.table import Table as Table
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "issues": ("Issue", "Quarantined"),
            "tables.grouping": ("Total", "TotalKind"),
            "tables.kinds": ("Cell", "Column", "Kind"),
            "tables.origins": ("Origin",),
            "tables.storage": ("EngineName",),
            "tables.table": ("Table",),
        },
    )
