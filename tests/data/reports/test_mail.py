"""E-mail: to a local server, with and without a password, and what is refused."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from agentkit.data import MailSettings, Notification, send_notification, write_report
from agentkit.errors import NotificationFailed, ReportError
from tests.data.reports.samples import CREATED, full_report


class Box:
    """Takes messages, or refuses them."""

    def __init__(self, refuse: str = "") -> None:
        self.messages: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self._refuse = refuse

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        if self._refuse and self._refuse in address:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def server(box: Box, **options: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def settings(port: int = 25, **changes: Any) -> MailSettings:
    given = {"host": "127.0.0.1", "port": port, "sender": "reports@example.com", "security": "none", "timeout": 5.0}
    return MailSettings(**{**given, **changes})


def message(**changes: Any) -> Notification:
    given = {"to": ("ann@example.com",), "subject": "Your report", "text": "It is ready.", "sent": CREATED}
    return Notification(**{**given, **changes})


def test_files_are_attached_as_they_were_written(tmp_path: Path) -> None:
    box = Box()
    files = write_report(full_report(), tmp_path)

    with server(box) as port:
        told = send_notification(message(files=files, folder=tmp_path, subject="Bericht für März"), settings(port))

    (mail,) = box.messages
    attached = list(mail.iter_attachments())
    assert [part.get_filename() for part in attached] == [file.name for file in files]
    assert attached[0].get_payload(decode=True) == (tmp_path / files[0].name).read_bytes()
    assert attached[0].get_content_type() == "application/pdf"
    assert (mail["Subject"], mail["Message-ID"]) == ("Bericht für März", told)
    assert mail["Date"] == "Fri, 31 Jan 2025 09:30:00 +0000"


def test_links_stand_in_the_text_and_each_gets_it() -> None:
    box = Box()
    link = "https://example.com/files/1?a=b"

    with server(box) as port:
        send_notification(message(links=(link,), to=("ann@example.com", "bo@example.com")), settings(port))

    body = box.messages[0].get_body()
    assert body is not None
    assert link in body.get_content()
    assert box.envelopes == [("reports@example.com", ["ann@example.com", "bo@example.com"])]


def test_a_message_has_the_same_id_however_often_it_is_sent() -> None:
    box = Box()

    with server(box) as port:
        ids = {send_notification(message(), settings(port)) for _ in range(2)}

    assert len(ids) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hello\r\nBcc: all@example.com"},
        {"subject": "Hello\nX: y"},
        {"subject": "a\x00b"},
        {"subject": " "},
        {"to": ("ann@example.com\r\nBcc: all@example.com",)},
        {"to": ("ann@example.com, bo@example.com",)},
        {"to": ("Ann <ann@example.com>",)},
        {"to": ("ann@example.com> SIZE=1",)},
        {"to": ()},
        {"links": ("javascript:alert(1)",)},
        {"links": ("https://a b",)},
        {"sent": CREATED.replace(tzinfo=None)},
    ],
)
def test_nothing_gets_into_a_header(changes: dict[str, Any]) -> None:
    with pytest.raises(ReportError):
        message(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "a@b\r\nX: y"},
        {"host": "a b"},
        {"host": ""},
        {"port": 0},
        {"security": "maybe"},
        {"user": "ann"},
        {"user": "ann", "password_secret": "mail"},
        {"timeout": 0.0},
    ],
)
def test_settings_that_contradict_themselves_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ReportError):
        settings(**{"port": 25, **changes})


def test_files_that_are_too_large_or_changed_are_not_sent(tmp_path: Path) -> None:
    files = write_report(full_report(), tmp_path, formats=("csv",))

    with pytest.raises(ReportError, match="links instead"):
        send_notification(message(files=files, folder=tmp_path), settings(25), most_bytes=10)
    (tmp_path / files[0].name).write_text("changed")
    with pytest.raises(ReportError, match="not the file"):
        send_notification(message(files=files, folder=tmp_path), settings(25))
    (tmp_path / files[0].name).unlink()
    with pytest.raises(ReportError, match="cannot be attached"):
        send_notification(message(files=files, folder=tmp_path), settings(25))


def test_a_server_that_is_not_there_may_be_tried_again() -> None:
    with server(Box()) as port:
        gone = port

    with pytest.raises(NotificationFailed, match=f"mail server 127.0.0.1:{gone}") as failed:
        send_notification(message(), settings(gone))
    assert failed.value.retryable


def test_a_recipient_that_is_refused_is_named() -> None:
    box = Box(refuse="bo@")

    with server(box) as port:
        with pytest.raises(NotificationFailed, match=r"bo@example\.com"):
            send_notification(message(to=("bo@example.com",)), settings(port))
        with pytest.raises(NotificationFailed, match=r"not for bo@example\.com"):
            send_notification(message(to=("ann@example.com", "bo@example.com")), settings(port))


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, private)
    return pem, context


def test_a_password_goes_over_an_encrypted_line_and_into_no_error(tmp_path: Path) -> None:
    box = Box()
    pem, context = certificate(tmp_path)
    asked: list[str] = []

    def secret(name: str) -> str:
        asked.append(name)
        return passwords.pop()

    def authenticate(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == b"hunter2"
        return AuthResult(success=right, handled=right)

    passwords = ["wrong-password", "hunter2"]
    options = {"authenticator": authenticate, "auth_required": True, "tls_context": context, "require_starttls": True}
    with server(box, **options) as port:
        mine = settings(port, security="starttls", user="ann", password_secret="mail/password", ca_file=str(pem))
        send_notification(message(), mine, secret=secret)
        with pytest.raises(NotificationFailed, match="does not accept") as failed:
            send_notification(message(), mine, secret=secret)

    assert asked == ["mail/password", "mail/password"]
    assert len(box.messages) == 1
    assert "wrong-password" not in f"{failed.value!r} {failed.value.__cause__!r} {mine!r}"


def test_a_password_that_nobody_gives_is_asked_for() -> None:
    mine = settings(25, security="tls", user="ann", password_secret="mail/password")

    with pytest.raises(ReportError, match="mail/password"):
        send_notification(message(), mine)


def test_a_server_whose_certificate_nobody_trusts_gets_nothing(tmp_path: Path) -> None:
    box = Box()
    _, context = certificate(tmp_path)

    with server(box, tls_context=context) as port, pytest.raises(NotificationFailed, match="certificate"):
        send_notification(message(), settings(port, security="starttls"))

    assert box.messages == []
