"""What whoever looks prefers, kept for their browser's session and, on their own machine, in their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

__all__ = ["Taste", "taste"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """What somebody prefers.

    Attributes:
        zone: Whose clock times are shown by.
        refresh: How many seconds lie between two pictures of what runs; 0 is only when asked.
        page_size: How many operations a list shows at once.
        notify: Whether a short note tells of ends.
    """

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
    found = st.session_state.get("agentkit.taste")
    return found if isinstance(found, Taste) else Taste()
