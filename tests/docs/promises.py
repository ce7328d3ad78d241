"""The page that says which tests hold which promise. `python -m tests.docs.promises` writes it anew.

A test holds a promise if its name begins with the promise's number, as in `test_p7_the_same_key_starts_nothing_twice`
(several numbers count for several promises), or if it stands in `ALSO`.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "promises.md"
NAME = re.compile(r"test_(?P<promises>(p\d+_)+)\w+")

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

ALSO: Mapping[int, Sequence[str]] = {
    2: (
        "test_a_killed_run_is_resumed_to_the_same_bytes",
        "test_resuming_what_failed_does_not_run_completed_stages_again",
        "test_whatever_happens_the_promises_hold",
    ),
    4: (
        "test_a_process_that_slept_through_its_loss_cannot_commit",
        "test_a_zombie_wakes_up_while_its_heir_works_and_commits_nothing",
        "test_taking_an_operation_from_a_living_process_fences_it",
        "test_many_heirs_take_an_operation_once",
    ),
    5: (
        "test_a_poisonous_operation_is_set_aside_after_five_deaths",
        "test_the_innocent_ones_in_its_processes_are_completed",
        "test_what_was_set_aside_waits_for_a_person_who_resumes_it",
        "test_a_quarantine_does_not_stop_the_suspects_behind_it",
        "test_a_journal_that_cannot_be_read_stops_no_other",
        "test_damage_costs_one_stream_and_no_other",
    ),
    6: (
        "test_one_fault_at_any_call_changes_no_result",
        "test_what_was_not_committed_is_no_result",
        "test_a_store_that_stays_away_is_told_to_who_waits",
        "test_a_full_disk_fails_the_write_and_harms_nothing",
        "test_damaged_tables_are_refused_whatever_bytes_are_in_them",
    ),
    7: (
        "test_fifty_callers_on_two_orchestrators_start_one_operation",
        "test_a_key_with_another_request_is_refused",
        "test_the_same_key_of_two_tenants_starts_two_operations",
    ),
    8: (
        "test_an_empty_workflow_is_refused",
        "test_an_unknown_dependency_is_named_with_its_stage",
        "test_a_stage_that_depends_on_itself_is_named",
        "test_a_circle_is_named_with_exactly_its_stages",
        "test_a_circle_put_into_any_workflow_is_found_with_stages_that_are_on_it",
        "test_a_name_used_twice_is_refused",
        "test_ten_thousand_stages_and_a_chain_of_five_thousand_need_no_recursion",
        "test_more_than_a_hundred_thousand_stages_are_refused",
        "test_a_workflow_is_checked_before_anything_happens",
        "test_placeholders_are_checked_before_anything_happens",
    ),
    9: (
        "test_every_operation_ends_and_keeps_the_rules",
        "test_the_bound_holds_over_all_operations",
        "test_the_bound_of_a_workflow_holds",
        "test_a_required_failure_stops_its_siblings_and_starts_no_dependents",
        "test_what_waits_for_a_failed_optional_stage_runs_without_it",
    ),
    10: (
        "test_an_operation_is_over_within_its_limit_and_grace",
        "test_after_the_grace_it_is_abandoned_and_counted",
        "test_an_agent_that_cannot_be_stopped_is_counted_until_it_ends",
        "test_a_limit_holds_for_a_thread_that_does_not_end",
        "test_a_cancel_kills_within_the_grace",
    ),
    11: (
        "test_a_cancel_stops_within_its_bound",
        "test_when_success_and_cancel_race_there_is_one_end",
        "test_a_cancel_at_any_instant_leaves_nothing_behind",
        "test_a_second_cancel_changes_nothing_and_neither_does_a_late_one",
    ),
    12: (
        "test_whatever_an_agent_raises_fails_its_stage_alone",
        "test_an_exit_that_nobody_awaits_harms_nobody",
        "test_a_task_that_an_agent_leaves_behind_harms_nobody",
        "test_what_an_agent_changes_is_seen_by_nobody_else",
        "test_a_value_that_cannot_be_kept_fails_its_stage",
        "test_giant_values_are_refused_clearly",
    ),
    13: (
        "test_retries_are_exact_and_wait_as_the_policy_says",
        "test_a_cancel_while_a_retry_waits_takes_effect_at_once",
        "test_a_workflow_with_a_less_safe_fallback_is_refused",
        "test_a_chain_does_what_the_reference_says",
    ),
    14: (
        "test_every_reader_gets_every_event_once_however_slow",
        "test_progress_never_falls_and_is_whole_at_the_end_only",
    ),
    15: (
        "test_a_reader_that_stops_or_raises_harms_nobody",
        "test_a_slow_reader_slows_nobody_and_misses_nothing",
    ),
    16: (
        "test_200_concurrent_writers_of_two_owners_lose_nothing",
        "test_several_processes_lose_nothing",
        "test_compare_and_set_lets_one_of_many_win",
        "test_of_two_writers_the_second_one_is_refused_and_nothing_is_lost",
    ),
    17: (
        "test_every_event_comes_back_equal",
        "test_what_would_not_come_back_equal_is_refused",
        "test_a_text_that_looks_like_the_codec_s_own_means_nothing",
        "test_whatever_bit_flips_what_is_read_is_true_or_refused",
    ),
    18: (
        "test_rule_5_a_float_is_never_an_amount_a_weight_or_a_factor",
        "test_any_text_is_read_exactly_or_refused",
        "test_every_vector_is_answered_exactly_or_refused",
        "test_rule_9_nothing_depends_on_the_context_around_it",
        "test_adding_is_exact_associative_and_commutative",
        "test_rule_19_the_parts_always_sum_to_the_whole_and_negatives_mirror",
        "test_rule_38_a_flip_of_any_byte_of_any_entry_names_that_entry",
        "test_rule_38_the_deletion_of_any_entry_but_the_last_names_it",
    ),
    26: (
        "test_doubled_braces_give_back_any_text",
        "test_anything_else_in_braces_is_refused_with_its_place",
        "test_instructions_are_filled_in_once",
        "test_a_query_is_one_statement_that_reads",
        "test_values_are_bound_and_never_part_of_the_text",
        "test_a_name_that_looks_like_a_formula_is_only_text",
    ),
    29: (
        "test_nothing_is_kept_of_operations_that_ended",
        "test_no_process_is_left_behind",
        "test_it_leaves_no_thread_and_no_file_behind",
    ),
    30: ("test_the_system_clock_never_goes_back_and_ids_are_sorted_by_time",),
    31: (
        "test_an_older_format_is_brought_up_to_date_with_all_that_is_in_it",
        "test_old_events_are_lifted_step_by_step",
        "test_what_a_newer_agentkit_wrote_is_refused_by_name_and_version",
        "test_a_newer_format_is_refused_untouched",
        "test_a_deploy_changes_only_new_operations",
        "test_a_body_that_is_missing_parks_its_stage_until_a_process_has_it",
    ),
    32: (
        "test_instructions_are_filled_in_once",
        "test_attributes_and_formats_stay_as_they_are_where_nobody_checked",
        "test_any_data_makes_a_workflow_or_a_clear_refusal",
        "test_undeclared_access_fails_the_attempt_with_operation_stage_key_and_remedy",
        "test_a_tier_changes_what_a_model_is_told_and_never_what_it_may_do",
        "test_the_work_begins_when_enough_people_agreed",
        "test_a_model_that_obeys_its_data_reaches_only_what_was_declared_and_agreed_to",
        "test_what_data_says_stays_inside_of_its_line_of_json",
        "test_nothing_is_filled_into_what_an_author_or_data_wrote",
        "test_a_name_of_a_tool_out_of_a_model_is_looked_up_among_the_declared_ones_and_nowhere_else",
        "test_a_model_cannot_fill_what_agentkit_fills",
    ),
}
"""Tests that hold a promise and are named after something else."""

OPEN: Mapping[int, str] = {}
"""What no test can hold yet, and why."""

HEAD = """# Promises

What agentkit promises, and the tests that hold it. What is not held yet is said beside its promise.

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
            for number in re.findall(r"\d+", bears["promises"]):
                found.setdefault(int(number), []).append(name)
    for number, names in ALSO.items():
        found[number] += names
    return found


def page() -> str:
    """The page as it should be."""
    files, held = all_tests(), holders()
    rows: list[str] = []
    for number, words in PROMISES.items():
        said = " ".join(filter(None, (words, OPEN.get(number))))
        tests = "<br>".join(f"`{name}` in {_places(files[name])}" for name in held[number])
        rows.append(f"| P{number} | {said} | {tests} |\n")
    return HEAD + "".join(rows)


def _places(files: list[str]) -> str:
    return ", ".join(f"`{file}`" for file in files)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
