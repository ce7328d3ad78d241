"""The status diagrams of the documentation are those of the tables that the library obeys."""

import pytest

from agentkit.kernel import OPERATION_TABLE, STAGE_TABLE, draw_states
from tests.docs.pages import ROOT, blocks


@pytest.mark.parametrize(
    "drawn",
    [
        draw_states(OPERATION_TABLE, title="An operation", format="mermaid"),
        draw_states(STAGE_TABLE, title="A stage", format="mermaid"),
    ],
    ids=["operation", "stage"],
)
def test_the_page_on_concepts_shows_the_table_as_it_is(drawn: str) -> None:
    title = drawn.splitlines()[1]
    shown = [block.body for block in blocks(ROOT / "docs/concepts.md") if title in block.body]

    # Not the same? Put the text of `draw_states` between the fences.
    assert shown == [drawn]
