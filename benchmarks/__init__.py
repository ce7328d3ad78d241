"""Speed and memory of agentkit beside bare Python and installed peers, all in one run."""
