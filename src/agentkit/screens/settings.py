"""How a door behaves: what may be set, and where each value comes from.

Rules: one mechanism for all doors. What is written on the command line goes over the environment, that over the file,
that over the default; and what is said of one door goes over what is said of all. A value that is not valid is refused
with the name of the place where it stands. Nothing is read here but the list of time zones: whoever is at the door
reads, and gives it in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, cast, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from agentkit.errors import DefinitionError
from agentkit.wire import SettingLine

__all__ = ["DOORS", "Door", "DoorSettings", "Origin", "obeyed", "resolve", "setting_lines"]

Door: TypeAlias = Literal["cli", "tui", "streamlit", "gradio", "notebook"]
"""The doors that people look at."""

DOORS: Final[tuple[str, ...]] = get_args(Door)
_WITHOUT_SESSIONS: Final[tuple[Door, ...]] = ("cli", "notebook")
_PREFIX: Final = "AGENTKIT_"
_GONE: Final = "***"


def _known_zone(name: str) -> str:
    try:
        # Where a system has no list of zones, there is UTC all the same.
        if name != "UTC":
            ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("no such time zone: write one such as Europe/Berlin") from error
    return name


class DoorSettings(BaseModel):
    """How a door that people look at behaves; every value has a default."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    output: Literal["text", "json"] = Field(default="text", description="How results are written.")
    progress: Literal["auto", "live", "plain", "none"] = Field(
        default="auto", description="How a run is followed: redrawn, line by line, or not at all."
    )
    errors: Literal["text", "json"] = Field(default="text", description="How errors are written.")
    colour: Literal["auto", "always", "never"] = Field(default="auto", description="Whether there are colours.")
    verbosity: Literal["quiet", "normal", "verbose"] = Field(default="normal", description="How much is said.")
    theme: Literal["auto", "light", "dark"] = Field(
        default="auto", description="Which colours; auto follows the reader."
    )
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="UTC", min_length=1, max_length=100, description="The time zone in which times are shown."
    )
    timeout: float = Field(default=30, gt=0, description="How many seconds a server may be silent.")
    session_seconds: float = Field(default=28_800, gt=0, description="How long a session without a click lasts.")
    refresh_seconds: float = Field(
        default=2, ge=0, le=3_600, description="How many seconds lie between two looks at what runs; 0 looks once."
    )
    page_size: int = Field(default=50, ge=1, le=200, description="How many operations one page of a list has.")
    event_lines: int = Field(default=200, ge=1, le=10_000, description="How many events of a run are shown at most.")
    upload_bytes: int = Field(default=20_000_000, ge=1, description="The most bytes of a file that is given.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a value comes from.

    Attributes:
        kind: What kind of place.
        name: Which: a variable, a key of a file, an option; empty for a default.
    """

    kind: Literal["default", "file", "environment", "option"]
    name: str = ""

    def __str__(self) -> str:
        return self.name if self.name else self.kind


def obeyed(door: Door) -> Collection[str]:
    """The settings that say something of a door: what has no sessions ends none.

    Example:
        >>> "session_seconds" in obeyed("tui"), "session_seconds" in obeyed("notebook")
        (True, False)
    """
    names = dict.fromkeys(DoorSettings.model_fields)
    if door in _WITHOUT_SESSIONS:
        del names["session_seconds"]
    return names.keys()


def resolve(
    door: Door,
    *,
    options: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Mapping[str, JsonValue] | None = None,
    file_name: str = "agentkit.toml",
) -> tuple[DoorSettings, Mapping[str, Origin]]:
    """The settings of a door, and where each value comes from.

    Args:
        door: Which door.
        options: What was written on the command line, by setting; None is not written.
        environment: The environment: `AGENTKIT_TUI_THEME` is the theme of one door, `AGENTKIT_THEME` of all.
        file: What a file says: `theme` under `[doors]` is of all doors, under `[doors.tui]` of one.
        file_name: What the file is called, for messages.

    Raises:
        DefinitionError: A value is not valid, or the file has a setting that is not known; it says where.

    Example:
        >>> settings, origins = resolve("tui", environment={"AGENTKIT_THEME": "dark", "AGENTKIT_TUI_PAGE_SIZE": "20"},
        ...     file={"doors": {"theme": "light", "zone": "Europe/Berlin"}})
        >>> settings.theme, str(origins["theme"]), settings.zone, str(origins["zone"]), settings.page_size
        ('dark', 'AGENTKIT_THEME', 'Europe/Berlin', 'agentkit.toml [doors] zone', 20)
    """
    values: dict[str, object] = {}
    origins: dict[str, Origin] = {name: Origin(kind="default") for name in DoorSettings.model_fields}
    places = [
        *_in_file(door, file or {}, file_name),
        *_in_environment(door, environment or {}),
        *((name, value, Origin(kind="option", name=_option(name))) for name, value in (options or {}).items()),
    ]
    problems = [f"{origin}: there is no setting {name!r}" for name, _, origin in places if name not in origins]
    for name, value, origin in places:
        if value is not None and name in origins:
            values[name], origins[name] = value, origin
    if problems:
        raise DefinitionError(*problems)
    return _checked(values, origins), origins


def setting_lines(settings: BaseModel, origins: Mapping[str, Origin]) -> Sequence[SettingLine]:
    """Settings as they are shown, in their order, without secrets.

    Masked is what is declared as a secret, and of an address who is named in it, and all that is asked of it.

    Args:
        settings: The settings.
        origins: Where each value comes from; what is not in it is as by default.
    """
    return [
        SettingLine(
            name=name,
            value=_written(getattr(settings, name)),
            origin=str(origins.get(name, Origin(kind="default"))),
            help=field.description or "",
        )
        for name, field in type(settings).model_fields.items()
    ]


def _in_file(door: Door, file: Mapping[str, JsonValue], file_name: str) -> Iterator[tuple[str, object, Origin]]:
    shared = file.get("doors")
    if shared is None:
        return
    if not isinstance(shared, dict):
        raise DefinitionError(f"{file_name}: [doors] is a table of settings, not {type(shared).__name__}")
    for name, value in shared.items():
        if name not in DOORS:
            yield name, value, Origin(kind="file", name=f"{file_name} [doors] {name}")
    own = shared.get(door, {})
    if not isinstance(own, dict):
        raise DefinitionError(f"{file_name}: [doors.{door}] is a table of settings, not {type(own).__name__}")
    for name, value in own.items():
        yield name, value, Origin(kind="file", name=f"{file_name} [doors.{door}] {name}")


def _in_environment(door: Door, environment: Mapping[str, str]) -> Iterator[tuple[str, object, Origin]]:
    """The variables that are set; of others that begin alike, other parts of agentkit know."""
    for start in (_PREFIX, f"{_PREFIX}{door.upper()}_"):
        for name in DoorSettings.model_fields:
            variable = f"{start}{name.upper()}"
            if text := environment.get(variable):
                yield name, text, Origin(kind="environment", name=variable)


def _checked(values: Mapping[str, object], origins: Mapping[str, Origin]) -> DoorSettings:
    try:
        return DoorSettings.model_validate(values)
    except ValidationError as error:
        raise DefinitionError(
            *(
                f"{origins[str(one['loc'][0])]}: {str(one['msg'])[:1].lower()}{str(one['msg'])[1:]},"
                f" not {values[str(one['loc'][0])]!r:.60}"
                for one in error.errors(include_url=False)
            )
        ) from error


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _written(value: object) -> str:
    """A value as people write it."""
    if isinstance(value, str):
        return _unnamed(value) or "(empty)"
    if isinstance(value, tuple):
        return ", ".join(map(_written, cast("tuple[object, ...]", value))) or "(none)"
    if value is None:
        return "(none)"
    if hasattr(value, "get_secret_value"):
        # However long it is, nothing of it is told.
        return "**********" if str(value) else "(empty)"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unnamed(text: str) -> str:
    """A text; if it is an address, without who is named in it, and what is asked of it: both may hold a password."""
    scheme, mark, rest = text.partition("://") if "://" in text else ("", "", text)
    # Up to the last such sign: whoever wrote a password as it is may have one in it.
    named, at, place = rest.rpartition("@")
    if at and (mark or ":" in named):
        rest = f"{_GONE}@{place}"
    if mark and (asked := re.search("[?#]", rest)):
        rest = f"{rest[: asked.end()]}{_GONE}"
    return f"{scheme}{mark}{rest}"
