"""Every rule of money has tests that bear its number, and the page of the rules shows them."""

import pytest

from tests.docs.money_rules import PAGE, RULES, holders, page

NUMBERS = [number for rules in RULES.values() for number in rules]


def test_every_rule_has_its_place() -> None:
    assert [*range(1, 42)] == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_a_rule_has_tests_named_after_it(number: int) -> None:
    assert holders().get(number), f"no test is named test_rule_{number:02}_..."


def test_no_test_bears_the_number_of_a_rule_that_is_not_there() -> None:
    assert holders().keys() - set(NUMBERS) == set()


def test_the_page_shows_the_tests_that_there_are() -> None:
    # Not the same? `python -m tests.docs.money_rules` writes it.
    assert PAGE.read_text(encoding="utf-8") == page()
