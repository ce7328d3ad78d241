"""The pictures of the documentation, a module for each door: `nox -s pictures`."""
