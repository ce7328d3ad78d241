"""Agents ready to use: extraction, processing, insights, reports, and those that ask a model.

Rules: each is set up by plain data, so that a workflow needs no Python; tables go from stage to stage as files of the
operation; what an agent may reach (folders, networks, secrets) is said by the program that makes it, never by data.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .extraction import Consolidation as Consolidation
    from .extraction import ExtractedTables as ExtractedTables
    from .extraction import ExtractionAgent as ExtractionAgent
    from .extraction import ExtractionSettings as ExtractionSettings
    from .handing import Handed as Handed
    from .handing import TableRef as TableRef
    from .insights import FoundInsights as FoundInsights
    from .insights import InsightLine as InsightLine
    from .insights import InsightsAgent as InsightsAgent
    from .insights import InsightsSettings as InsightsSettings
    from .layout import ChartLayout as ChartLayout
    from .layout import EachLayout as EachLayout
    from .layout import FigureLayout as FigureLayout
    from .layout import ReportLayout as ReportLayout
    from .layout import SectionLayout as SectionLayout
    from .layout import TableLayout as TableLayout
    from .model import ModelSettings as ModelSettings
    from .processing import ProcessedTable as ProcessedTable
    from .processing import ProcessingAgent as ProcessingAgent
    from .processing import ProcessingSettings as ProcessingSettings
    from .report import ReportAgent as ReportAgent
    from .report import ReportSettings as ReportSettings
    from .report import WrittenReport as WrittenReport
    from .settings import agents_from_data as agents_from_data
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "extraction": ("Consolidation", "ExtractedTables", "ExtractionAgent", "ExtractionSettings"),
            "handing": ("Handed", "TableRef"),
            "insights": ("InsightLine", "InsightsAgent", "FoundInsights", "InsightsSettings"),
            "layout": (
                "ChartLayout",
                "EachLayout",
                "FigureLayout",
                "ReportLayout",
                "SectionLayout",
                "TableLayout",
            ),
            "model": ("ModelSettings",),
            "processing": ("ProcessedTable", "ProcessingAgent", "ProcessingSettings"),
            "report": ("ReportAgent", "WrittenReport", "ReportSettings"),
            "settings": ("agents_from_data",),
        },
    )
