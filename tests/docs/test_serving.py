"""The session with curl of the page about the API runs as it is printed."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "how-to" / "serve-an-api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_session_with_curl_runs(tmp_path: Path) -> None:
    found = list(blocks(PAGE))
    for block in found:
        if block.title is not None:
            (tmp_path / block.title).write_text(block.body, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = "\n".join(block.body for block in found if block.language == "zsh")
    script = "set -eu\ntrap 'kill $SERVER' ERR\n" + re.sub(r"\b8000\b", str(port), script)
    programs = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": programs + os.pathsep + os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '{"status":"ready"}' in done.stdout
    assert '"output":"sent"' in done.stdout
    assert "event: operation.completed" in (tmp_path / "events.txt").read_text(encoding="utf-8")
    assert (tmp_path / "statement.txt").read_text(encoding="utf-8") == "Statement of 2025-11"
    assert (tmp_path / "admin.key").read_text(encoding="utf-8").startswith("agk_")
