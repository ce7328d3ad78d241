"""The figures of a dashboard say in words and by their trend the same."""

import pytest

from agentkit.screens import tiles_of
from agentkit.wire import FiguresPage, OperationPage, PeriodLine, moment


def period(rate: float) -> PeriodLine:
    return PeriodLine(
        since=moment(0),
        until=moment(1),
        accepted=9,
        completed=9,
        failed=1,
        cancelled=0,
        success_rate=rate,
        mean_seconds=1,
        p95_seconds=1,
    )


@pytest.mark.parametrize(
    ("rate", "change", "trend"),
    [(0.952, "as yesterday", "same"), (0.97, "2 points more than yesterday", "better")],
)
def test_what_is_as_it_was_is_neither_better_nor_worse(rate: float, change: str, trend: str) -> None:
    page = FiguresPage(at=moment(1), active=1, waiting=0, current=period(rate), previous=period(0.95))

    tile = tiles_of(page)[2]

    assert (tile.change, tile.trend) == (change, trend)


@pytest.mark.parametrize(("fraction", "words"), [(0.999, "99 %"), (0.29, "29 %"), (1.0, "100 %"), (0.0, "0 %")])
def test_a_page_says_all_of_it_of_all_of_it_only(fraction: float, words: str) -> None:
    page = OperationPage(
        id="op-1",
        workflow="greet",
        status="running",
        created_at=moment(0),
        updated_at=moment(1),
        events=3,
        ended=False,
        fraction=fraction,
        seconds=10,
    )

    assert f"running, {words}, operation" in page._repr_mimebundle_()["text/plain"]
