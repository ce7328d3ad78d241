"""Who asks: callers, what they may do, and whose things they see.

Rules: a caller is known before anything is asked; what they may do is checked in the use case, never at a door alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from agentkit.errors import DefinitionError, NotAllowed

__all__ = ["LOCAL", "SCOPES", "Caller", "Scope", "is_reserved"]

Scope: TypeAlias = Literal["read", "run", "approve", "admin"]
"""What may be done: look; start, cancel and signal; vote and settle; keys, schedules and backups. `admin` may all."""

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)


RESERVED: Final = "agentkit."
"""How the names of agents, workflows and tenants begin that are agentkit's own."""


def is_reserved(name: str) -> bool:
    """Whether a name is for agentkit's own agents, workflows and tenants.

    Example:
        >>> is_reserved("agentkit.webhook"), is_reserved("acme")
        (True, False)
    """
    return name.startswith(RESERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who asks, known by a key, a token or a session.

    Attributes:
        name: Who it is: what stands in the journal as who asked or voted.
        tenant: Whose things they see; None sees everybody's, as the owner of the process does.
        scopes: What they may do.
        roles: The roles they have where a stage asks for approval.
        key_id: The id of the API key they came with; empty for everybody else.
        key_tenant: The tenant of that key, for whomever they act; None if it has none.

    Raises:
        DefinitionError: The name is empty, the tenant is one of agentkit's own, there is no such scope, or a text has
            half of a surrogate pair.

    Example:
        >>> Caller(name="ada", tenant="acme", scopes={"read"}).may("run")
        False
    """

    name: str
    tenant: str | None = None
    scopes: Collection[Scope] = field(default=SCOPES)
    roles: Collection[str] = ()
    key_id: str = ""
    key_tenant: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= 255:
            raise DefinitionError("a caller needs a name of 1 to 255 letters")
        if not all(map(_is_writable, (self.name, self.tenant or "", *self.roles))):
            raise DefinitionError("a caller's name, tenant and roles have letters that can be written, all of them")
        if self.tenant is not None and is_reserved(self.tenant):
            raise DefinitionError(f"caller {self.name!r}: tenants beginning with {RESERVED!r} are agentkit's own")
        unknown = [scope for scope in self.scopes if scope not in SCOPES]
        if unknown:
            raise DefinitionError(f"caller {self.name!r}: there is no scope {unknown[0]!r}; use {', '.join(SCOPES)}")
        object.__setattr__(self, "scopes", frozenset(self.scopes))
        object.__setattr__(self, "roles", frozenset(self.roles))

    def may(self, scope: Scope) -> bool:
        """Whether they may do that."""
        return scope in self.scopes or "admin" in self.scopes

    def check(self, scope: Scope) -> None:
        """Make sure that they may do that.

        Raises:
            NotAllowed: They may not.
        """
        if not self.may(scope):
            raise NotAllowed(f"{self.name} may not do this: it takes the scope {scope!r}")


def _is_writable(text: str) -> bool:
    """Whether a store can be asked for a text: half of a surrogate pair is no letter."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


LOCAL: Final = Caller(name="local")
"""Whoever runs this process: sees and may do everything."""
