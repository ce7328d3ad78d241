"""Tells people by e-mail that a report is there, with its files or with links to them.

Rules: the mail server is given by the caller, and its password by name, so that no settings and no error ever hold it;
a password goes over an encrypted line or not at all; a header is one line.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from agentkit.errors import NotificationFailed, ReportError

from .texts import plain
from .writing import WrittenFile

__all__ = ["MailSettings", "Notification", "check_address", "send_notification"]

# No more than this: one @, no blanks or controls, nothing that a header or a command of SMTP could be ended with.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_MOST_BYTES = 10_000_000


def check_address(address: str) -> None:
    """Check that a text is one e-mail address and nothing else.

    Raises:
        ReportError: It is none.
    """
    if not _ADDRESS.fullmatch(address):
        raise ReportError(f"{address!r} is no e-mail address: write it like name@example.com, without a name around it")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How the mail server is reached.

    Attributes:
        host: Its name.
        sender: The address that messages come from.
        port: Its port.
        security: Whether the line is encrypted after a greeting (`starttls`), from the start (`tls`) or not (`none`).
        user: Who signs in; empty for nobody.
        password_secret: The name of the secret that is the password.
        timeout: The seconds to wait for each answer.
        ca_file: A file of certificates to trust besides those of the system.

    Raises:
        ReportError: A value is missing or contradicts another one; a password over a line that is not encrypted.

    Example:
        >>> MailSettings(host="mail.example.com", sender="reports@example.com").security
        'starttls'
    """

    host: str
    sender: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_secret: str = ""
    timeout: float = 30.0
    ca_file: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9.:_-]+", self.host):
            raise ReportError(f"host {self.host!r} is no name of a mail server")
        if not 0 < self.port < 65_536:
            raise ReportError(f"port {self.port} is none: give 1 to 65535")
        if self.security not in ("starttls", "tls", "none"):
            raise ReportError(f"security {self.security!r} is none of starttls, tls, none")
        if bool(self.user) != bool(self.password_secret):
            raise ReportError("user and password_secret belong together: give both, or none")
        if self.user and self.security == "none":
            raise ReportError("a password does not go over a line that is not encrypted: use starttls or tls")
        if not 0 < self.timeout < 3600:
            raise ReportError(f"timeout {self.timeout}: give seconds above 0")
        check_address(self.sender)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message.

    Attributes:
        to: Who gets it.
        subject: One line.
        text: What it says.
        sent: Its time.
        links: Where the files can be fetched, if they are not attached.
        files: The files that are attached.
        folder: Where those are.

    Raises:
        ReportError: Nobody is to get it, an address or a link is none, the subject is not one line of text, or the
            time has no zone.
    """

    to: tuple[str, ...]
    subject: str
    text: str
    sent: datetime
    links: tuple[str, ...] = ()
    files: tuple[WrittenFile, ...] = ()
    folder: str | Path = ""

    def __post_init__(self) -> None:
        if not self.to:
            raise ReportError("a message needs somebody to get it: to is empty")
        for address in self.to:
            check_address(address)
        if plain(self.subject) != self.subject or "\n" in self.subject or not self.subject.strip():
            raise ReportError("the subject of a message is one line of text, without control characters")
        for link in self.links:
            if not re.fullmatch(r"https?://[^\s<>\"\x00-\x1f]+", link):
                raise ReportError(f"{link!r} is no link: give addresses that begin with https://")
        if self.sent.tzinfo is None:
            raise ReportError("sent needs a time zone: datetime(..., tzinfo=UTC)")


def send_notification(
    message: Notification,
    settings: MailSettings,
    *,
    secret: Callable[[str], str] | None = None,
    most_bytes: int = _MOST_BYTES,
) -> str:
    """Hand a message to a mail server; return its id. It blocks: agents call it in a thread.

    Args:
        message: The message.
        settings: The server.
        secret: Gives the password by its name; called only where settings name one.
        most_bytes: How many bytes of files may be attached.

    Raises:
        ReportError: The files are too large, changed or gone, or a password is asked for and `secret` is missing.
        NotificationFailed: The server cannot be reached, or refuses the message or a recipient. It may be tried again.
    """
    mail = _composed(message, settings, most_bytes)
    password = ""
    if settings.password_secret:
        if secret is None:
            raise ReportError(f"the password {settings.password_secret!r} is needed: give secret=")
        password = secret(settings.password_secret)
    place = f"mail server {settings.host}:{settings.port}"
    try:
        with _connected(settings) as line:
            if settings.user:
                line.login(settings.user, password)
            refused = line.send_message(mail, settings.sender, list(message.to))
    except smtplib.SMTPAuthenticationError:
        # What the server says may repeat what it was told, so it is left out.
        raise NotificationFailed(f"{place} does not accept the user {settings.user!r} with its password") from None
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise NotificationFailed(f"{place} did not take the message: {_reason(error)}") from error
    if refused:
        raise NotificationFailed(f"{place} took the message, but not for {', '.join(sorted(refused))}")
    return str(mail["Message-ID"])


def _connected(settings: MailSettings) -> smtplib.SMTP:
    if settings.security == "none":
        return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    trusted = ssl.create_default_context(cafile=settings.ca_file or None)
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=trusted)
    line = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    try:
        line.starttls(context=trusted)
    except BaseException:
        line.close()
        raise
    return line


def _composed(message: Notification, settings: MailSettings, most_bytes: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = settings.sender
    mail["To"] = ", ".join(message.to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.sent)
    digest = hashlib.sha256("\0".join((message.subject, message.text, *message.to, *message.links)).encode())
    digest.update(format_datetime(message.sent).encode())
    for file in message.files:
        digest.update(file.sha256.encode())
    mail["Message-ID"] = f"<{digest.hexdigest()[:40]}@{settings.sender.partition('@')[2]}>"
    lines = [plain(message.text), *message.links]
    mail.set_content("\n\n".join(line for line in lines if line) + "\n")
    _attach(mail, message, most_bytes)
    return mail


def _attach(mail: EmailMessage, message: Notification, most_bytes: int) -> None:
    if (size := sum(file.size for file in message.files)) > most_bytes:
        raise ReportError(f"the files have {size:,} bytes, and {most_bytes:,} may be attached: send links instead")
    for file in message.files:
        data = _bytes_of(Path(message.folder) / file.name, file)
        kind, _, detail = file.media_type.partition(";")[0].partition("/")
        mail.add_attachment(data, maintype=kind, subtype=detail, filename=file.name)


def _bytes_of(path: Path, file: WrittenFile) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path} cannot be attached: {error.strerror}; write the report again") from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise ReportError(f"{path} is not the file that was written; write the report again")
    return data


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"it refuses {', '.join(sorted(error.recipients))}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    return str(error) or type(error).__name__
