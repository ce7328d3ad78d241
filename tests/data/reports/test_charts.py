"""Charts: which figures they show, and that nothing of a drawing is clipped, wrong or harmful."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.data import Chart, ChartKind, Column, Table
from agentkit.data.reports.charts.canvas import WIDTH, fitted
from agentkit.data.reports.charts.chart import figures_of
from agentkit.data.reports.charts.drawing import draw
from agentkit.data.reports.charts.pies import percent_texts
from agentkit.data.reports.charts.scale import scale_of
from agentkit.data.reports.fonts.glyphs import width_of
from agentkit.data.reports.words import words_of
from agentkit.money import find_locale

LOCALE, WORDS = find_locale("en-US"), words_of("en-US")
KINDS: list[ChartKind] = ["bar", "line", "pie"]
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=3)


def chart(kind: ChartKind, figures: Mapping[str, Decimal | None], *, most: int = 20) -> Chart:
    rows = Table.of([Column(name="label"), Column(name="value", kind="decimal")], list(figures.items()))
    return Chart(kind=kind, title="Figures", table=rows, labels="label", values=("value",), most=most)


def svg(drawn: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(draw(drawn, LOCALE, WORDS).svg)


def written(drawn: Chart) -> list[str]:
    return [one.text or "" for one in svg(drawn).iter() if one.tag.endswith("text")]


def test_bars_beyond_the_most_are_added_up_exactly() -> None:
    figures = figures_of(chart("bar", {f"A{one}": Decimal("0.1") for one in range(30)}, most=10))

    assert figures.labels[-1] == "21 others"
    assert figures.series[0].values[-1] == Decimal("2.1")


def test_bars_of_months_are_never_added_up() -> None:
    months = {f"{2020 + one // 12}-{one % 12 + 1:02}": Decimal(one) for one in range(60)}

    assert len(figures_of(chart("bar", months)).labels) == 60


def test_a_pie_goes_from_large_to_small_and_leaves_out_what_is_zero() -> None:
    figures = figures_of(chart("pie", {"a": Decimal(1), "b": Decimal(0), "c": Decimal(5)}))

    assert figures.labels == ("c", "a")


def test_a_slice_too_small_to_tell_is_not_told_to_be_nothing() -> None:
    told = percent_texts([Decimal(99_999), Decimal(1)], LOCALE)

    assert told == ["100.0%", "< 0.1%"]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8))
def test_percentages_of_a_pie_sum_to_a_hundred(values: list[int]) -> None:
    told = percent_texts([Decimal(value) for value in values], LOCALE)

    assert sum(Fraction(text.removesuffix("%")) for text in told if not text.startswith("<")) == 100


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_every_value_lies_on_its_axis(values: list[Decimal]) -> None:
    scale = scale_of(values)

    assert all(-1e-9 <= scale.share(value) <= 1 + 1e-9 for value in [*values, Decimal()])
    assert 2 <= len(scale.ticks) <= 12
    assert list(scale.ticks) == sorted(set(scale.ticks))


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_without_data_says_so(kind: ChartKind) -> None:
    assert written(chart(kind, {})) == ["No data"]
    assert written(chart(kind, {"a": None})) == ["No data"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_value_is_drawn(kind: ChartKind) -> None:
    assert "17.25" in written(chart(kind, {"2024-01": Decimal("17.25")}))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_written_is_clipped(kind: ChartKind) -> None:
    low = 0 if kind == "pie" else -400
    figures: dict[str, Decimal | None] = {
        f"The {one}th name of a very, very long list of names that goes on and on": Decimal(one * 9173 % 1200 + low)
        for one in range(25)
    }

    drawn = svg(chart(kind, figures))

    for one in drawn.iter():
        if one.tag.endswith("text"):
            width = width_of(one.text or "", float(one.get("font-size", "0")))
            begin = (
                float(one.get("x", "0")) - {"start": 0.0, "middle": 0.5, "end": 1.0}[one.get("text-anchor", "")] * width
            )
            assert begin >= -0.5, one.text
            assert begin + width <= WIDTH + 0.5, one.text
            assert 0 < float(one.get("y", "0")) <= float(drawn.get("height", "0")), one.text


def test_a_gap_in_a_line_stays_a_gap() -> None:
    values = {"2024-01": Decimal(1), "2024-02": None, "2024-03": Decimal(3), "2024-04": Decimal(2)}

    steps = next(one.get("d", "") for one in svg(chart("line", values)).iter() if one.tag.endswith("path"))

    assert re.sub(r"[\d. ]", "", steps) == "MML"


def test_names_are_text_and_never_markup() -> None:
    harmful = '</text><script>alert(1)</script>"&<'

    drawing = draw(chart("bar", {harmful: Decimal(1)}), LOCALE, WORDS)

    assert "<script" not in drawing.svg
    assert "a\ufffdb" in written(chart("bar", {"a\x00b": Decimal(1)}))


def test_a_drawing_tells_its_figures_in_words() -> None:
    told = draw(chart("bar", {"Ibis": Decimal("3.5")}), LOCALE, WORDS).description

    assert told == "Figures. value: Ibis 3.5."


@given(st.text(max_size=80), st.floats(10, 200))
def test_a_text_that_is_cut_fits(text: str, width: float) -> None:
    assert width_of(fitted(text, width), 11.0) <= max(width, width_of("\u2026", 11.0))


@pytest.mark.parametrize("kind", ["bar", "line"])
def test_figures_of_any_size_are_drawn(kind: ChartKind) -> None:
    drawn = chart(
        kind, {"a": Decimal("9e300"), "b": Decimal("-1e-200"), "c": Decimal("123456789012345678901234567890")}
    )

    assert "nan" not in draw(drawn, LOCALE, WORDS).svg
    assert "inf" not in draw(drawn, LOCALE, WORDS).svg
