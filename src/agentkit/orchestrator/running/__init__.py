"""What is open while an orchestrator is open: operations that are driven, wait, rest or are taken over."""
