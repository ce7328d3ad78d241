"""The sessions with curl of README.md and of the page about the API run as they are printed."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, furnish

PAGE = ROOT / "docs" / "how-to" / "serve-an-api.md"
HAS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")


def run_session(page: Path, directory: Path) -> str:
    """Run the session of a page on a free port; what it prints."""
    found = list(blocks(page))
    for block in found:
        if block.title is not None:
            (directory / block.title).write_text(block.body, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = "\n".join(block.body for block in found if block.language == "zsh")
    script = "set -eu\ntrap 'kill $SERVER' ERR\n" + re.sub(r"\b8000\b", str(port), script)
    programs = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=directory,
        env={**os.environ, "PATH": programs + os.pathsep + os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@HAS_CURL
def test_the_session_of_the_readme_runs(tmp_path: Path) -> None:
    furnish(tmp_path)
    printed = run_session(ROOT / "README.md", tmp_path)

    assert '{"status":"ready"}' in printed
    assert '"workflow":"royalties"' in printed
    assert '"output":' in printed
    assert "event: operation.completed" in (tmp_path / "events.txt").read_text(encoding="utf-8")
    assert (tmp_path / "royalties-2024.pdf").read_bytes().startswith(b"%PDF")


@HAS_CURL
def test_the_session_with_curl_runs(tmp_path: Path) -> None:
    printed = run_session(PAGE, tmp_path)

    assert '{"status":"ready"}' in printed
    assert '"output":"sent"' in printed
    assert "event: operation.completed" in (tmp_path / "events.txt").read_text(encoding="utf-8")
    assert (tmp_path / "statement.txt").read_text(encoding="utf-8") == "Statement of 2025-11"
    assert (tmp_path / "admin.key").read_text(encoding="utf-8").startswith("agk_")
