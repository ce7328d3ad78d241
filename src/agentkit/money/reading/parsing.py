"""Reading amounts, numbers and percentages as people write them.

Rules: a text is read whole or refused, and never rounded; no reading is guessed, so that a text with two of them raises
an error that names both; a locale or a currency that is given is binding. Text that programs write is `Money(text,
currency)`, which is stricter.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from typing import NoReturn

from agentkit.errors import (
    CurrencyMismatch,
    CurrencyRequired,
    InvalidAmount,
    InvalidPercentage,
    NonFinite,
    PrecisionExceeded,
)
from agentkit.money.amounts.amount import Money
from agentkit.money.currencies.currency import CURRENCIES, Currencies, Currency, checked_registry
from agentkit.money.locales.digits import NumberForm, ascii_digits, read_either
from agentkit.money.locales.known import find_locale
from agentkit.money.locales.locale import Locale
from agentkit.money.locales.symbols import SYMBOLS
from agentkit.money.numbers.canonical import MOST_DIGITS, refusal, shortened
from agentkit.money.numbers.rounding import Rounding

from .marks import NO_MARKS, PLAIN, Allowed, NegativeWord, Wanted, read_marks, unread, wanted

__all__ = ["parse_decimal", "parse_money", "parse_percent"]

# From the first digit to the last one, and what stands around them. Each part is as long as it can be: linear.
_PARTS = re.compile(r"(\D*)(\d(?:.*\d)?)(\D*)", re.DOTALL)
_EXPONENT = re.compile(r"(.*\d)[eE]([+-]?\d{1,3})", re.DOTALL | re.ASCII)
_NOT_FINITE = re.compile(r"\s*[(+\-\u2212]?\s*(?:s?nan\d*|inf|infinity|\u221e)\s*\)?\s*", re.IGNORECASE)


def parse_money(
    text: str,
    *,
    currency: str | Currency | None = None,
    locale: str | Locale | None = None,
    allow: Collection[Allowed] = (),
    negative: NegativeWord | None = None,
    rounding: Rounding | None = None,
    currencies: Currencies = CURRENCIES,
) -> Money:
    """Read an amount with its currency, as people write it.

    With a locale its separators are binding, and its groups are checked exactly; without one, a text with two readings
    is refused. The symbol or code may stand before or after the number, or both if they agree. A symbol of several
    currencies needs a locale in which it means one, or the currency. Negative are a leading `-` or U+2212, parentheses
    and one trailing `-`; `5,-` is 5.00. The dot of an abbreviation such as `Fr.` belongs to it.

    Args:
        text: The whole text. Space around it is ignored.
        currency: The currency, if the text does not say it; if it does, it has to be this one.
        locale: A tag such as `de-DE`, or a `Locale`.
        allow: `exponent` reads `1.5e3`; `scale` reads `1.5k`, `1.5M` and `1.5bn`.
        negative: Which of `CR` and `DR`, behind an amount, makes it negative. None refuses both.
        rounding: How more decimals than the currency has are rounded; None refuses them.
        currencies: Where codes are looked up.

    Raises:
        InvalidAmount: It is no amount in this form.
        AmbiguousNumber: It has two readings; `candidates` has both.
        CurrencyRequired: It does not say which currency.
        CurrencyUnknown: There is no such currency.
        CurrencyMismatch: It says two currencies, or another one than `currency`.
        ExcessPrecision: It has more decimals than its currency, and no rounding was named.
        PrecisionExceeded: It has more digits than are kept.
        NonFinite: It is NaN or infinite.
        FloatNotAllowed: It is a float, and no text.
        MissingExtra: The locale is not built in, and Babel is not installed.
        MoneyError: There is no such locale or option.

    Example:
        >>> parse_money("1.234,50 €", locale="de-DE")
        Money('1234.50', 'EUR')
        >>> parse_money("($12.00)", currency="CAD")
        Money('-12.00', 'CAD')
        >>> parse_money("1,234", currency="USD")
        Traceback (most recent call last):
        ...
        agentkit.errors.AmbiguousNumber: '1,234' can be 1234 or 1.234: name its locale, ...
    """
    place = None if locale is None else find_locale(locale)
    want = PLAIN if negative is None and not allow else wanted(allow, negative=negative)
    number, before, after = read_text(text, None if place is None else place.form, want)
    if before or after or currency is None:
        currency = currency_of(text, before, after, currency=currency, locale=place, currencies=currencies)
    elif not isinstance(currency, Currency):
        currency = checked_registry(currencies).get(currency)
    return Money(number, currency, rounding=rounding)


def parse_decimal(
    text: str,
    *,
    locale: str | Locale | None = None,
    allow: Collection[Allowed] = (),
    negative: NegativeWord | None = None,
) -> Decimal:
    """Read a number as people write it, without a currency.

    See `parse_money` for the forms of numbers and of negative marks.

    Args:
        text: The whole text. Space around it is ignored.
        locale: A tag such as `de-DE`, or a `Locale`.
        allow: `exponent` reads `1.5e3`; `scale` reads `1.5k`, `1.5M` and `1.5bn`.
        negative: Which of `CR` and `DR`, behind a number, makes it negative. None refuses both.

    Returns:
        The exact value, with the decimals that the text has. Negative zero is zero.

    Raises:
        InvalidAmount: It is no number in this form.
        AmbiguousNumber: It has two readings; `candidates` has both.
        PrecisionExceeded: It has more than a thousand digits.
        NonFinite: It is NaN or infinite.
        FloatNotAllowed: It is a float, and no text.
        MissingExtra: The locale is not built in, and Babel is not installed.
        MoneyError: There is no such locale or option.

    Example:
        >>> parse_decimal("12,34,567.5", locale="en-IN")
        Decimal('1234567.5')
        >>> parse_decimal("1.234.567")
        Decimal('1234567')
    """
    form = None if locale is None else find_locale(locale).form
    return read_number(text, form, PLAIN if negative is None and not allow else wanted(allow, negative=negative))


def parse_percent(text: str, *, locale: str | Locale | None = None) -> Decimal:
    """Read a percentage, with or without its sign: `12.5 %` and `12.5` are twelve and a half percent.

    Nothing is divided: the value of `50 %` is 50, and that of `0.5` is half a percent.

    Args:
        text: The whole text. Space around it is ignored.
        locale: A tag such as `de-DE`, or a `Locale`.

    Returns:
        The exact number of percents, of any size and sign.

    Raises:
        InvalidPercentage: It is no percentage in this form.
        AmbiguousNumber: It has two readings; `candidates` has both.
        PrecisionExceeded: It has more than a thousand digits.
        NonFinite: It is NaN or infinite.
        FloatNotAllowed: It is a float, and no text.
        MissingExtra: The locale is not built in, and Babel is not installed.
        MoneyError: There is no such locale.

    Example:
        >>> parse_percent("12,5 %", locale="de-DE")
        Decimal('12.5')
    """
    return read_percent(text, None if locale is None else find_locale(locale).form)


def read_number(text: str, form: NumberForm | None, want: Wanted) -> Decimal:
    """The number that a text is, in this form or in one of those that there are. See `parse_decimal`.

    Raises:
        InvalidAmount: It is no number, or more than that.
        MoneyError: What else `read_text` refuses.
    """
    number, before, after = read_text(text, form, want)
    if before or after:
        raise InvalidAmount(
            unread(text, f"{shortened(before or after)} is no part of one; parse_money reads currencies")
        )
    return exact(number)


def read_percent(text: str, form: NumberForm | None) -> Decimal:
    """The percentage that a text is, in this form or in one of those that there are. See `parse_percent`.

    Raises:
        InvalidPercentage: It is none.
        MoneyError: What else `read_text` refuses.
    """
    try:
        number, before, after = read_text(text, form, wanted(percent=True))
    except InvalidAmount as unreadable:
        raise InvalidPercentage(f"no percentage: {unreadable}") from unreadable
    if before or after:
        raise InvalidPercentage(f"{shortened(text)} is no percentage: {shortened(before or after)} is no part of one")
    return exact(number)


def exact(number: str) -> Decimal:
    """The value of canonical text. Negative zero becomes zero."""
    value = Decimal(number)
    return value if value else value.copy_abs()


def read_text(text: str, form: NumberForm | None, want: Wanted) -> tuple[str, str, str]:
    """The number in a text, as canonical text, and the symbols or words before and after it.

    Args:
        text: The whole text.
        form: How its number is written; None: as one of the forms that there are.
        want: What may stand around it.

    Raises:
        InvalidAmount: There is no number in this form.
        AmbiguousNumber: It has two readings.
        PrecisionExceeded: It has more than a thousand digits.
        NonFinite: It is NaN or infinite.
        FloatNotAllowed: It is a float, and no text.
    """
    if type(text) is not str:
        _check_text(text)
    if form is not None and text[-1:].isdigit() and len(text) <= MOST_DIGITS:
        # Most texts are a number and nothing else.
        plain = form.read(text)
        if plain is not None:
            return plain, "", ""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        _refuse_text(text)
    prefix, digits, suffix = parts.groups()
    if not digits.isascii():
        digits, form = _localised(text, digits, form)
    if len(digits) > MOST_DIGITS:
        raise PrecisionExceeded(f"{shortened(text)} has more than {MOST_DIGITS:,} digits and separators")
    marks = NO_MARKS
    if prefix or suffix:
        read = read_marks(prefix, suffix, ".," if form is None else form.decimal, want)
        if isinstance(read, str):
            raise InvalidAmount(unread(text, read))
        marks = read
    number = _number(text, marks.lead + digits + marks.tail, form, want, marks.scale)
    return f"-{number}" if marks.negative else number, marks.before, marks.after


def _number(text: str, digits: str, form: NumberForm | None, want: Wanted, scale: int) -> str:
    if want.exponent and (found := _EXPONENT.fullmatch(digits)):
        digits, scale = found[1], scale + int(found[2])
    number = read_either(digits, text) if form is None else form.read(digits)
    if number is None:
        assert form is not None
        raise InvalidAmount(unread(text, _why(digits, form)))
    return number if scale == 0 else f"{Decimal(f'{number}e{scale}'):f}"


def _why(digits: str, form: NumberForm) -> str:
    example = f"1{form.groups[:1]}234{form.decimal}50"
    return f"{shortened(digits)} is not written as {example}, with exact groups; name its locale, if it is another one"


def _localised(text: str, digits: str, form: NumberForm | None) -> tuple[str, NumberForm | None]:
    """Put digits of another numbering system as ASCII digits, where a locale allows any."""
    if not any(one.isdecimal() and not one.isascii() for one in digits):
        return digits, form
    if form is None or not form.any_digits:
        raise InvalidAmount(unread(text, "digits other than 0 to 9 are read where a locale is named"))
    changed = ascii_digits(digits)
    if changed is None:
        raise InvalidAmount(unread(text, "its digits are of several numbering systems"))
    return changed[0], changed[1] or form


def currency_of(
    text: str,
    before: str,
    after: str,
    *,
    currency: str | Currency | None,
    locale: Locale | None,
    currencies: Currencies,
) -> Currency:
    """The one currency that the symbols or codes of a text, the locale and the caller agree on.

    Args:
        text: The whole text, for messages.
        before: The symbol or code before the number; empty for none.
        after: The one after it.
        currency: The currency that the caller expects; None: any.
        locale: Where a symbol of several currencies means one.
        currencies: Where codes are looked up.

    Raises:
        CurrencyRequired: None is named, or several could be meant.
        CurrencyMismatch: Two are named.
        CurrencyUnknown: There is no such currency.
        InvalidAmount: What is said is no symbol or code.
    """
    checked_registry(currencies)
    given = currency if currency is None or isinstance(currency, Currency) else currencies.get(currency)
    # What the caller says decides between the currencies of a symbol, and not the locale.
    place = locale if given is None else None
    meant: frozenset[str] | None = None
    for word in (before, after):
        if word:
            codes = _codes(text, word, locale=place, currencies=currencies)
            meant = codes if meant is None else meant & codes
    if meant is not None and not meant:
        raise CurrencyMismatch(f"{shortened(text)} names two currencies: {shortened(before)} and {shortened(after)}")
    if given is not None:
        if meant is not None and given.code not in meant:
            raise CurrencyMismatch(f"{shortened(text)} is no amount of {given.code}, but of {', '.join(sorted(meant))}")
        return given
    if meant is None:
        raise CurrencyRequired(f"{shortened(text)} names no currency: give currency='EUR', or another one")
    if len(meant) > 1:
        raise CurrencyRequired(
            f"{shortened(text)} can be of {', '.join(sorted(meant))}: name its currency, or a locale in which the"
            " symbol means one"
        )
    return currencies.get(*meant)


def _codes(text: str, word: str, *, locale: Locale | None, currencies: Currencies) -> frozenset[str]:
    """The codes of the currencies that a symbol or a code may mean."""
    if locale is not None and word in locale.codes:
        return locale.codes[word]
    shared = SYMBOLS.get(word)
    if shared is not None:
        return shared
    if not (word.isascii() and word.isalnum()):
        raise InvalidAmount(unread(text, f"{shortened(word)} is no symbol or code of a currency"))
    return frozenset([currencies.get(word).code])


def _check_text(value: object) -> None:
    if not isinstance(value, str):
        raise refusal(value, "what is to be read", expected="the text that was written")


def _refuse_text(text: str) -> NoReturn:
    if len(text) < 40 and _NOT_FINITE.fullmatch(text):
        raise NonFinite(f"{shortened(text)} is not finite")
    raise InvalidAmount(unread(text, "it has no digits"))
