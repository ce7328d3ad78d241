"""The page "dashboard", as Streamlit runs it: a file, so that it can be switched to."""

from agentkit.interfaces.streamlit.frame import here
from agentkit.interfaces.streamlit.overview import show

if __name__ == "__main__":
    show(here())
