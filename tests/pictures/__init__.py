"""The pictures of the documentation, made from what is really there: `nox -s pictures`."""
