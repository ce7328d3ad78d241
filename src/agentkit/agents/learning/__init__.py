"""Learning between runs: which of several ways works best for which kind of task, and what follows from it."""
