"""Where an operation stands, and how events change that."""
