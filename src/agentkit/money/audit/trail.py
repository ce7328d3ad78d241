"""The audit trail: what was done with money, by whom, with what, and what came of it, so that nobody can change it.

Rules: an entry is numbered, chained and hashed before `append` returns it, and never changed after; entries reach their
sink in order, and all of those before one that is there are there too; a trail is opened only behind a tail that
verifies. All methods may be called from any thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal, Self

from agentkit.errors import AgentKitError, AuditBroken, AuditError, Closed, Expired, NotFound
from agentkit.money.numbers.canonical import shortened

from .checkpoints import Verification, signed, verify_entries
from .composing import check_facts, compose, now_text, whole
from .entries import AuditEntry
from .exports import csv_rows
from .opening import tail_of
from .personal import PersonalValues
from .ports import AuditSink, Clock, Disclosures
from .proofs import ConsistencyProof, InclusionProof, ProvingTree
from .redaction import Disclosure, check_disclosures, commitment_at
from .replay import Calculation, Replay, replay_entries
from .showing import trail_shown
from .signing import Signer
from .sinks import new_lock, verifier_text, write_whole
from .verifier import Chain, Checkpoint, Key, Tree, body_of, leaf_hash
from .writing import AuditValue, Personal, encoded, moment_text, quoted, write, write_mapping

__all__ = ["AuditTrail"]


class AuditTrail:
    """A chain of entries that an outsider can verify.

    Args:
        sink: Where the lines are kept; the trail owns it, and closes it.
        clock: What time it is, where `append` is not told. Usually `agentkit.engines.SystemClock()`.
        disclosures: Where values are kept that may have to be erased; needed for `Personal`. The trail owns it too.
        buffered: How many entries may wait in memory before they are written together. With 0 each is written before
            `append` returns; more is faster, and a crash loses those that wait.
        durable: Whether what is written has to outlive a loss of power before `append` or `flush` returns.

    Raises:
        AuditBroken: The tail of what is kept does not verify.
        AuditError: The sink cannot be read, or `buffered` is negative.

    Example:
        >>> from agentkit.engines import SystemClock
        >>> from agentkit.money import MemorySink
        >>> trail = AuditTrail(MemorySink(), clock=SystemClock())
        >>> entry = trail.append(
        ...     actor="ada", operation="share", inputs={"total": "10.00", "percent": "12.5"}, outputs={"part": "1.25"}
        ... )
        >>> trail.verify().size
        1
    """

    def __init__(
        self,
        sink: AuditSink,
        *,
        clock: Clock | None = None,
        disclosures: Disclosures | None = None,
        buffered: int = 0,
        durable: bool = True,
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._personal = PersonalValues(disclosures)
        self._buffered = whole(buffered, "buffered", 0)
        self._durable = durable
        self._lock = new_lock()
        """Guards the chain and what waits; held shortly."""
        self._writing = new_lock()
        """Held by the thread that writes to the sink; so others append meanwhile."""
        self._waiting: list[bytes] = []
        self._private: list[bytes] = []
        self._unsynced = False
        self._is_closed = False
        self._chain = tail_of(sink)
        self._personal.erase_behind(self._chain.size)
        self._seen = Chain()
        self._tree = Tree()
        """What checkpoints have seen: each goes on where the one before it ended."""
        self._proving = ProvingTree()
        """What proofs have seen; it takes memory, so it is empty until the first one."""

    def append(
        self,
        *,
        actor: str | Personal,
        operation: str,
        inputs: Mapping[str, object],
        outputs: Mapping[str, object] | None = None,
        refusal: AgentKitError | Mapping[str, object] | None = None,
        rounding: str | None = None,
        data_versions: Mapping[str, object] | None = None,
        at: datetime | None = None,
    ) -> AuditEntry:
        """Add an entry, with outputs or with a refusal.

        Args:
            actor: Who did it.
            operation: What was done; `replay` finds the calculation by this name.
            inputs: With what. No float; numbers are written as text, amounts by their wire form.
            outputs: What came of it.
            refusal: Why it was not done: an error of agentkit, or a mapping with `code` and `message`.
            rounding: How results were rounded.
            data_versions: Which data it was done with, such as `{"iso4217": "2025-05-12"}`.
            at: When, with a time zone. None asks the clock.

        Raises:
            FloatNotAllowed: There is a float in it.
            NonFinite: There is a NaN or an infinity in it.
            UnstorableValue: There is something in it that has no canonical text, or `at` has no time zone.
            AuditError: It has outputs and a refusal, or neither; there is no time, or no place for a personal value.
                Or it cannot be written now: then it waits in its place, and the next `flush` writes it.
            Closed: The trail was closed.
        """
        check_facts(actor, rounding)
        personal: list[tuple[str, str]] = []
        commit = self._personal.committing(personal)
        before, between, after = compose(operation, inputs, outputs, refusal, commit)
        who = quoted(actor) if isinstance(actor, str) else write(actor, commit, 0)
        versions = write_mapping(data_versions, commit) if data_versions else "{}"
        rounded = "null" if rounding is None else quoted(rounding)
        when = None if at is None else moment_text(at)
        with self._lock:
            if self._is_closed:
                raise Closed("this trail was closed: open it again")
            chain = self._chain
            number, told = chain.size + 1, when or now_text(self._clock)
            body = encoded(
                f'{{"actor":{who},"at":"{told}","data_versions":{versions},"format":"1",{before}'
                f'"number":"{number}",{between}"previous":"{chain.head}",{after}"rounding":{rounded}}}'
            )
            head = hashlib.sha256(body).hexdigest()
            line = b'{"entry":%b,"hash":"%b"}\n' % (body, head.encode())
            chain.size, chain.head = number, head
            self._waiting.append(line)
            for salt, text in personal:
                self._private.append(encoded(f'{{"number":"{number}","salt":"{salt}","value":{text}}}\n'))
            is_full = len(self._waiting) > self._buffered
        if is_full:
            self.flush()
        return AuditEntry(line)

    def flush(self, *, durable: bool | None = None) -> None:
        """Write all that waits.

        Args:
            durable: Whether it has to outlive a loss of power; None as the trail was told.

        Raises:
            AuditError: It cannot be written; all of it waits on, in its order.
        """
        with self._writing:
            with self._lock:
                lines, self._waiting = self._waiting, []
                private, self._private = self._private, []
                expected = self._chain.size - len(lines)
            try:
                # First what opens the commitments: an entry whose value was never kept could not be told from one whose
                # value was erased.
                self._personal.add(private)
                private = []
                if lines:
                    self._sink.append(lines, expected=expected)
                    lines = []
                    self._unsynced = True
                if self._unsynced and (self._durable if durable is None else durable):
                    self._sink.sync()
                    self._unsynced = False
            finally:
                if lines or private:
                    with self._lock:
                        self._waiting[:0] = lines
                        self._private[:0] = private

    def close(self) -> None:
        """Write all that waits, and let go of sink and disclosures in any case; a second call changes nothing.

        Raises:
            AuditError: Something cannot be written, and is lost with this trail. Where `flush` raises, entries wait on.
        """
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
        if was_closed:
            return
        try:
            self.flush()
        finally:
            self._sink.close()
            self._personal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """How many entries there are, those that wait included."""
        return self._chain.size

    @property
    def head(self) -> str:
        """The hash of the last entry; zeros if there is none."""
        return self._chain.head

    def entries(self, after: int = 0) -> Iterator[AuditEntry]:
        """Give the entries behind a number, from 0 on. They are not verified here."""
        return map(AuditEntry, self._lines(whole(after, "the number", 0)))

    def entry(self, number: int) -> AuditEntry:
        """Give one entry.

        Raises:
            NotFound: There is none with this number.
            AuditError: The number is none.
        """
        if whole(number, "the number of an entry") < 1 or (found := next(self.entries(number - 1), None)) is None:
            raise NotFound(f"there is no entry {number}: the trail has {self.size}, numbered from 1")
        return found

    def verify(self, checkpoints: Sequence[Checkpoint] = (), *, key: Key | None = None) -> Verification:
        """Verify every entry that is kept, and every personal value that is.

        A chain alone cannot show that entries are missing at the end; checkpoints that were kept elsewhere can, and
        `Verification.anchored` says how far they go.

        Args:
            checkpoints: What `checkpoint` returned at other times.
            key: What their signatures are checked with, `Signer.key`; then a checkpoint has to be signed.

        Raises:
            AuditBroken: An entry does not verify, or is missing; `number` is the first one.
            AuditError: The signature of a checkpoint is wrong.
        """
        lines = self._lines()
        with self._lock:
            size, head = self._chain.size - len(self._waiting), self._chain.head
            is_all = not self._waiting
        found = verify_entries(lines, checkpoints, key=key)
        if found.size < size or (is_all and found.size == size and found.head != head):
            # What is kept is whole in itself, and not what was written: this trail is its own checkpoint.
            number = min(found.size + 1, size)
            raise AuditBroken(f"entry {number}: this trail has written another one; compare with a copy", number=number)
        self._check_personal_values()
        return found

    def checkpoint(self, signer: Signer | None = None, *, at: datetime | None = None) -> Checkpoint:
        """Say what the trail is now; keep it where whoever writes the trail cannot reach it.

        Args:
            signer: Who signs it.
            at: When; None asks the clock.

        Raises:
            AuditBroken: What is kept is not what was written.
            AuditError: There is no time: give the trail a clock, or say `at`.
        """
        when = now_text(self._clock) if at is None else moment_text(at)
        self.flush()
        with self._writing:
            size = self._sink.size
            for line in islice(self._sink.read(self._seen.size), size - self._seen.size):
                if wrong := self._seen.problem(line):
                    number = self._seen.size + 1
                    raise AuditBroken(f"entry {number}: {wrong}; go on from a copy", number=number)
                self._tree.add(body_of(line))
            made = Checkpoint(self._seen.size, self._seen.head, self._tree.root().hex(), when)
        return made if signer is None else signed(made, signer)

    def prove_inclusion(self, number: int, *, size: int | None = None) -> InclusionProof:
        """Prove that an entry is in the trail, for somebody with a checkpoint of this size and nothing else.

        Args:
            number: The entry's number.
            size: The size of the checkpoint; None is all there is.

        Raises:
            NotFound: There is no such entry, or no trail of this size.
            AuditError: A number is none.
        """
        number, size = whole(number, "the number of an entry"), self._proved(size)
        return InclusionProof(number=number, size=size, path=self._proving.inclusion_path(number - 1, size))

    def prove_consistency(self, first: int, second: int | None = None) -> ConsistencyProof:
        """Prove that between two checkpoints of these sizes the trail was only added to.

        Raises:
            NotFound: There is no trail of these sizes.
            AuditError: A number is none.
        """
        first, second = whole(first, "the size of a trail"), self._proved(second)
        return ConsistencyProof(first=first, second=second, path=self._proving.consistency_path(first, second))

    def replay(self, calculations: Mapping[str, Calculation]) -> Replay:
        """Do again what entries say was done, and compare what comes of it; nothing is written.

        Args:
            calculations: What does an operation again, by its name: a function of the inputs (numbers as texts) and the
                entry that returns outputs, or raises an error of agentkit with the code of the recorded refusal.
        """
        opened: dict[int, dict[str, AuditValue]] = {}
        for each in self._kept():
            opened.setdefault(each.number, {})[each.commitment] = each.value
        return replay_entries(self.entries(), calculations, lambda entry: opened.get(entry.number, {}))

    def reveal(self, number: int, field: str) -> AuditValue:
        """Give a personal value, as entries hold values.

        Args:
            number: The entry's number.
            field: The place in the entry, such as `/inputs/author` or `/actor`.

        Raises:
            NotFound: There is no such entry, or no personal value at this place.
            Expired: It was erased.
        """
        told = commitment_at(self.entry(number), field)
        for each in self._kept():
            if each.number == number and each.commitment == told:
                return each.value
        raise Expired(f"the value of entry {number} at {field!r} was erased")

    def redact(self, number: int, field: str) -> None:
        """Erase a personal value. The entry stays as it is, with its commitment, so the chain still verifies.

        Args:
            number: The entry's number.
            field: The place in the entry, such as `/inputs/author` or `/actor`.

        Raises:
            NotFound: There is no such entry, or no personal value at this place.
            Expired: It was erased before.
        """
        self.reveal(number, field)
        told = commitment_at(self.entry(number), field)
        with self._writing:
            self._personal.erase(number, told)

    def export(self, path: str | Path, form: Literal["jsonl", "csv", "verifier"] = "jsonl") -> None:
        """Write a file, whole or not at all: the lines as they are, a table to read, or what verifies the lines.

        Raises:
            AuditError: It cannot be written, or there is no such form.
        """
        if form == "verifier":
            chunks: Iterable[bytes] = [verifier_text()]
        elif form == "csv":
            chunks = (row.encode() for row in csv_rows(self.entries()))
        elif form == "jsonl":
            chunks = self._lines()
        else:
            raise AuditError(f"a trail is exported as jsonl, csv or verifier, not as {shortened(form)}")
        write_whole(Path(path), chunks)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return trail_shown(self.size, self.head, self.entries)

    def _lines(self, after: int = 0) -> Iterator[bytes]:
        if self._waiting and not self._is_closed:
            self.flush(durable=False)
        return self._sink.read(after)

    def _check_personal_values(self) -> None:
        kept: dict[int, list[Disclosure]] = {}
        for each in self._kept():
            kept.setdefault(each.number, []).append(each)
        for number, entry in enumerate(self.entries() if kept else (), start=1):
            if number in kept:
                check_disclosures(entry, kept[number])

    def _proved(self, size: int | None) -> int:
        """Take what is new into the tree that proofs come from; the size that one is asked for."""
        tree = self._proving
        if self._waiting and not self._is_closed:
            self.flush(durable=False)
        with self._writing:
            for line in self._sink.read(tree.size):
                tree.add(leaf_hash(body_of(line)))
            known = tree.size
        if size is not None and not 0 <= whole(size, "the size of a trail") <= known:
            raise NotFound(f"there is no trail of {size} entries: it has {known}")
        return known if size is None else size

    def _kept(self) -> list[Disclosure]:
        if self._private and not self._is_closed:
            self.flush(durable=False)
        return self._personal.kept()
