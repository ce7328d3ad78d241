"""The table of forms: what may be said, and the operation that it stands for.

Rules: this table is all there is, and the how-to page shows it; a form matches a whole clause or not at all; what a
form leaves open is filled in only where one answer is possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from agentkit.data.processing.expressions.parsing import WORDS
from agentkit.data.processing.operations import (
    Convert,
    Dedupe,
    Derive,
    Filter,
    Group,
    Normalise,
    Operation,
    Rename,
    Select,
    Sort,
    Top,
)
from agentkit.data.tables.grouping import Total
from agentkit.data.tables.kinds import Column, Kind
from agentkit.errors import MoneyError
from agentkit.money import parse_canonical

from .naming import Names

__all__ = ["FORMS", "Form"]

Slots: TypeAlias = Mapping[str, str]
Build: TypeAlias = Callable[[Slots, Names], Operation]

PLACES: Final = 2
"""How many decimals a number per mille keeps."""

COMPARISONS: Final[dict[str, str]] = {
    "is": "==",
    "is not": "!=",
    "is at least": ">=",
    "is at most": "<=",
    "is above": ">",
    "is over": ">",
    "is more than": ">",
    "is below": "<",
    "is under": "<",
    "is less than": "<",
    "is before": "<",
    "is after": ">",
}
CODE: Final = re.compile(r"[A-Za-z]{3}")
LONGEST_FIRST: Final = "|".join(sorted(COMPARISONS, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Form:
    """One thing that may be said.

    Attributes:
        example: A clause of this form.
        gives: The operation that the example stands for, as the documentation says it.
        pattern: What matches a clause of this form.
        build: Makes the operation of what stands in the slots.
    """

    example: str
    gives: str
    pattern: re.Pattern[str]
    build: Build


def _form(shape: str, build: Build, *, example: str, gives: str) -> Form:
    """Make a form of a shape: `{slot}` is any words, `(...)?` may be missing, `a|b` is either."""
    pattern = re.sub(r"\{([a-z]+)\}", r"(?P<\1>\\S+(?: \\S+)*?)", shape)
    return Form(example, gives, re.compile(pattern, re.IGNORECASE), build)


def _dedupe(slots: Slots, names: Names) -> Operation:
    by = names.many(slots["columns"]) if slots["columns"] else names.columns
    return Dedupe(by=_named(by))


def _filled(slots: Slots, names: Names) -> Operation:
    columns = names.many(slots["columns"])
    return Filter(expression=" and ".join(f"{_quoted(column)} is not empty" for column in columns))


def _where(slots: Slots, names: Names) -> Operation:
    column = names.one(slots["column"])
    sign = COMPARISONS[" ".join(slots["comparison"].lower().split())]
    # An amount may have its currency behind it; every other value is one word, or in quotes.
    value = slots["value"] if column.kind == "money" else names.word(slots["value"])
    condition = f"{_quoted(column)} {sign} {_literal(column, value, names)}"
    drops = slots["verb"].lower() != "keep"
    return Filter(expression=f"not ({condition})" if drops else condition)


def _part_of_date(slots: Slots, names: Names) -> Operation:
    part = slots["part"].lower()
    if slots["column"]:
        column = names.one(slots["column"])
        if column.kind != "date":
            raise names.unclear(f"{column.name!r} holds no dates", names.of_kind("date"))
    else:
        column = names.only(f"of which date the {part} is", lambda item: item.kind == "date")
    holds: Kind | None = "integer" if part == "year" else None
    return Derive(name=names.free(part), expression=f"{part}({_quoted(column)})", holds=holds)


def _per_mille(slots: Slots, names: Names) -> Operation:
    whole = names.one(slots["column"])
    if slots["among"]:
        among = names.one(slots["among"])
    else:
        among = names.only(
            f"of what {whole.name} per mille is", lambda item: item.kind == "integer" and item.name != whole.name
        )
    for column in (whole, among):
        if column.kind not in {"integer", "decimal", "money"}:
            raise names.unclear(f"{column.name!r} holds no numbers", names.of_kind("money", "decimal", "integer"))
    is_number = not (whole.kind == "money" and among.kind != "money")
    return Derive(
        name=names.free(f"{whole.name}_per_mille"),
        expression=f"per_mille({_quoted(whole)}, {_quoted(among)})",
        places=PLACES if is_number else None,
    )


def _top(slots: Slots, names: Names) -> Operation:
    if not slots["columns"]:
        raise names.unclear("it is not said by what", names.of_kind("money", "decimal", "integer"))
    by = names.many(slots["columns"])
    descending = slots["which"].lower() in {"top", "highest", "greatest"}
    count = int(slots["count"])
    if count < 1:
        raise names.unclear("at least one row has to be kept", [])
    return Top(count=count, by=_named(by), descending=descending)


def _sort(slots: Slots, names: Names) -> Operation:
    by = names.many(slots["columns"])
    return Sort(by=_named(by), descending=(slots["order"] or "").lower() == "descending")


def _select(slots: Slots, names: Names) -> Operation:
    columns = names.many(slots["columns"])
    if slots["verb"].lower() in {"drop", "remove", "delete"}:
        columns = [column for column in names.columns if column not in columns]
    return Select(columns=_named(columns))


def _rename(slots: Slots, names: Names) -> Operation:
    return Rename(names={names.one(slots["column"]).name: names.word(slots["name"])})


def _tidy(slots: Slots, names: Names) -> Operation:
    columns = names.many(slots["columns"])
    if wrong := [column for column in columns if column.kind not in {"text", "code"}]:
        raise names.unclear(f"{wrong[0].name!r} holds no texts", names.of_kind("text", "code"))
    verb = slots["verb"].lower()
    return Normalise(
        columns=_named(columns), case="lower" if verb == "lowercase" else "upper" if verb == "uppercase" else "keep"
    )


def _sum(slots: Slots, names: Names) -> Operation:
    totals = names.many(slots["columns"])
    if wrong := [column for column in totals if column.kind not in {"integer", "decimal", "money"}]:
        raise names.unclear(f"{wrong[0].name!r} has no sum", names.of_kind("money", "decimal", "integer"))
    return Group(by=_named(names.many(slots["by"])), totals=tuple(Total(column=item.name) for item in totals))


def _count(slots: Slots, names: Names) -> Operation:
    return Group(by=_named(names.many(slots["columns"])), rows=names.free("rows"))


def _convert(slots: Slots, names: Names) -> Operation:
    column = names.one(slots["column"])
    if column.kind != "money":
        raise names.unclear(f"{column.name!r} holds no amounts", names.of_kind("money"))
    if slots["on"]:
        day = names.one(slots["on"])
    else:
        day = names.only("on which date", lambda item: item.kind == "date")
    return Convert(column=column.name, to=slots["code"].upper(), date=day.name, rates="rates")


def _named(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def _quoted(column: Column) -> str:
    """A column as an expression names it."""
    plain = re.fullmatch(r"[^\W\d]\w*", column.name) and column.name not in WORDS
    return column.name if plain else f"`{column.name}`"


def _literal(column: Column, text: str, names: Names) -> str:
    """A value that was said, as an expression writes it."""
    if column.kind in {"text", "code"}:
        return "'" + text.replace("'", "''") + "'"
    if column.kind == "date":
        return f"date('{text}')"
    if column.kind == "boolean" and text.lower() in {"true", "false"}:
        return text.lower()
    amount, _, code = text.partition(" ")
    try:
        number = f"{parse_canonical(amount if CODE.fullmatch(code) else text):f}"
    except MoneyError:
        raise names.unclear(f"{text!r} is no value of {column.name}, which holds {column.kind}", []) from None
    if column.kind != "money":
        return number
    if not (code or column.currency):
        raise names.unclear(f"{text!r} has no currency", [f"{text} EUR"])
    return f"money({number}, '{code.upper() or column.currency}')"


FORMS: Final[tuple[Form, ...]] = (
    _form(
        r"(?:(?:remove|drop|delete) duplicates(?: rows)?|dedupe|deduplicate)(?: by {columns})?",
        _dedupe,
        example="remove duplicates by id",
        gives="`Dedupe` by these columns, or by all of them",
    ),
    _form(
        r"(?:(?:remove|drop|delete) rows without|keep(?: only)? rows with) {columns}",
        _filled,
        example="drop rows without artist",
        gives="`Filter`: these columns are not empty",
    ),
    _form(
        rf"(?P<verb>keep|drop|remove|delete)(?: only)? rows where {{column}} (?P<comparison>{LONGEST_FIRST}) {{value}}",
        _where,
        example="keep rows where sold is at least 10",
        gives="`Filter` by a comparison: is, is not, is at least, at most, above, over, more than, below, under, less"
        " than, before, after",
    ),
    _form(
        r"add (?P<part>month|quarter|year)(?: of {column})?",
        _part_of_date,
        example="add month of sold_on",
        gives="`Derive` from this date, or the only one",
    ),
    _form(
        r"add {column} per[ -]mille(?: of {among})?",
        _per_mille,
        example="add revenue per mille of streams",
        gives="`Derive` what a thousand bring, of this column or the only one of whole numbers",
    ),
    _form(
        r"(?:keep )?(?P<which>top|highest|greatest|bottom|lowest|least) (?P<count>[0-9]{1,9})"
        r"(?: rows)?(?: by {columns})?",
        _top,
        example="keep the top 10 by total",
        gives="`Top`; bottom, lowest and least keep the other end",
    ),
    _form(
        r"(?:sort|order)(?: rows)? by {columns}(?: (?P<order>ascending|descending))?",
        _sort,
        example="sort by total descending",
        gives="`Sort`, ascending if nothing is said",
    ),
    _form(
        r"(?P<verb>keep|select|drop|remove|delete)(?: only)? columns? {columns}",
        _select,
        example="keep only the columns artist and revenue",
        gives="`Select` these columns, or all others",
    ),
    _form(r"rename {column} to {name}", _rename, example="rename qty to sold", gives="`Rename`"),
    _form(
        r"(?P<verb>trim|normalise|normalize|clean|lowercase|uppercase) {columns}",
        _tidy,
        example="normalise artist",
        gives="`Normalise`; lowercase and uppercase change the letters too",
    ),
    _form(
        r"(?:sum|total) {columns} by {by}",
        _sum,
        example="sum revenue by artist and month",
        gives="`Group` by the last columns, with sums of the first",
    ),
    _form(
        r"(?:count rows|group(?: rows)?) by {columns}",
        _count,
        example="count rows by artist",
        gives="`Group` with a column `rows`",
    ),
    _form(
        r"convert {column} to (?P<code>[A-Za-z]{3})(?: on {on})?",
        _convert,
        example="convert revenue to USD on sold_on",
        gives="`Convert` with the input `rates`, at this date or the only one",
    ),
)
"""All forms. Words such as `the` and `please` are skipped."""
