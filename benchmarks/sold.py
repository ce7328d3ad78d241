"""What the reports of all subjects show: the same rows, as plain values. Standard library only."""

from datetime import date

COLUMNS = ("artist", "month", "streams", "revenue", "currency", "note")
BARS = 20


def rows(size: int) -> list[tuple[str, date, int, int, str, str]]:
    """Sales; the revenue is in cents."""
    return [
        (
            f"Artist {number % 165}",
            date(2024, number % 12 + 1, 1),
            number * 7 % 1000,
            number * 113 % 99_999,
            "USD",
            f"note {number}",
        )
        for number in range(size)
    ]


def bars() -> list[tuple[str, int]]:
    """The revenue of some artists, in cents."""
    return [(f"Artist {number}", 99_999 // (number + 1)) for number in range(BARS)]
