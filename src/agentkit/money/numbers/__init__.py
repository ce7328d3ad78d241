"""Exact numbers: how they are written, rounded, and divided up."""
