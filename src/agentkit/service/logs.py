"""The log of a server: one line for each record, as JSON or as text, in which no secret is left.

Rules: what looks like a secret is taken out of all that is written, a traceback too, by whomever it was said; a record
is one line, or lines that cannot be taken for records, whatever was sent. Nothing is set up on import.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from typing import Final, Literal, cast

from agentkit.errors import DefinitionError

from .settings import Settings

__all__ = ["LogLines", "Redactor", "configure_logs"]

_GONE: Final = "***"
_SHORTEST: Final = 4
"""Letters of a secret that is looked for as it is: a shorter one would take the text apart."""

_PATTERNS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), instead)
    for pattern, instead in (
        # Private keys as PEM; keys of agentkit, of which the public id stays; other keys; secrets of webhooks; tokens
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", _GONE),
        (r"\b(agk_[0-9a-z]+_)[0-9a-z]+", rf"\1{_GONE}"),
        (r"\b[as]k-[\w-]{6,}", _GONE),
        (r"\bwhsec_[\w+/=-]+", _GONE),
        (r"\beyJ[\w-]+\.[\w-]+\.[\w-]*", _GONE),
        # Headers
        (r"\b(bearer|basic)\s+[^\s\"',;]+", rf"\1 {_GONE}"),
        (r"\b(authorization|proxy-authorization|x-api-key|cookie|set-cookie)\b([\"'\s]*[:=,]\s*[\"']?)[^\"'\n]+",
         rf"\1\2{_GONE}"),
        # Who is named in an address, with or without a password
        (r"(\w://)[^\s\"'<>]*@", rf"\1{_GONE}@"),
        # `password=...` and `"password": "..."`
        (r"((?:password|passwd|pwd|secret|token|api[_-]?key|pepper)[\"']?(?:\s*=\s*|[\"']\s*:\s*))"
         r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)", rf"\1{_GONE}"),
    )
)  # fmt: skip


class Redactor:
    """Takes secrets out of texts.

    Args:
        secrets: What must not be shown, whatever it looks like.

    Example:
        >>> Redactor(["xyzzy"]).clean("cannot open postgresql://ada:pw@db/runs with xyzzy")
        'cannot open postgresql://***@db/runs with ***'
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        # The longest first: one may be a part of another one.
        known = sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def clean(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(_GONE, text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text


class LogLines(logging.Formatter):
    r"""Writes records of the log.

    A record may carry more than its message: `extra={"fields": {"request": "4f1c..."}}`, and name those of these fields
    that its message has said already, `extra={..., "said": ("status",)}`; as text they are not said again.

    Args:
        form: As what.
        redactor: What takes secrets out.

    Example:
        >>> record = logging.LogRecord("shop", logging.INFO, "", 0, "one\ntwo", (), None)
        >>> record.created, record.fields = 0.0, {"request": "r1"}
        >>> LogLines("text", Redactor()).format(record)
        '1970-01-01T00:00:00.000Z INFO shop: one\\ntwo request=r1'
    """

    def __init__(self, form: Literal["json", "text"], redactor: Redactor) -> None:
        super().__init__()
        self._is_json = form == "json"
        self._clean = redactor.clean

    def format(self, record: logging.LogRecord) -> str:
        """One record, as a line; below it, as text, a traceback whose lines begin with a bar."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = self._clean(record.getMessage())
        given = cast("Mapping[str, object]", getattr(record, "fields", {}))
        fields = {name: self._clean(value) if isinstance(value, str) else value for name, value in given.items()}
        trace = self._clean(self.formatException(record.exc_info)) if record.exc_info else ""
        if self._is_json:
            line: dict[str, object] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
            line |= {"message": message, **fields} | ({"traceback": trace} if trace else {})
            # Only ASCII: no letter ends a line for anybody who reads it.
            return json.dumps(line, default=str)
        words = [f"{at} {record.levelname} {record.name}: {_one_line(message)}"]
        said = cast("Collection[str]", getattr(record, "said", ()))
        more = {name: value for name, value in fields.items() if name not in said and value not in ("", None)}
        words += [f"{name}={_one_line(str(value))}" for name, value in more.items()]
        below = [f"    | {_one_line(each)}" for each in trace.splitlines()]
        return "\n".join([" ".join(words), *below])


def configure_logs(settings: Settings, *, secrets: Collection[str] = ()) -> None:
    """Have this process log as its settings say: what agentkit tells, and the warnings of everybody else.

    Args:
        settings: How, and where to; their secrets are never written.
        secrets: What else is never written.

    Raises:
        DefinitionError: The file cannot be opened.
    """
    root, ours = logging.getLogger(), logging.getLogger("agentkit")
    if settings.log_format == "none":
        root.handlers = [logging.NullHandler()]
        return
    try:
        handler = WatchedFileHandler(settings.log_file, encoding="utf-8") if settings.log_file else None
    except OSError as error:
        raise DefinitionError(f"setting log_file: that file cannot be opened: {error.strerror}") from error
    to = handler or logging.StreamHandler(sys.stderr)
    to.setFormatter(LogLines(settings.log_format, Redactor([*settings.secrets, *secrets])))
    root.handlers = [to]
    root.setLevel(logging.WARNING)
    ours.setLevel(logging.INFO)


def _one_line(text: str) -> str:
    """A text in which nothing begins a line, or moves what is on a screen."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
