"""What a run would do, before it runs: how long, what it may cost, who works, who has to agree."""

from __future__ import annotations

import streamlit as st

from agentkit.screens import count_text, duration_text
from agentkit.wire import AmountLine, PlanPage, UsageLine

from .labels import label
from .tables import metric, table

__all__ = ["estimate"]


def estimate(plan: PlanPage) -> None:
    """Draw a plan."""
    with st.container(border=True):
        st.markdown(":material/query_stats: **What it would do** (nothing has run)")
        for problem in plan.problems:
            st.warning(label(problem, 1_000))
        with st.container(horizontal=True):
            metric("Usually takes", _seconds(plan.seconds))
            metric("At least", duration_text(plan.least_seconds))
            metric("Usually costs", _money(plan.usage))
            metric("People have to agree", count_text(len(plan.approvals), "time"))
        lines = [
            {
                "Stage": stage.stage,
                "Who works": " → ".join(stage.agents),
                "Usually takes": _seconds(stage.seconds),
                "Known from": stage.known_from,
                "Why": stage.why,
            }
            for stage in plan.stages
        ]
        table(lines, count_text(len(lines), "stage"))
        for needed in plan.approvals:
            st.text(f"{needed.stage}: {needed.words}")
        runs = count_text(plan.runs, "earlier run")
        st.caption(f"Learned from {runs}." if plan.runs else "No earlier runs to learn from.")


def _seconds(amount: AmountLine | None) -> str:
    return "not known" if amount is None else duration_text(amount.median)


def _money(usage: UsageLine) -> str:
    return "not known" if usage.money is None else f"{usage.money} {usage.currency or ''}".strip()
