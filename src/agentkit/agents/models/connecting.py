"""Connections to MCP servers as toolsets of pydantic-ai: one for each run.

Rules: a line that breaks costs what is asked over it, and nothing else: not the answer of the model, and not its agent.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_ai import AbstractToolset

from agentkit.agents.registration import AnyTask
from agentkit.errors import DefinitionError, MissingExtra, TryAgain

from .servers import McpServer

if TYPE_CHECKING:
    from fastmcp.client.transports import ClientTransport
    from pydantic_ai.mcp import MCPToolset

__all__ = ["check_library", "connected"]

_log = logging.getLogger("agentkit")


def check_library() -> None:
    """Refuse where the library for MCP is missing, when an agent is made and not when it runs.

    Raises:
        MissingExtra: It is.
    """
    try:
        _ = import_module("pydantic_ai.mcp")
    except ImportError as error:
        raise MissingExtra("mcp", "fastmcp") from error


@asynccontextmanager
async def connected(servers: Sequence[McpServer]) -> AsyncGenerator[Sequence[AbstractToolset[AnyTask]]]:
    """Connections to servers for the time of the block, each with its declared tools.

    Raises:
        TryAgain: A server cannot be reached.
        DefinitionError: Its command cannot be started, or it has no such tools.
    """
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(_connected(server)) for server in servers]


@asynccontextmanager
async def _connected(server: McpServer) -> AsyncGenerator[AbstractToolset[AnyTask]]:
    from pydantic_ai.mcp import MCPToolset

    toolset: MCPToolset[AnyTask] = MCPToolset(
        _transport(server),
        id=server.name,
        tool_error_behavior="failed",
        init_timeout=server.seconds,
        read_timeout=server.seconds,
    )
    try:
        # Whoever uses it in the block enters it again, which opens and closes nothing more.
        _ = await toolset.__aenter__()
    except Exception as error:
        raise _unreachable(server, error) from error
    try:
        await _check_tools(server, toolset)
        wanted = frozenset(server.tools)
        declared = toolset.filtered(lambda ctx, tool: tool.name in wanted)
        yield declared.approval_required(lambda ctx, tool, given: tool.name in server.approvals)
    finally:
        try:
            _ = await toolset.__aexit__(None, None, None)
        except Exception as error:  # noqa: BLE001 - a line that broke says so once more; what was paid for is not lost by it
            _log.warning("the connection to MCP server %r ended with an error: %s", server.name, error)


async def _check_tools(server: McpServer, toolset: MCPToolset[AnyTask]) -> None:
    try:
        # They are kept: the run does not ask for them again.
        offered = [tool.name for tool in await toolset.list_tools()]
    except Exception as error:
        raise _unreachable(server, error) from error
    missing = [name for name in server.tools if name not in offered]
    if missing:
        names = f"it has {', '.join(sorted(offered))}" if offered else "it has none"
        raise DefinitionError(f"MCP server {server.name!r} has no tool {', '.join(missing)}; {names}")


def _unreachable(server: McpServer, error: Exception) -> TryAgain | DefinitionError:
    what = f"MCP server {server.name!r}"
    if isinstance(error.__cause__, FileNotFoundError | PermissionError):
        return DefinitionError(f"{what}: its command cannot be started: {error.__cause__}")
    return TryAgain(f"{what} cannot be reached: {error}")


def _transport(server: McpServer) -> ClientTransport:
    from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

    if server.url:
        return StreamableHttpTransport(server.url, headers=dict(server.headers))
    program, *arguments = server.command
    # On a terminal with a full screen, what a server writes there would be drawn over it.
    log = Path(server.log_file or os.devnull)
    return StdioTransport(program, arguments, env=dict(server.environment), keep_alive=False, log_file=log)
