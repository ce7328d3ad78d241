"""Deadlines in working days, by a calendar that is given."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agentkit.errors import DefinitionError
from agentkit.kernel import BusinessDays


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("settings", "since", "until"),
    [
        # 2025-11-28 is a Friday.
        ({"days": 1}, "2025-11-28 12:00", "2025-12-01 12:00"),
        ({"days": 1}, "2025-11-29 12:00", "2025-12-01 12:00"),
        ({"days": 5}, "2025-11-26 08:30", "2025-12-03 08:30"),
        ({"days": 1, "holidays": ["2025-12-01"]}, "2025-11-28 12:00", "2025-12-02 12:00"),
        ({"days": 1, "weekend": [4, 5]}, "2025-11-27 12:00", "2025-11-30 12:00"),
        ({"days": 1, "weekend": []}, "2025-11-28 12:00", "2025-11-29 12:00"),
        # At 23:30 UTC on Thursday it is Friday in Berlin, so the next working day there is Monday.
        ({"days": 1, "utc_offset_hours": 1}, "2025-11-27 23:30", "2025-11-30 23:30"),
        ({"days": 1}, "2025-11-27 23:30", "2025-11-28 23:30"),
        ({"days": 1, "utc_offset_hours": -5}, "2025-11-29 02:00", "2025-12-02 02:00"),
    ],
)
def test_a_deadline_is_so_many_working_days_later(settings: dict[str, Any], since: str, until: str) -> None:
    assert BusinessDays(**settings).after(seconds(since)) == seconds(until)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"days": 0}, "days must be"),
        ({"days": True}, "days must be"),
        ({"days": 1, "weekend": range(7)}, "weekend must be days from 0 to 6, not all"),
        ({"days": 1, "weekend": [7]}, "weekend must be days from 0 to 6"),
        ({"days": 1, "holidays": ["25 December"]}, "a holiday must be a date"),
        ({"days": 1, "utc_offset_hours": 24}, "utc_offset_hours must be from -24 to 24"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        BusinessDays(**settings)
