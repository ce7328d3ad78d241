"""`ReportAgent`: writes a report as PDF, Excel, CSV and HTML, checks it, and attaches it to the operation."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from anyio import fail_after, to_thread

from agentkit.agents import Agent, AgentPersonality
from agentkit.data import (
    Declared,
    MailSettings,
    Notification,
    Report,
    ReportConfig,
    ReportTable,
    Table,
    WrittenFile,
    send_notification,
    write_report,
)
from agentkit.errors import DefinitionError, InputError, ReportError

from .extraction import personality_of
from .handing import AnyTask, Handed, fetch, find_tables, handed_by, issues_table
from .layout import ReportLayout, report_of
from .parameters import fill, parameters_of

__all__ = ["ReportAgent", "ReportSettings", "WrittenReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings(Declared):
    """What is written.

    Attributes:
        layout: What the report looks like.
        config: Period, charts, formats, quality threshold, raw data, time limit, and who is told.
        name: How its files are called, without an ending; made of the title if empty.
        raw: Tables that stand at the end where the configuration asks for raw data.
        mail: The server that tells people, where the configuration names some.
        created: When it says that it was made, such as `2025-01-31T09:00:00Z`; when it is made, unless said.

    Raises:
        DefinitionError: People are to be told, and there is no mail server.
    """

    layout: ReportLayout
    config: ReportConfig = field(default_factory=ReportConfig)
    name: str = ""
    raw: tuple[str, ...] = ()
    mail: MailSettings | None = None
    created: str | None = None

    def __post_init__(self) -> None:
        if self.config.notify and self.mail is None:
            raise DefinitionError("people are to be told (notify), and there is no mail server (mail)")

    @property
    def tables(self) -> frozenset[str]:
        """The names of the tables that it shows."""
        return self.layout.tables | frozenset(self.raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport(Handed):
    """What was written.

    Attributes:
        title: What the report is called.
        files: Its files, which the operation has.
        told: The id of the message that tells people; empty if nobody had to be told.
    """

    title: str
    files: tuple[WrittenFile, ...]
    told: str = ""


class ReportAgent(Agent[object, WrittenReport]):
    """Writes a report of the tables that were handed on; its files belong to the operation.

    Args:
        settings: What is written.
        secrets: Passwords by name, for the mail server.
        name: What stages call it by.
    """

    personality: AgentPersonality = AgentPersonality(
        name="report", role="Reports", expertise={"reports", "pdf", "excel"}
    )

    def __init__(
        self, settings: ReportSettings, *, secrets: Mapping[str, str] | None = None, name: str = "report"
    ) -> None:
        self.settings: ReportSettings = settings
        self.personality = personality_of(type(self).personality, name)
        self._secrets = dict(secrets or {})

    async def run(self, task: AnyTask) -> WrittenReport:
        """Write the report, read it back, and attach its files.

        Raises:
            InputError: It names a table that was not handed on.
            ReportError: It cannot be written, takes too long, or the data is not good enough.
            ControlTotalWrong: A file says something else than the report.
            MissingExtra: A library of the extra `reports` is not installed.
        """
        settings = fill(self.settings, parameters_of(task))
        refs = find_tables(task)
        stages = dict(handed_by(task))
        # Where nothing was said of rows, a report that would show it says so.
        nothing = {f"{stage}.{kind}": issues_table(()) for stage in stages for kind in ("quarantine", "issues")}
        if missing := sorted(settings.tables - refs.keys() - nothing.keys()):
            there = ", ".join(sorted(refs)) or "none"
            raise InputError(f"the report names the table {missing[0]!r}; there are: {there}")
        tables = {
            name: await fetch(task, refs[name]) if name in refs else nothing[name] for name in sorted(settings.tables)
        }
        handed = list(stages.values())
        report = report_of(
            settings.layout,
            tables,
            statements=[text for each in handed for text in each.statements],
            created=_moment(settings.created) or datetime.fromtimestamp(task.now, UTC).replace(microsecond=0),
        )
        ratios = [Decimal(each.quality) for each in handed if each.quality is not None]
        raw = _raw(settings.raw, tables)
        report = settings.config.apply(report, quality=min(ratios, default=None), raw=raw)
        with tempfile.TemporaryDirectory(prefix="agentkit-report-") as folder:
            files = await self._write(task, report, settings, folder)
            for file in files:
                content = await to_thread.run_sync((Path(folder) / file.name).read_bytes)
                await task.attach(file.name, content, media_type=file.media_type)
            told = await self._tell(task, report, settings, files, folder)
        return WrittenReport(title=report.title, files=files, told=told)

    async def _write(
        self, task: AnyTask, report: Report, settings: ReportSettings, folder: str
    ) -> tuple[WrittenFile, ...]:
        def tell(done: int, total: int | None, what: str) -> None:
            task.progress(0.9 * done / total if total else 0.0, f"{what}: {done:,} of {total or 0:,}")

        limit = settings.config.time_limit
        try:
            with fail_after(limit):
                return await to_thread.run_sync(
                    lambda: write_report(
                        report, folder, formats=settings.config.formats, name=settings.name, progress=tell
                    ),
                    abandon_on_cancel=True,
                )
        except TimeoutError as error:
            raise ReportError(f"the report took longer than its time_limit of {limit:g} seconds") from error

    async def _tell(
        self, task: AnyTask, report: Report, settings: ReportSettings, files: Sequence[WrittenFile], folder: str
    ) -> str:
        """Tell people that it is there; once, whatever breaks on the way."""
        to, mail = settings.config.notify, settings.mail
        if not to or mail is None:
            return ""
        message = Notification(
            to=to,
            subject=f"{report.title} is ready",
            text=f"The report {report.title} was made by operation {task.operation_id}.",
            sent=datetime.fromtimestamp(task.now, UTC),
            files=tuple(files),
            folder=folder,
        )

        async def send(_: str) -> str:
            return await to_thread.run_sync(lambda: send_notification(message, mail, secret=self._secrets.__getitem__))

        return await task.effect("tell", key=report.title[:200], returns=str, to=list(to)).run(send)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ReportError(f"created {text!r} is no time: write it like 2025-01-31T09:00:00Z") from error
    if moment.tzinfo is None:
        raise ReportError(f"created {text!r} needs a time zone: write it like 2025-01-31T09:00:00Z")
    return moment


def _raw(names: Sequence[str], tables: Mapping[str, Table]) -> list[ReportTable]:
    return [ReportTable(table=tables[name], title=f"Data: {name}") for name in names]
