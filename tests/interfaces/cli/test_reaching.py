"""Where a command asks: options that mean nothing there are refused, and whatever is in the way is one clear line."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agentkit.engines import SystemClock
from tests.interfaces.cli.conftest import Line
from tests.interfaces.cli.served import Site, served

pytestmark = pytest.mark.blocking

NOWHERE = ("--server", "http://127.0.0.1:1")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("keys")) as site:
        yield site


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--store", "sqlite:///x.db"], "--store does not go with a server: a server has a store of its own"),
        (["run", "flow", "--agents", "mine"], "--agents does not go with a server: a server has agents of its own"),
        (["run", "flow", "-r", "printer=1"], "--resource does not go with a server"),
        (["run", "flow", "--root", "data"], "--root does not go with a server"),
        (["run", "flow", "--by", "ada"], "--by does not go with a server: on a server your key says who you are"),
        (["run", "--task", "greet"], "--task does not go with a server"),
        (["resume", "x", "--take"], "--take does not go with a server"),
        (["resume"], "name an operation"),
        (["retry", "x", "--agents", "mine"], "--agents does not go with a server"),
        (["fork", "x", "--workflow", "flow.json"], "--workflow does not go with a server"),
        (["files", "x", "--all"], "--all does not go with a server"),
        (["approve", "x", "--role", "finance"], "--role does not go with a server"),
        (["approve", "x", "--agents", "mine"], "--agents does not go with a server"),
        (["signal", "x", "go", "--store", "memory://"], "--store does not go with a server"),
        (["settle", "x", "pay", "done", "--by", "ada"], "--by does not go with a server"),
        (["plan", "flow", "--agents", "mine"], "--agents does not go with a server"),
        (["check", "--schema"], "--schema does not go with a server"),
        (["check", "--against", "sqlite:///x.db"], "--against does not go with a server"),
        (["compare", "x", "y", "--store", "memory://"], "--store does not go with a server"),
        (["draw", "x", "--store", "memory://"], "--store does not go with a server"),
        (["audit", "pack", "x", "-o", "pack.zip"], "audit pack does not go with a server"),
        (["optimise", "plan"], "optimise plan does not go with a server: run it where the store is"),
    ],
)
def test_what_means_nothing_to_a_server_is_refused_before_it_is_asked(words: list[str], said: str, cli: Line) -> None:
    assert said in cli.error(*words, *NOWHERE)
    assert list(cli.folder.iterdir()) == []


def test_a_key_for_no_server_is_refused(cli: Line) -> None:
    assert "--key-file is for a server" in cli.error("list", "--key-file", "my.key")
    assert "--key-file is for a server" in cli.error("doctor", "--key-file", "my.key")


def test_the_environment_names_a_server_and_the_command_line_goes_over_it(
    cli: Line, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url, _, key = site.ada
    monkeypatch.setenv("AGENTKIT_SERVER", url)
    monkeypatch.setenv("AGENTKIT_KEY_FILE", key)

    assert cli("run", "greet", "-i", "name=Ada").stdout == "Hello Ada\n"
    refused = cli.error("run", "greet", "-i", "name=Ada", "--agents", "mine")
    assert "AGENTKIT_SERVER names one: unset it, or name a store with --store" in refused
    assert "there is no store" in cli.error("list", "--store", "sqlite:///none.db", code=3)
    assert cli("check", "--schema").stdout.startswith("{")
    assert "1 stage" in cli("check", cli.flow(), "--agents", "tests.interfaces.cli.actors").stderr


@pytest.mark.parametrize("command", ["show", "plan", "apply", "undo"])
def test_what_looks_at_stores_alone_never_takes_a_store_for_the_server_that_the_environment_names(
    command: str, cli: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTKIT_SERVER", NOWHERE[1])

    refused = cli.error("optimise", command)
    assert f"optimise {command} does not go with a server" in refused
    assert "AGENTKIT_SERVER names one: unset it, or name a store with --store" in refused
    assert "there is no store" in cli.error("optimise", command, "--store", "sqlite:///none.db", code=3)


@pytest.mark.parametrize("command", ["show", "explain", "rollback", "release", "off", "on"])
def test_what_was_learned_is_asked_of_the_server_that_the_environment_names(
    command: str, cli: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTKIT_SERVER", NOWHERE[1])

    assert "127.0.0.1" in cli.error("learn", command, "prices", code=1)
    assert list(cli.folder.iterdir()) == []


def test_a_server_that_does_not_listen_is_told_with_what_to_do(cli: Line) -> None:
    with socket.socket() as taken:
        # Bound and not listening: nobody else can be there.
        taken.bind(("127.0.0.1", 0))
        said = cli.error("list", "--server", f"http://127.0.0.1:{taken.getsockname()[1]}", code=1)

    assert "nobody listens there" in said
    assert "agentkit serve" in said


@pytest.mark.parametrize(
    ("url", "said", "code"),
    [
        ("nonsense", "url must be the address of a server", 2),
        ("ftp://agents.test", "url must be the address of a server", 2),
        ("https://ada:secret@agents.test", "must hold no name, password", 2),
        ("http://no.such.machine.invalid", "no machine of that name is known here", 1),
    ],
)
def test_an_address_that_is_none_is_told_and_no_secret_of_it(url: str, said: str, code: int, cli: Line) -> None:
    shown = cli.error("list", "--server", url, code=code)

    assert said in shown
    assert "secret" not in shown


def test_a_key_that_opens_nothing_is_told_without_the_key(cli: Line, site: Site) -> None:
    (cli.folder / "bad.key").write_text("agk_abcdefgh_wrong")
    (cli.folder / "bad.key").chmod(0o600)
    said = cli.error("list", "--server", site.url, "--key-file", "bad.key", code=1)

    assert f"{site.url} does not take the key in bad.key" in said
    assert "agk_" not in said
    assert "name a file with your key by --key-file" in cli.error("list", "--server", site.url, code=1)
    assert "cannot be read" in cli.error("list", "--server", site.url, "--key-file", "nowhere")


def test_a_key_that_others_can_read_is_warned_of(cli: Line, site: Site) -> None:
    key = cli.folder / "ada.key"
    key.write_text(Path(site.ada[3]).read_text())
    for mode, warned in ((0o644, True), (0o640, True), (0o600, False)):
        key.chmod(mode)
        shown = cli("list", "--server", site.url, "--key-file", "ada.key")
        assert ("warning: others of this machine can read the key in ada.key: chmod 600" in shown.stderr) is warned


def test_what_a_key_may_not_do_ends_with_1(cli: Line, site: Site) -> None:
    assert "scope 'run'" in cli.error("run", "greet", *site.bob, code=1)


@contextmanager
def answering(*, certificate: Path | None = None) -> Iterator[str]:
    """A server that is none of ours."""
    server = HTTPServer(("127.0.0.1", 0), _Foreign)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()


class _Foreign(BaseHTTPRequestHandler):
    """Answers what other servers answer."""

    def do_GET(self) -> None:
        """Answer as the path says."""
        status = 404 if self.path.startswith("/missing") else 307 if self.path.startswith("/moved") else 200
        self.send_response(status)
        self.send_header("Location", "http://elsewhere.invalid/")
        self.end_headers()
        self.wfile.write(b"<html>hello")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_what_answers_and_is_no_server_of_ours_is_told(cli: Line) -> None:
    with answering() as url:
        assert "is this an agentkit server" in cli.error("list", "--server", url, code=1)
        assert "is it at that path" in cli.error("list", "--server", f"{url}/missing", code=1)
        assert "sends elsewhere" in cli.error("list", "--server", f"{url}/moved", code=1)
        secure = url.replace("http:", "https:")
        assert "it speaks no TLS: is it http://" in cli.error("list", "--server", secure, code=1)


def test_a_certificate_that_is_not_trusted_is_told_with_what_to_do(cli: Line) -> None:
    with answering(certificate=self_signed(cli.folder)) as url:
        said = cli.error("list", "--server", url, code=1)

    assert "its certificate is not trusted here (self-signed certificate)" in said
    assert "SSL_CERT_FILE" in said


def self_signed(folder: Path) -> Path:
    """A file with a key and a certificate that nobody else has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.fromtimestamp(SystemClock().now(), UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "tls.pem"
    path.write_bytes(private + certificate.public_bytes(form))
    return path
