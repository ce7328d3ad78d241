"""What is learned in tests with processes."""

from agentkit.kernel import Stage, Workflow

ARMS = ["first", "second", "third"]
FLOW: Workflow[object] = Workflow("learning", [Stage("write", agent="writer")])
