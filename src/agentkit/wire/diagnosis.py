"""What an examination of an installation found."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .shown import Shown

__all__ = ["DiagnosisPage", "FindingLine"]


class FindingLine(Shown):
    """One thing that was looked at."""

    area: str = Field(description="What it belongs to: machine, extras, settings, store or server.")
    name: str = Field(description="What was looked at.")
    verdict: Literal["ok", "note", "problem"] = Field(description="How it is; a note is worth knowing, and no harm.")
    detail: str = Field(default="", description="What was seen.")
    advice: str = Field(default="", description="What to do about it.")


class DiagnosisPage(Shown):
    """All that was looked at."""

    ok: bool = Field(description="Whether there is no problem.")
    findings: list[FindingLine] = Field(description="What was seen, area by area.")
