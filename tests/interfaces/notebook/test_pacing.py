"""Who looks does not slow down what is looked at."""

import pytest

from agentkit.interfaces.notebook.pacing import Pace


class Hands:
    """A clock that goes on when it is told to."""

    at = 1_000.0

    def now(self) -> float:
        return self.at


def test_a_quick_picture_is_followed_by_the_shortest_pause() -> None:
    clock = Hands()
    pace = Pace(0.2, clock)
    pace.begin()
    clock.at += 0.001
    pace.end()

    assert pace.pause == pytest.approx(0.2)


def test_a_slow_picture_is_followed_by_a_pause_of_sixty_times_what_it_took() -> None:
    clock = Hands()
    pace = Pace(0.2, clock)
    pace.begin()
    clock.at += 0.5
    pace.end()

    assert pace.pause == pytest.approx(30)
    clock.at += 31
    assert pace.pause == 0


def test_a_graph_waits_until_it_takes_little_of_the_time_that_has_passed() -> None:
    clock = Hands()
    pace = Pace(0.2, clock)

    assert not pace.affords_graph(2)
    clock.at += 1
    assert pace.affords_graph(2)
    assert not pace.affords_graph(1_000)
    clock.at += 60
    assert pace.affords_graph(1_000)
