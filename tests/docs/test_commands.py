"""The commands that README.md gives are the ones that the project itself uses."""

import pytest

from tests.docs.pages import ROOT

README = ROOT / "README.md"


def test_the_readme_gives_the_very_test_command_that_ci_runs() -> None:
    if not README.exists():
        pytest.skip("README.md is not written yet")
    command = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]

    assert command in README.read_text(encoding="utf-8").splitlines()
