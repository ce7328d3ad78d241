"""A workflow as people write it in a file, and its JSON Schema.

Rules: the model says what the file may hold, for editors and for the schema; the kernel's definition alone decides
whether the workflow is wired correctly.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["RetryDocument", "StageDocument", "WorkflowDocument", "workflow_schema"]

_NAME = r"^[^\W\d_][\w.-]*$"
Name = Annotated[str, Field(pattern=_NAME, max_length=100)]
Seconds = Annotated[float, Field(gt=0)]


class _Document(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


class RetryDocument(_Document):
    """When a failed attempt is tried again."""

    attempts: int = Field(default=1, ge=1, le=1000, description="How often one agent is tried in all.")
    delay: float = Field(default=1.0, ge=0, description="Seconds before the second attempt.")
    factor: float = Field(default=2.0, ge=1, le=100, description="What each further wait is multiplied with.")
    max_delay: float = Field(default=60.0, ge=0, description="The longest wait in seconds.")
    jitter: float = Field(default=0.5, ge=0, le=1, description="The share of the wait that is left to chance.")
    retry_on: list[str] = Field(default=[], description="Error names worth a retry; empty means all.")
    attempt_timeout: Seconds | None = Field(default=None, description="Seconds that one attempt may take.")


class StageDocument(_Document):
    """One step of a workflow."""

    name: Name = Field(description="Unique in the workflow.")
    agent: Name = Field(description="The name of the agent that works on it.")
    instruction: str = Field(default="", max_length=65_536, description="What the agent is told; {month} is an input.")
    after: list[Name] | Name = Field(default=[], description="Stages or groups that must have ended before.")
    group: Name | None = Field(default=None, description="A name for several stages that others can wait for.")
    required: bool = Field(default=True, description="Whether the operation fails when this stage does.")
    timeout: Seconds | None = Field(default=None, description="Seconds for the whole stage, waits included.")
    retry: RetryDocument | None = Field(default=None, description="How often each agent of the chain is tried.")
    fallback: list[Name] | Name = Field(default=[], description="Agents that take over, in order.")
    weight: float = Field(default=1.0, gt=0, description="This stage's share of the progress.")
    resource: Name | None = Field(default=None, description="A limited resource that an attempt occupies.")
    expertise: list[str] | str = Field(default=[], description="What every agent of the chain must be good at.")


class WorkflowDocument(_Document):
    """A workflow of agents."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, title="agentkit workflow")

    name: Name = Field(description="What people call it.")
    description: str = Field(default="", description="One or two sentences for those who choose a workflow.")
    timeout: Seconds | None = Field(default=None, description="Seconds for the whole operation.")
    max_parallel: int | None = Field(default=None, ge=1, description="How many attempts may run at once.")
    result: Name | None = Field(default=None, description="The stage whose value is the output.")
    stages: list[StageDocument] = Field(min_length=1, description="The steps, in any order.")


def workflow_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of a workflow file, for editors and for other tools."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **WorkflowDocument.model_json_schema()}
