"""Amounts: of one currency or of several, rounded or not yet."""
