"""The Gradio door (extra `gradio`): a form, a run as it goes on, its questions, its result; and calls for programs."""

import os

from agentkit.errors import MissingExtra

# Read by Gradio when it is imported: nothing is told to anybody elsewhere.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

try:
    from .app import gradio_app
    from .serving import mount_gradio, serve
    from .theme import looks
except ImportError as _error:
    if _error.name is None or _error.name.startswith("agentkit"):
        raise
    raise MissingExtra("gradio", _error.name) from _error

__all__ = ["gradio_app", "looks", "mount_gradio", "serve"]
