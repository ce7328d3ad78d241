"""One vocabulary of states: readable, complete, and the same at every door."""

from itertools import pairwise

import pytest

from agentkit.client import bar_line
from agentkit.interfaces.cli.texts import colour_of, sign_of
from agentkit.kernel import SIGNS
from agentkit.screens import AGENT_WORDS, OPERATION_WORDS, STAGE_WORDS, look_of
from agentkit.wire import OperationPage, moment

WORDS = sorted({*OPERATION_WORDS, *STAGE_WORDS, *AGENT_WORDS, "stalled", "paused", "delivered", "nobody knows this"})


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("word", WORDS)
def test_every_state_is_readable_in_light_and_dark(word: str) -> None:
    look = look_of(word)

    assert contrast(look.light.ink, look.light.fill) >= 4.5
    assert contrast(look.dark.ink, look.dark.fill) >= 4.5
    assert contrast(look.light.ink, "#ffffff") >= 4.5
    assert contrast(look.dark.ink, "#0d1117") >= 4.5


@pytest.mark.parametrize("word", WORDS)
def test_every_state_has_a_sign_a_word_and_a_letter(word: str) -> None:
    look = look_of(word)

    assert len(look.icon) == len(look.letter) == 1
    assert look.letter.isascii()
    assert look.label
    assert look.outline in look.svg()


def test_states_look_as_in_the_pictures_of_graphs() -> None:
    for status, sign in SIGNS.items():
        look = look_of(status)
        assert (look.icon, look.light, look.dark, look.outline) == (sign.glyph, sign.light, sign.dark, sign.outline)
        assert (sign_of(status), colour_of(status)) == (look.icon, look.terminal)


def test_the_bar_of_the_client_has_the_same_signs() -> None:
    for word in ("completed", "failed", "cancelled", "quarantined"):
        page = OperationPage(
            id="op-1",
            workflow="greet",
            status=word,
            created_at=moment(0),
            updated_at=moment(1),
            events=3,
            ended=True,
            fraction=0.5,
            seconds=1.0,
        )
        assert f"{look_of(word)}" in bar_line(page)


def test_states_of_operations_do_not_share_a_sign() -> None:
    icons = sorted(look_of(word).icon for word in {*OPERATION_WORDS, *STAGE_WORDS})

    assert all(one != other for one, other in pairwise(icons))
