"""Without the extra, plain Python does it all, and polars is asked for by name."""

import subprocess
import sys

WITHOUT = """
import sys

sys.modules["polars"] = None
from agentkit.data import Column, Field, Schema, Table, clean
from agentkit.errors import MissingExtra

raw = Table.of([Column(name="price")], [("1,50 €",)])
schema = Schema(fields=[Field(name="price", kind="money")])
assert str(clean(raw, schema).table.column("price")[0]) == "1.50 EUR"
try:
    clean(raw, schema, engine="polars")
except MissingExtra as error:
    print(error)
"""


def test_a_missing_polars_is_told_with_the_command_that_brings_it() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False)

    assert (done.stdout.strip(), done.stderr) == ("polars is not installed; run: pip install 'agentkit[data]'", "")
