"""The page that says which tests hold which promise. `python -m tests.docs.promises` writes it anew.

A test holds a promise if its name begins with the promise's number, as in `test_p7_the_same_key_starts_nothing_twice`,
or if it stands in `ALSO`.
"""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "promises.md"
NAME = re.compile(r"test_p(?P<promise>\d+)_\w+")

PROMISES = {
    1: "What was acknowledged is never lost.",
    2: "A stage whose result is kept is never run again.",
    3: "What a stage gives, its status, its progress and its events are seen together.",
    4: "One process at a time writes for an operation.",
    5: "Recovery is bounded, and what harms one operation does not stop others.",
    6: "A store that fails is never hidden.",
    7: "The same key of the same tenant starts nothing twice; for another request it is refused.",
    8: "A workflow is checked completely before anything runs.",
    9: "Stages run after what they depend on, and side by side where they do not.",
    10: "A time limit holds, whatever the agent does.",
    11: "A cancel takes effect soon and once; a second or late one changes nothing.",
    12: "No agent harms another operation or the process.",
    13: "Retries and fallbacks are exactly as many as was said.",
    14: "Events are numbered without a gap, and a reader goes on behind the last one that they saw.",
    15: "A reader that is slow or gone holds up nobody.",
    16: "No update of shared context is lost.",
    17: "What is stored comes back equal, or is refused.",
    18: "Money is exact.",
    19: "Without a valid key nothing is answered but whether the server lives; keys are secrets, and can be revoked.",
    20: "A tenant learns nothing of another's things, not even that they exist.",
    21: "Any input is processed or refused; none breaks the server or changes silently.",
    22: "A page of somebody else's, in a browser, gets nothing.",
    23: "Webhooks arrive at least once, signed.",
    24: "No request that is made for somebody reaches an address that is not public, unless that is allowed.",
    25: "Errors and logs tell no secret, path or traceback to a caller.",
    26: "Text that was given stays text: in instructions, paths, queries and files.",
    27: "A backup is one consistent point; a restore is whole, or does not happen.",
    28: "A server that is told to end does so in time, and loses nothing.",
    29: "Nothing leaks.",
    30: "Clocks that jump do no harm.",
    31: "What an earlier version wrote is read, and what a later one wrote is refused by name.",
    32: "Text of data and of models gets no powers of its own.",
}
"""What agentkit promises, in one sentence each."""

ALSO = {
    2: ("test_a_kill_at_any_store_call_loses_nothing_and_repeats_nothing",),
    4: (
        "test_taking_an_operation_from_a_living_process_fences_it",
        "test_a_zombie_wakes_up_while_its_heir_works_and_commits_nothing",
        "test_a_living_process_is_not_robbed_without_being_told_to",
    ),
    5: (
        "test_five_deaths_are_quarantine_and_resume_releases",
        "test_the_innocents_are_finished_although_a_neighbour_is_quarantined",
    ),
    6: ("test_a_store_that_fails_is_told_and_nothing_is_lost_or_written_twice",),
    7: ("test_the_same_key_is_the_same_operation", "test_the_same_key_of_two_tenants_starts_two_operations"),
    10: ("test_an_operation_is_over_within_its_limit_and_grace",),
    11: ("test_a_second_cancel_changes_nothing_and_neither_does_a_late_one",),
    12: ("test_a_task_that_an_agent_leaves_behind_harms_nobody",),
    13: ("test_retries_are_exact_and_wait_as_the_policy_says",),
    16: ("test_200_concurrent_writers_of_two_owners_lose_nothing",),
    17: ("test_a_text_that_looks_like_the_codec_s_own_means_nothing",),
    18: ("test_rule_19_the_parts_always_sum_to_the_whole_and_negatives_mirror",),
    26: (
        "test_doubled_braces_give_back_any_text",
        "test_anything_else_in_braces_is_refused_with_its_place",
        "test_a_name_that_looks_like_a_formula_is_only_text",
        "test_rule_41_text_that_a_spreadsheet_would_run_is_kept_from_it",
        "test_rule_35_no_path_leads_out_of_the_folder",
        "test_what_was_put_in_place_of_a_folder_after_the_look_is_not_followed",
        "test_values_are_bound_and_never_part_of_the_text",
        "test_nothing_but_reading_is_possible",
        "test_text_on_a_page_is_never_markup",
        "test_text_is_never_markup",
    ),
    29: ("test_it_leaves_no_thread_and_no_file_behind", "test_no_process_is_left_behind"),
    30: (
        "test_the_system_clock_never_goes_back_and_ids_are_sorted_by_time",
        "test_cron_where_the_clock_is_put_forward_or_back",
    ),
    31: ("test_what_a_newer_agentkit_wrote_is_refused_by_name_and_version",),
}
"""Tests that hold a promise and are named after something else."""

HEAD = """# Promises

What agentkit promises, and the tests that hold it. Where nothing stands, no test is assigned to the promise yet.

| promise | | held by |
| --- | --- | --- |
"""


@cache
def all_tests() -> dict[str, list[str]]:
    """The names of all test functions, each with the files that have one of that name."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found.setdefault(node.name, []).append(path.relative_to(TESTS).as_posix())
    return found


def holders() -> dict[int, list[str]]:
    """The names of the tests of each promise."""
    found: dict[int, list[str]] = {number: [] for number in PROMISES}
    for name in all_tests():
        if bears := NAME.fullmatch(name):
            found.setdefault(int(bears["promise"]), []).append(name)
    for number, names in ALSO.items():
        found[number] += names
    return found


def page() -> str:
    """The page as it should be."""
    files, held = all_tests(), holders()
    rows = [
        f"| P{number} | {words} | {'<br>'.join(f'`{name}` in {_places(files[name])}' for name in held[number])} |\n"
        for number, words in PROMISES.items()
    ]
    return HEAD + "".join(rows)


def _places(files: list[str]) -> str:
    return ", ".join(f"`{file}`" for file in files)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
