"""What whoever looks prefers, kept in the address of their pages."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

import streamlit as st
from pydantic import BaseModel, ConfigDict

__all__ = ["Taste", "keep", "taste"]

_KEPT: Final = "agentkit.taste"


class Taste(BaseModel):
    """What somebody prefers.

    Attributes:
        zone: Whose clock times are shown by.
        refresh: How many seconds lie between two pictures of what runs; 0 is only when asked.
        page_size: How many operations a list shows at once.
        notify: Whether a short note tells of ends.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    zone: Literal["browser", "utc"] = "browser"
    refresh: float = 1.0
    page_size: int = 50
    notify: bool = True

    @property
    def every(self) -> float | None:
        """How often what runs is drawn, for `live`."""
        return self.refresh or None


def taste() -> Taste:
    """What whoever looks prefers."""
    found = st.session_state.get(_KEPT)
    return found if isinstance(found, Taste) else Taste()


def keep(chosen: Taste) -> None:
    """Remember what they prefer."""
    st.session_state[_KEPT] = chosen
