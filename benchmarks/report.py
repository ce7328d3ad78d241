"""What was measured, as Markdown: the figures, the bounds and whether they hold, every row in full."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from .measure import Row
from .scenarios import AGENTKIT, BY_NAME, SCENARIOS, AtMost, Below, Bound, Ceiling, Cost, Metric

Key = tuple[str, int, str]


class Table:
    """Rows by scenario, size and subject."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: dict[Key, Row] = {(row.scenario, row.size, row.subject): row for row in rows}

    def subjects(self) -> list[str]:
        """Return the subjects in the order they were measured."""
        return list(dict.fromkeys(subject for _, _, subject in self.rows))

    def lines(self) -> list[tuple[str, int]]:
        """Return the measured scenarios and sizes, in the order of the scenarios."""
        measured = dict.fromkeys((scenario, size) for scenario, size, _ in self.rows)
        order = [scenario.name for scenario in SCENARIOS]
        return sorted(measured, key=lambda line: (order.index(line[0]), line[1]))

    def cost(self, cost: Cost, metric: Metric, scenario: str, size: int) -> float | None:
        """Return a cost per item, or None where it was not measured."""
        row = self.rows.get((cost.scenario or scenario, cost.size or size, cost.subject))
        value = None if row is None else value_of(row, metric)
        return None if value is None else value * cost.share


def value_of(row: Row, metric: Metric) -> float | None:
    """Return the figure that a bound speaks of: the fastest turn, the peak memory or the stored bytes per item."""
    if row.cannot:
        return None
    if metric == "time":
        return row.us_min
    if metric == "memory":
        return row.peak_bytes_per_item
    if metric == "rss":
        return row.peak_rss / row.items
    stored = row.stored_bytes_per_stage
    return None if stored is None else stored * BY_NAME[row.scenario].stages_per_item


def short(value: float) -> str:
    """Write a figure with three digits that count.

    >>> short(0.1234), short(7.46), short(337.2), short(12345.6)
    ('0.123', '7.46', '337', '12,346')
    """
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def markdown(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    parts = [headings, ["---"] * len(headings), *lines]
    return "\n".join("| " + " | ".join(part) + " |" for part in parts) + "\n"


def _matrix(table: Table, cell: Callable[[Row], str]) -> str:
    names = table.subjects()
    headings = ["scenario", "size", "per", *names]

    def lines() -> Iterator[list[str]]:
        for scenario, size in table.lines():
            rows = [table.rows.get((scenario, size, name)) for name in names]
            cells = ["" if row is None else "-" if row.cannot else cell(row) for row in rows]
            yield [scenario, f"{size:,}", BY_NAME[scenario].item, *cells]

    return markdown(headings, lines())


def times(table: Table) -> str:
    """Write microseconds per item, fastest and median turn, one column per subject."""
    return _matrix(table, lambda row: f"{short(row.us_min)} / {short(row.us_median)}")


def memory(table: Table) -> str:
    """Write the peak bytes per item under tracemalloc."""
    return _matrix(table, lambda row: "" if row.peak_bytes_per_item is None else f"{row.peak_bytes_per_item:,.0f}")


def full(table: Table) -> str:
    """Write every row with all its figures."""
    headings = [
        "scenario",
        "subject",
        "items",
        "µs min",
        "µs median",
        "ratio",
        "ratio median",
        "peak B/item",
        "RSS MB",
        "stored B/stage",
    ]

    def optional(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form)

    def lines() -> Iterator[list[str]]:
        for scenario, size in table.lines():
            for name in table.subjects():
                row = table.rows.get((scenario, size, name))
                if row is None or row.cannot:
                    continue
                ratios = [optional(row.ratio, ".2f"), optional(row.ratio_median, ".2f")]
                figures = [short(row.us_min), short(row.us_median), *ratios]
                bytes_ = [optional(row.peak_bytes_per_item, ",.0f"), f"{row.peak_rss / 1e6:.0f}"]
                yield [
                    scenario,
                    name,
                    f"{row.items:,}",
                    *figures,
                    *bytes_,
                    optional(row.stored_bytes_per_stage, ",.0f"),
                ]

    return markdown(headings, lines())


def gaps(table: Table) -> str:
    """Write why a subject is missing from a scenario; what the baseline does not offer needs no reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for (scenario, size, name), row in table.rows.items():
        if row.cannot and row.cannot != "not offered":
            sized = f"{scenario} ({size:,})" if row.cannot.startswith(("over", "failed")) else scenario
            places = reasons.setdefault((name, row.cannot), [])
            if sized not in places:
                places.append(sized)
    return "".join(f"* {name}, {', '.join(places)}: {reason}\n" for (name, reason), places in reasons.items())


def judge(table: Table, bound: Bound, scenario: str, size: int, subject: str) -> tuple[str, str, float | None]:
    """Return what is asked, the limit as text, and how much of the limit is used; None if a figure is missing."""
    own = table.cost(Cost(subject=subject), bound.metric, scenario, size)
    stages = BY_NAME[scenario].stages_per_item
    unit = {"time": "µs", "memory": "B", "rss": "B", "stored": f"B per {stages} stages"}[bound.metric]
    asked, limit = "", 0.0
    match bound:
        case Ceiling():
            asked, limit = f"{bound.metric} at most {bound.limit:,.0f} {unit}", bound.limit
        case AtMost():
            named = [_name(cost, scenario, size) for cost in bound.of]
            asked = f"at most {bound.times:g} x " + (f"({' + '.join(named)})" if len(named) > 1 else named[0])
            own_costs = [_as_subject(cost, subject) for cost in bound.of]
            costs = [table.cost(cost, bound.metric, scenario, size) for cost in own_costs]
            limit = bound.times * sum(cost for cost in costs if cost is not None) if None not in costs else 0.0
        case Below():
            peers = {
                name: table.cost(Cost(subject=name, scenario=bound.scenario), bound.metric, scenario, size)
                for name in bound.peers
            }
            known = {name: cost for name, cost in peers.items() if cost is not None}
            limit = min(known.values(), default=0.0)
            best = min(known, key=lambda name: known[name], default="nobody measured")
            where = f" in {bound.scenario}" if bound.scenario else ""
            who = f"nearest: {best}; {len(known)} of {len(bound.peers)} peers measured"
            asked = f"{'' if bound.asked else '(information) '}{bound.metric} below every peer{where} ({who})"
    used = own / limit if own is not None and limit else None
    return asked, f"{short(limit)} {unit}" if limit else "", used


def _as_subject(cost: Cost, subject: str) -> Cost:
    """Let a variant of agentkit be judged by its own costs."""
    if cost.subject != AGENTKIT:
        return cost
    return Cost(subject=subject, scenario=cost.scenario, size=cost.size, share=cost.share)


def _name(cost: Cost, scenario: str, size: int) -> str:
    return f"{cost.subject} {cost.scenario or scenario} {cost.size or size:,}"


def bounds(table: Table) -> str:
    """Write every bound of agentkit and its variants, and how much of it is used: below 100 % it holds."""

    def lines() -> Iterator[list[str]]:
        for scenario, size in table.lines():
            for name in table.subjects():
                row = table.rows.get((scenario, size, name))
                if row is None or row.cannot or not name.startswith(AGENTKIT):
                    continue
                for bound in BY_NAME[scenario].bounds:
                    if isinstance(bound, AtMost | Ceiling) and bound.sizes and size not in bound.sizes:
                        continue
                    asked, limit, used = judge(table, bound, scenario, size, name)
                    own = value_of(row, bound.metric)
                    verdict = "not measured" if used is None else "holds" if used <= 1 else "MISSED"
                    percent = "" if used is None else f"{used:.0%}"
                    figure = "" if own is None else short(own)
                    yield [f"{scenario} {size:,}", name, asked, limit, figure, percent, verdict]

    return markdown(["scenario", "subject", "asked", "limit", "measured", "used", ""], lines())


def document(rows: Iterable[Row], machine: str) -> str:
    """Write the whole report."""
    table = Table(rows)
    parts = [f"Measured on {machine}.\n", "### Microseconds per item (fastest turn / median)\n", times(table)]
    if any(name.startswith(AGENTKIT) and not row.cannot for (_, _, name), row in table.rows.items()):
        parts += ["### Bounds\n", bounds(table)]
    parts += ["### Peak memory per item in bytes\n", memory(table), "### All figures\n", full(table)]
    if missing := gaps(table):
        parts += ["### Not comparable\n", missing]
    return "\n".join(parts)
