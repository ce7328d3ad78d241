"""The royalty run from Python: `python -m examples.royalties_in_python.run 2024`."""

import sys
from pathlib import Path

from agentkit import Orchestrator
from agentkit.service import load_agents, load_workflow


def main(period: str) -> None:
    """Run the workflow of the file beside this one, and print its summary."""
    royalties = load_workflow(Path(__file__).with_name("royalties.yaml"))
    orchestrator = Orchestrator(load_agents(["examples.royalties_in_python.agents"]), store="sqlite:///runs.db")
    result = orchestrator.run_sync(royalties, {"period": period}, key=f"royalties-{period}")
    print(result.output)


if __name__ == "__main__":
    main(*sys.argv[1:])
