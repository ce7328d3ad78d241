"""The page that says which tests hold which rule of money. `python -m tests.docs.money_rules` writes it anew.

A test holds a rule if its name begins with the rule's number: `test_rule_19_the_parts_sum_to_the_whole`.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "money-rules.md"
NAME = re.compile(r"test_rule_(?P<rule>\d+)_(?P<sentence>\w+)")

# In one sentence each; the reference and the how-to pages say the rest.
RULES = {
    "Amounts": {
        1: "`Money` is immutable, hashable, ordered within a currency, and exact.",
        2: (
            "Canonical text is an optional ASCII sign, ASCII digits and at most one point; white space around it "
            "is ignored, inside it is refused."
        ),
        3: (
            "Underscores and exponents are refused; digits other than ASCII are read in a locale only, from one "
            "numbering system."
        ),
        4: "A bool is never a number.",
        5: "A float is refused everywhere, but as an amount that a processor reads by its shortest text, and says so.",
        6: "NaN and the infinities are refused everywhere.",
        7: "Negative zero becomes zero.",
        8: "`Money` never rounds silently; a processor rounds by its configuration.",
        9: (
            "The decimal context of the caller has no say, intermediates are exact, and a result with too many "
            "digits is an error."
        ),
        10: (
            "The roundings are the eight of `decimal` and `UNNECESSARY`; negative decimal places round to tens "
            "and hundreds."
        ),
        11: "Bounds belong to the range, and are compared with the rounded value.",
        12: "Amounts of two currencies never meet in a sum or an order, and a bare number is no operand.",
        13: 'The wire form is `{"amount": "<decimal text>", "currency": "<code>"}` everywhere.',
    },
    "Currencies": {
        14: "Minor units are those of ISO 4217.",
        15: (
            "Current codes with minor units are accepted, and those that a user registers; withdrawn ones where "
            "they are asked for."
        ),
        16: "A shared symbol needs a locale or a currency; cash is rounded on the total, and shows its adjustment.",
        17: "What is shown has the minor units of ISO 4217, and never fewer digits than the value.",
    },
    "Shares, exchange, tax, books": {
        18: (
            "A share lies between 0 and 100 percent; those of several parties are exactly 100, or name who takes "
            "the rest."
        ),
        19: (
            "What is allocated sums to the whole under every method; a weight of zero receives nothing, and "
            "negative amounts mirror positive ones."
        ),
        20: "The shares of creator and platform sum exactly to the total, and read like a mapping.",
        21: (
            "An exchange needs a date, uses the latest rate on or before it that is young enough, no inverse and "
            "no cross rate unless allowed, and records what it used."
        ),
        22: "Tax is on top or inside, by line, by invoice, or by invoice and divided up; the parts always sum.",
        23: "Balanced is no mismatch, nothing on one side alone, and a total difference within its tolerance.",
        24: "Every entry of a ledger sums to zero in each currency; a correction is a reversal.",
    },
    "Reading": {
        25: "A text that can be read in two ways is refused with its readings; nothing depends on today.",
        26: (
            "Decisive values fix the format of their column; a column with none, and one that contradicts itself,"
            " is refused."
        ),
        27: (
            "There is one mark for negative; `CR` and `DR`, percent signs and words for thousands are read where "
            "they are asked for."
        ),
        28: (
            "A date is one of the calendar; two-digit years, serial numbers and epochs are read where they are "
            "asked for."
        ),
    },
    "Cleaning": {
        29: "Cleaning is pure; each row is clean or in quarantine, there with all that is wrong with it.",
        30: "Deduping keeps the first row of a key, is stable and linear, and lets missing keys match none.",
        31: "Derived fields are computed exactly and rounded once; else they are empty, with an issue.",
        32: "Names are composed, trimmed and without invisible characters; their case stays.",
        33: "Completeness, validity, uniqueness and retention lie in 0 to 1; of nothing there is none.",
        34: (
            "JSON numbers are whole or decimal, with no NaN and no key twice; what was detected in a CSV is reported, a"
            " byte-order mark is no part of a name, and ragged rows are kept apart."
        ),
        35: "A failed source is a failure with its name, or a reported partial result; never a success with no rows.",
        36: "Plain Python and polars give the same values and issues; nothing wraps, rounds or becomes a float.",
    },
    "Audit trail": {
        37: (
            "An entry has number, time, actor, operation, inputs, outputs or refusal, rounding, data versions and"
            " the hash before it, in canonical JSON."
        ),
        38: "Verifying names the first bad entry; checkpoints show truncation too.",
        39: (
            "Inclusion and consistency can be proved, calculations done again, personal values erased, and trails"
            " verified without agentkit."
        ),
    },
    "Reports": {
        40: (
            "PDF, Excel and CSV come from one report, with charts, whole or not at all, and the same bytes every time;"
            " control totals are read back and compared."
        ),
        41: (
            "A text that a spreadsheet would run is kept from it, a number stays a number, and what Excel cannot hold"
            " is text and flagged, or goes on in the next sheet."
        ),
    },
}

HEAD = """\
# The rules of money

What `agentkit.money` and `agentkit.data` promise, rule by rule, and the tests that hold them to each.
`python -m tests.docs.money_rules` writes this page anew.
"""


def holders() -> dict[int, dict[str, list[str]]]:
    """Return the tests of each rule, by file, each as the sentence that its name is."""
    found: dict[int, dict[str, list[str]]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "def test_rule_" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (name := NAME.fullmatch(node.name)):
                of_file = found.setdefault(int(name["rule"]), {}).setdefault(path.relative_to(TESTS).as_posix(), [])
                of_file.append(name["sentence"].replace("_", " "))
    return found


def page() -> str:
    """Return the page as it should be."""
    parts, held = [HEAD], holders()
    for title, rules in RULES.items():
        parts.append(f"\n## {title}\n")
        for number, said in rules.items():
            parts.append(f"\n### Rule {number}\n\n{said}\n\n")
            for file, sentences in held.get(number, {}).items():
                parts.append(f"`{file}`\n\n" + "".join(f"- {sentence}\n" for sentence in sentences) + "\n")
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).rstrip("\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
