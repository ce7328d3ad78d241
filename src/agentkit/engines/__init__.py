"""Engines: the driver that keeps the world and the journal in step, and the executors in which attempts run."""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .attempts import Abandoned as Abandoned
    from .budgets import Budgets as Budgets
    from .driver import Driver as Driver
    from .drivers import Drivers as Drivers
    from .feed import Recorded as Recorded
    from .feed import follow as follow
    from .inputs import check_placeholders as check_placeholders
    from .inputs import instruction_values as instruction_values
    from .live import Live as Live
    from .live import Said as Said
    from .local import LocalExecutor as LocalExecutor
    from .ports import Clock as Clock
    from .ports import Executor as Executor
    from .ports import Ids as Ids
    from .ports import RandomIds as RandomIds
    from .ports import SystemClock as SystemClock
    from .processes import agent_reference as agent_reference
    from .slots import Slots as Slots
    from .storable import check_storable as check_storable
    from .summaries import REST_SECONDS as REST_SECONDS
    from .summaries import summary_of as summary_of
    from .summaries import waiting_for as waiting_for
    from .workers import ProcessWorker as ProcessWorker
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "attempts": ("Abandoned",),
            "budgets": ("Budgets",),
            "driver": ("Driver",),
            "drivers": ("Drivers",),
            "feed": (
                "Recorded",
                "follow",
            ),
            "inputs": (
                "check_placeholders",
                "instruction_values",
            ),
            "live": (
                "Live",
                "Said",
            ),
            "local": ("LocalExecutor",),
            "ports": (
                "Clock",
                "Executor",
                "Ids",
                "RandomIds",
                "SystemClock",
            ),
            "processes": ("agent_reference",),
            "slots": ("Slots",),
            "storable": ("check_storable",),
            "summaries": ("REST_SECONDS", "summary_of", "waiting_for"),
            "workers": ("ProcessWorker",),
        },
    )
