"""How operations begin: accepted under a key, or continued from one that ended badly.

Rules: the same key leads to the same journal, in every process, since the id is made of the key; so whether a request
was accepted before is what the journal itself says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from agentkit.agents import ANY, ValueType
from agentkit.errors import InputError, JournalConflict, KeyReused
from agentkit.kernel import Event, OperationAccepted, Priority, Workflow, carried_events, replay, standing_stages

from .running.runtime import Runtime

__all__ = ["Asker", "accept", "carry_on", "encode_input", "keyed_id", "next_id", "take_over"]

_MOST_LETTERS = 255
_MOST_ENTRIES = 64
_MOST_VALUE = 1_000
_PLAIN = (dict, list, str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks for an operation, and under which name.

    Attributes:
        key: The caller's name for the request.
        by: Who asks.
        tenant: Whose the operation is.
        priority: How soon it is begun, where others wait for the same room.
        trace: The trace that it belongs to, as a `traceparent`; empty is none.
        metadata: What the caller wants to find with it again: at most 64 texts by name, each of at most 1,000 letters.

    Raises:
        InputError: One of them is empty, too long, or not what it has to be.
    """

    key: str | None = None
    by: str | None = None
    tenant: str | None = None
    priority: Priority = "normal"
    metadata: Mapping[str, str] | None = None
    trace: str = ""

    def __post_init__(self) -> None:
        for what, given in (("a key", self.key), ("the name of who asks (by)", self.by), ("a tenant", self.tenant)):
            if given is not None and not 1 <= len(given) <= _MOST_LETTERS:
                raise InputError(f"{what} must be a text of 1 to {_MOST_LETTERS} characters, not of {len(given)}")
        if self.priority not in get_args(Priority):
            raise InputError(f"priority is one of {', '.join(get_args(Priority))}, not {self.priority!r:.50}")
        given_metadata = cast("Mapping[object, object]", dict(self.metadata or {}))
        if len(given_metadata) > _MOST_ENTRIES:
            raise InputError(f"metadata has at most {_MOST_ENTRIES} entries, not {len(given_metadata)}")
        for name, value in given_metadata.items():
            if not (isinstance(name, str) and isinstance(value, str)):
                raise InputError(f"metadata is texts by name, not {name!r:.50}: {value!r:.50}")
            if not 1 <= len(name) <= _MOST_LETTERS or len(value) > _MOST_VALUE:
                raise InputError(
                    f"metadata {name!r:.50}: names have 1 to {_MOST_LETTERS} letters, values {_MOST_VALUE}"
                )

    @property
    def metadata_text(self) -> str:
        """The metadata as a JSON object; empty if there are none.

        Raises:
            UnstorableValue: A text is no valid Unicode.
        """
        return ANY.encode(dict(self.metadata)) if self.metadata else ""


async def accept(
    runtime: Runtime, workflow: Workflow[object], text: str, asker: Asker, *, operation_id: str
) -> Sequence[Event]:
    """Put a new operation on the journal and drive it; with a key, only if it did not begin before.

    Returns:
        What was written; nothing if it had begun before.

    Raises:
        KeyReused: The key belongs to another workflow or input.
        Closed: No new operations are taken.
        StoreError: The store failed.
    """
    accepted = OperationAccepted(
        at=runtime.now(),
        operation_id=operation_id,
        workflow=workflow,
        input=text,
        key=asker.key,
        requester=asker.by,
        tenant=asker.tenant,
        priority=asker.priority,
        metadata=asker.metadata_text,
        trace=asker.trace,
    )
    return await take_over(runtime, accepted, ())


async def carry_on(runtime: Runtime, operation_id: str) -> str:
    """Begin the operation that continues one that ended badly, with the result of every stage whose work still stands.

    However often this is asked, it is the same operation. It is asked for by whom the first one was, and belongs to the
    same tenant; but no operation waits for it, even if one waited for the first.

    Raises:
        JournalConflict: It began before.
        Closed: No new operations are taken.
        StoreError: The store failed.
    """
    journal = await runtime.journal(operation_id)
    state, at = replay(journal), runtime.now()
    accepted = OperationAccepted(
        at=at,
        operation_id=next_id(operation_id),
        workflow=state.workflow,
        input=state.input,
        origin=operation_id,
        requester=state.requester,
        tenant=state.tenant,
        priority=state.priority,
        metadata=state.metadata,
        trace=state.trace,
    )
    await runtime.begin([accepted, *carried_events(state, journal, standing_stages(state), at)])
    return accepted.operation_id


async def take_over(runtime: Runtime, accepted: OperationAccepted, carried: Sequence[Event]) -> Sequence[Event]:
    """Begin an operation with what it takes over; with a key, only if it did not begin before.

    Returns:
        What was written; nothing if it had begun before.

    Raises:
        KeyReused: The key belongs to another request.
        Closed: No new operations are taken.
        StoreError: The store failed.
    """
    try:
        return await runtime.begin([accepted, *carried])
    except JournalConflict:
        if accepted.key is None:
            raise
        first = (await runtime.journal(accepted.operation_id))[0]
        if not _is_same(first, accepted):
            raise KeyReused(accepted.key, accepted.operation_id) from None
        # Whoever began it may be gone, or may not know that it did.
        await runtime.adoption.adopt(accepted.operation_id)
        return ()


def encode_input(given: object, most: int) -> str:
    """What an operation is given, as JSON.

    Raises:
        UnstorableValue: It cannot be written exactly.
        InputError: It is too large.
    """
    text = ANY.encode(given) if type(given) in _PLAIN else ValueType(type(given)).encode(given)
    if len(text) > most:
        raise InputError(f"the input has {len(text):,} characters of JSON; at most {most:,} are allowed")
    return text


def keyed_id(key: str, tenant: str | None = None) -> str:
    """The id of the operation that a key starts; the same key of two tenants starts two.

    Raises:
        InputError: The key is empty or too long.
    """
    if not 1 <= len(key) <= _MOST_LETTERS:
        raise InputError(f"a key must be a text of 1 to {_MOST_LETTERS} characters")
    if tenant is None:
        return "k" + _digest(key)
    # Another letter, and the length in front: no key of anybody leads to an operation of somebody else.
    return "t" + _digest(f"{len(tenant)}:{tenant}{key}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:25]


def next_id(operation_id: str) -> str:
    """The id of the operation that continues this one.

    Example:
        >>> next_id("a"), next_id("a.2")
        ('a.2', 'a.3')
    """
    name, dot, count = operation_id.rpartition(".")
    return f"{name}.{int(count) + 1}" if dot and count.isdigit() else f"{operation_id}.2"


def _is_same(first: Event, accepted: OperationAccepted) -> bool:
    return (
        isinstance(first, OperationAccepted)
        and (first.origin, first.forked_at) == (accepted.origin, accepted.forked_at)
        and first.workflow == accepted.workflow
        and _ordered(first.input) == _ordered(accepted.input)
    )


def _ordered(text: str) -> str:
    """The same JSON whatever the order of its keys; as a text, since 1, 1.0 and true are equal as values."""
    return json.dumps(json.loads(text), sort_keys=True)
