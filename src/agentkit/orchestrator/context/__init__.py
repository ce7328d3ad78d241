"""Shared contexts: a stream of their own, read and written by many."""
