"""Frozen values that are cheap to make are what the dataclass was before."""

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import get_args

import pytest

from agentkit.kernel import AttemptStarted, Event, RunAttempt, Succeeded
from agentkit.kernel.making import quickly_made

VALUES = [*get_args(Event), RunAttempt, Succeeded]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """As the standard library makes it."""

    name: str
    tags: list[str] = field(default_factory=list[str])
    count: int = 0


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Quick:
    """The same, cheaply."""

    name: str
    tags: list[str] = field(default_factory=list[str])
    count: int = 0


def test_it_has_the_fields_and_defaults_that_were_declared() -> None:
    one, other = Quick(name="a", count=2), Quick(name="a", count=2)

    assert (one.name, one.tags, one.count) == ("a", [], 2)
    assert one == other
    assert one != Quick(name="b")
    assert one.tags is not other.tags
    assert repr(one).endswith("Quick(name='a', tags=[], count=2)")


def test_it_is_of_its_own_class_and_frozen() -> None:
    made = Quick(name="a")

    assert type(made) is Quick
    with pytest.raises(FrozenInstanceError):
        made.name = "b"  # type: ignore[misc]  # what is refused here
    with pytest.raises(FrozenInstanceError):
        del made.name
    with pytest.raises(AttributeError):
        object.__setattr__(made, "other", 1)


def test_it_asks_for_the_same_arguments() -> None:
    slow, quick = inspect.signature(Slow), inspect.signature(Quick)

    assert list(quick.parameters) == list(slow.parameters)
    assert all(quick.parameters[name].kind == parameter.kind for name, parameter in slow.parameters.items())
    with pytest.raises(TypeError, match="name"):
        Quick()  # type: ignore[call-arg]  # what is refused here
    with pytest.raises(TypeError, match="size"):
        Quick(name="a", size=1)  # type: ignore[call-arg]  # what is refused here


def test_it_can_be_replaced_copied_and_pickled() -> None:
    event = AttemptStarted(at=1.5, stage="extract", attempt=1, agent="ada")

    assert replace(event, attempt=2) == AttemptStarted(at=1.5, stage="extract", attempt=2, agent="ada")
    for same in (copy.copy(event), copy.deepcopy(event), pickle.loads(pickle.dumps(event))):
        assert same == event
        assert type(same) is AttemptStarted
    assert len({event, replace(event)}) == 1


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_every_value_is_made_in_the_cheap_way(kind: type[object]) -> None:
    """Its `__init__` sets its fields as attributes, and not by a call for each."""
    code = vars(kind)["__init__"].__code__

    assert set(code.co_names) >= {member.name for member in fields(kind)}  # type: ignore[arg-type]  # a dataclass


def test_it_has_no_subclasses_since_what_it_makes_would_be_none_of_them() -> None:
    with pytest.raises(TypeError, match="Quick cannot have subclasses"):

        class More(Quick):
            pass
