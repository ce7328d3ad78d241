"""What widgets keep."""

from agentkit.interfaces.streamlit.widgets import remember


def test_a_widget_that_is_gone_when_its_change_arrives_leaves_what_was_typed() -> None:
    typed: dict[str, object] = {"start/amount": "12.50"}

    remember(typed, "start/amount")

    assert typed == {"start/amount": "12.50"}
