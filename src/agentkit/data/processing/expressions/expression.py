"""An expression over the columns of a table: read, checked, and computed for each row.

Rules: it is checked completely before the first row; a row for which it cannot be computed has None and an issue that
says why; nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, cast

from agentkit.data.issues import Issue
from agentkit.data.tables.kinds import Column
from agentkit.data.tables.table import Origin, Table
from agentkit.errors import MoneyError, TableError

from .binding import bind
from .parsing import Parameters, parse
from .tree import Name, Node, children
from .values import Gives, Row, Value

__all__ = ["Expression", "Outcome", "columns_in"]

Outcome = tuple[Value, Issue | None]
"""What an expression gives for a row, and why it gives nothing there."""

BATCH: Final = 1000


class Expression:
    """An expression, checked against the columns that it is for.

    It computes with exact numbers, amounts, texts, dates and conditions: `+ - * /`, `== != < <= > >=`, `and or not`,
    `in [...]`, `is empty`, and the functions of the how-to page. A column whose name is no single word stands in
    backticks. An amount is multiplied and divided by numbers, and divided by an amount of its currency.

    Args:
        text: The expression, of at most 4,000 characters.
        columns: The columns of the table.
        parameters: The values of `$name`, by name: they are values, whatever is in them, and never read.

    Attributes:
        text: The expression.
        gives: The kind of its values.
        currency: The currency of its amounts, if it is known from the columns.
        endless: Whether its numbers may have decimals without end, because something is divided.

    Raises:
        ExpressionInvalid: It cannot be read, names what is not there, or values do not go together; the message shows
            where.

    Example:
        >>> price, sold = Column(name="price", kind="money", currency="EUR"), Column(name="sold", kind="integer")
        >>> Expression("price * sold", [price, sold]).gives
        'money'
        >>> Expression("price + sold", [price, sold])
        Traceback (most recent call last):
        ...
        agentkit.errors.ExpressionInvalid: an amount + a number has no meaning: a number has no currency...
    """

    __slots__ = ("_part", "_used", "currency", "endless", "gives", "text")

    def __init__(self, text: str, columns: Sequence[Column], parameters: Parameters | None = None) -> None:
        tree = parse(text, parameters)
        named = columns_in(tree)
        # Only the columns that it names are fetched for a row. If one is missing, all of them are named in the error.
        known = {column.name: column for column in columns}
        used = [known[name] for name in named] if set(named) <= known.keys() else columns
        self._part = bind(text, tree, used)
        self._used = tuple(named)
        self.text: str = text
        self.gives: Gives = self._part.gives
        self.currency: str | None = self._part.currency
        self.endless: bool = self._part.endless

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that it needs."""
        return self._used

    def over(self, table: Table, *, done: Callable[[int], None] | None = None) -> Iterator[Outcome]:
        """Compute it for each row of a table of these columns.

        Args:
            table: The rows.
            done: Is called every few thousand rows with how many are done.

        Yields:
            What it gives, and an issue where it gives nothing.

        Raises:
            ColumnMissing: The table has other columns.

        Example:
            >>> sales = Table.of([Column(name="sold", kind="integer")], [(3,), (None,)], source="sales.csv")
            >>> for value, issue in Expression("sold * 2", sales.columns).over(sales):
            ...     print(value, issue and issue.message)
            6 None
            None sold is empty: sold * 2 gives nothing
        """
        narrow = table.select(self._used)
        evaluate = self._part.evaluate
        for number, (row, origin) in enumerate(zip(narrow.rows(), table.origins, strict=True), start=1):
            try:
                yield cast("Value", evaluate(row)), None
            except (TableError, MoneyError) as impossible:
                yield None, self._issue(origin, row, impossible.code, str(impossible))
            except ZeroDivisionError:
                yield None, self._issue(origin, row, "division_by_zero", "it divides by zero")
            if done is not None and number % BATCH == 0:
                done(number)

    def _issue(self, origin: Origin, row: Row, code: str, why: str) -> Issue:
        cells = ", ".join(f"{name}={'' if cell is None else cell}" for name, cell in zip(self._used, row, strict=True))
        return Issue(
            source=origin.source,
            row=origin.row,
            field=self._used[0] if len(self._used) == 1 else "",
            code=code,
            message=f"{why}: {self.text} gives nothing",
            raw=cells[:200],
        )


def columns_in(tree: Node) -> list[str]:
    """The columns that a tree names, each once, in the order in which they come.

    Example:
        >>> columns_in(parse("a + b * a"))
        ['a', 'b']
    """
    found: dict[str, None] = {}
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, Name):
            found[node.name] = None
        left.extend(reversed(children(node)))
    return list(found)
