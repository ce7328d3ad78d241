"""What type checkers know of money. Never executed: mypy and pyright read it, strict."""

from decimal import Decimal
from fractions import Fraction
from typing import assert_type

from agentkit.money import CURRENCIES, ExactMoney, Money, MoneyBag, quantize

price = Money("19.90", "EUR")
exact = price / 3

assert_type(price + price, Money)
assert_type(price - price, Money)
assert_type(price + exact, ExactMoney)
assert_type(exact + price, ExactMoney)
assert_type(price * 3, Money)
assert_type(3 * price, Money)
assert_type(price * Decimal("1.19"), ExactMoney)
assert_type(Fraction(1, 3) * price, ExactMoney)
assert_type(price / 3, ExactMoney)
assert_type(price / price, Fraction)
assert_type(exact / price, Fraction)
assert_type(exact / 3, ExactMoney)
assert_type(price // 3, Money)
assert_type(price // price, int)
assert_type(price % 3, Money)
assert_type(divmod(price, 3), tuple[Money, Money])
assert_type(-price, Money)
assert_type(abs(price), Money)
assert_type(exact.round(rounding="ROUND_HALF_EVEN"), Money)
assert_type(price.amount, Decimal)
assert_type(price.minor, int)
assert_type(Money.sum([price]), Money)
assert_type(price.split(3), tuple[Money, ...])
assert_type(price.allocate([1, 2]), tuple[Money, ...])
assert_type(price.share({"a": 100}), dict[str, Money])
assert_type(price.percentage(5), Money)
assert_type(price.round_cash("0.05"), tuple[Money, Money])
assert_type(MoneyBag([price]) + price, MoneyBag)
assert_type(MoneyBag([price])["EUR"], Money)
assert_type(CURRENCIES.get("EUR").minor_units, int | None)
summed: Money | int = sum([price, price])


def wrong() -> None:
    Money(19.9, "EUR")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Money(None, "EUR")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Money("19.90")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Money("19.90", "EUR", rounding="HALF_UP")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    print(price + 1.5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(1.5 + price)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(price - 1.5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(1.5 - price)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(price * 1.5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(1.5 * price)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(price / 1.5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(price // 1.5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(price + 5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(5 - price)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(price * price)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(price < 5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(exact * 1.5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(exact + 1.5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    print(exact / 1.5)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
    price.percentage(0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    price.allocate([0.5, 0.5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    price.minor = 5  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    quantize(1.5, 2, "ROUND_UP")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
