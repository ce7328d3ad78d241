"""Teams: several agents that work on one task in rounds, by a protocol."""
