"""A workflow as people write it in a file, and its JSON Schema.

Rules: the model says what the file may hold, for editors and for the schema; the kernel's definition alone decides
whether the workflow is wired correctly.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from .controls import (
    AllowanceDocument,
    ApprovalDocument,
    Document,
    FallbackDocument,
    LoopDocument,
    MapDocument,
    Name,
    RetryDocument,
    Seconds,
    WhenDocument,
)

__all__ = ["RetryDocument", "StageDocument", "WorkflowDocument", "workflow_schema"]


class StageDocument(Document):
    """One step of a workflow."""

    name: Name = Field(description="Unique in the workflow.")
    agent: Name | None = Field(default=None, description="The name of the agent that works on it.")
    instruction: str = Field(default="", max_length=65_536, description="What the agent is told; {month} is an input.")
    after: list[Name] | Name = Field(default=[], description="Stages or groups that must have ended before.")
    group: Name | None = Field(default=None, description="A name for several stages that others can wait for.")
    required: bool = Field(default=True, description="Whether the operation fails when this stage does.")
    timeout: Seconds | None = Field(default=None, description="Seconds for the whole stage, waits included.")
    retry: RetryDocument | None = Field(default=None, description="How often each agent of the chain is tried.")
    fallback: list[Name | FallbackDocument] | Name | FallbackDocument = Field(
        default=[], description="Agents that take over, in order."
    )
    weight: float = Field(default=1.0, gt=0, description="This stage's share of the progress.")
    resource: Name | None = Field(default=None, description="A limited resource that an attempt occupies.")
    expertise: list[str] | str = Field(default=[], description="What every agent of the chain must be good at.")
    workflow: WorkflowDocument | None = Field(default=None, description="A workflow to run as a child operation.")
    wait: float | None = Field(default=None, ge=0, description="The stage is done after so many seconds.")
    signal: Name | None = Field(default=None, description="The stage is done when somebody sends this signal.")
    when: WhenDocument | Name | None = Field(default=None, description="The condition under which it is done at all.")
    approval: ApprovalDocument | None = Field(default=None, description="Who has to agree before the work begins.")
    map: MapDocument | Name | None = Field(default=None, description="Work on every item of a list.")
    loop: LoopDocument | None = Field(default=None, description="Do the work again until its value is good enough.")
    undo: Name | None = Field(default=None, description="The agent that undoes the work if the operation fails.")
    effect: Literal["repeatable", "at_most_once"] = Field(
        default="repeatable", description="What a crash in the middle means."
    )
    reads: list[str] | str = Field(default=[], description="Keys of the context that its agent may read.")
    writes: dict[str, str] = Field(default={}, description="Keys that its agent may write, and how they are merged.")
    min_confidence: float | None = Field(default=None, ge=0, le=1, description="How sure its value has to be.")
    minimal: Any = Field(default=None, description="The plain answer when every agent of the chain has failed.")
    budget: AllowanceDocument | None = Field(default=None, description="What its attempts may spend.")
    complexity: Name | None = Field(default=None, description="How hard the work is, for the choice of a tier.")


class WorkflowDocument(Document):
    """A workflow of agents."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, title="agentkit workflow")

    name: Name = Field(description="What people call it.")
    description: str = Field(default="", description="One or two sentences for those who choose a workflow.")
    timeout: Seconds | None = Field(default=None, description="Seconds for the whole operation.")
    max_parallel: int | None = Field(default=None, ge=1, description="How many attempts may run at once.")
    result: Name | None = Field(default=None, description="The stage whose value is the output.")
    budget: AllowanceDocument | None = Field(default=None, description="What the whole operation may spend.")
    group_budgets: dict[Name, AllowanceDocument] = Field(
        default={}, description="What all stages of a group may spend together, by the group's name."
    )
    agent_budgets: dict[Name, AllowanceDocument] = Field(
        default={}, description="What an agent may spend on all stages together, by the agent's name."
    )
    confidence: Literal["lowest", "product", "own"] = Field(
        default="lowest", description="How sure a value is that stands on others."
    )
    stages: list[StageDocument] = Field(min_length=1, description="The steps, in any order.")


def workflow_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of a workflow file, for editors and for other tools."""
    schema = WorkflowDocument.model_json_schema()
    # A workflow may be inside of a workflow, so its own schema stands among the parts; at the top it is spelled out.
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema["$defs"][WorkflowDocument.__name__],
        "$defs": schema["$defs"],
    }
