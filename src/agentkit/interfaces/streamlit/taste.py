"""What whoever looks prefers: as the settings of the door say, until they choose; then as they chose.

Rules: what was chosen is kept in a file of theirs where the pages are served to one person, and for their session
elsewhere. A file that cannot be read is none, and one that cannot be written costs no page.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Final, Self

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentkit.screens import DoorSettings, Origin

__all__ = ["BROWSER", "Manner", "Taste", "keep", "taste"]

BROWSER: Final = "browser"
"""The zone of whoever looks, as their browser tells it."""

_KEPT: Final = "agentkit.taste"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the pages behave for those who have not chosen yet.

    Attributes:
        settings: The settings of the door.
        origins: Where each comes from; what is not in it is as by default.
        file: Where what somebody chooses is kept; None keeps it for their session.
        has_sessions: Whether the door ends sessions; where it is mounted, the application around it does.
    """

    settings: DoorSettings = field(default_factory=DoorSettings)
    origins: Mapping[str, Origin] = field(default_factory=dict[str, Origin])
    file: Path | None = None
    has_sessions: bool = True

    @property
    def session_seconds(self) -> float | None:
        """How long a session without a click lasts; None is without an end."""
        return self.settings.session_seconds if self.has_sessions else None

    @property
    def zone(self) -> str:
        """The zone of times: that of the browser, unless somebody said which."""
        origin = self.origins.get("zone")
        return BROWSER if origin is None or origin.kind == "default" else self.settings.zone


class Taste(BaseModel):
    """What somebody prefers.

    Attributes:
        zone: By which clock times are shown: that of the browser, or of a zone of this name.
        refresh: How many seconds lie between two pictures of what runs; 0 is only when asked.
        page_size: How many operations a list shows at once.
        notify: Whether a short note tells of ends.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    zone: str = BROWSER
    refresh: Annotated[float, Field(ge=0, le=3_600)] = 2.0
    page_size: Annotated[int, Field(ge=1, le=200)] = 50
    notify: bool = True

    @property
    def every(self) -> float | None:
        """How often what runs is drawn, for `live`."""
        return self.refresh or None

    @classmethod
    def of(cls, manner: Manner) -> Self:
        """What is preferred by those who have not chosen."""
        known = manner.settings
        return cls(zone=manner.zone, refresh=known.refresh_seconds, page_size=known.page_size)


def taste(manner: Manner) -> Taste:
    """What whoever looks prefers."""
    found = st.session_state.get(_KEPT)
    if not isinstance(found, Taste):
        found = st.session_state[_KEPT] = _read(manner.file) or Taste.of(manner)
    return found


def keep(chosen: Taste, manner: Manner) -> None:
    """Remember what they prefer."""
    st.session_state[_KEPT] = chosen
    if manner.file is None:
        return
    with suppress(OSError):
        manner.file.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, whoever else writes.
        beside = manner.file.with_name(f"{manner.file.name}.{os.getpid()}")
        beside.write_text(chosen.model_dump_json(), encoding="utf-8")
        beside.replace(manner.file)


def _read(file: Path | None) -> Taste | None:
    """What was chosen earlier, if that can be read."""
    if file is None:
        return None
    try:
        return Taste.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
