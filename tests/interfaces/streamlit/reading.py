"""What stands on a page that Streamlit's own test harness has drawn, and what keeps that harness quick."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from streamlit.testing.v1 import AppTest

JOINER = "\u2060"


@contextmanager
def without_components() -> Iterator[None]:
    """Streamlit looks through all that is installed for components, a second long, in each test; there are none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)
        yield


def words(page: AppTest) -> str:
    """All that stands on a page, as people see it."""
    found: list[str] = []
    for kind in ("title", "header", "markdown", "caption", "text", "error", "info", "warning", "code", "button"):
        for element in getattr(page, kind):
            found.append(str(getattr(element, "label", "") or getattr(element, "value", "")))
    found += [f"{metric.label} {metric.value}" for metric in page.metric]
    found += [frame.value.to_string() for frame in (*page.dataframe, *page.table)]
    text = "\n".join(found).replace(JOINER, "")
    return "".join(letter for place, letter in enumerate(text) if not _escapes(text, place))


def _escapes(text: str, place: int) -> bool:
    """Whether a letter is a backslash that makes the next one a letter."""
    return text[place] == "\\" and place + 1 < len(text) and not text[place + 1].isalnum() and text[place + 1] != " "
