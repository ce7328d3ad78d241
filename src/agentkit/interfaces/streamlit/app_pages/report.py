"""The page "report", as Streamlit runs it: a file, so that it can be switched to."""

from agentkit.interfaces.streamlit.frame import here
from agentkit.interfaces.streamlit.starting import show_reports

if __name__ == "__main__":
    show_reports(here())
