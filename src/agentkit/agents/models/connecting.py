"""Connections to MCP servers as toolsets of pydantic-ai: one for each run."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_ai import AbstractToolset

from agentkit.agents.registration import AnyTask
from agentkit.errors import MissingExtra

from .servers import McpServer

if TYPE_CHECKING:
    from fastmcp.client.transports import ClientTransport

__all__ = ["check_library", "connected"]


def check_library() -> None:
    """Refuse where the library for MCP is missing, when an agent is made and not when it runs.

    Raises:
        MissingExtra: It is.
    """
    try:
        _ = import_module("pydantic_ai.mcp")
    except ImportError as error:
        raise MissingExtra("mcp", "fastmcp") from error


def connected(server: McpServer) -> AbstractToolset[AnyTask]:
    """The declared tools of a server; the run that uses them opens and closes the connection."""
    from pydantic_ai.mcp import MCPToolset

    toolset: AbstractToolset[AnyTask] = MCPToolset(
        _transport(server),
        id=server.name,
        tool_error_behavior="failed",
        init_timeout=server.seconds,
        read_timeout=server.seconds,
    )
    wanted = frozenset(server.tools)
    declared = toolset.filtered(lambda ctx, tool: tool.name in wanted)
    return declared.approval_required(lambda ctx, tool, given: tool.name in server.approvals)


def _transport(server: McpServer) -> ClientTransport:
    from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

    if server.url:
        return StreamableHttpTransport(server.url, headers=dict(server.headers))
    program, *arguments = server.command
    # On a terminal with a full screen, what a server writes there would be drawn over it.
    log = Path(server.log_file or os.devnull)
    return StdioTransport(program, arguments, env=dict(server.environment), keep_alive=False, log_file=log)
