"""The REST door (extra `api`): one service behind HTTP, as a FastAPI application."""

from agentkit.errors import MissingExtra
from agentkit.service import Serving

try:
    from .app import create_app, opened
    from .serving import new_loop, serve
    from .visiting import visitors
except ImportError as _error:
    if _error.name is None or _error.name.startswith("agentkit"):
        raise
    raise MissingExtra("api", _error.name) from _error

__all__ = ["Serving", "create_app", "new_loop", "opened", "serve", "visitors"]
