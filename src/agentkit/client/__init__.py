"""The calls of a service from programs, near and far: one client for both, async or not."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .bars import ProgressBar as ProgressBar
    from .bars import bar_line as bar_line
    from .blocking import BlockingClient as BlockingClient
    from .client import Client as Client
    from .configuration import Configuration as Configuration
    from .configuration import read_configuration as read_configuration
    from .replicas import RemoteReplica as RemoteReplica
    from .replicas import RemoteTask as RemoteTask
    from .settings import ClientSettings as ClientSettings
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "bars": ("ProgressBar", "bar_line"),
            "blocking": ("BlockingClient",),
            "client": ("Client",),
            "configuration": ("Configuration", "read_configuration"),
            "replicas": ("RemoteReplica", "RemoteTask"),
            "settings": ("ClientSettings",),
        },
    )
