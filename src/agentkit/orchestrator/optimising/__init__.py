"""What holds the work of an orchestrator up, and what of its limits is changed for it."""
