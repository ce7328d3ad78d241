"""Data: tables, where they come from, how they are cleaned and worked on, what they tell, and reports of them.

Rules: a row is never lost without a word, a number is never rounded without being told to, and both engines give the
same. Usable without agents, orchestrator and store.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .cleaning.clean import Cleaned as Cleaned
    from .cleaning.clean import CleaningStatistics as CleaningStatistics
    from .cleaning.clean import FieldStatistics as FieldStatistics
    from .cleaning.clean import Progress as Progress
    from .cleaning.clean import clean as clean
    from .cleaning.dedupe import Deduped as Deduped
    from .cleaning.dedupe import dedupe as dedupe
    from .cleaning.quality import Quality as Quality
    from .cleaning.quality import measure_quality as measure_quality
    from .cleaning.schema import Bound as Bound
    from .cleaning.schema import CurrencyFrom as CurrencyFrom
    from .cleaning.schema import Field as Field
    from .cleaning.schema import Schema as Schema
    from .cleaning.texts import tidy as tidy
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
            "cleaning.clean": ("Cleaned", "CleaningStatistics", "FieldStatistics", "Progress", "clean"),
            "cleaning.dedupe": ("Deduped", "dedupe"),
            "cleaning.quality": ("Quality", "measure_quality"),
            "cleaning.schema": ("Bound", "CurrencyFrom", "Field", "Schema"),
            "cleaning.texts": ("tidy",),
            "issues": ("Issue", "Quarantined"),
            "tables.grouping": ("Total", "TotalKind"),
            "tables.kinds": ("Cell", "Column", "Kind"),
            "tables.origins": ("Origin",),
            "tables.storage": ("EngineName",),
            "tables.table": ("Table",),
        },
    )
