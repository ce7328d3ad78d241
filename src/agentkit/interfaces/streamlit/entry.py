"""What Streamlit runs for every session of the pages that `agentkit streamlit` serves."""

from agentkit.interfaces.streamlit.frame import draw_app
from agentkit.interfaces.streamlit.sharing import shared

draw_app(shared())
