"""Expressions: a small language for derived fields and filters, read and checked before it runs, and never Python."""
