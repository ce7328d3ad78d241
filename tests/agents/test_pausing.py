"""What an exception says of the attempt that it ended."""

import pytest

from agentkit.agents import Paused, ended_by
from agentkit.kernel import Approval, Asked, Doubtful, Failed

ASKED = Paused(Asked(name="sure", approval=Approval()))
DOUBT = Paused(Doubtful(reason="no answer"))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ASKED, Asked),
        (DOUBT, Doubtful),
        (ValueError("no"), Failed),
        (BaseExceptionGroup("", [ASKED]), Asked),
        (BaseExceptionGroup("", [BaseExceptionGroup("", [ASKED]), ASKED]), Asked),
        (BaseExceptionGroup("", [ASKED, ValueError("no")]), Failed),
        (BaseExceptionGroup("", [ASKED, DOUBT, ValueError("no")]), Doubtful),
        (ExceptionGroup("", [ValueError("no")]), Failed),
    ],
)
def test_a_doubt_counts_before_a_failure_and_a_failure_before_a_question(
    error: BaseException, outcome: type[object]
) -> None:
    assert type(ended_by(error)) is outcome
