"""The REST door (extra `api`): one service behind HTTP, as a FastAPI application."""

from agentkit.errors import MissingExtra

try:
    from .app import create_app
    from .listening import Serving
    from .serving import serve
    from .supervising import Worker, supervise
except ImportError as error:
    if error.name is None or error.name.startswith("agentkit"):
        raise
    raise MissingExtra("api", error.name) from error

__all__ = ["Serving", "Worker", "create_app", "serve", "supervise"]
