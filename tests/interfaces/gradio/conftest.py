"""What holds for all tests of the page."""

import asyncio

# Gradio asks for the event loop of the main thread where there is none, and Python would make one that nobody closes.
asyncio.set_event_loop(None)
