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
    from .processing.process import Processed as Processed
    from .processing.process import process as process
    from .processing.running import OperationStatistics as OperationStatistics
    from .progress import Progress as Progress
    from .reports.charts.chart import Chart as Chart
    from .reports.charts.chart import ChartKind as ChartKind
    from .reports.config import ReportConfig as ReportConfig
    from .reports.controls import ControlTotal as ControlTotal
    from .reports.controls import TableControl as TableControl
    from .reports.controls import control_totals as control_totals
    from .reports.mail import MailSettings as MailSettings
    from .reports.mail import Notification as Notification
    from .reports.mail import send_notification as send_notification
    from .reports.report import Align as Align
    from .reports.report import KeyFigure as KeyFigure
    from .reports.report import KeyFigures as KeyFigures
    from .reports.report import Note as Note
    from .reports.report import Paragraph as Paragraph
    from .reports.report import Part as Part
    from .reports.report import Report as Report
    from .reports.report import ReportColumn as ReportColumn
    from .reports.report import ReportTable as ReportTable
    from .reports.report import Section as Section
    from .reports.writing import ReportFormat as ReportFormat
    from .reports.writing import WrittenFile as WrittenFile
    from .reports.writing import write_csv as write_csv
    from .reports.writing import write_excel as write_excel
    from .reports.writing import write_html as write_html
    from .reports.writing import write_pdf as write_pdf
    from .reports.writing import write_report as write_report
    from .sources.consolidation import consolidate as consolidate
    from .sources.delimited import CsvSource as CsvSource
    from .sources.detection import FileSource as FileSource
    from .sources.extraction import Extraction as Extraction
    from .sources.extraction import extract as extract
    from .sources.extraction import read_blocks as read_blocks
    from .sources.extraction import read_source as read_source
    from .sources.http.paging import CursorPaging as CursorPaging
    from .sources.http.paging import LinkPaging as LinkPaging
    from .sources.http.paging import NumberPaging as NumberPaging
    from .sources.http.paging import OffsetPaging as OffsetPaging
    from .sources.http.paging import Paging as Paging
    from .sources.http.signing import Auth as Auth
    from .sources.http.signing import BasicAuth as BasicAuth
    from .sources.http.signing import BearerAuth as BearerAuth
    from .sources.http.signing import HeaderAuth as HeaderAuth
    from .sources.http.signing import QueryAuth as QueryAuth
    from .sources.http.source import HttpSource as HttpSource
    from .sources.json_source import JsonLinesSource as JsonLinesSource
    from .sources.json_source import JsonSource as JsonSource
    from .sources.pages import HtmlSource as HtmlSource
    from .sources.parquet import ParquetSource as ParquetSource
    from .sources.ports import Extracted as Extracted
    from .sources.ports import Source as Source
    from .sources.ports import SourceReport as SourceReport
    from .sources.reading import Reading as Reading
    from .sources.records import RecordsSource as RecordsSource
    from .sources.settings import Access as Access
    from .sources.settings import SourceLimits as SourceLimits
    from .sources.sheets import ExcelSource as ExcelSource
    from .sources.specs import AnySource as AnySource
    from .sources.sql.source import SqlSource as SqlSource
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
            "cleaning.clean": (
                "Cleaned",
                "CleaningStatistics",
                "FieldStatistics",
                "clean",
            ),
            "cleaning.dedupe": (
                "Deduped",
                "dedupe",
            ),
            "cleaning.quality": (
                "Quality",
                "measure_quality",
            ),
            "cleaning.schema": (
                "Bound",
                "CurrencyFrom",
                "Field",
                "Schema",
            ),
            "cleaning.texts": ("tidy",),
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
            "issues": (
                "Issue",
                "Quarantined",
            ),
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
            ),
            "processing.process": (
                "Processed",
                "process",
            ),
            "processing.running": ("OperationStatistics",),
            "progress": ("Progress",),
            "reports.charts.chart": (
                "Chart",
                "ChartKind",
            ),
            "reports.config": ("ReportConfig",),
            "reports.controls": (
                "ControlTotal",
                "TableControl",
                "control_totals",
            ),
            "reports.mail": (
                "MailSettings",
                "Notification",
                "send_notification",
            ),
            "reports.report": (
                "Align",
                "KeyFigure",
                "KeyFigures",
                "Note",
                "Paragraph",
                "Part",
                "Report",
                "ReportColumn",
                "ReportTable",
                "Section",
            ),
            "reports.writing": (
                "ReportFormat",
                "WrittenFile",
                "write_csv",
                "write_excel",
                "write_html",
                "write_pdf",
                "write_report",
            ),
            "sources.consolidation": ("consolidate",),
            "sources.delimited": ("CsvSource",),
            "sources.detection": ("FileSource",),
            "sources.extraction": (
                "Extraction",
                "extract",
                "read_blocks",
                "read_source",
            ),
            "sources.http.paging": (
                "CursorPaging",
                "LinkPaging",
                "NumberPaging",
                "OffsetPaging",
                "Paging",
            ),
            "sources.http.signing": (
                "Auth",
                "BasicAuth",
                "BearerAuth",
                "HeaderAuth",
                "QueryAuth",
            ),
            "sources.http.source": ("HttpSource",),
            "sources.json_source": (
                "JsonLinesSource",
                "JsonSource",
            ),
            "sources.pages": ("HtmlSource",),
            "sources.parquet": ("ParquetSource",),
            "sources.ports": (
                "Extracted",
                "Source",
                "SourceReport",
            ),
            "sources.reading": ("Reading",),
            "sources.records": ("RecordsSource",),
            "sources.settings": (
                "Access",
                "SourceLimits",
            ),
            "sources.sheets": ("ExcelSource",),
            "sources.specs": ("AnySource",),
            "sources.sql.source": ("SqlSource",),
            "tables.grouping": (
                "Total",
                "TotalKind",
            ),
            "tables.kinds": (
                "Cell",
                "Column",
                "Kind",
            ),
            "tables.origins": ("Origin",),
            "tables.storage": ("EngineName",),
            "tables.table": ("Table",),
        },
    )
