"""Diagrams of workflows and states: complete, harmless, readable, always the same."""

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.kernel import (
    AgentUnavailable,
    Approval,
    AttemptFailed,
    DoubtRaised,
    Failure,
    ItemsMapped,
    Loop,
    Map,
    RetryPolicy,
    SignalAwaited,
    Stage,
    State,
    TimerSet,
    TurnBegan,
    When,
    Workflow,
)
from agentkit.kernel.diagram import SIGNS, DiagramFormat, draw
from agentkit.kernel.diagram.lettering import cells, clean, clip, fit, listed, span
from agentkit.kernel.diagram.mermaid import quoted
from tests.kernel.scenes import NO, begun, failed_for_good, ran, started

SVG = "{http://www.w3.org/2000/svg}"
SIZES = {"name": 13, "heading": 15, "tiny": 10}
FORMATS: list[DiagramFormat] = ["text", "ascii", "mermaid", "svg"]
NASTY = '<script>alert("&")</script>\x1b[31m\n]]> \ud800 \u202e;'

every_format = pytest.mark.parametrize("kind", FORMATS)

ROYALTIES: Workflow[object] = Workflow(
    "royalties",
    [
        Stage("sales", agent="reader", timeout=30, group="extraction"),
        Stage("rates", agent="reader", retry=RetryPolicy(attempts=3), group="extraction"),
        Stage("clean", agent="cleaner", after=["extraction"]),
        Stage("share", agent="share", after=["clean"], fallback=["share_simple"], retry=RetryPolicy(attempts=3)),
        Stage("charts", agent="painter", after=["share"], required=False),
        Stage("summary", agent="writer", after=["share", "rates"]),
    ],
    description=NASTY,
)


def in_trouble() -> State:
    """One stage of every status that can be together."""
    failure = Failure(code="timeout", type="TimeoutError", message=NASTY)
    events = [
        *ran("sales"),
        *ran("rates"),
        *ran("clean"),
        started("share"),
        AttemptFailed(at=1.0, stage="share", attempt=1, failure=failure, then="fall_back", retry_at=2.0),
        started("share", 2),
        AttemptFailed(at=2.0, stage="share", attempt=2, failure=failure, then="retry", retry_at=9.0),
    ]
    return begun(ROYALTIES, *events)


def stages(count: int) -> list[Stage]:
    return [Stage(f"s{number}", agent="ada") for number in range(count)]


@every_format
@pytest.mark.parametrize("subject", [ROYALTIES, in_trouble()], ids=["workflow", "state"])
def test_every_stage_and_agent_is_named(kind: DiagramFormat, subject: Workflow[object] | State) -> None:
    drawing = draw(subject, format=kind)

    for stage in ROYALTIES.stages:
        assert re.search(rf"\b{stage.name}\b", drawing)
        for agent in stage.agents:
            assert re.search(rf"\b{agent}\b", drawing)


@every_format
def test_a_status_is_a_word_and_a_sign(kind: DiagramFormat) -> None:
    drawing = draw(in_trouble(), format=kind)

    for status in ("completed", "retrying", "pending", "running"):
        sign = SIGNS[status]
        shown = {"text": sign.glyph, "ascii": sign.letter, "mermaid": sign.glyph, "svg": sign.outline}[kind]
        assert status in drawing
        assert shown in drawing


@every_format
def test_the_try_and_the_working_fallback_are_told(kind: DiagramFormat) -> None:
    drawing = draw(in_trouble(), format=kind)

    assert "retrying 1 of 3 by share_simple" in drawing


def test_failed_unavailable_and_stopping_are_told() -> None:
    flow = Workflow("flow", stages(3))
    gone = AgentUnavailable(at=1.0, stage="s1", attempt=1, agent="ada", retry_at=5.0)
    state = begun(flow, started("s0"), started("s1"), gone, started("s2"), failed_for_good("s0"))

    drawing = draw(state)

    assert drawing.startswith("flow · ■ stopping · 3 stages: 1 failed, 1 unavailable, 1 running\nno line\n")
    assert "✗ s0" in drawing
    assert "? s1" in drawing


@every_format
def test_what_a_stage_promises_is_told(kind: DiagramFormat) -> None:
    drawing = draw(ROYALTIES, format=kind)

    assert "30 s" in drawing
    assert "optional" in drawing
    assert ("3x" if kind == "ascii" else "3\N{MULTIPLICATION SIGN}") in drawing


@every_format
def test_a_text_from_outside_stays_a_text(kind: DiagramFormat) -> None:
    drawing = draw(in_trouble(), format=kind)

    assert "<script" not in drawing or kind in ("text", "ascii")
    assert all(character.isprintable() or character == "\n" for character in drawing)
    drawing.encode()


def test_the_reason_of_a_stop_cannot_write_to_the_terminal() -> None:
    failure = Failure(code="error", type="ValueError", message=NASTY)
    failed = AttemptFailed(at=1.0, stage="sales", attempt=1, failure=failure, then="fail")

    drawing = draw(begun(ROYALTIES, started("sales"), failed))

    assert "alert" in drawing
    assert "\x1b" not in drawing


def test_text_in_ascii_is_ascii_whatever_the_names_are() -> None:
    flow = Workflow("größe", [Stage("März", agent="漢字"), Stage("b", agent="c", after=["März"])])

    assert draw(flow, format="ascii").isascii()


def test_text_shows_steps_and_what_comes_before() -> None:
    lines = draw(ROYALTIES).splitlines()

    assert [line[:3] for line in lines[-6:]] == ["1 ┬", "  └", "2 ─", "3 ─", "4 ┬", "  └"]
    assert lines[-1].endswith("after share, rates")


def test_a_line_of_text_is_bounded() -> None:
    names = [f"stage_with_a_long_name_{number}" for number in range(1_000)]
    flow = Workflow("wide", [*(Stage(n, agent="a" * 90) for n in names), Stage("z" * 90, agent="b", after=names)])

    lines = draw(flow).splitlines()

    assert len(lines) == 1_003
    assert max(map(cells, lines)) <= 150
    assert "more" in lines[-1]


def test_a_long_description_does_not_make_a_long_line() -> None:
    flow = Workflow("flow", stages(1), description="words " * 100)

    assert max(map(cells, draw(flow).splitlines())) <= 110


def svg(subject: Workflow[object] | State) -> ElementTree.Element:
    return ElementTree.fromstring(draw(subject, format="svg"))


def placed(
    element: ElementTree.Element, x: float = 0.0, y: float = 0.0
) -> list[tuple[ElementTree.Element, float, float]]:
    """Every element with the place of its group."""
    moved = re.match(r"translate\((\S+) (\S+)\)", element.get("transform", ""))
    if moved and element.tag == f"{SVG}g":
        x, y = x + float(moved[1]), y + float(moved[2])
    return [(element, x, y)] + [found for child in element for found in placed(child, x, y)]


names = st.from_regex(r"[A-Za-zÄé漢][\w.-]{0,60}", fullmatch=True)


@st.composite
def workflows(draw: st.DrawFn) -> Workflow[object]:
    own = draw(st.lists(names, min_size=1, max_size=9, unique=True))
    made = [
        Stage(
            name,
            agent=draw(names),
            after=draw(st.lists(st.sampled_from(own[:number]), unique=True, max_size=3)) if number else [],
            group=draw(st.sampled_from([None, "group/1"])) and f"g{draw(st.integers(1, 2))}.{'x' * 100}"[:90],
            required=draw(st.booleans()),
            timeout=draw(st.sampled_from([None, 0.5, 90.0])),
            retry=RetryPolicy(attempts=draw(st.integers(1, 9))),
        )
        for number, name in enumerate(own)
    ]
    return Workflow("flow", made, description=draw(st.text(max_size=30)))


@given(workflows())
def test_nothing_is_clipped(flow: Workflow[object]) -> None:
    root = svg(flow)

    _, _, width, height = map(float, root.get("viewBox", "").split())
    for element, x, y in placed(root):
        if element.tag in (f"{SVG}rect", f"{SVG}text"):
            left, top = x + float(element.get("x", 0)), y + float(element.get("y", 0))
            size = SIZES.get(element.get("class", "").split(" ")[0], 11)
            right = left + float(element.get("width") or span("".join(element.itertext()), size))
            margin = 0 if element.get("class") == "page" else 20
            assert margin <= left <= right <= width - margin + 0.2
            assert 0 <= top <= top + float(element.get("height", 0)) <= height + 0.2


@given(workflows())
def test_texts_stay_in_their_boxes(flow: Workflow[object]) -> None:
    for group in svg(flow).iter(f"{SVG}g"):
        boxes = [rect for rect in group.findall(f"{SVG}rect") if "box" in rect.get("class", "").split()]
        for text in group.findall(f"{SVG}text") if boxes else []:
            size = SIZES.get(text.get("class", ""), 11)
            assert float(text.get("x", 0)) + span("".join(text.itertext()), size) <= (
                float(boxes[-1].get("x", 0)) + float(boxes[-1].get("width", 0)) + 0.2
            )


@given(workflows())
def test_a_drawing_needs_nothing_from_outside(flow: Workflow[object]) -> None:
    root = svg(flow)

    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "g", "rect", "path", "text", "tspan", "circle"}
    assert not any(name in element.attrib for element in root.iter() for name in ("href", "onload", "style", "id"))
    assert "url(" not in (root.findtext(f"{SVG}style") or "")


def test_a_drawing_has_a_title_a_description_and_both_schemes() -> None:
    root = svg(in_trouble())

    assert root.findtext(f"{SVG}title") == "royalties · running"
    assert (root.findtext(f"{SVG}desc") or "").startswith("6 stages: 1 retrying, 2 pending, 3 completed.")
    assert "prefers-color-scheme:dark" in (root.findtext(f"{SVG}style") or "")


def test_the_style_reaches_nothing_outside_of_the_drawing() -> None:
    style = svg(ROYALTIES).findtext(f"{SVG}style") or ""

    rules = [line for line in style.splitlines() if line and not line.startswith(("@", "}"))]
    assert rules
    assert all(line.startswith(".agentkit-diagram ") and "," not in line.split("{")[0] for line in rules)


def test_a_long_name_is_cut_and_whole_in_the_tooltip() -> None:
    long = "a" * 100

    drawing = draw(Workflow("flow", [Stage(long, agent="ada")]), format="svg")

    assert drawing.count(long) == 1
    assert "a…</text>" in drawing


def test_an_optional_stage_is_dashed_and_a_group_framed() -> None:
    drawing = draw(ROYALTIES, format="svg")

    assert drawing.count('class="box optional"') == 1
    assert drawing.count('class="frame"') == 1
    assert "group extraction" in drawing


def test_members_of_a_group_that_are_apart_are_tagged() -> None:
    apart = [
        Stage("a", agent="x", group="g"),
        Stage("b", agent="x", after=["a"]),
        Stage("c", agent="x", after=["b"], group="g"),
    ]

    drawing = draw(Workflow("flow", apart), format="svg")

    assert 'class="frame"' not in drawing
    assert drawing.count(">group g</text>") == 2


def test_mermaid_is_a_flowchart_with_plain_ids() -> None:
    flow = Workflow("end", [Stage("end", agent="click"), Stage("graph", agent="x", after=["end"])])

    assert draw(flow, format="mermaid").splitlines() == [
        "---",
        'title: "end"',
        "---",
        "flowchart LR",
        '  n0["<b>end</b><br/>click"]',
        '  n1["<b>graph</b><br/>x"]',
        "  n0 --> n1",
    ]


def test_mermaid_colours_by_class() -> None:
    lines = draw(in_trouble(), format="mermaid").splitlines()

    assert "  class n0,n1,n2 completed" in lines
    assert any(line.startswith("  classDef completed fill:#") for line in lines)
    assert '  subgraph g1 ["extraction"]' in lines


@given(st.text())
def test_a_mermaid_label_is_inert(text: str) -> None:
    label = quoted(text)

    assert not set(label) & set('"`<>\\\n')
    assert re.fullmatch(r"(?:[^#;&:]|#\w+;)*", label)


@given(st.text(), st.integers(0, 40))
def test_cut_texts_fit(text: str, room: int) -> None:
    assert span(fit(text, 11, room + 11), 11) <= room + 11
    assert cells(clip(text, room + 1)) <= room + 1
    assert "\n" not in clean(text)


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=30), st.integers(20, 60))
def test_a_list_of_names_fits_and_counts_the_rest(names: list[str], room: int) -> None:
    line = listed(names, room)

    more = re.search(r" and (\d+) more$", line)
    assert cells(line) <= room + 5
    assert len(line.split(", ")) + (int(more[1]) if more else 0) == len(names)


@every_format
def test_a_drawing_is_the_same_in_every_process(kind: DiagramFormat) -> None:
    code = (
        "from agentkit.kernel.diagram import draw; from tests.kernel.test_diagram import in_trouble;"
        f"import hashlib; print(hashlib.sha256(draw(in_trouble(), format={kind!r}).encode()).hexdigest())"
    )

    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(seen) == 1


@pytest.mark.parametrize("status", SIGNS)
def test_every_status_is_readable_on_its_colour(status: str) -> None:
    sign = next(sign for name, sign in SIGNS.items() if name == status)

    for tint in (sign.light, sign.dark):
        assert contrast(tint.ink, tint.fill) >= 4.5


def test_no_two_statuses_share_a_sign() -> None:
    for signs in (
        [s.glyph for s in SIGNS.values()],
        [s.letter for s in SIGNS.values()],
        [s.outline for s in SIGNS.values()],
    ):
        assert len(set(signs)) == len(SIGNS)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2, definition of contrast ratio)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


CONTROLS: Workflow[object] = Workflow(
    "invoices",
    [
        Stage("check", agent="checker", map=Map(path="items", parallel=8, on_failure="keep"), undo="uncheck"),
        Stage("improve", agent="writer", loop=Loop(until=When(path="score", at_least=0.9), most=5)),
        Stage("agree", after=["check"], approval=Approval(by=["finance"], quorum=2)),
        Stage("pay", agent="payer", after=["agree"], when=When("agree", path="approved", equals=True), minimal=0),
        Stage("inner", workflow=Workflow("bank", [Stage("x", agent="ada")]), approval=Approval(by=["finance"])),
        Stage("cool", wait=172_800),
        Stage("receipt", signal="paid"),
        Stage("book", agent="booker", effect="at_most_once"),
    ],
)


@every_format
def test_what_controls_a_stage_is_drawn(kind: DiagramFormat) -> None:
    drawing = draw(CONTROLS, format=kind).replace("#58;", ":")

    times = "x" if kind == "ascii" else "\N{MULTIPLICATION SIGN}"
    for fact in (
        f"{times} n, 8 at once", "undo uncheck", "up to 5 turns", "2 approvals of finance", "if agree.approved = true",
        "minimal answer", "workflow bank", "approval of finance", "waits 2 d", "signal paid", "at most once",
    ):  # fmt: skip
        assert fact in drawing


def test_a_state_says_how_many_items_are_done_and_what_is_waited_for() -> None:
    keep = AttemptFailed(at=0.0, stage="check[1]", attempt=1, failure=NO, then="keep")
    state = begun(
        CONTROLS, ItemsMapped(at=0.0, stage="check", count=3), *ran("check[0]"), started("check[1]"), keep,
        TurnBegan(at=0.0, stage="improve", turn=1), SignalAwaited(at=0.0, stage="receipt"),
        TimerSet(at=0.0, stage="cool", until=9.0),
        started("book"), DoubtRaised(at=0.0, stage="book", attempt=1, reason="?", name="pay", key="17"),
    )  # fmt: skip

    drawing = draw(state)
    for words in (
        "expanded 2 of 3, 1 failed",
        "expanded turn 1 of 5",
        "waiting for signal paid",
        "waiting for its time",
    ):
        assert words in drawing
    assert "in_doubt pay 17" in drawing
    assert "check: " not in drawing


def test_badges_that_do_not_fit_go_to_the_next_row_and_stay_inside() -> None:
    stage = Stage("a", agent="ada", required=False, timeout=30, retry=RetryPolicy(attempts=3), undo="u" * 60, minimal=0)
    root = ElementTree.fromstring(draw(Workflow("flow", [stage]), format="svg"))

    box = next(rect for rect in root.iter(f"{SVG}rect") if "box" in rect.get("class", ""))
    badges = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "badge"]
    right = float(box.get("x", 0)) + float(box.get("width", 0))
    bottom = float(box.get("y", 0)) + float(box.get("height", 0))
    assert len({badge.get("y") for badge in badges}) > 1
    for badge in badges:
        assert float(badge.get("x", 0)) + float(badge.get("width", 0)) <= right
        assert float(badge.get("y", 0)) + float(badge.get("height", 0)) <= bottom
