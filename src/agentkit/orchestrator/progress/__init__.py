"""Progress of work that is no workflow, and those who are told of it."""
