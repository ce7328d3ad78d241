"""Instructions in words: a documented table of forms, each of which stands for an operation."""
