"""What a report may be, and what it becomes by settings."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from agentkit.data import Chart, KeyFigure, KeyFigures, Report, ReportColumn, ReportConfig, ReportTable, control_totals
from agentkit.errors import ColumnMissing, ReportError
from agentkit.money import Money
from tests.data.reports.samples import CREATED, amounts, full_report, report, sales, table, texts, usd


def test_a_report_needs_a_title() -> None:
    with pytest.raises(ReportError, match="title"):
        Report(title=" ", created=CREATED)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ReportError, match="time zone"):
        Report(title="Sales", created=CREATED.replace(tzinfo=None))


def test_a_language_that_is_not_known_is_refused() -> None:
    with pytest.raises(ReportError, match="language"):
        Report(title="Sales", created=CREATED, language="klingon-x")


def test_two_tables_of_the_same_title_are_refused() -> None:
    with pytest.raises(ReportError, match="two tables"):
        report(table(sales(), "Sales"), table(sales(), "SALES"))


@pytest.mark.parametrize(
    ("columns", "totals", "message"),
    [
        (("artist", "artist"), (), "twice"),
        (("artist",), ("revenue",), "cannot sum"),
        (("artist", "month"), ("month",), "cannot sum"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    columns: tuple[str, ...], totals: tuple[str, ...], message: str
) -> None:
    shown = tuple(ReportColumn(name=name) for name in columns)

    with pytest.raises(ReportError, match=message):
        ReportTable(table=sales(), title="Sales", columns=shown, totals=totals)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(ColumnMissing, match="colour"):
        ReportTable(table=sales(), title="Sales", columns=(ReportColumn(name="colour"),))


def test_totals_without_entries_are_refused() -> None:
    with pytest.raises(ReportError, match="without entries"):
        KeyFigures(entries=())


def test_control_totals_are_exact_and_by_currency() -> None:
    listed = report(table(amounts(usd("0.10"), Money("5", "JPY"), usd("0.20"), None)))

    (control,) = control_totals(listed)

    assert control.rows == 4
    assert [(total.currency, total.value) for total in control.totals] == [
        ("JPY", Decimal(5)),
        ("USD", Decimal("0.30")),
    ]


def test_settings_leave_charts_out_and_put_raw_data_in() -> None:
    settings = ReportConfig(charts=False, raw_data=True, period="2023")

    changed = settings.apply(full_report(), raw=[table(texts("a"), "Raw")])

    assert changed.charts == ()
    assert [shown.title for shown in changed.tables] == ["Sales by artist", "Raw"]
    assert changed.period == "2023"


def test_data_below_the_threshold_makes_no_report() -> None:
    settings = ReportConfig(quality_threshold="0.95")

    with pytest.raises(ReportError, match="below the threshold"):
        settings.apply(full_report(), quality=Decimal("0.94"))
    with pytest.raises(ReportError, match="not known"):
        settings.apply(full_report(), quality=None)
    assert settings.apply(full_report(), quality=Decimal("0.95")) == full_report()


@pytest.mark.parametrize(
    "settings",
    [
        {"formats": ("word",)},
        {"formats": ()},
        {"quality_threshold": "1.5"},
        {"quality_threshold": "much"},
        {"quality_threshold": "NaN"},
        {"time_limit": 0.0},
        {"notify": ("Ann <ann@example.com>",)},
        {"notify": ("ann@example.com\nBcc: all@example.com",)},
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ReportError):
        replace(ReportConfig(), **settings)  # type: ignore[arg-type]  # it is what the test is about


def test_settings_come_from_plain_values() -> None:
    read = TypeAdapter(ReportConfig).validate_python(
        {"formats": ["pdf", "csv"], "charts": False, "quality_threshold": "0.9", "notify": ["ann@example.com"]}
    )

    assert read == ReportConfig(
        formats=("pdf", "csv"), charts=False, quality_threshold="0.9", notify=("ann@example.com",)
    )


def test_a_chart_says_what_it_cannot_draw() -> None:
    mixed = amounts(usd("1"), Money("1", "EUR"))

    with pytest.raises(ReportError, match="mixes EUR and USD"):
        Chart(kind="bar", title="Mixed", table=mixed, labels="who", values=("amount",))
    with pytest.raises(ReportError, match="below zero"):
        Chart(kind="pie", title="Loss", table=amounts(usd("-1")), labels="who", values=("amount",))
    with pytest.raises(ReportError, match="holds no numbers"):
        Chart(kind="line", title="Names", table=sales(), labels="month", values=("artist",))
    assert KeyFigure(label="Revenue", value=usd("1")).value == usd("1")
