"""What whoever looks prefers: as the settings of the door say, until they choose; then as they chose.

Rules: what was chosen is kept in a file of theirs, wherever whoever serves the pages says where and who they are, and
for their session elsewhere. A file that cannot be read is none, and one that cannot be written costs no page. What
another version has written of which this one knows nothing is passed over. What one tab has not changed is as another
left it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Annotated, ClassVar, Final, Literal, Self, TypeAlias

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentkit.screens import DoorSettings, Origin

__all__ = ["BROWSER", "Manner", "Taste", "Tells", "is_begun_anew", "keep", "taste"]

BROWSER: Final = "browser"
"""The zone of whoever looks, as their browser tells it."""

Tells: TypeAlias = Literal["mine", "failed", "approvals"]
"""What may be told: that a run of theirs has ended, that one of all failed, that an approval waits for them."""

_KEPT: Final = "agentkit.taste"
_DAMAGED: Final = "agentkit.taste.damaged"
_writing: Final = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the pages behave for those who have not chosen yet.

    Attributes:
        settings: The settings of the door.
        origins: Where each comes from; what is not in it is as by default.
        file: Where what somebody chooses is kept; None keeps it for their session.
        folder: Where that is kept of many people, in a file for each.
        has_sessions: Whether the door ends sessions; where it is mounted, the application around it does.
    """

    settings: DoorSettings = field(default_factory=DoorSettings)
    origins: Mapping[str, Origin] = field(default_factory=dict[str, Origin])
    file: Path | None = None
    folder: Path | None = None
    has_sessions: bool = True

    @property
    def session_seconds(self) -> float | None:
        """How long a session without a click lasts; None is without an end."""
        return self.settings.session_seconds if self.has_sessions else None

    def of_person(self, name: str) -> Manner:
        """How the pages behave for one of many people.

        Args:
            name: What tells them from all others; with an empty one nothing is kept longer than their session.
        """
        if self.folder is None or not name:
            return self
        # Their name may be anything, and is nobody's business who looks into the folder.
        return replace(self, file=self.folder / f"{sha256(name.encode(errors='surrogatepass')).hexdigest()}.json")

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
        tells: What is told on whichever page they are.
        browser: Whether their browser tells it too, while they look at something else.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    zone: str = BROWSER
    refresh: Annotated[float, Field(ge=0, le=3_600)] = 2.0
    page_size: Annotated[int, Field(ge=1, le=200)] = 50
    tells: tuple[Tells, ...] = ("mine", "approvals")
    browser: bool = False

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
        found = st.session_state[_KEPT] = _read(manner) or Taste.of(manner)
    return found


def is_begun_anew() -> bool:
    """Whether what they had chosen could not be read."""
    return _DAMAGED in st.session_state


def keep(chosen: Taste, manner: Manner) -> Taste:
    """Remember what they prefer; what it comes to, since they may have chosen something else in another tab.

    Args:
        chosen: What they prefer now.
        manner: Where it is kept.
    """
    before = st.session_state.get(_KEPT)
    changes = {name: value for name, value in chosen if not isinstance(before, Taste) or value != getattr(before, name)}
    with _writing:
        merged = (_read(manner) or chosen).model_copy(update=changes)
        st.session_state[_KEPT] = merged
        st.session_state.pop(_DAMAGED, None)
        if manner.file is not None:
            with suppress(OSError):
                _write(manner.file, merged)
    return merged


def _write(file: Path, chosen: Taste) -> None:
    """Write what is preferred: whole or not at all, whoever else writes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_text(chosen.model_dump_json(), encoding="utf-8")
    beside.replace(file)


def _read(manner: Manner) -> Taste | None:
    """What was chosen earlier, if that can be read; what cannot is said once, and written anew with the next choice."""
    if manner.file is None:
        return None
    try:
        found = Taste.model_validate_json(manner.file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        st.session_state[_DAMAGED] = True
        return None
    return Taste.of(manner).model_copy(update={name: getattr(found, name) for name in found.model_fields_set})
