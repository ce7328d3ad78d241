"""The terminal door (extra `tui`): operations, runs and approvals on a full screen, near and far."""

from agentkit.errors import MissingExtra

try:
    from .app import TerminalApp, run_terminal
    from .place import Place
except ImportError as _error:
    if _error.name is None or _error.name.startswith("agentkit"):
        raise
    raise MissingExtra("tui", _error.name) from _error

__all__ = ["Place", "TerminalApp", "run_terminal"]
