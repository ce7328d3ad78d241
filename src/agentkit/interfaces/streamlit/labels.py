"""Texts of users where Streamlit reads Markdown: every letter is shown as it is.

Rules: whatever comes from a name, a message or a result goes through `label` wherever Streamlit would read Markdown;
where it does not (`st.text`, `st.code`, tables), it stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

from agentkit.screens import plain_text

__all__ = ["label"]

_JOINER: Final = "\u2060"
"""Seen by nobody, and a letter to Streamlit: it keeps apart what would be read together."""

_SIGNS: Final = re.compile(r"([!-/:-@\[-`{-~])")
"""What Markdown may take for more than a letter: all signs of ASCII."""

_TOGETHER: Final = re.compile(
    r"(?<=:)(?=[a-z+/-]|100:|1234:|8ball:)|(?<=[-<>~=])(?=[-<>=])|(?<=www)(?=\.)|(?<=@)(?=\S)", re.IGNORECASE
)
"""Between what is put together after Markdown was read: `:names:` of icons, arrows, links without brackets.

Nowhere else, so that figures and times are copied as they are."""


def label(text: object, most: int = 120) -> str:
    r"""A text, letter by letter, on one line.

    Args:
        text: What to show.
        most: How many letters are shown; the rest is left out.

    Example:
        >>> label("**a**").replace("\u2060", "")
        '\\*\\*a\\*\\*'
    """
    plain = plain_text(str(text), most).strip() or "-"
    return _SIGNS.sub(r"\\\1", _TOGETHER.sub(_JOINER, plain))
