"""What an outsider is given of one operation: an evidence pack, which they verify without agentkit.

Rules: everything in it is computed from the journal, but for the audit trails and files that are given; the same
operation makes the same bytes. Who reads it needs no agentkit: times are in UTC, values are JSON, and the program that
verifies is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from agentkit.errors import AuditError, DefinitionError
from agentkit.kernel import Event, OperationAccepted, State, VoteCast, replay, workflow_data
from agentkit.money import (
    Checkpoint,
    Evidence,
    PackDocument,
    Signer,
    verifier_text,
    verify_entries,
    verify_evidence,
    write_pack,
)
from agentkit.orchestrator import ApprovalRequest, requests_of
from agentkit.views import costs_of, effects_of

from .translate import event_line

__all__ = ["write_evidence"]


def write_evidence(
    path: str | Path,
    journal: Sequence[Event],
    *,
    trails: Mapping[str, Iterable[bytes]] | None = None,
    checkpoints: Mapping[str, Sequence[Checkpoint]] | None = None,
    files: Mapping[str, bytes | Path] | None = None,
    signer: Signer | None = None,
) -> Evidence:
    """Write an evidence pack of one operation, and verify what was written.

    Args:
        path: The file, usually `NAME.zip`; it is there as a whole, or as it was before.
        journal: All that has happened to the operation: `await orchestrator.history(operation_id)`.
        trails: Audit trails that belong to it, by the name that they get: the lines of each, from the first one on, as
            `read_lines` gives them.
        checkpoints: Checkpoints of those trails, by the same names.
        files: What else belongs to it, such as reports, by the name that it gets: bytes, or where they are.
        signer: Who signs the manifest. Without a signature, tell the recipient `Evidence.digest` on another way.

    Returns:
        What stands in the pack, read back from the file.

    Raises:
        AuditBroken: A trail does not verify.
        AuditError: A name is odd or there twice, checkpoints are of no trail, the whole is too large, or the pack
            cannot be written.
        DefinitionError: The journal does not begin with the acceptance of an operation.
        NotFound: There is no such file.

    Example:
        >>> import asyncio
        >>> from agentkit import Orchestrator, Stage, Task, Workflow, agent
        >>> @agent
        ... async def greet(task: Task[dict[str, str]]) -> str:
        ...     return f"Hello {task.input['name']}"
        >>> flow = Workflow("hi", [Stage("greet", agent="greet")])
        >>> async def main() -> Sequence[Event]:
        ...     async with Orchestrator([greet]) as orchestrator:
        ...         operation = await orchestrator.submit(flow, {"name": "Ada"})
        ...         await operation
        ...         return await orchestrator.history(operation.id)
        >>> evidence = write_evidence("hi.zip", asyncio.run(main()))
        >>> [member.path for member in evidence.members if member.what == "output"]
        ['outputs/1-greet.json']
    """
    accepted = journal[0] if journal else None
    if not isinstance(accepted, OperationAccepted):
        raise DefinitionError("a journal begins with the acceptance of an operation: give all of orchestrator.history")
    state = replay(journal)
    definition = _document(workflow_data(accepted.workflow))
    documents = [
        PackDocument("definition.json", "definition", definition),
        PackDocument("input.json", "input", _text(accepted.input)),
        *_outputs(state),
        PackDocument("approvals.json", "approvals", _document([_approval(each) for each in requests_of(state)])),
        PackDocument("effects.json", "effects", _document([_told(asdict(each)) for each in effects_of(journal)])),
        PackDocument("costs.json", "costs", _document(asdict(costs_of(journal)))),
        PackDocument("journal.jsonl", "journal", b"".join(_journal(state.operation_id, journal))),
        PackDocument("verify.py", "verifier", verifier_text()),
        *_trails(trails or {}, checkpoints or {}),
        *(PackDocument(f"files/{name}", "file", content) for name, content in (files or {}).items()),
    ]
    facts = {
        "accepted_at": _time(accepted.at),
        "agentkit": version("agentkit"),
        "definition": sha256(definition).hexdigest(),
        "events": str(len(journal)),
        "last_event_at": _time(journal[-1].at),
        "operation": state.operation_id,
        "status": state.status,
        "workflow": accepted.workflow.name,
    }
    write_pack(path, facts, documents, signer=signer)
    return verify_evidence(path, key=None if signer is None else signer.key)


def _outputs(state: State) -> Iterator[PackDocument]:
    """The value of each stage that has one, numbered as in the definition: names may differ in nothing but case."""
    width = len(str(state.base))
    for number, stage in sorted(state.touched.items()):
        if number < state.base and stage.value is not None:
            name = f"outputs/{number + 1:0{width}}-{state.name(number)}.json"
            yield PackDocument(name, "output", _text(stage.value))


def _trails(
    trails: Mapping[str, Iterable[bytes]], checkpoints: Mapping[str, Sequence[Checkpoint]]
) -> Iterator[PackDocument]:
    for name in checkpoints.keys() - trails.keys():
        raise AuditError(f"there are checkpoints of {name!r}, and no trail of that name: give both, or neither")
    for name, given in trails.items():
        lines, known = [*given], checkpoints.get(name, ())
        verify_entries(lines, known)
        yield PackDocument(f"trails/{name}", "audit trail", b"".join(lines))
        if known:
            text = "".join(each.text() for each in known)
            yield PackDocument(f"trails/{name}.checkpoints", "checkpoints", text.encode())


def _journal(operation_id: str, journal: Sequence[Event]) -> Iterator[bytes]:
    for number, event in enumerate(journal, start=1):
        line = event_line(operation_id, number, event).model_dump(mode="json")
        yield _text(json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def _approval(request: ApprovalRequest) -> dict[str, object]:
    decided = request.decided
    return {
        "stage": request.stage,
        "name": request.name,
        "question": request.question,
        "roles": request.roles,
        "quorum": request.quorum,
        "requester": request.requester,
        "asked_at": _time(request.asked_at),
        "deadline": None if request.deadline is None else _time(request.deadline),
        "proposed": request.proposed,
        "votes": [*_votes(request.votes, request.proposed)],
        "decided": None if decided is None else asdict(decided),
    }


def _votes(votes: Iterable[VoteCast], proposed: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Who voted how, and what each who agreed has changed of what they were offered."""
    offered = dict(proposed)
    for vote in votes:
        form: dict[str, object] = json.loads(vote.form) if vote.form else {}
        changed = [name for name in offered if vote.approve and name in form and form[name] != offered[name]]
        yield {
            "by": vote.by,
            "approve": vote.approve,
            "at": _time(vote.at),
            "comment": vote.comment,
            "form": form or None,
            "changed": changed,
        }
        offered.update((name, form[name]) for name in changed)


def _told(fields: dict[str, object]) -> dict[str, object]:
    at = fields["at"]
    return {**fields, "at": _time(at)} if isinstance(at, float) else fields


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _document(value: object) -> bytes:
    return _text(json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2))


def _text(text: str) -> bytes:
    # Half of a surrogate pair is no UTF-8, and as an escape it is JSON all the same.
    return text.encode(errors="backslashreplace") + b"\n"
