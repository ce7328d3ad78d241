"""What Streamlit runs for every session of the pages that `agentkit streamlit` serves."""

from agentkit.interfaces.streamlit.frame import draw_app
from agentkit.interfaces.streamlit.sharing import shared

# That is how Streamlit runs a script; whoever imports it draws nothing.
if __name__ == "__main__":
    draw_app(shared)
