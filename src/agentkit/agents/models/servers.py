"""Tools of MCP servers: which server, and which of its tools a model may call.

Rules: a server offers what it likes, and a model gets what was named, so that a server that grows a tool gives nobody a
power. Each run has a connection, or a process, of its own, which ends with it. A server can ask neither the model nor
people anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from agentkit.errors import DefinitionError
from agentkit.kernel import Approval, name_problems, seconds_problems

from .tools import approval_problems

__all__ = ["McpServer"]


@dataclass(frozen=True, slots=True)
class McpServer:
    """An MCP server, and which of its tools a model may call.

    Attributes:
        name: What it is called in errors.
        tools: The names of the tools that the model may call; what else the server offers is not there.
        command: What starts it, for a server that speaks over its standard input and output.
        url: Where it is, for one that speaks over HTTP. Give one of both.
        environment: Variables that its process is given, besides the few that every process needs.
        headers: Headers of each request over HTTP, such as a key.
        approvals: Who has to agree to which tool, by its name.
        seconds: How long it may take to answer.
        log_file: Where what its process writes to its standard error is appended; without, nobody keeps it.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> McpServer("files", tools=["read_file"], command=["mcp-files", "/srv/docs"]).name
        'files'
    """

    name: str
    _: KW_ONLY
    tools: Sequence[str]
    command: Sequence[str] = ()
    url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)
    approvals: Mapping[str, Approval] = field(default_factory=dict[str, Approval], hash=False)
    seconds: float = 60.0
    log_file: str = ""

    def __post_init__(self) -> None:
        for setting in ("tools", "command"):
            given: str | Sequence[str] = getattr(self, setting)
            object.__setattr__(self, setting, (given,) if isinstance(given, str) else tuple(given))
        problems = [*self._problems()]
        if problems:
            raise DefinitionError(*problems)

    def _problems(self) -> Iterator[str]:
        yield from name_problems("MCP server", self.name)
        what = f"MCP server {self.name!r}"
        if bool(self.command) == bool(self.url):
            yield f"{what}: say how it is reached, by its command or its url"
        if self.url and not self.url.startswith(("http://", "https://")):
            yield f"{what}: its url begins with http:// or https://"
        if not self.tools:
            yield f"{what}: name the tools that the model may call"
        for name, approval in self.approvals.items():
            if name not in self.tools:
                yield f"{what}: approvals name {name!r}, which is not among its tools"
            yield from approval_problems(f"{what}: tool {name!r}", approval)
        yield from seconds_problems(f"{what}: seconds", self.seconds, optional=False)
