"""The names under which files of an operation are written down."""

from collections.abc import Sequence

import pytest

from agentkit.interfaces.cli.files import named


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ([("a", "x.csv"), ("b", "y.csv")], ["x.csv", "y.csv"]),
        ([("a", "x.csv"), ("b", "x.csv")], ["a-x.csv", "b-x.csv"]),
        # On a disk that knows no capitals these are one.
        ([("a", "x.csv"), ("b", "X.csv")], ["a-x.csv", "b-X.csv"]),
        ([("a", "x.csv"), ("b", "x.csv"), ("c", "a-x.csv")], ["2-a-x.csv", "b-x.csv", "a-x.csv"]),
        ([("a", "b-x.csv"), ("a-b", "x.csv"), ("c", "b-x.csv"), ("d", "x.csv")], None),
    ],
)
def test_no_file_is_written_over_another(given: Sequence[tuple[str, str]], names: list[str] | None) -> None:
    found = named(given)

    assert len(found) == len(given)
    assert len({name.casefold() for name in found}) == len(given)
    assert names is None or found == names
