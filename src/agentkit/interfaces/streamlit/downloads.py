"""Buttons that give something as a file: it is fetched when one is pressed, and not before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

__all__ = ["download"]


def download(
    words: str,
    name: str,
    get: Callable[[], str | bytes],
    *,
    media_type: str = "application/json",
    key: str | None = None,
) -> None:
    """Draw a button.

    Args:
        words: What stands on it.
        name: What the file is called.
        get: Fetches what is in it.
        media_type: What it is.
        key: What the button is called, where several say the same.
    """
    st.download_button(
        words, get, file_name=name, mime=media_type, icon=":material/download:", on_click="ignore", key=key
    )
