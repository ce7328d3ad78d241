"""The page "history", as Streamlit runs it: a file, so that it can be switched to."""

from agentkit.interfaces.streamlit.finding import show
from agentkit.interfaces.streamlit.frame import here

if __name__ == "__main__":
    show(here())
