"""The Streamlit door (extra `streamlit`): pages in a browser for people who never read Python."""

from agentkit.errors import MissingExtra

try:
    from .frame import streamlit_app
    from .mounting import Who, streamlit_pages
    from .serving import serve
    from .sharing import Visitor
except ImportError as _error:
    if _error.name is None or _error.name.startswith("agentkit"):
        raise
    raise MissingExtra("streamlit", _error.name) from _error

__all__ = ["Visitor", "Who", "serve", "streamlit_app", "streamlit_pages"]
