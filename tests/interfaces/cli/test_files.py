"""The names under which files of an operation are written down."""

from collections.abc import Sequence

import pytest

from agentkit.interfaces.cli.files import named
from agentkit.kernel import Artifact
from agentkit.views import ArtifactLine


def lines(given: Sequence[tuple[str, str]]) -> list[ArtifactLine]:
    return [
        ArtifactLine(
            stage=stage, at=0.0, artifact=Artifact(name=name, media_type="text/csv", size=1, sha256=str(place) * 64)
        )
        for place, (stage, name) in enumerate(given)
    ]


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
def test_no_file_is_written_over_another(given: list[tuple[str, str]], names: list[str] | None) -> None:
    files = lines(given)
    found = named(files)

    assert list(found.values()) == files
    assert len({name.casefold() for name in found}) == len(files)
    if names is not None:
        assert list(found) == names
