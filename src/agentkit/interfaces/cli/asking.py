"""How a command asks a server: a client with its key, the operation that is meant, and what to do if nobody answers.

Rules: whatever goes wrong on the way is one line that names the server and says what to do. A key is never shown.
"""

from __future__ import annotations

import os
import socket
import ssl
import stat
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn, cast

from rich.text import Text

from agentkit.client import Client, ClientSettings
from agentkit.errors import AnswerInvalid, InputError, NotFound, ServerUnavailable, Unauthenticated
from agentkit.wire import OperationLine, OperationQuery, OperationSort

from .choosing import chosen
from .ending import finish, guarded
from .reaching import Far
from .screen import errors

__all__ = ["ask", "asked", "found_id", "lines_of"]

_LOOKED_AT: Final = 1_000
_PER_PAGE: Final = 200
_ATTEMPTS: Final = 3
"""People wait in front of a terminal, and see for themselves whether to ask again."""


def ask(far: Far, work: Callable[[Client], Coroutine[None, None, int]]) -> NoReturn:
    """Have work done with a client of a server, and end with its exit code."""
    finish(guarded(lambda: asked(far, work)))


async def asked(far: Far, work: Callable[[Client], Coroutine[None, None, int]], *, timeout: float | None = None) -> int:
    """Have work done with a client of a server.

    Args:
        far: Which server.
        work: What is done.
        timeout: How many seconds the server may be silent; without, as the command line is set.

    Raises:
        ServerUnavailable: Nobody answers there.
        Unauthenticated: The key opens nothing there, or there is none.
        AnswerInvalid: What answers is no server of ours.
    """
    _warn_of_readers(far.key_file)
    try:
        async with Client.from_settings(
            ClientSettings(url=far.url, key_file=far.key_file, attempts=_ATTEMPTS, timeout=timeout or chosen().timeout)
        ) as client:
            return await work(client)
    except ServerUnavailable as error:
        raise ServerUnavailable(f"{far.url}: {_why(error) or error}") from error
    except AnswerInvalid as error:
        raise AnswerInvalid(f"{far.url}: {error}") from error
    except Unauthenticated as error:
        if far.key_file is None:
            raise Unauthenticated(f"{far.url} asks who you are: name a file with your key by --key-file") from error
        raise Unauthenticated(f"{far.url} does not take the key in {far.key_file}: {error}") from error


def _why(error: BaseException) -> str:
    """Why nobody answers, and what to do; empty if only the error itself knows."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return (
                    f"its certificate is not trusted here ({cause.verify_message}); if an authority of your own has"
                    " issued it, name that authority's file in SSL_CERT_FILE"
                )
            case ssl.SSLError():
                return "it speaks no TLS: is it http:// in place of https://, or another port?"
            case socket.gaierror():
                return "no machine of that name is known here: look at the address"
            case ConnectionRefusedError():
                return "nobody listens there: look at the address and the port, or start it with: agentkit serve"
            case TimeoutError():
                return "it does not answer in time: look at the address and the network, or try again"
            case _:
                pass
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and everything that it came of."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [each for each in (one.__cause__, one.__context__) if each is not None]
        if isinstance(one, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", one).exceptions


def _warn_of_readers(key_file: Path | None) -> None:
    """Say so if others of this machine can read the key."""
    if key_file is None or os.name != "posix":
        return
    try:
        mode = key_file.stat().st_mode
    except OSError:
        # The client says that it cannot be read.
        return
    if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
        said = f"warning: others of this machine can read the key in {key_file}: chmod 600 {key_file}"
        errors().print(Text(said, "yellow"), soft_wrap=True)


async def lines_of(
    client: Client,
    limit: int,
    *,
    workflow: str | None = None,
    status: Sequence[str] | None = None,
    sort: OperationSort = "newest",
) -> Sequence[OperationLine]:
    """So many operations at most, the newest first if nothing else is said."""
    found: list[OperationLine] = []
    cursor: str | None = None
    while len(found) < limit:
        most = min(_PER_PAGE, limit - len(found))
        query = OperationQuery(
            workflow=workflow or None, status=tuple(status or ()), sort=sort, cursor=cursor, limit=most
        )
        page = await client.operations(query)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


async def found_id(client: Client, beginning: str) -> str:
    """The id of the one operation that it names, as `finding.find_operation` finds it in a store.

    Raises:
        NotFound: None is meant.
        InputError: Several may be.
    """
    try:
        return (await client.operation(beginning)).id
    except NotFound:
        lines = await lines_of(client, _LOOKED_AT)
    found = [line.id for line in lines if beginning and line.id.startswith(beginning)]
    if not found:
        raise NotFound(f"there is no operation {beginning!r} at this server; see: agentkit list")
    if len(found) > 1:
        shown = ", ".join(found[:5])
        raise InputError(f"{beginning!r} is the beginning of {len(found)} operations: {shown}; write more of it")
    return found[0]
