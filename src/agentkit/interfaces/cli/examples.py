"""What is shown at the end of a command's help: a few calls that are complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["EXAMPLES"]

EXAMPLES: Final[Mapping[str, str]] = {
    "run": """\
agentkit run month.yaml --agents agents.py --input month=2025-11
agentkit run invoices.yaml --agents agents.py --input invoices.csv
agentkit run --task "Greet Ada" --agents agents.py --agent greet
agentkit run royalties --server https://agents.acme.test --key-file my.key""",
    "streamlit": """\
agentkit streamlit royalties.yaml --agents agents.py --by ada --role finance
agentkit streamlit --server https://agents.acme.test --key-file my.key""",
    "resume": """\
agentkit resume --agents agents.py
agentkit resume 1m8b --agents agents.py""",
    "retry": """\
agentkit retry 1m8b --agents agents.py""",
    "fork": """\
agentkit fork 1m8b --at report --agents agents.py
agentkit fork 1m8b --input month=2025-12 --agents agents.py""",
    "cancel": """\
agentkit cancel 1m8b --reason "the wrong month\"""",
    "list": """\
agentkit list --status failed --status quarantined
agentkit list --sort changed
agentkit list --workflow royalties --json""",
    "show": """\
agentkit show 1m8b
agentkit show 1m8b --history""",
    "files": """\
agentkit files 1m8b --output out""",
    "tui": """\
agentkit tui month.yaml --agents agents.py --by ada --role finance
agentkit tui --server https://agents.acme.test --key-file my.key""",
    "compare": """\
agentkit compare 1m8b 1m7x""",
    "approvals": """\
agentkit approvals --role finance""",
    "approve": """\
agentkit approve 1m8b pay --by ada --role finance --form amount=12.50
agentkit approve 1m8b --server https://agents.acme.test --key-file my.key""",
    "refuse": """\
agentkit refuse 1m8b pay --by ada --role finance --comment "the sum is wrong\"""",
    "signal": """\
agentkit signal 1m8b delivered --value '{"parcels": 3}'""",
    "settle": """\
agentkit settle 1m8b pay done --by ada --value '"transfer 4711"'
agentkit settle 1m8b pay redo --by ada --comment "the bank has no such transfer\"""",
    "init": """\
agentkit init my-project""",
    "check": """\
agentkit check month.yaml --agents agents.py
agentkit check --agents agents.py --against sqlite:///runs.db""",
    "plan": """\
agentkit plan month.yaml --agents agents.py --input month=2025-11""",
    "draw": """\
agentkit draw month.yaml --format svg --output month.svg
agentkit draw 1m8b""",
    "gradio": """\
agentkit gradio month.yaml --agents agents.py
agentkit gradio royalties --server https://agents.acme.test --key-file my.key""",
    "doctor": """\
agentkit doctor --store sqlite:///runs.db
agentkit doctor --server https://agents.acme.test --key-file my.key --json""",
}
"""By command."""
