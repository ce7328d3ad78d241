"""Insights: what a table tells, each statement with its exact figures and the rows behind it."""
