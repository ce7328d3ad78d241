"""Backups of a SQLite store: taken while work runs, verified before they are trusted, restored as a whole or not."""
