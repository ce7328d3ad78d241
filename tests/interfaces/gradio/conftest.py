"""What holds for all tests of the page."""

import tests.interfaces.gradio.loops  # noqa: F401 - imported for what it does
