"""What agentkit gives pytest: the fixtures `simulation` and `simulation_seed`, and the options that choose seeds.

    pytest --agentkit-seeds 100        every test that uses them runs under 100 seeds
    pytest --agentkit-seed 17          under that one, to see it again

Rules: found by its entry point, and nothing of agentkit is loaded before a test asks for a simulation; a test that
fails says its seed.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .simulation import Simulator

__all__ = [
    "pytest_addoption",
    "pytest_generate_tests",
    "pytest_runtest_makereport",
    "simulation",
    "simulation_seed",
]

_SEED = "simulation_seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that choose seeds."""
    group = parser.getgroup("agentkit")
    group.addoption(
        "--agentkit-seeds", type=int, default=1, metavar="N", help="run every test of a simulation under N seeds"
    )
    group.addoption(
        "--agentkit-seed", type=int, default=None, metavar="SEED", help="run every test of a simulation under this seed"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test of a simulation run under as many seeds as asked for."""
    count = int(metafunc.config.getoption("agentkit_seeds") or 1)
    one: int | None = metafunc.config.getoption("agentkit_seed")
    given = [name for mark in metafunc.definition.iter_markers("parametrize") for name in _names(mark)]
    if _SEED in metafunc.fixturenames and _SEED not in given and one is None and count > 1:
        metafunc.parametrize(_SEED, range(count), ids=lambda seed: f"seed{seed}")


def _names(mark: pytest.Mark) -> list[str]:
    """What a test is parametrized with by its author."""
    names: object = mark.args[0] if mark.args else mark.kwargs.get("argnames", ())
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else [*map(str, mark.args[0])]


@pytest.fixture
def simulation_seed(request: pytest.FixtureRequest) -> int:
    """The seed that this test runs under: 0, or what `--agentkit-seed` and `--agentkit-seeds` say."""
    seed: int | None = request.config.getoption("agentkit_seed")
    return 0 if seed is None else seed


@pytest.fixture
def simulation(simulation_seed: int) -> Simulator:
    """`simulate` under the seed of this test, and its `crash_everywhere`."""
    from .simulation import Simulator

    return Simulator(simulation_seed)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Have a test that fails say its seed."""
    report = yield
    seed = getattr(item, "funcargs", {}).get(_SEED)
    if report.failed and seed is not None:
        report.sections.append(("agentkit", f"seed {seed}: repeat it with --agentkit-seed {seed}"))
    return report
