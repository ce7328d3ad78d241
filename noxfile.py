"""The checks of the project, one word each. `nox` alone runs all that a change must pass.

Sessions run in the environment that nox itself was started from, and make none of their own: the test command has just
installed every tool into `.venv`, and a second copy would cost minutes and check nothing more. Programs are started as
`python -m ...` of that very environment, so it does not have to be activated.
"""

import os
import shutil
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "contracts", "tests", "docs"]

PINS = Path("constraints.txt")
PICTURES = Path("tests/pictures")
PEERS = Path("benchmarks/peers")
PEER_HOMES = Path(".benchmarks/envs")


def python(session: nox.Session, *arguments: str, env: dict[str, str] | None = None) -> None:
    """Run the Python of this environment, first on the path too, for tools such as pyright that look for one there."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    session.run(sys.executable, *arguments, env={"PATH": path, **(env or {})}, external=True)


def have_chromium(session: nox.Session) -> None:
    """Have a browser for the tests of pages: where there is none, and apt and the right to use it are, Debian's own.

    Without one these tests are skipped, and say so.
    """
    if os.environ.get("AGENTKIT_CHROMIUM") or shutil.which("chromium"):
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        session.warn("no chromium: tests in a browser are skipped; get one with apt-get install chromium")
        return
    session.log("no chromium: getting it with apt-get, for the tests in a browser")
    for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-color-emoji"]):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        session.run("apt-get", "-qq", *words, env=quiet, external=True, silent=True, success_codes=[0, 100])


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, docstrings, banned calls and format; `nox -s lint -- --fix` repairs what it can."""
    fix = "--fix" in session.posargs
    python(session, "-m", "ruff", "check", *(["--fix"] if fix else []), ".")
    python(session, "-m", "ruff", "format", *([] if fix else ["--check", "--diff"]), ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check all types with mypy and pyright, and that every public name has a complete one."""
    python(session, "-m", "mypy")
    python(session, "-m", "pyright")
    python(session, "-m", "pyright", "--verifytypes", "agentkit", "--ignoreexternal")


@nox.session
def contracts(session: nox.Session) -> None:
    """Check the house: floors, purity, circles, names, sizes, exports, errors."""
    python(session, "-m", "pytest", "-q", "tests/architecture")


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests and every example of README, documentation and docstrings, the long ones excepted.

    Each core takes a row of files, so that what a file prepares is mostly prepared once; who is done early helps out.
    None of these tests takes a minute: one that hangs fails after five, and tells where every thread stands.
    """
    have_chromium(session)
    cores = ["-n", "auto", "--maxprocesses=4", "--dist=worksteal"]
    patience = ["-o", "faulthandler_timeout=300", "-o", "faulthandler_exit_on_timeout=true"]
    python(session, "-m", "pytest", "--ignore=tests/architecture", *cores, *patience, *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    python(session, "-m", "mkdocs", "build", "--strict", "--quiet", env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def pictures(session: nox.Session) -> None:
    """Take the pictures of the documentation anew, of real screens; `-- tui` takes those of one door."""
    have_chromium(session)
    for door in session.posargs or sorted(path.stem for path in PICTURES.glob("[a-z]*.py")):
        python(session, "-m", f"tests.pictures.{door}")


@nox.session
def pins(session: nox.Session) -> None:
    """Write the releases that are installed now into `constraints.txt`."""
    installed = session.run(sys.executable, "-m", "pip", "freeze", "--exclude-editable", silent=True, external=True)
    head = [line for line in PINS.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    PINS.write_text("\n".join([*head, *str(installed).split()]) + "\n", encoding="utf-8")


@nox.session
def cover(session: nox.Session) -> None:
    """Run the tests under branch coverage and show the lines that none of them reached."""
    python(session, "-m", "coverage", "run", "-m", "pytest", *session.posargs)
    python(session, "-m", "coverage", "report")


@nox.session
def crash(session: nox.Session) -> None:
    """Kill real processes at every store call, the long variants included."""
    python(session, "-m", "pytest", "-m", "", "tests/crash", *session.posargs)


@nox.session
def simulate(session: nox.Session) -> None:
    """Run the long simulations and ten times the usual number of Hypothesis examples."""
    python(session, "-m", "pytest", "-m", "", "--hypothesis-profile=nightly", *(session.posargs or ["tests"]))


@nox.session
def long(session: nox.Session) -> None:
    """Try the server for long: many drawn requests, many connections, and a soak; `-- --seconds 1800` soaks longer."""
    python(session, "-m", "pytest", "-m", "long", "tests/interfaces", "tests/service", "tests/client")
    python(session, "-m", "benchmarks", "soak", *(session.posargs or ["--seconds", "60"]))


@nox.session
def mutate(session: nox.Session) -> None:
    """Break `agentkit.money` on purpose, one small mistake at a time, and see whether its tests notice."""
    python(session, "-m", "tests.mutation", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure against bare Python; `-- --peers` first installs the peers, each into an environment of its own."""
    arguments = list(session.posargs)
    if "--peers" in arguments:
        arguments.remove("--peers")
        for requirements in sorted(PEERS.glob("requirements-*.txt")):
            home = PEER_HOMES / requirements.stem.removeprefix("requirements-")
            python(session, "-m", "venv", str(home))
            session.run(str(home / "bin" / "pip"), "install", "-q", "-r", str(requirements), external=True)
    python(session, "-m", "benchmarks", "run", *arguments)
