"""Databases: one reading statement, with bound parameters, read a block at a time."""
