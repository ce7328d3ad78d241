"""Pages of browsers: whose may ask.

Rules: a browser says in `Origin` which page asks, and a page cannot change that. Where a browser proves by itself who
asks, by a cookie or just by running on this machine, only pages of this server and those that were named may do what
changes something, or open a socket. `*` names nobody there.
"""

from __future__ import annotations

from starlette.datastructures import Headers

from agentkit.errors import NotAllowed
from agentkit.service import Settings, is_loopback

__all__ = ["check_origin", "host_name"]

_ASKED_BY_USER = ("same-origin", "none")


def check_origin(headers: Headers, settings: Settings, *, by_itself: bool, required: bool = False) -> None:
    """Make sure that the page that asks may.

    Args:
        headers: What the browser says.
        settings: Which origins are allowed.
        by_itself: Whether the browser proves by itself who asks.
        required: Whether somebody who names no origin is refused; programs name none.

    Raises:
        NotAllowed: It may not.
    """
    origin = headers.get("origin")
    if origin is None:
        # Some browsers leave it out, and say this instead; whoever says neither is no browser.
        is_allowed = not required and headers.get("sec-fetch-site", "none") in _ASKED_BY_USER
    elif origin in settings.cors_origins or ("*" in settings.cors_origins and not by_itself):
        is_allowed = True
    else:
        is_allowed = _is_own(origin, headers.get("host", ""), settings)
    if not is_allowed:
        raise NotAllowed("pages of this origin may not ask here: see the setting cors_origins")


def host_name(host: str) -> str:
    """The name in a `Host` header, without the port."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name.lower()


def _is_own(origin: str, host: str, settings: Settings) -> bool:
    scheme, _, name = origin.lower().partition("://")
    if scheme not in ("http", "https") or name != host.lower():
        return False
    # A name that somebody else's name server leads to this machine is none of its own.
    return settings.authentication != "none" or is_loopback(host_name(host))
