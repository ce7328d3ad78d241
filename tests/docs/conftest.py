"""What holds for all examples."""

import tests.interfaces.gradio.loops  # noqa: F401 - imported for what it does: some examples draw a page of Gradio
