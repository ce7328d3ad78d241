"""What people set about a report without a line of code, and what it makes of a report.

Rules: plain values only, so that it can come from YAML; whoever runs the writing holds the limit in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from agentkit.errors import ReportError

from .charts.chart import Chart
from .mail import check_address
from .report import Report, ReportTable, Section
from .writing import FORMATS, ReportFormat

__all__ = ["ReportConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfig:
    """The settings of a report.

    Attributes:
        period: The time that it is about; what the report says itself if empty.
        charts: Whether it has charts.
        formats: What it is written as.
        quality_threshold: The least quality of the data, from `"0"` to `"1"`; None if none is asked for.
        raw_data: Whether the rows that it was made of are in it, as tables at its end.
        time_limit: The seconds that the writing may take; None for no limit. Agents and stages hold it.
        notify: The e-mail addresses of who is told that it is there.

    Raises:
        ReportError: A format is not known, the threshold is not between 0 and 1, the limit is not above 0, or an
            address is none.

    Example:
        >>> ReportConfig(period="2024", formats=("pdf",), quality_threshold="0.95").charts
        True
    """

    period: str = ""
    charts: bool = True
    formats: tuple[ReportFormat, ...] = ("pdf", "excel", "csv")
    quality_threshold: str | None = None
    raw_data: bool = False
    time_limit: float | None = None
    notify: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.formats or any(one not in FORMATS for one in self.formats):
            raise ReportError(f"formats {self.formats!r}: name some of {', '.join(FORMATS)}")
        if self.quality_threshold is not None and not 0 <= _number(self.quality_threshold) <= 1:
            raise ReportError(f"quality_threshold {self.quality_threshold!r} is not between 0 and 1")
        if self.time_limit is not None and not 0 < self.time_limit < float("inf"):
            raise ReportError(f"time_limit {self.time_limit!r}: give seconds above 0, or None")
        for address in self.notify:
            check_address(address)

    def apply(self, report: Report, *, quality: Decimal | None = None, raw: Sequence[ReportTable] = ()) -> Report:
        """What a report becomes by these settings.

        Args:
            report: The report.
            quality: The quality of its data, from 0 to 1; None if there were no rows to judge.
            raw: The rows that it was made of, for `raw_data`.

        Raises:
            ReportError: The quality is below the threshold, or not known although one is set.
        """
        self._check_quality(quality)
        sections = report.sections
        if not self.charts:
            sections = tuple(
                replace(section, parts=tuple(part for part in section.parts if not isinstance(part, Chart)))
                for section in sections
            )
        if self.raw_data:
            sections += tuple(Section(title=table.title, parts=(table,)) for table in raw)
        return replace(report, sections=sections, period=self.period or report.period)

    def _check_quality(self, quality: Decimal | None) -> None:
        if self.quality_threshold is None:
            return
        if quality is None:
            raise ReportError("the quality of the data is not known, and quality_threshold is set: measure it first")
        if quality < _number(self.quality_threshold):
            raise ReportError(
                f"the quality of the data is {quality}, below the threshold {self.quality_threshold}; look into the"
                " quarantine, or lower quality_threshold"
            )


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ReportError(f"quality_threshold {text!r} is no number: write it like '0.95'") from error
    return value if value.is_finite() else Decimal(-1)
