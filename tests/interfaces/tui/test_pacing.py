"""How often a live picture is drawn, by how busy the process is."""

from agentkit.interfaces.tui.pacing import Pace


class Machine:
    """What a pace reads: the time, and how much of it was computed."""

    def __init__(self) -> None:
        self.at = 100.0
        self.worked = 0.0

    def now(self) -> float:
        return self.at

    def pace(self) -> Pace:
        return Pace(1.0, clock=self, worked=lambda: self.worked)

    def passes(self, seconds: float, *, busy: float) -> None:
        self.at += seconds
        self.worked += seconds * busy


def test_the_first_picture_is_due_at_once() -> None:
    machine = Machine()
    pace = machine.pace()
    machine.passes(0.1, busy=1)
    assert pace.is_due


def test_while_the_process_waits_a_picture_is_due_each_second() -> None:
    machine = Machine()
    pace = machine.pace()
    pace.drawn()
    machine.passes(0.9, busy=0)
    assert not pace.is_due
    machine.passes(0.1, busy=0)
    assert pace.is_due


def test_while_the_process_computes_the_pause_is_five_times_as_long() -> None:
    machine = Machine()
    pace = machine.pace()
    pace.drawn()
    machine.passes(4.9, busy=1)
    assert not pace.is_due
    machine.passes(0.1, busy=1)
    assert pace.is_due


def test_what_was_computed_before_a_picture_does_not_count_behind_it() -> None:
    machine = Machine()
    pace = machine.pace()
    machine.passes(100, busy=1)
    pace.drawn()
    machine.passes(1, busy=0)
    assert pace.is_due
