"""The page of promises names tests that there are."""

import pytest

from tests.docs.promises import ALSO, PAGE, PROMISES, all_tests, holders, page


@pytest.mark.parametrize("number", PROMISES)
def test_every_promise_has_a_test(number: int) -> None:
    assert holders()[number], f"no test is named test_p{number}_..., and none stands in ALSO"


def test_every_test_that_is_named_exists() -> None:
    assert {name for names in ALSO.values() for name in names} - all_tests().keys() == set()


def test_no_test_bears_the_number_of_a_promise_that_is_not_there() -> None:
    assert holders().keys() - PROMISES.keys() == set()


def test_the_page_shows_the_tests_that_there_are() -> None:
    # Not the same? `python -m tests.docs.promises` writes it.
    assert PAGE.read_text(encoding="utf-8") == page()
