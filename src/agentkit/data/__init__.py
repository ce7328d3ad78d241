"""Data: tables, where they come from, how they are cleaned and worked on, what they tell, and reports of them.

Rules: a row is never lost without a word, a number is never rounded without being told to, and both engines give the
same. Usable without agents, orchestrator and store.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .issues import Issue as Issue
    from .issues import Quarantined as Quarantined
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
    from .reports.report import Note as Note
    from .reports.report import Paragraph as Paragraph
    from .reports.report import Part as Part
    from .reports.report import Report as Report
    from .reports.report import ReportColumn as ReportColumn
    from .reports.report import ReportTable as ReportTable
    from .reports.report import Section as Section
    from .reports.report import Total as Total
    from .reports.report import Totals as Totals
    from .reports.writing import ReportFormat as ReportFormat
    from .reports.writing import WrittenFile as WrittenFile
    from .reports.writing import write_csv as write_csv
    from .reports.writing import write_excel as write_excel
    from .reports.writing import write_html as write_html
    from .reports.writing import write_pdf as write_pdf
    from .reports.writing import write_report as write_report
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
            "issues": ("Issue", "Quarantined"),
            "reports.charts.chart": ("Chart", "ChartKind"),
            "reports.config": ("ReportConfig",),
            "reports.controls": ("ControlTotal", "TableControl", "control_totals"),
            "reports.mail": ("MailSettings", "Notification", "send_notification"),
            "reports.report": (
                "Align",
                "Note",
                "Paragraph",
                "Part",
                "Report",
                "ReportColumn",
                "ReportTable",
                "Section",
                "Total",
                "Totals",
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
            "tables.kinds": ("Cell", "Column", "Kind"),
            "tables.storage": ("EngineName",),
            "tables.table": ("Origin", "Table"),
        },
    )
