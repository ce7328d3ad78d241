"""The examples of one file run as they stand."""

import runpy

import pytest

from tests.examples.royalty_runs import ROOT


@pytest.mark.parametrize(
    ("name", "last_line"),
    [
        ("hello", "Hello, world! Hello, world!"),
        ("notebook_style", "choose     paperhaus for 47.40; no answer from officemart"),
    ],
)
def test_a_script_prints_what_it_promises(name: str, last_line: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")

    assert capsys.readouterr().out.splitlines()[-1] == last_line
