"""Data: tables, where they come from, how they are cleaned and worked on, what they tell, and reports of them.

Rules: a row is never lost without a word, a number is never rounded without being told to, and both engines give the
same. Usable without agents, orchestrator and store.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .insights.checking import check_text as check_text
    from .insights.finding import find_insights as find_insights
    from .insights.statements import BehindRows as BehindRows
    from .insights.statements import Figure as Figure
    from .insights.statements import FigureValue as FigureValue
    from .insights.statements import Insights as Insights
    from .insights.statements import InsightsConfig as InsightsConfig
    from .insights.statements import Statement as Statement
    from .insights.statements import StatementKind as StatementKind
    from .issues import Issue as Issue
    from .issues import Quarantined as Quarantined
    from .processing.expressions.expression import Expression as Expression
    from .processing.instructions.understanding import Phrase as Phrase
    from .processing.instructions.understanding import Understood as Understood
    from .processing.instructions.understanding import understand as understand
    from .processing.operations import BusinessRule as BusinessRule
    from .processing.operations import Check as Check
    from .processing.operations import Convert as Convert
    from .processing.operations import Dedupe as Dedupe
    from .processing.operations import Derive as Derive
    from .processing.operations import Filter as Filter
    from .processing.operations import Group as Group
    from .processing.operations import Join as Join
    from .processing.operations import Normalise as Normalise
    from .processing.operations import Operation as Operation
    from .processing.operations import Party as Party
    from .processing.operations import Rename as Rename
    from .processing.operations import Select as Select
    from .processing.operations import Share as Share
    from .processing.operations import Sort as Sort
    from .processing.operations import Top as Top
    from .processing.operations import Total as Total
    from .processing.process import Processed as Processed
    from .processing.process import process as process
    from .processing.running import OperationStatistics as OperationStatistics
    from .processing.steps import Progress as Progress
    from .tables.kinds import Cell as Cell
    from .tables.kinds import Column as Column
    from .tables.kinds import Kind as Kind
    from .tables.storage import EngineName as EngineName
    from .tables.table import Origin as Origin
    from .tables.table import Table as Table
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "insights.checking": ("check_text",),
            "insights.finding": ("find_insights",),
            "insights.statements": (
                "BehindRows",
                "Figure",
                "FigureValue",
                "Insights",
                "InsightsConfig",
                "Statement",
                "StatementKind",
            ),
            "issues": ("Issue", "Quarantined"),
            "processing.expressions.expression": ("Expression",),
            "processing.instructions.understanding": (
                "Phrase",
                "Understood",
                "understand",
            ),
            "processing.operations": (
                "BusinessRule",
                "Check",
                "Convert",
                "Dedupe",
                "Derive",
                "Filter",
                "Group",
                "Join",
                "Normalise",
                "Operation",
                "Party",
                "Rename",
                "Select",
                "Share",
                "Sort",
                "Top",
                "Total",
            ),
            "processing.process": (
                "Processed",
                "process",
            ),
            "processing.running": ("OperationStatistics",),
            "processing.steps": ("Progress",),
            "tables.kinds": ("Cell", "Column", "Kind"),
            "tables.storage": ("EngineName",),
            "tables.table": ("Origin", "Table"),
        },
    )
