"""The notebook door (extra `notebook`): operations draw themselves below a cell, live, and stay in the saved file."""

from agentkit.errors import MissingExtra

try:
    from .blocking import LiveView
    from .live import Watch, show, watch
    from .running import run_sync
except ImportError as _error:
    if _error.name is None or _error.name.startswith("agentkit"):
        raise
    raise MissingExtra("notebook", _error.name) from _error

__all__ = ["LiveView", "Watch", "run_sync", "show", "watch"]
