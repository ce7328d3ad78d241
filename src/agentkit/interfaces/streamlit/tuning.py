"""Settings."""
from .frame import Here
__all__=["show"]
def show(here: Here) -> None:
    pass
