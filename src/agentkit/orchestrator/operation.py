"""One run of a workflow, in the hand of whoever started or found it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, Generic

from typing_extensions import TypeVar

from agentkit.engines import Recorded, follow
from agentkit.kernel import Decision, Event, State, Workflow, draw, replay
from agentkit.markup import bundle, framed, paragraph
from agentkit.views import (
    ArtifactLine,
    Costs,
    EffectSummary,
    Message,
    MessagesFold,
    Progress,
    artifacts_of,
    costs_of,
    effects_of,
    newest_artifact,
    progress_of,
)

from .children import Children
from .following import follow_progress, until_rest
from .inbox import ApprovalRequest, Doubt, doubts_of, requests_of
from .progress.listening import ProgressListener, tell
from .result import Result, raise_unless_completed, result_of
from .running.runtime import Runtime
from .saying import settle_wish, signal_wish, vote_wish

__all__ = ["Operation"]

Output = TypeVar("Output", default=object, covariant=True)


class Operation(Generic[Output]):
    """One run of a workflow. Await it for its result; it runs whether anybody waits or not.

    Attributes:
        id: Its name, for ever.
        workflow: What it does.
        is_new: Whether the call that gave this began it; not if it was found, or its key had begun it before.
        begun: What `Orchestrator.submit` wrote when it began; empty in all other cases.

    Example:
        >>> import asyncio
        >>> from agentkit import Orchestrator, Stage, Task, Workflow, agent
        >>> @agent
        ... async def greet(task: Task[dict[str, str]]) -> str:
        ...     return f"Hello {task.input['name']}"
        >>> flow = Workflow("greet", [Stage("greet", agent="greet")], returns=str)
        >>> async def main() -> None:
        ...     async with Orchestrator([greet]) as orchestrator:
        ...         operation = await orchestrator.submit(flow, {"name": "Ada"})
        ...         print((await operation).output)
        >>> asyncio.run(main())
        Hello Ada
    """

    __slots__ = ("_runtime", "begun", "id", "is_new", "workflow")

    def __init__(
        self,
        runtime: Runtime,
        operation_id: str,
        workflow: Workflow[Output],
        *,
        is_new: bool = False,
        begun: Sequence[Event] = (),
    ) -> None:
        self._runtime = runtime
        self.id: str = operation_id
        self.workflow: Workflow[Output] = workflow
        self.is_new: bool = is_new
        self.begun: Sequence[Event] = begun

    def __repr__(self) -> str:
        return f"<operation {self.id} of {self.workflow.name!r}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What it is, for notebooks; how far it is takes an `await`: see `agentkit.interfaces.notebook`."""
        heading, flow = repr(self), self.workflow
        return bundle(f"{heading}\n{draw(flow)}", paragraph(heading) + framed(draw(flow, format="svg")))

    def __await__(self) -> Generator[Any, None, Result[Output]]:
        return self.result().__await__()

    async def result(self) -> Result[Output]:
        """Wait for the end.

        Raises:
            OperationFailed: A required stage failed; its attempts are in the error.
            OperationTimedOut: It took longer than its workflow allows.
            OperationCancelled: It was cancelled.
            OperationQuarantined: Too many processes died while they ran it.
            InputError: The output is not of its declared type any more.
            Closed: The orchestrator was closed before the end.
            StoreError: The store failed, or the journal is damaged.
        """
        runtime = self._runtime
        state = await runtime.settled(self.id)
        if state.status != "completed":
            raise_unless_completed(state, await runtime.store.read(self.id))
        return result_of(state, runtime.agents, self.workflow)

    @property
    def position(self) -> int | None:
        """Which place it has in line here, from 1, while it waits for room to begin; None if it does not.

        Raises:
            Closed: The orchestrator was closed.
        """
        return self._runtime.line.position(self.id)

    async def events(self, *, after: int = 0) -> AsyncGenerator[Recorded, None]:
        """Its events, numbered from 1, as they happen, until its end.

        Args:
            after: The number of the last event already seen; 0 begins at the beginning.

        Raises:
            Closed: The orchestrator was closed before the end.
            StoreError: The store failed, or the journal is damaged.
        """
        async with aclosing(follow(self._runtime.store, self.id, after=after)) as entries:
            async for entry in entries:
                yield entry

    async def state(self) -> State:
        """Where it stands now, by its journal.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        return await self._runtime.state(self.id)

    async def context(self) -> Mapping[str, object]:
        """What its stages share now, by key, as plain JSON data; `views.context_history` tells how it came about.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        return {key: entry.value for key, entry in (await self.state()).context.items()}

    async def progress(self) -> Progress:
        """How far it is now, with what its attempts said last.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        runtime = self._runtime
        journal = await runtime.journal(self.id)
        said = await Children(runtime).said(replay(journal))
        return progress_of(journal, runtime.now(), said, lines=runtime.live.lines(self.id))

    async def follow(self, *, seconds: float = 0.1) -> AsyncGenerator[Progress, None]:
        """How far it is, again and again until its end: whenever something changed, but not more often than asked for.

        Args:
            seconds: The shortest time between two pictures.

        Raises:
            Closed: The orchestrator was closed before the end.
            StoreError: The store failed, or the journal is damaged.
        """
        async with aclosing(follow_progress(self._runtime, self.id, seconds)) as pictures:
            async for progress in pictures:
                yield progress

    def track(self, *listeners: ProgressListener) -> AbstractAsyncContextManager[None]:
        """Tell listeners how far it is, while the block runs, and at the end of the block where it stands then.

        They are those of a `ProgressTracker`: functions, async or plain, or the ready-made ones. One that blocks, is
        slow or raises harms nobody.
        """
        return tell(self, listeners)

    async def cancel(self, reason: str = "") -> None:
        """Have it stop: nothing new starts, and what runs is told to end.

        Returns as soon as the wish is on the journal; await the operation for its end. A second cancel, or one that
        comes too late, changes nothing.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed.
        """
        await self._runtime.cancel(self.id, reason)

    async def at_rest(self) -> State:
        """Wait until nothing more happens by itself, and say where it stands then.

        That is when it has ended, is in quarantine, or waits for people, a signal, a time or a child that
        came to rest, with nothing else to do.

        Raises:
            Closed: The orchestrator was closed before.
            StoreError: The store failed, or the journal is damaged.
        """
        return await until_rest(self._runtime, self.id)

    async def questions(self) -> Sequence[ApprovalRequest]:
        """What people are and were asked: open and decided questions, by stage and in the order of asking.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        return requests_of(await self._runtime.state(self.id))

    async def doubts(self) -> Sequence[Doubt]:
        """The work of which nobody knows whether it happened: a person says so with `settle`.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        return doubts_of(await self._runtime.journal(self.id))

    async def effects(self) -> Sequence[EffectSummary]:
        """What its agents did, or may have done, to the world outside (`Task.effect`), in the order of the first word.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        return effects_of(await self._runtime.journal(self.id))

    async def costs(self) -> Costs:
        """What it used so far: calls, seconds, tokens and money, by attempt, stage and agent.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        return costs_of(await self._runtime.journal(self.id))

    async def artifacts(self) -> tuple[ArtifactLine, ...]:
        """The files that its stages have given so far (`Task.attach`), in the order in which they came.

        Raises:
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the journal is damaged.
        """
        return artifacts_of(await self._runtime.journal(self.id))

    async def artifact(self, name: str, *, stage: str | None = None) -> bytes:
        """What is in one of its files.

        Args:
            name: What it is called.
            stage: Which stage gave it; the last one that gave a file of that name, if it is not said.

        Raises:
            NotFound: No stage gave such a file.
            Closed: The orchestrator was closed.
            StoreError: The store failed, or the file is damaged.
        """
        line = newest_artifact(await self.artifacts(), self.id, name, stage)
        return await self._runtime.store.artifact(line.artifact.sha256)

    async def messages(self, *, after: int = 0) -> AsyncGenerator[Message, None]:
        """What its agents sent (`Task.emit`), in order, as it is committed, until the operation's end.

        Each is committed exactly once, with the success that sent it. Whoever keeps the number of the last message
        that they have handled, and goes on from there, misses none; what they do with it should bear a repetition.

        Args:
            after: The number of the last message already handled; 0 begins at the beginning.

        Raises:
            Closed: The orchestrator was closed before the end.
            StoreError: The store failed, or the journal is damaged.
        """
        fold = MessagesFold()
        async for entry in follow(self._runtime.store, self.id):
            for message in fold.apply(entry.event):
                if message.number > after:
                    yield message

    async def approve(
        self,
        stage: str,
        *,
        by: str,
        roles: Iterable[str] = (),
        comment: str = "",
        form: Mapping[str, object] | None = None,
        name: str | None = None,
    ) -> None:
        """Agree to what a stage asks. When this returns, the vote is on the journal.

        Args:
            stage: The stage, or its item or turn, such as `pay[3]`.
            by: Who agrees. Whoever calls this has made sure that it is them, and that they have these roles.
            roles: The roles they have.
            comment: Why.
            form: What they fill in: texts, whole numbers, flags, `Decimal` and `date` values. A field that they leave
                out is as it was proposed; None empties one that may be left out.
            name: Which question of an agent, or `""` for the stage's own approval. Without it, the stage's own, or,
                where it has none, what its agent asks first; what it asks after that has to be named.

        Raises:
            NotFound: There is no such stage, or it asks nothing of that name.
            NotAllowed: They have none of the roles that are asked for, or started the operation themselves.
            TooLate: It is decided, its deadline has passed, or they have voted.
            InputError: The form is not filled in as it has to be, or the vote has no name.
            UnstorableValue: Something that was said cannot be written exactly.
            Closed: The orchestrator was closed.
            StoreError: The store failed; see `questions` for whether the vote was kept.
        """
        vote = vote_wish(stage, name, by=by, approve=True, roles=roles, comment=comment, form=form)
        await self._runtime.wish(self.id, vote)

    async def refuse(
        self,
        stage: str,
        *,
        by: str,
        roles: Iterable[str] = (),
        comment: str = "",
        form: Mapping[str, object] | None = None,
        name: str | None = None,
    ) -> None:
        """Refuse what a stage asks; one who refuses is enough. The arguments are those of `approve`.

        Raises:
            NotFound: There is no such stage, or it asks nothing of that name.
            NotAllowed: They have none of the roles that are asked for, or started the operation themselves.
            TooLate: It is decided, its deadline has passed, or they have voted.
            InputError: The form is not filled in as it has to be, or the vote has no name.
            UnstorableValue: Something that was said cannot be written exactly.
            Closed: The orchestrator was closed.
            StoreError: The store failed; see `questions` for whether the vote was kept.
        """
        vote = vote_wish(stage, name, by=by, approve=False, roles=roles, comment=comment, form=form)
        await self._runtime.wish(self.id, vote)

    async def signal(self, name: str, value: object = None, *, id: str = "") -> None:
        """Send a signal: the first stage that waits for it gets the value, now or when it comes to wait.

        Args:
            name: Which signal.
            value: What comes with it: plain JSON data, or a value of a dataclass or pydantic model.
            id: The sender's name for this very signal; the same one is taken once.

        Raises:
            NotFound: No stage of the workflow waits for a signal of that name.
            TooLate: The operation has ended, or is being stopped.
            UnstorableValue: The value cannot be written exactly.
            InputError: The value is too large.
            Closed: The orchestrator was closed.
            StoreError: The store failed; with an `id`, the same call can safely be made again.
        """
        await self._runtime.wish(self.id, signal_wish(name, value, id, self._runtime.max_result))

    async def settle(
        self, stage: str, decision: Decision, *, by: str = "", value: object = None, comment: str = ""
    ) -> None:
        """Decide about work in doubt.

        Args:
            stage: The stage, or its item or turn.
            decision: `done`: it happened. `redo`: it did not, do it again. `abort`: the stage has failed.
            by: Who decides.
            value: For `done`: the stage's value, of the type that its agent declares or as JSON data that reads as
                such; or, if one effect is in doubt, that effect's result.
            comment: Why.

        Raises:
            NotFound: There is no such stage.
            TooLate: It is not in doubt, or not any more.
            InputError: There is no such decision, or the value does not fit.
            UnstorableValue: The value cannot be written exactly.
            Closed: The orchestrator was closed.
            StoreError: The store failed.
        """
        wish = settle_wish(self._runtime.agents, stage, decision, by=by, value=value, comment=comment)
        await self._runtime.wish(self.id, wish)
