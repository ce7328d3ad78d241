"""Examples: small programs that use agentkit as anybody would."""
