"""Questions that wait for people: what is asked, a form, a comment, and two answers; and all else that a run asks.

Rules: who answers is who the client speaks for. What is wrong stands at its field, and another question that comes up
meanwhile takes nothing away that was filled in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Final, cast

import gradio as gr
from pydantic import JsonValue

from agentkit.client import Client
from agentkit.errors import AgentKitError, InputError
from agentkit.screens import Board, Form, FormErrors, count_text, moment_text, trouble_of
from agentkit.wire import ApprovalLine, Decision, OperationPage

from .answering import draw_doubt, draw_signals
from .asking import Desks
from .fields import Drawing
from .held import Held
from .markup import line, page, paragraphs, told, trouble

__all__ = ["Heard", "Questions", "draw_questions", "open_questions"]

_AT_ONCE: Final = 1_000
_SIGNALS: Final = ("signal.awaited", "signal.received")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What somebody was about to answer, and what was wrong with it."""

    held: Held
    errors: FormErrors
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Questions:
    """What a run asks people.

    Attributes:
        operation: Its id.
        lines: Its questions.
        doubts: What there is to look up, by the work of which nobody knows whether it happened.
        signals: The names of the signals that it waits for.
        signalled: The number of the newest event that tells of a signal: with another one its form is another.
        answers: Answers that were not taken, by question.
        said: What came of the last answer, as HTML.
    """

    operation: str = ""
    lines: tuple[ApprovalLine, ...] = ()
    doubts: Mapping[str, str] = field(default_factory=dict[str, str])
    signals: tuple[str, ...] = ()
    signalled: int = 0
    answers: Mapping[tuple[str, str], _Answer] = field(default_factory=dict[tuple[str, str], _Answer])
    said: str = ""

    @property
    def is_open(self) -> bool:
        """Whether anything is asked."""
        return bool(self.lines or self.doubts or self.signals)

    def asks_as(self, other: Questions) -> bool:
        """Whether the same is asked as by another one."""
        mine, theirs = ((one.lines, one.doubts, one.signals, one.signalled) for one in (self, other))
        return mine == theirs


@dataclass(slots=True)
class Heard:
    """What the journal of a run has said so far to one who follows it.

    Attributes:
        board: The same in the words of pictures.
        signalled: The number of the newest event that tells of a signal.
    """

    board: Board = field(default_factory=lambda: Board(keep=0))
    signalled: int = 0

    async def hear(self, client: Client, operation_id: str) -> None:
        """Read what is new."""
        while events := await client.history(operation_id, after=self.board.after, limit=_AT_ONCE):
            self.board.hear(events)
            self.signalled = max([self.signalled, *(one.number for one in events if one.type in _SIGNALS)])


async def open_questions(desks: Desks, request: gr.Request, found: OperationPage, heard: Heard) -> Questions:
    """What a run asks whoever looks at it.

    Args:
        desks: Whom to ask.
        request: Who looks.
        found: The run.
        heard: What its journal has said; it is read on only while somebody has to know or tell something.
    """

    async def work(client: Client) -> Questions:
        lines = tuple(await client.approvals(found.id)) if "approval" in found.waiting else ()
        if not {"doubt", "signal"} & set(found.waiting):
            return Questions(operation=found.id, lines=lines)
        await heard.hear(client, found.id)
        doubts = {stage: heard.board.doubt_words(stage) for stage in heard.board.doubts}
        signals = tuple(heard.board.signals)
        signalled = heard.signalled if signals else 0
        return Questions(operation=found.id, lines=lines, doubts=doubts, signals=signals, signalled=signalled)

    return await desks.look(request, work)


def draw_questions(questions: Questions, state: gr.State, desks: Desks, zone: tzinfo) -> None:
    """Draw each question with its form."""
    if questions.said:
        gr.HTML(page(questions.said))
    for one in questions.lines:
        _draw(one, questions.answers.get((one.stage, one.name)), state, desks, zone)
    for stage, about in questions.doubts.items():
        draw_doubt(questions.operation, stage, about, desks)
    if questions.signals:
        draw_signals(questions.operation, questions.signals, desks)


def _draw(one: ApprovalLine, answer: _Answer | None, state: gr.State, desks: Desks, zone: tzinfo) -> None:
    name = f"{one.operation} {one.stage} {one.name} {one.asked_at}"
    form = Form.of_kinds(one.form, proposed=one.proposed, zone=zone)
    gr.HTML(page(_asked(one, zone), answer.said if answer else ""))
    with gr.Group():
        drawing = Drawing(answer.held if answer else form.blank(), answer.errors if answer else FormErrors(), name)
        drawing.draw(form.fields)
        comment = gr.Textbox(label="Comment (optional)", lines=2, key=f"{name} comment", interactive=True)
    with gr.Row():
        yes = gr.Button(f"✓ Approve {one.stage}"[:60], variant="primary")
        no = gr.Button(f"✕ Refuse {one.stage}"[:60], variant="stop")
    widgets = [state, comment, *drawing.widgets]
    for button, is_yes in ((yes, True), (no, False)):
        answering = _answering(one, form, drawing, desks, approve=is_yes)
        button.click(answering, widgets, state, queue=False, api_visibility="private", show_progress="hidden")


def _answering(
    one: ApprovalLine, form: Form, drawing: Drawing, desks: Desks, *, approve: bool
) -> Callable[..., Awaitable[Questions]]:
    """What happens when somebody answers."""

    async def answer(request: gr.Request, questions: Questions, comment: str, *values: object) -> Questions:
        held, key = drawing.read(values), (one.stage, one.name)
        others = {name: kept for name, kept in questions.answers.items() if name != key}
        try:
            # Who refuses need not fill in what they refuse.
            given = cast("dict[str, JsonValue]", form.read(held)) if approve else {}
            decision = Decision(stage=one.stage, name=one.name, approve=approve, comment=comment or "", form=given)

            async def work(client: Client) -> OperationPage:
                return await client.decide(one.operation, decision)

            await desks.ask(request, work)
        except AgentKitError as error:
            errors = form.errors_of(error) if isinstance(error, InputError) else FormErrors()
            said = "" if errors.fields else trouble(trouble_of(error))
            return replace(questions, answers={**others, key: _Answer(held=held, errors=errors, said=said)}, said="")
        word = "approved" if approve else "refused"
        lines = tuple(line for line in questions.lines if (line.stage, line.name) != key)
        return replace(questions, lines=lines, answers=others, said=told(f"You {word} {line(one.stage)}."))

    return answer


def _asked(one: ApprovalLine, zone: tzinfo) -> str:
    facts = [f"asked {moment_text(one.asked_at, zone)}"]
    if one.deadline is not None:
        facts.append(f"time decides {moment_text(one.deadline, zone)}")
    if one.roles:
        facts.append(f"for {', '.join(one.roles)}")
    if one.quorum > 1:
        facts.append(f"{count_text(one.quorum, 'person has', 'people have')} to agree; {len(one.agreed)} so far")
    if one.escalated:
        facts.append("nobody decided in time, so more may")
    title = f"{line(one.stage)} asks" + (f" ({line(one.name)})" if one.name else "")
    asked = paragraphs(one.question).replace("\n", "<br>")
    return told(title, asked, f'<span class="ak-quiet">{line(" · ".join(facts), 1_000)}</span>', kind="ask")
