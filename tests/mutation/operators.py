"""The small mistakes that are made on purpose: what may stand in the place of a piece of code.

One mistake at a time, and of the kinds that people make: an operator, a bound, a constant, a condition, a result, a
statement that is missing.
"""

import ast
from collections.abc import Iterator
from typing import Final, TypeAlias

__all__ = ["Mistake", "mistakes"]

Mistake: TypeAlias = tuple[str, ast.AST]
"""The name of an operator, and what it puts there."""

ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
# The bound moved by one, and the opposite.
COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


def mistakes(node: ast.AST) -> Iterator[Mistake]:
    """Give everything that may wrongly stand in the place of a node."""
    match node:
        case ast.BinOp() if not _is_text(node.left) and not _is_text(node.right):
            yield "arithmetic", ast.BinOp(node.left, ARITHMETIC.get(type(node.op), ast.Add)(), node.right)
        case ast.AugAssign():
            yield "arithmetic", ast.AugAssign(node.target, ARITHMETIC.get(type(node.op), ast.Add)(), node.value)
            yield "removed", ast.Pass()
        case ast.UnaryOp(op=ast.USub()) if not isinstance(node.operand, ast.Constant):
            yield "arithmetic", node.operand
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BoolOp():
            yield "boolean", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield "boolean", node.operand
        case ast.Constant():
            yield from _constants(node)
        case ast.If() | ast.While() | ast.IfExp():
            yield from _conditions(node)
        case ast.comprehension(ifs=[_, *_]):
            yield "condition", ast.comprehension(node.target, node.iter, [], node.is_async)
        case ast.Return() if node.value is not None and not _is_none(node.value):
            yield "return", ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Continue() | ast.Break() | ast.Expr(value=ast.Call() | ast.Await()):
            yield "removed", ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "removed", ast.Pass()
        case _:
            return


def _comparisons(node: ast.Compare) -> Iterator[Mistake]:
    for place, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            operators = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield "comparison", ast.Compare(node.left, operators, node.comparators)


def _constants(node: ast.Constant) -> Iterator[Mistake]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int):
        yield "constant", ast.Constant(value + 1)
        if value > 1:
            yield "constant", ast.Constant(value - 1)
    elif isinstance(value, str):
        yield "constant", ast.Constant(f"{value}XX" if value else "XX")
        if value:
            yield "constant", ast.Constant("")


def _conditions(node: ast.If | ast.While | ast.IfExp) -> Iterator[Mistake]:
    # What a single comparison and a `not` become has been made of them already.
    if isinstance(node.test, ast.UnaryOp) or (isinstance(node.test, ast.Compare) and len(node.test.ops) == 1):
        return
    opposite = ast.UnaryOp(ast.Not(), node.test)
    if isinstance(node, ast.IfExp):
        yield "condition", ast.IfExp(opposite, node.body, node.orelse)
    else:
        yield "condition", type(node)(opposite, node.body, node.orelse)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
