"""Errors at the doors: problems as RFC 9457 describes them."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict, Field

from .shown import Shown

__all__ = ["Problem", "ProblemPart"]


class ProblemPart(Shown):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="Where in the body, as a JSON pointer (RFC 6901).", examples=["/input/period"])
    detail: str = Field(description="What is wrong there.")
    type: str = Field(description="The kind of mistake, for programs.")


class Problem(Shown):
    """Why a request was refused or failed (`application/problem+json`)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    type: str = Field(description="A name for this kind of problem.", examples=["urn:agentkit:problem:not_found"])
    title: str = Field(description="The kind of problem in a few words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(default="", description="What is wrong, and what to do.")
    instance: str = Field(default="", description="The id of the request, for whoever looks into the log.")
    code: str = Field(description="The kind of problem for programs: stable.", examples=["not_found"])
    retryable: bool = Field(default=False, description="Whether the same request may succeed later.")
    errors: list[ProblemPart] = Field(default=[], description="Each thing that is wrong with the body.")
