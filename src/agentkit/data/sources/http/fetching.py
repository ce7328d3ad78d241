"""One answer after the other from one server, with retries, within limits.

Rules: only GET; an answer is unpacked here, so that a small one that unpacks to a large one is noticed while it does;
whatever may help is tried again, for as long as the server asks for, within bounds.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import tenacity

from agentkit.data.sources.reading import Reading
from agentkit.errors import (
    AddressNotAllowed,
    MissingExtra,
    SourceFailed,
    SourceMalformed,
    SourceNotFound,
    SourceTooLarge,
)

from .network import CheckedBackend
from .signing import Auth, credentials

try:
    import httpcore2
    import httpx2
except ImportError as _error:
    raise MissingExtra("client", "httpx2") from _error

__all__ = ["Answer", "Fetcher", "Patience"]

_CHUNK = 1 << 16
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a server is asked, and how long is waited in between."""

    attempts: int = 4
    first_seconds: float = 0.5
    max_seconds: float = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said.

    Attributes:
        data: The bytes, unpacked.
        media_type: What they are, like `application/json`.
        charset: How text is encoded, if the server says so.
        next_link: The address that its header names as next.
    """

    data: bytes
    media_type: str
    charset: str | None
    next_link: str | None


class _Again(SourceFailed):
    """It may help to ask again."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Fetcher:
    """Asks one server, for one source."""

    def __init__(
        self, url: str, reading: Reading, *, auth: Auth | None, headers: Mapping[str, str], patience: Patience
    ) -> None:
        self._reading = reading
        self._patience = patience
        self._home = httpx2.URL(url)
        signed, parameters = credentials(auth, reading.access)
        self._client = httpx2.Client(
            transport=_Transport(self._home, reading, signed, parameters),
            headers={"Accept-Encoding": "gzip", **headers},
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, url: str, parameters: Mapping[str, str]) -> Answer:
        """What the server says at an address, which may be relative to that of the source.

        Raises:
            AddressNotAllowed: The address is at another server, or at one that may not be reached.
            SourceFailed: The server answers with an error, breaks off, or says nothing for too long.
            SourceMalformed: The answer is packed as nobody asked for, or damaged.
            SourceNotFound: There is nothing at the address.
            SourceTooLarge: There are more bytes than are allowed.
        """
        target = self._home.join(url)
        if parameters:
            target = target.copy_merge_params(parameters)
        if _origin(target) != _origin(self._home):
            raise AddressNotAllowed(f"the next page is at another server, {target.host!r}; it has to be at the same")
        asking = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=tenacity.stop_after_attempt(self._patience.attempts),
            wait=self._wait,
            sleep=self._reading.pause,
            reraise=True,
        )
        try:
            answer = asking(self._once, target)
        except _Again as error:
            said = f"; asked {self._patience.attempts} times" if self._patience.attempts > 1 else ""
            raise SourceFailed(f"{error}{said}") from error.__cause__
        if asking.statistics.get("attempt_number", 1) > 1:
            self._reading.note("the server had to be asked again for some answers")
        return answer

    def _wait(self, state: tenacity.RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        growing = self._patience.first_seconds * 2.0 ** (state.attempt_number - 1)
        wanted = failure.after if isinstance(failure, _Again) and failure.after is not None else growing
        return min(wanted, self._patience.max_seconds)

    def _once(self, target: httpx2.URL) -> Answer:
        before = self._reading.bytes
        try:
            with self._client.stream("GET", target) as response:
                self._look(response)
                return _answer(response, b"".join(self._unpacked(response)))
        except (httpx2.UnsupportedProtocol, httpcore2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise AddressNotAllowed(f"it leads to an address that is none of http or https: {error}") from error
        except httpx2.TooManyRedirects as error:
            raise SourceFailed(f"it was sent on more than {_REDIRECTS} times") from error
        except (httpx2.TimeoutException, httpcore2.TimeoutException) as error:
            silent = self._reading.limits.silent_seconds
            raise self._undone(before, f"the server said nothing for {silent:g} seconds") from error
        except (httpx2.HTTPError, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise self._undone(before, f"the server broke off: {str(error) or type(error).__name__}") from error

    def _undone(self, before: int, message: str) -> _Again:
        self._reading.bytes = before  # they will come again
        return _Again(message)

    def _look(self, response: httpx2.Response) -> None:
        status = response.status_code
        said = f"the server answers {status} {response.reason_phrase}".rstrip()
        if status in _AGAIN:
            after = _retry_after(response)
            if after is not None and after > self._patience.max_seconds:
                raise SourceFailed(f"{said}, and wants to be asked in {after:g} seconds, which is too long to wait")
            raise _Again(said, after)
        if status in {404, 410}:
            raise SourceNotFound(said)
        if status in {401, 403}:
            raise SourceFailed(f"{said}; look at the secret that its `auth` names")
        if status != 200:
            raise SourceFailed(said)

    def _unpacked(self, response: httpx2.Response) -> Iterator[bytes]:
        declared = response.headers.get("content-length", "")
        left = self._reading.limits.max_bytes - self._reading.bytes
        if declared.isdecimal() and int(declared[:20]) > left:
            raise SourceTooLarge(f"its answer has {declared[:20]} bytes, and {left:,} more are allowed")
        packing = response.headers.get("content-encoding", "identity").strip().lower()
        if packing not in {"identity", "gzip", "x-gzip", "deflate", ""}:
            raise SourceMalformed(f"its answer is packed by {packing!r}, which nobody asked for")
        packed = packing not in {"identity", ""}
        for chunk in _unzipped(response.iter_raw(_CHUNK)) if packed else response.iter_raw(_CHUNK):
            self._reading.count_bytes(len(chunk))
            self._reading.check()
            yield chunk


class _Transport(httpx2.BaseTransport):
    """Sends requests over checked connections, and signs those to the server of the source."""

    def __init__(
        self, home: httpx2.URL, reading: Reading, headers: Mapping[str, str], parameters: Mapping[str, str]
    ) -> None:
        self._home = home
        self._headers = headers
        self._parameters = parameters
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False) if home.scheme == "https" else None,
            network_backend=CheckedBackend(reading),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.scheme not in {"http", "https"}:
            raise AddressNotAllowed(f"it leads to an address of {request.url.scheme!r}, and not of http or https")
        if self._home.scheme == "https" and request.url.scheme != "https":
            raise AddressNotAllowed(f"it leads from https to http, at {request.url.host!r}")
        url, headers = request.url, request.headers.copy()
        if _origin(url) == _origin(self._home):
            headers.update(self._headers)
            url = url.copy_merge_params(self._parameters) if self._parameters else url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Stream(answer))

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


def _unzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack piece by piece, so that nothing large is made at once."""
    unpack = zlib.decompressobj(wbits=47)
    try:
        for chunk in chunks:
            rest = chunk
            while rest and not unpack.eof:
                yield unpack.decompress(rest, _CHUNK)
                rest = unpack.unconsumed_tail
        yield unpack.flush()
    except zlib.error as error:
        raise SourceMalformed(f"its answer is damaged, and cannot be unpacked: {error}") from error
    if not unpack.eof:
        raise SourceMalformed("its answer breaks off before its end, and cannot be unpacked")


def _answer(response: httpx2.Response, data: bytes) -> Answer:
    return Answer(
        data=data,
        media_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
        charset=response.charset_encoding,
        next_link=response.links.get("next", {}).get("url"),
    )


def _retry_after(response: httpx2.Response) -> float | None:
    """How long the server wants to be left alone: seconds, or a date, which is compared with the server's own."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said[:9])
    try:
        now = parsedate_to_datetime(response.headers["date"])
        return max(0.0, (parsedate_to_datetime(said) - now).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None
