"""A setting comes from the nearest place that says it, and every place is named."""

from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import JsonValue

from agentkit.client import read_configuration
from agentkit.errors import DefinitionError
from agentkit.screens import resolve, setting_lines
from agentkit.service import Settings, read_settings

FILE: dict[str, JsonValue] = {"doors": {"theme": "light", "page_size": 10, "tui": {"page_size": 20}}}


def test_options_go_over_environment_over_file_over_default() -> None:
    environment = {"AGENTKIT_PAGE_SIZE": "30", "AGENTKIT_TUI_PAGE_SIZE": "40"}

    def size(**given: object) -> int:
        return resolve("tui", **cast("Any", given))[0].page_size

    assert size() == 50
    assert size(file={"doors": {"page_size": 10}}) == 10
    assert size(file=FILE) == 20
    assert size(file=FILE, environment={"AGENTKIT_PAGE_SIZE": "30"}) == 30
    assert size(file=FILE, environment=environment) == 40
    assert size(file=FILE, environment=environment, options={"page_size": 60}) == 60
    assert size(file=FILE, environment=environment, options={"page_size": None}) == 40


def test_each_value_says_where_it_comes_from() -> None:
    settings, origins = resolve("tui", file=FILE, environment={"AGENTKIT_COLOUR": "never"}, options={"zone": "UTC"})

    shown = {line.name: (line.value, str(line.origin)) for line in setting_lines(settings, origins)}

    assert shown["theme"] == ("light", "agentkit.toml [doors] theme")
    assert shown["page_size"] == ("20", "agentkit.toml [doors.tui] page_size")
    assert shown["colour"] == ("never", "AGENTKIT_COLOUR")
    assert shown["zone"] == ("UTC", "--zone")
    assert shown["timeout"] == ("30", "default")


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"environment": {"AGENTKIT_THEME": "pink"}}, "AGENTKIT_THEME"),
        ({"file": {"doors": {"page_size": 0}}}, "agentkit.toml [doors] page_size"),
        ({"file": {"doors": {"pagesize": 5}}}, "agentkit.toml [doors] pagesize"),
        ({"file": {"doors": {"cli": 5}}}, "agentkit.toml: [doors.cli]"),
        ({"file": {"doors": 5}}, "agentkit.toml: [doors]"),
        ({"options": {"colour": "pink"}}, "--colour"),
    ],
    ids=str,
)
def test_a_value_that_is_not_valid_is_refused_with_its_place(given: dict[str, dict[str, str]], place: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        resolve("cli", **cast("Any", given))

    assert str(caught.value).startswith(place)


def test_secrets_are_masked_and_empty_ones_are_told_to_be_so() -> None:
    lines = setting_lines(read_settings({"AGENTKIT_PEPPER": "hot", "AGENTKIT_WEBHOOK_SECRETS": "a,b"}), {})
    shown = {line.name: line.value for line in lines}

    assert shown["pepper"] == "**********"
    assert shown["webhook_secrets"] == "**********, **********"
    assert shown["jwt_key"] == "(empty)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3://acme/runs", "s3://acme/runs"),
        ("s3://id@acme/runs", "s3://***@acme/runs"),
        ("s3://id:pw@acme/runs", "s3://***@acme/runs"),
        ("s3://id:p@w:/?#\"' @acme/runs", "s3://***@acme/runs"),
        ("s3://id:a://b@acme/runs", "s3://***@acme/runs"),
        ("s3://acme/runs?key=pw", "s3://acme/runs?***"),
        ("https://acme.test/keys#pw", "https://acme.test/keys#***"),
        ("ada:pw@intern", "***@intern"),
        ("ada@acme.test", "ada@acme.test"),
        ("/var/log/agentkit?.log", "/var/log/agentkit?.log"),
        ("", "(empty)"),
    ],
)
def test_an_address_is_shown_without_who_is_named_in_it(text: str, shown: str) -> None:
    lines = {line.name: line.value for line in setting_lines(Settings(backup_to=text), {})}

    assert lines["backup_to"] == shown


def test_each_address_of_a_list_is_masked_by_itself() -> None:
    lines = setting_lines(Settings(webhook_hosts=("ada:pw@a.test", "b.test", "https://eve:pw@c.test")), {})

    assert {line.name: line.value for line in lines}["webhook_hosts"] == "***@a.test, b.test, https://***@c.test"


def test_a_file_is_found_by_its_name_in_pyproject_or_where_the_environment_says(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.agentkit.doors]\ntheme = "dark"\n')
    assert read_configuration({}, tmp_path).content == {"doors": {"theme": "dark"}}
    (tmp_path / "agentkit.toml").write_text('[doors]\ntheme = "light"\n')
    assert read_configuration({}, tmp_path).content == {"doors": {"theme": "light"}}
    (tmp_path / "mine.toml").write_text('[doors]\ntheme = "auto"\n')
    assert read_configuration({"AGENTKIT_CONFIG": "mine.toml"}, tmp_path).name == "mine.toml"
    (tmp_path / "mine.toml").write_text("theme = = 1")
    for environment in ({"AGENTKIT_CONFIG": "mine.toml"}, {"AGENTKIT_CONFIG": "none.toml"}):
        with pytest.raises(DefinitionError, match=r"(mine|none)\.toml"):
            read_configuration(environment, tmp_path)


@pytest.mark.parametrize(
    "given", [{"zone": "Mars/X"}, {"zone": "../UTC"}, {"timeout": "inf"}, {"session_seconds": "nan"}], ids=str
)
def test_a_zone_that_nobody_knows_and_a_span_without_an_end_are_refused(given: dict[str, str]) -> None:
    (name,) = given

    with pytest.raises(DefinitionError, match=f"^--{name.replace('_', '-')}"):
        resolve("cli", options=given)
