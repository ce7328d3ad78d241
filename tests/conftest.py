"""What all tests share: one event loop, a watch for blocking calls, and three Hypothesis profiles.

Async tests need no marker (`anyio_mode = "auto"`). `agentkit` runs on asyncio, so there is one back end.
"""

import logging
import signal
from collections.abc import Iterator

import pytest
from blockbuster import BlockBuster
from hypothesis import HealthCheck, Phase, settings
from pydantic import TypeAdapter

# A deadline would measure the machine. `nightly` is chosen by `--hypothesis-profile=nightly`.
# How many drawings are thrown away is chance too: in one run of many a sound test would fail for that alone.
CHANCE = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile("checks", deadline=None, max_examples=100, suppress_health_check=CHANCE)
settings.register_profile("nightly", settings.get_profile("checks"), max_examples=1_000, print_blob=True)
# For `nox -s mutate`: the same drawings every time, few of them, and no search for the smallest one that fails.
settings.register_profile(
    "mutation",
    settings.get_profile("checks"),
    max_examples=25,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("checks")

# Who starts the tests in the background of a script has Ctrl-C ignored, and every process that a test starts would too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def blocking_watch() -> Iterator[BlockBuster]:
    # pydantic looks on the disk for its plugins when the first type is made; a test may be in a loop by then.
    TypeAdapter(int)
    watch = BlockBuster("agentkit")
    # A library may read its own files as it is imported, whichever test of a process comes first and is in a loop.
    for function in watch.functions.values():
        function.can_block_in("<frozen importlib._bootstrap>", "_find_and_load")
    watch.activate()
    yield watch
    watch.deactivate()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Undo what a command has set up for the whole process, or later tests would log where nobody is any more."""
    root, ours = logging.getLogger(), logging.getLogger("agentkit")
    before = [*root.handlers], root.level, ours.level
    yield
    for handler in root.handlers:
        if handler not in before[0]:
            handler.close()
    root.handlers, root.level = before[0], before[1]
    ours.setLevel(before[2])


@pytest.fixture(autouse=True)
def no_blocking_calls(request: pytest.FixtureRequest, blocking_watch: BlockBuster) -> Iterator[None]:
    """Fail a test in which agentkit sleeps, reads a file or asks a database on the event loop."""
    if request.node.get_closest_marker("blocking") is None:
        yield
        return
    blocking_watch.deactivate()
    yield
    blocking_watch.activate()
