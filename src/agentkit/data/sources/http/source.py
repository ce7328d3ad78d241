"""The source that reads an address."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from agentkit.data.sources.delimited import Layout, read_delimited
from agentkit.data.sources.json_source import at, listed, parse_json, read_json_lines
from agentkit.data.sources.ports import Extracted
from agentkit.data.sources.reading import Reading
from agentkit.data.sources.records import extracted_records
from agentkit.data.sources.texts import whole_text
from agentkit.errors import DefinitionError, FormatUnknown, SourceFailed

from .paging import Page, Paging, first_step, next_step
from .signing import Auth

if TYPE_CHECKING:
    from .fetching import Answer, Fetcher

__all__ = ["HttpFormat", "HttpSource", "check_address"]

HttpFormat = Literal["json", "json_lines", "csv"]

_MEDIA: Mapping[str, HttpFormat] = {
    "application/json": "json",
    "text/json": "json",
    "application/x-ndjson": "json_lines",
    "application/ndjson": "json_lines",
    "application/jsonl": "json_lines",
    "text/csv": "csv",
    "application/csv": "csv",
}
_SECRET = {"authorization", "proxy-authorization", "cookie", "x-api-key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSource:
    """An API or a file behind HTTP. Only GET is used.

    Attributes:
        name: What people call it.
        url: The address; without user and password.
        records: For JSON, where the list of records is, like `data.items`.
        parameters: What is added to the address.
        headers: What is sent besides; nothing secret.
        auth: How requests say who sends them.
        paging: How pages follow each other; for JSON only.
        format: What comes; the server says so unless given.
        attempts: How often the server is asked for an answer.
        wait_seconds: How long is waited before the second attempt, unless the server says how long; then ever longer.
        max_wait_seconds: How long at most.
        optional: Whether the others count without it.

    Raises:
        DefinitionError: The address is none of HTTP, holds a password, or the settings contradict each other.

    Example:
        >>> HttpSource(name="sales", url="https://sales.example/v1/lines", records="data").paging is None
        True
    """

    name: str
    url: str
    kind: Literal["http"] = "http"
    records: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    auth: Auth | None = None
    paging: Paging | None = None
    format: HttpFormat | None = None
    attempts: int = 4
    wait_seconds: float = 0.5
    max_wait_seconds: float = 60
    optional: bool = False

    def __post_init__(self) -> None:
        check_address(self.name, self.url)
        secret = [header for header in self.headers if header.lower() in _SECRET]
        if secret:
            raise DefinitionError(f"source {self.name!r}: the header {secret[0]!r} is secret; name a secret by `auth`")
        if self.paging is not None and self.format not in (None, "json"):
            raise DefinitionError(f"source {self.name!r}: pages of {self.format} are not known, only of json")
        if self.attempts < 1:
            raise DefinitionError(f"source {self.name!r}: with {self.attempts} attempts nothing is asked")

    def read(self, reading: Reading) -> Extracted:
        """Read all pages.

        Raises:
            SourceError: They cannot be read.
        """
        from .fetching import Fetcher, Patience

        patience = Patience(attempts=self.attempts, first_seconds=self.wait_seconds, max_seconds=self.max_wait_seconds)
        with Fetcher(self.url, reading, auth=self.auth, headers=self.headers, patience=patience) as fetcher:
            answer = fetcher.get("", {**self.parameters, **first_step(self.paging)})
            reading.count_page()
            found = self.format or _format(answer.media_type)
            if found == "json":
                return extracted_records(
                    enumerate(self._records(fetcher, answer, reading), start=1), reading, format="json"
                )
        stream = io.BytesIO(answer.data)
        if found == "csv":
            return read_delimited(stream, Layout(encoding=answer.charset), reading, counted=True)
        return read_json_lines(stream, reading, encoding=answer.charset, counted=True)

    def _records(self, fetcher: Fetcher, answer: Answer, reading: Reading) -> Iterator[object]:
        """The records of all pages, one after the other."""
        seen: set[str] = set()
        for number in itertools.count():
            text, _ = whole_text(io.BytesIO(answer.data), reading, encoding=None, detect=False, counted=True)
            value = parse_json(text)
            records = listed(at(value, self.records), self.records)
            yield from records
            step = next_step(self.paging, Page(number=number, rows=len(records), value=value, link=answer.next_link))
            if step is None:
                return
            if repr(step) in seen:
                raise SourceFailed(
                    f"page {number + 1} leads to a page that was there before; the server turns in a circle"
                )
            seen.add(repr(step))
            reading.count_page()
            answer = fetcher.get(step, {}) if isinstance(step, str) else fetcher.get("", {**self.parameters, **step})


def check_address(name: str, url: str) -> None:
    """See that an address is one of HTTP, and holds no password.

    Raises:
        DefinitionError: It is not so.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise DefinitionError(f"source {name!r}: the address cannot be read: {error}") from error
    if parts.username is not None or parts.password is not None:
        raise DefinitionError(f"source {name!r}: the address holds a user or a password; name a secret by `auth`")
    if parts.scheme not in {"http", "https"} or not host:
        raise DefinitionError(f"source {name!r}: {url!r} is no address like 'https://sales.example/v1/lines'")


def _format(media_type: str) -> HttpFormat:
    found = _MEDIA.get(media_type) or ("json" if media_type.endswith("+json") else None)
    if found is None:
        raise FormatUnknown(f"the server sends {media_type or 'nothing that it names'}; say format='json' or 'csv'")
    return found
