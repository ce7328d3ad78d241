"""Gradio, without the event loops that it leaves open.

Where no event loop runs, Gradio makes one for each of its locks and closes none of them; since Python 3.10 a lock needs
none. Otherwise the tests would have to overlook every loop that anybody leaves open.
"""

import asyncio
import sys

import agentkit.interfaces.gradio  # noqa: F401 - what it imports is looked at below

for _module in [module for name, module in sys.modules.items() if name.split(".")[0] == "gradio"]:
    for _name, _made in (("safe_get_lock", asyncio.Lock), ("safe_get_stop_event", asyncio.Event)):
        if hasattr(_module, _name):
            setattr(_module, _name, _made)
