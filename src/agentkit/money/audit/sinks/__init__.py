"""Where trails are kept: memory, a file of JSON lines, SQLite. The one part of money that touches the world.

Rules: a sink knows lines and nothing of what they say; an append is whole or it is not there; of two writers one is
refused; what a crash left is named and never cut off without being told to.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .files import verifier_text as verifier_text
    from .files import write_whole as write_whole
    from .json_lines import FileDisclosures as FileDisclosures
    from .json_lines import JsonLinesSink as JsonLinesSink
    from .locks import Lock as Lock
    from .locks import new_lock as new_lock
    from .memory import MemoryDisclosures as MemoryDisclosures
    from .memory import MemorySink as MemorySink
    from .reading import read_lines as read_lines
    from .sqlite import SqliteSink as SqliteSink
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "files": ("verifier_text", "write_whole"),
            "json_lines": ("FileDisclosures", "JsonLinesSink"),
            "locks": ("Lock", "new_lock"),
            "memory": ("MemoryDisclosures", "MemorySink"),
            "reading": ("read_lines",),
            "sqlite": ("SqliteSink",),
        },
    )
