"""Cleaning: texts become what a schema says they are, or are kept apart with the reason why not."""
