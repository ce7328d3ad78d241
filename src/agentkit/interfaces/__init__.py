"""The doors; they do not know each other."""
