"""Every way in which agentkit can fail, on one page.

Rules: an error is raised, never returned; it says what is wrong, where, and what to do; it knows by itself whether
trying again can help (`retryable`), what programs call it (`code`, stable) and which HTTP status suits it (`status`,
a hint).

    AgentKitError
    ├── DefinitionError (ValueError)      a workflow, agent or setting contradicts itself: found before anything runs
    │   ├── CapabilityMissing             nobody can do something that a team needs
    │   └── ProtocolUnknown               teams do not know a protocol of that name
    ├── InputError (ValueError)           what an operation was given does not fit its workflow
    │   └── FormInvalid                   fields of a form are missing or wrong; says which
    ├── UnstorableValue (TypeError)       a value that would not come back equal; refused at the write
    ├── MergeConflict (ValueError)        two values of one key that cannot be merged, or that nobody has seen together
    ├── UsageError (RuntimeError)         the right call at the wrong moment
    │   ├── IllegalEvent                  this cannot happen in this state; nothing changed
    │   ├── TooLate                       it was decided before, or its time has passed
    │   └── Closed                        the orchestrator or store was closed
    ├── NotFound (LookupError)            nothing is kept under that id
    ├── Expired (LookupError)             it was kept, and is not any more
    ├── Undeclared (LookupError)          this key of a context was not declared for reading, or for writing
    ├── NotAllowed                        this person may not do that
    ├── Unauthenticated                   nobody knows who asks
    ├── NotReady                          it has not ended yet
    ├── Overloaded                        too much waits already; ask again later
    │   └── TooManyRequests               this caller asks more often than is allowed
    ├── KeyReused                         this idempotency key belongs to another request
    ├── ServerUnavailable                 no server answered; what was asked may have happened
    ├── AnswerInvalid                     what answered is no agentkit server, or not one that this client understands
    ├── OperationError                    one operation did not end well
    │   ├── OperationFailed               a required stage failed
    │   ├── OperationCancelled            somebody cancelled it
    │   ├── OperationTimedOut (TimeoutError)   it took longer than its workflow allows
    │   └── OperationQuarantined          too many processes died while they ran it
    ├── ChainFailed                       every strategy of a fallback chain failed, and it has no minimal answer
    ├── NoAgreement                       a team ended and its task is not done
    ├── AgentError                        raised by agents, to steer
    │   ├── TryAgain                      the same agent may succeed later
    │   ├── GiveUp                        it will not; go on to the next agent of the chain
    │   ├── OutputInvalid                 a model gave no answer that fits
    │   ├── EffectFailed                  an effect surely did not happen, and may be tried again
    │   ├── BudgetExhausted               what may be spent does not suffice; a cheaper way may take over
    │   └── Repetition                    agents do the same over and over
    ├── AttemptError                      why one attempt of a stage failed, as the journal keeps it
    ├── StoreError                        the journal could not do what was asked
    │   ├── StoreUnavailable              the write or read failed; it may have happened
    │   ├── JournalConflict               another writer was first
    │   ├── JournalCorrupt                a stored row does not verify
    │   ├── FormatTooNew                  a newer agentkit wrote this store
    │   ├── BackupBroken                  a backup is not what its manifest says, or something it stands on is missing
    │   └── LeaseLost                     another process owns this operation now
    ├── MoneyError (ValueError)           an amount, or what is asked of it, is not valid; nothing was rounded or lost
    │   ├── InvalidAmount                 it is no number in the form that is asked for
    │   ├── FloatNotAllowed               a float is never exact money
    │   ├── NonFinite                     it is NaN or infinite
    │   ├── ExcessPrecision               it has more decimals than its currency, and no rounding was named
    │   ├── RoundingRequired              the result is not exact in its currency, and no rounding was named
    │   ├── PrecisionExceeded             the result has more digits than are kept
    │   ├── OutOfRange                    it is outside of its bounds
    │   ├── CurrencyUnknown               no such currency is current or registered
    │   ├── CurrencyMismatch              amounts of two currencies meet
    │   ├── CurrencyConflict              a currency is registered already, and otherwise
    │   ├── CurrencyRequired              several currencies could be meant
    │   ├── InvalidPercentage             a percentage is no number from 0 to 100
    │   ├── PercentagesDoNotSum           the shares are not exactly the whole
    │   ├── InvalidRatio                  weights are negative, all zero or no numbers
    │   ├── RateInvalid                   a rate is not a number above 0
    │   ├── RateMissing                   there is no rate for this pair and date
    │   ├── RateStale                     the newest rate is older than it may be
    │   ├── DateRequired                  an exchange needs its date
    │   ├── AmbiguousNumber               a text can be read as several amounts
    │   ├── InvalidDate                   it is no date of the calendar, or not in the form that is asked for
    │   ├── AmbiguousDate                 a text can be read as several dates
    │   ├── InconsistentFormat            the values of a column contradict each other
    │   ├── DuplicateKey                  two rows of one side have the same key
    │   └── Unbalanced                    an entry of a ledger does not sum to zero
    ├── TableError (ValueError)           tables, or what is asked of them, do not fit
    │   ├── ColumnMissing                 a table has no column of that name
    │   ├── ColumnMismatch                values or tables do not fit the columns they are for
    │   ├── ExpressionInvalid             an expression cannot be read, or names what is not there
    │   ├── InstructionUnclear            words that stand for no operation, or for several
    │   ├── FigureUnknown                 a text names a number that nobody computed
    │   ├── SourceError                   a source could not be read
    │   │   ├── SourceFailed              it broke off, answered with an error, or took too long
    │   │   ├── SourceNotFound            there is no such file, table or address
    │   │   ├── SourceTooLarge            it has more bytes, rows or levels than are allowed
    │   │   ├── SourceMalformed           it is not what its format asks for
    │   │   ├── FormatUnknown             nobody can tell its format
    │   │   ├── EncodingError             its bytes are no text of that encoding
    │   │   ├── PathNotAllowed            a path leads out of the allowed folder, or to no plain file
    │   │   └── AddressNotAllowed         an address is private, or of a scheme that is not allowed
    │   └── ReportError                   a report is not valid, or could not be written
    │       ├── ControlTotalWrong         a file that was written has other totals than the report
    │       └── NotificationFailed        a mail server did not take the message that a report is there
    ├── AuditError                        an audit trail is not what it was
    │   ├── AuditBroken                   names the first entry that does not verify
    │   └── EvidenceBroken                names the first member of an evidence pack that does not verify
    └── MissingExtra (ImportError)        an optional library is not installed; says the pip command
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

__all__ = [
    "AddressNotAllowed",
    "AgentError",
    "AgentKitError",
    "AmbiguousDate",
    "AmbiguousNumber",
    "AnswerInvalid",
    "AttemptError",
    "AuditBroken",
    "AuditError",
    "BackupBroken",
    "BudgetExhausted",
    "CapabilityMissing",
    "ChainFailed",
    "Closed",
    "ColumnMismatch",
    "ColumnMissing",
    "ControlTotalWrong",
    "CurrencyConflict",
    "CurrencyMismatch",
    "CurrencyRequired",
    "CurrencyUnknown",
    "DateRequired",
    "DefinitionError",
    "DuplicateKey",
    "EffectFailed",
    "EncodingError",
    "EvidenceBroken",
    "ExcessPrecision",
    "Expired",
    "ExpressionInvalid",
    "FigureUnknown",
    "FloatNotAllowed",
    "FormInvalid",
    "FormatTooNew",
    "FormatUnknown",
    "GiveUp",
    "IllegalEvent",
    "InconsistentFormat",
    "InputError",
    "InstructionUnclear",
    "InvalidAmount",
    "InvalidDate",
    "InvalidPercentage",
    "InvalidRatio",
    "JournalConflict",
    "JournalCorrupt",
    "KeyReused",
    "LeaseLost",
    "MergeConflict",
    "MissingExtra",
    "MoneyError",
    "NoAgreement",
    "NonFinite",
    "NotAllowed",
    "NotFound",
    "NotReady",
    "NotificationFailed",
    "OperationCancelled",
    "OperationError",
    "OperationFailed",
    "OperationQuarantined",
    "OperationTimedOut",
    "OutOfRange",
    "OutputInvalid",
    "Overloaded",
    "PathNotAllowed",
    "PercentagesDoNotSum",
    "PrecisionExceeded",
    "ProtocolUnknown",
    "RateInvalid",
    "RateMissing",
    "RateStale",
    "Repetition",
    "ReportError",
    "RoundingRequired",
    "ServerUnavailable",
    "SourceError",
    "SourceFailed",
    "SourceMalformed",
    "SourceNotFound",
    "SourceTooLarge",
    "StoreError",
    "StoreUnavailable",
    "TableError",
    "TooLate",
    "TooManyRequests",
    "TryAgain",
    "Unauthenticated",
    "Unbalanced",
    "Undeclared",
    "UnstorableValue",
    "UsageError",
]


class AgentKitError(Exception):
    """The root of every error that agentkit raises on purpose.

    Attributes:
        code: A stable name for programs.
        retryable: Whether the same call may succeed later.
        status: The HTTP status that suits it, as a hint for doors that speak HTTP.
        request_id: What a server called the request that failed, for whoever reads its log; empty if none did.
        retry_after: After how many seconds it is worth asking again, if that was said.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    status: ClassVar[int] = 500
    request_id: str = ""
    retry_after: float | None = None

    def __reduce__(self) -> tuple[Callable[..., AgentKitError], tuple[object, ...]]:
        # Past the constructor, which may want other things than `args`: so each can be copied and sent to a process.
        return _restored, (type(self), self.args, vars(self).copy())


def _restored(kind: type[AgentKitError], args: tuple[object, ...], said: Mapping[str, object]) -> AgentKitError:
    error = kind.__new__(kind)
    error.args = args
    vars(error).update(said)
    return error


class DefinitionError(AgentKitError, ValueError):
    """A workflow, agent or setting contradicts itself.

    Attributes:
        problems: One line for each thing that is wrong, each naming its place.
    """

    code = "definition_invalid"
    status = 422

    def __init__(self, *problems: str) -> None:
        self.problems: tuple[str, ...] = problems
        super().__init__("\n".join(problems))


class CapabilityMissing(DefinitionError):
    """Nobody among the candidates can do something that a team needs.

    Attributes:
        missing: What nobody can do, where that is known.
    """

    code = "capability_missing"

    def __init__(self, *problems: str, missing: Sequence[str] = ()) -> None:
        self.missing: tuple[str, ...] = tuple(missing)
        super().__init__(*problems)


class ProtocolUnknown(DefinitionError):
    """Teams do not know a protocol of that name.

    Attributes:
        protocol: The name that was given, where that is known.
    """

    code = "protocol_unknown"

    def __init__(self, *problems: str, protocol: str = "") -> None:
        self.protocol: str = protocol
        super().__init__(*problems)


class InputError(AgentKitError, ValueError):
    """What an operation was given does not fit its workflow.

    Attributes:
        places: What is wrong where, as pairs of a JSON pointer into the request and words, if a server said so.
    """

    code = "input_invalid"
    status = 422
    places: Sequence[tuple[str, str]] = ()


class FormInvalid(InputError):
    """Fields of a form are missing or wrong; nothing was sent.

    Attributes:
        faults: What is wrong with each field, by its path; what belongs to no field is under the empty one.
    """

    code = "form_invalid"
    faults: Mapping[str, tuple[str, ...]] = {}

    def __init__(self, faults: Mapping[str, tuple[str, ...]]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{path}: {one}" if path else one for path, said in faults.items() for one in said))


class UnstorableValue(AgentKitError, TypeError):
    """A value would not come back equal from the journal, so it is refused at the write."""

    code = "value_unstorable"
    status = 422


class MergeConflict(AgentKitError, ValueError):
    """Two values of one key cannot be merged, or the writer had not seen the newest one."""

    code = "merge_conflict"
    status = 409
    retryable = True


class UsageError(AgentKitError, RuntimeError):
    """The right call at the wrong moment."""

    code = "usage"
    status = 409


class IllegalEvent(UsageError):
    """This event cannot happen in this state; the state did not change."""

    code = "event_illegal"


class TooLate(UsageError):
    """It was decided before, was said before, or its time has passed; nothing changed."""

    code = "too_late"


class Closed(UsageError):
    """The orchestrator or store was closed, or not opened yet."""

    code = "closed"
    status = 503


class NotFound(AgentKitError, LookupError):
    """Nothing is kept under that id."""

    code = "not_found"
    status = 404


class Expired(AgentKitError, LookupError):
    """It was kept once and is not any more, such as an old version of a context."""

    code = "expired"
    status = 410


class Undeclared(AgentKitError, LookupError):
    """A key of a context was not declared: to exist, to be read, or to be written, by whoever tried."""

    code = "key_undeclared"
    status = 403


class NotAllowed(AgentKitError):
    """This person may not do that."""

    code = "not_allowed"
    status = 403


class Unauthenticated(AgentKitError):
    """Nobody knows who asks: the key or token is missing, unknown, expired or revoked."""

    code = "unauthenticated"
    status = 401


class NotReady(AgentKitError):
    """It has not ended yet, so it has no result."""

    code = "not_ready"
    retryable = True
    status = 409


class Overloaded(AgentKitError):
    """Too much waits already.

    Attributes:
        retry_after: After how many seconds it is worth asking again.
    """

    code = "overloaded"
    retryable = True
    status = 503

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after: float = retry_after  # pyright: ignore[reportIncompatibleVariableOverride] - always said here


class TooManyRequests(Overloaded):
    """This caller, or this address, asks more often than is allowed."""

    code = "too_many_requests"
    status = 429


class KeyReused(AgentKitError):
    """This idempotency key belongs to a request with another workflow or input.

    Attributes:
        operation_id: The operation that was started under the key.
    """

    code = "key_reused"
    status = 422

    def __init__(self, key: str, operation_id: str) -> None:
        self.key = key
        self.operation_id = operation_id
        super().__init__(
            f"the key {key!r} already started operation {operation_id} with another workflow or input;"
            " send the same request again, or choose another key"
        )


class ServerUnavailable(AgentKitError):
    """No server answered, or none that could; what was asked may or may not have happened.

    Asking again with the same idempotency key leads to the one true outcome.
    """

    code = "server_unavailable"
    status = 503
    retryable = True


class AnswerInvalid(AgentKitError):
    """What answered is no agentkit server, or says what this client does not understand."""

    code = "answer_invalid"
    status = 502


class OperationError(AgentKitError):
    """One operation did not end well.

    Attributes:
        operation_id: Which one.
    """

    code = "operation_error"
    status = 409

    def __init__(self, message: str, *, operation_id: str) -> None:
        self.operation_id = operation_id
        super().__init__(message)


class OperationFailed(OperationError):
    """A required stage failed.

    Attributes:
        stage: The stage that failed.
        attempts: Every failed attempt of that stage, in order, as one group.
    """

    code = "operation_failed"

    def __init__(
        self, message: str, *, operation_id: str, stage: str | None = None, attempts: Sequence[AttemptError] = ()
    ) -> None:
        super().__init__(message, operation_id=operation_id)
        self.stage = stage
        self.attempts: ExceptionGroup[AttemptError] | None = (
            ExceptionGroup(f"attempts of stage {stage!r}", list(attempts)) if attempts else None
        )


class OperationCancelled(OperationError):
    """Somebody cancelled the operation."""

    code = "operation_cancelled"


class OperationTimedOut(OperationError, TimeoutError):
    """The operation took longer than its workflow allows."""

    code = "operation_timed_out"


class OperationQuarantined(OperationError):
    """Too many processes died while they ran this operation; it waits for a person to resume it."""

    code = "operation_quarantined"


class NoAgreement(AgentKitError):
    """A team ended and its task is not done.

    Attributes:
        team: The team's name.
        how: What ended it: `rounds`, `budget` or `failed`.
        best: What it had come to, as plain JSON data.
    """

    code = "no_agreement"

    def __init__(self, team: str, how: str, reason: str, best: object = None) -> None:
        self.team = team
        self.how = how
        self.best = best
        super().__init__(f"{reason}; otherwise='keep' takes the best there is, marked as degraded")


class AgentError(AgentKitError):
    """Raised by agents to steer what happens after a failure."""

    code = "agent_error"


class TryAgain(AgentError):
    """The same agent may succeed later.

    Attributes:
        after: Seconds to wait before the next attempt; None leaves it to the stage's retry policy.
    """

    code = "try_again"
    retryable = True

    def __init__(self, message: str = "the agent asks to be tried again", *, after: float | None = None) -> None:
        self.after = after
        super().__init__(message)


class OutputInvalid(AgentError):
    """A model gave no answer of the declared type, however often it was told what is wrong, or one that is too long.

    In a workflow a fallback with the trigger `invalid_output` takes over from it.
    """

    code = "output_invalid"
    retryable = True
    status = 502


class EffectFailed(AgentError):
    """Raised in the block of an effect: it surely did not happen outside, and may be tried again.

    Any other error leaves it unknown whether it happened.
    """

    code = "effect_failed"
    retryable = True


class GiveUp(AgentError):
    """This agent will not succeed, however often it is tried; go on to the next one of the chain."""

    code = "give_up"


class BudgetExhausted(AgentError):
    """What may be spent does not suffice for what is to be done; nothing was done and nothing was reserved.

    In a workflow a fallback with the trigger `budget` takes over from it.

    Attributes:
        budget: The name of the budget that does not suffice.
        kind: What is lacking: `calls`, `seconds`, `tokens` or `money`.
        asked: How much was asked for, such as `2,000` or `0.02 USD`; `more` where a limit is used up.
        left: How much is left.
    """

    code = "budget_exhausted"
    status = 429

    def __init__(
        self, budget: str, *, kind: str, asked: str, left: str, advice: str = "raise its allowance, ask for less"
    ) -> None:
        self.budget = budget
        self.kind = kind
        self.asked = asked
        self.left = left
        super().__init__(
            f"budget {budget!r} does not suffice: {kind}: {asked} needed, {left} left; {advice}, or give the work a"
            " fallback that takes over from 'budget'"
        )


class Repetition(AgentError):
    """Agents do the same over and over, so that more of it leads nowhere.

    Attributes:
        agents: Who repeats: one agent, or two that pass the same back and forth.
        times: How often.
    """

    code = "repetition"

    def __init__(self, message: str, *, agents: Sequence[str], times: int) -> None:
        self.agents: tuple[str, ...] = tuple(agents)
        self.times = times
        super().__init__(message)


class AttemptError(AgentKitError):
    """Why one attempt of a stage failed, as the journal keeps it.

    Attributes:
        stage: The stage.
        attempt: The attempt's number, from 1.
        agent: The agent that worked on it.
        error_code: What went wrong, for programs: `error`, `timeout`, `output_invalid`, ...
        error_type: The class name of the original error.
        work: The value that it gave all the same, such as one with too little confidence.
    """

    code = "attempt_failed"

    def __init__(
        self,
        message: str,
        *,
        stage: str,
        attempt: int,
        agent: str,
        error_code: str,
        error_type: str,
        work: object = None,
    ) -> None:
        self.stage = stage
        self.attempt = attempt
        self.agent = agent
        self.error_code = error_code
        self.error_type = error_type
        self.work = work
        super().__init__(message)


class ChainFailed(AgentKitError):
    """Every strategy of a fallback chain failed, and the chain has no minimal answer.

    Attributes:
        chain: The chain's name.
        attempts: Every failed attempt, in order, as one group; the cause of each is the original error.
    """

    code = "chain_failed"

    def __init__(self, chain: str, attempts: Sequence[AttemptError]) -> None:
        self.chain = chain
        self.attempts: ExceptionGroup[AttemptError] = ExceptionGroup(f"attempts of chain {chain!r}", list(attempts))
        last = attempts[-1]
        super().__init__(
            f"chain {chain!r} failed after {len(attempts)} attempt(s), the last by {last.agent!r}: {last};"
            " give it minimal=... where an answer must always come"
        )


class StoreError(AgentKitError):
    """The journal could not do what was asked."""

    code = "store_error"
    status = 503


class StoreUnavailable(StoreError):
    """The store did not answer; a write may or may not have happened.

    Asking again with the same idempotency key leads to the one true outcome.
    """

    code = "store_unavailable"
    retryable = True


class JournalConflict(StoreError):
    """Another writer was first.

    Attributes:
        stream: The stream that was written to.
        expected: The version the writer had seen.
        actual: The version the stream has.
    """

    code = "journal_conflict"
    status = 409
    retryable = True

    def __init__(self, stream: str, *, expected: int, actual: int) -> None:
        self.stream = stream
        self.expected = expected
        self.actual = actual
        super().__init__(f"stream {stream!r} is at version {actual}, not {expected}: read on and decide again")


class JournalCorrupt(StoreError):
    """A stored row does not verify: it is damaged, missing or not ours."""

    code = "journal_corrupt"
    status = 500


class FormatTooNew(StoreError):
    """A newer agentkit wrote this store; this one leaves it untouched."""

    code = "format_too_new"
    status = 500


class BackupBroken(StoreError):
    """A backup is not what its manifest says, or something that it stands on is missing; nothing was restored."""

    code = "backup_broken"
    status = 500


class LeaseLost(StoreError):
    """Another process owns this operation now; what this one computed is not committed."""

    code = "lease_lost"
    status = 409


class MissingExtra(AgentKitError, ImportError):
    """An optional library is not installed.

    Attributes:
        extra: The extra that brings it.
    """

    code = "missing_extra"
    status = 501

    def __init__(self, extra: str, library: str) -> None:
        self.extra = extra
        super().__init__(f"{library} is not installed; run: pip install 'agentkit[{extra}]'")


class MoneyError(AgentKitError, ValueError):
    """An amount, or what is asked of it, is not valid. Nothing was rounded, and nothing is lost."""

    code = "money_invalid"
    status = 422


class InvalidAmount(MoneyError):
    """It is no number in the form that is asked for."""

    code = "invalid_amount"


class FloatNotAllowed(MoneyError):
    """A float is never exact money: give a text, an int or a `Decimal`."""

    code = "float_not_allowed"


class NonFinite(MoneyError):
    """It is NaN or infinite."""

    code = "non_finite"


class ExcessPrecision(MoneyError):
    """It has more decimals than its currency, and no rounding was named."""

    code = "excess_precision"


class RoundingRequired(MoneyError):
    """The result is not exact in its currency, and no rounding was named."""

    code = "rounding_required"


class PrecisionExceeded(MoneyError):
    """The result has more significant digits than are kept."""

    code = "precision_exceeded"


class OutOfRange(MoneyError):
    """It is outside of its bounds, which belong to the range."""

    code = "out_of_range"


class CurrencyUnknown(MoneyError):
    """No such currency is current, or registered."""

    code = "currency_unknown"


class CurrencyMismatch(MoneyError):
    """Amounts of two currencies meet: convert one first."""

    code = "currency_mismatch"


class CurrencyConflict(MoneyError):
    """A currency is registered already, with other properties."""

    code = "currency_conflict"
    status = 409


class CurrencyRequired(MoneyError):
    """Several currencies could be meant: name one, or a locale."""

    code = "currency_required"


class InvalidPercentage(MoneyError):
    """A percentage is no number from 0 to 100."""

    code = "invalid_percentage"


class PercentagesDoNotSum(MoneyError):
    """The shares are not exactly the whole, and nobody takes the rest."""

    code = "percentages_do_not_sum"


class InvalidRatio(MoneyError):
    """Weights are negative, all zero, or no numbers."""

    code = "invalid_ratio"


class RateInvalid(MoneyError):
    """A rate is not a finite number above 0."""

    code = "rate_invalid"


class RateMissing(MoneyError):
    """There is no rate for this pair on or before this date."""

    code = "rate_missing"
    status = 404


class RateStale(MoneyError):
    """The newest rate on or before the date is older than it may be."""

    code = "rate_stale"
    status = 409


class DateRequired(MoneyError):
    """An exchange needs its date: no reading depends on today."""

    code = "date_required"


class AmbiguousNumber(MoneyError):
    """A text can be read as several amounts.

    Attributes:
        candidates: The readings there are, as values.
    """

    code = "ambiguous_number"

    def __init__(self, message: str, candidates: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.candidates: tuple[object, ...] = tuple(candidates)


class InvalidDate(MoneyError):
    """It is no date of the calendar, or not in the form that is asked for."""

    code = "invalid_date"


class AmbiguousDate(MoneyError):
    """A text can be read as several dates.

    Attributes:
        candidates: The readings there are, as dates.
    """

    code = "ambiguous_date"

    def __init__(self, message: str, candidates: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.candidates: tuple[object, ...] = tuple(candidates)


class InconsistentFormat(MoneyError):
    """The values of a column contradict each other.

    Attributes:
        rows: The numbers of the rows that contradict each other, from 1.
    """

    code = "inconsistent_format"

    def __init__(self, message: str, rows: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.rows: tuple[int, ...] = tuple(rows)


class DuplicateKey(MoneyError):
    """Two rows of one side have the same key."""

    code = "duplicate_key"


class Unbalanced(MoneyError):
    """An entry of a ledger does not sum to zero in each currency."""

    code = "unbalanced"


class TableError(AgentKitError, ValueError):
    """Tables, or what is asked of them, do not fit."""

    code = "table_invalid"
    status = 422


class ColumnMissing(TableError):
    """A table has no column of that name."""

    code = "column_missing"


class ColumnMismatch(TableError):
    """Values or tables do not fit the columns they are for."""

    code = "column_mismatch"


class ExpressionInvalid(TableError):
    """An expression cannot be read, or names what is not there."""

    code = "expression_invalid"


class InstructionUnclear(TableError):
    """Words of an instruction stand for no operation, or for several."""

    code = "instruction_unclear"


class FigureUnknown(TableError):
    """A text about insights names a number that is not among their figures."""

    code = "figure_unknown"


class SourceError(TableError):
    """A source could not be read."""

    code = "source_invalid"


class SourceFailed(SourceError):
    """A source broke off, answered with an error, or took too long."""

    code = "source_failed"


class SourceNotFound(SourceError):
    """There is no such file, table or address."""

    code = "source_not_found"


class SourceTooLarge(SourceError):
    """A source has more bytes, rows or levels than are allowed."""

    code = "source_too_large"


class SourceMalformed(SourceError):
    """A source is not what its format asks for."""

    code = "source_malformed"


class FormatUnknown(SourceError):
    """Nobody can tell the format of a source."""

    code = "format_unknown"


class EncodingError(SourceError):
    """The bytes of a source are no text of that encoding."""

    code = "encoding_error"


class PathNotAllowed(SourceError):
    """A path leads out of the allowed folder, or to no plain file."""

    code = "path_not_allowed"


class AddressNotAllowed(SourceError):
    """An address is private, or of a scheme that is not allowed."""

    code = "address_not_allowed"


class ReportError(TableError):
    """A report is not valid, or could not be written."""

    code = "report_invalid"


class ControlTotalWrong(ReportError):
    """A file that was written has other totals than the report."""

    code = "control_total_wrong"


class NotificationFailed(ReportError):
    """A mail server could not be reached, or did not take the message that a report is there."""

    code = "notification_failed"
    status = 502
    retryable = True


class AuditError(AgentKitError):
    """An audit trail is not what it was, or cannot do what is asked of it."""

    code = "audit_invalid"
    status = 409


class AuditBroken(AuditError):
    """An entry does not verify: something was changed, removed, added or moved.

    Attributes:
        number: The number of the first bad entry, from 1.
    """

    code = "audit_broken"

    def __init__(self, message: str, *, number: int) -> None:
        super().__init__(message)
        self.number = number


class EvidenceBroken(AuditError):
    """An evidence pack does not verify: something in it was changed, removed, added or moved.

    Attributes:
        member: The first member that is wrong.
    """

    code = "evidence_broken"

    def __init__(self, message: str, *, member: str) -> None:
        super().__init__(message)
        self.member = member
