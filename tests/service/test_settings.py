"""Settings: closed by default, read from the environment, and secrets are not repeated."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agentkit.errors import DefinitionError
from agentkit.service import Settings, is_loopback, read_settings


def test_everything_that_lets_somebody_in_is_closed_by_default() -> None:
    settings = Settings()

    assert (settings.authentication, settings.cors_origins, settings.jwt_algorithms) == ("keys", (), ())
    assert (settings.public_schema, settings.trusted_hosts) == (False, ("localhost", "127.0.0.1", "[::1]"))


def test_the_environment_is_read_and_what_is_given_goes_over_it() -> None:
    environment = {
        "AGENTKIT_RATE": "7",
        "AGENTKIT_PUBLIC_SCHEMA": "true",
        "AGENTKIT_CORS_ORIGINS": " https://a.test ,, https://b.test",
        "AGENTKIT_STORE": "sqlite:///runs.db",
        "RATE": "9",
    }
    settings = read_settings(environment, authentication=None, max_body=10)

    assert (settings.rate, settings.public_schema, settings.max_body) == (7, True, 10)
    assert settings.cors_origins == ("https://a.test", "https://b.test")
    assert read_settings(environment, rate=8).rate == 8


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text("hot\n")
    settings = read_settings({"AGENTKIT_PEPPER_FILE": str(tmp_path / "pepper")})

    assert settings.pepper.get_secret_value() == "hot"
    assert "hot" not in repr(settings)
    with pytest.raises(DefinitionError, match="PEPPER_FILE: that file cannot be read: FileNotFoundError"):
        read_settings({"AGENTKIT_PEPPER_FILE": str(tmp_path / "nix")})


@pytest.mark.parametrize(
    ("name", "text"),
    [("AGENTKIT_RATE", "many-secret"), ("AGENTKIT_AUTHENTICATION", "secret"), ("AGENTKIT_MAX_DEPTH", "101")],
)
def test_what_is_wrong_is_named_and_not_repeated(name: str, text: str) -> None:
    with pytest.raises(DefinitionError, match=name.removeprefix("AGENTKIT_").lower()) as caught:
        read_settings({name: text})

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "is_near"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "192.168.0.1", "example.test", "", "127.0.0.1.evil.test")],
)
def test_this_machine_is_known(host: str, *, is_near: bool) -> None:
    assert is_loopback(host) is is_near


def test_several_secrets_come_with_commas_or_in_a_file_with_lines(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("new\nold\n")
    given = {"AGENTKIT_WEBHOOK_SECRETS": "first, second"}
    file = {**given, "AGENTKIT_WEBHOOK_SECRETS_FILE": str(tmp_path / "secrets")}

    for environment, expected in ((given, ["first", "second"]), (file, ["new", "old"])):
        found = read_settings(environment)
        assert [one.get_secret_value() for one in found.webhook_secrets] == expected
        assert expected[0] not in repr(found)


def test_every_secret_is_among_those_that_are_left_out_of_what_is_written() -> None:
    kinds = {name: str(field.annotation) for name, field in Settings.model_fields.items()}
    names = [name for name, kind in kinds.items() if "SecretStr" in kind]
    secrets = {name: SecretStr(name) for name in names}
    given: dict[str, Any] = {name: (one,) if "tuple" in kinds[name] else one for name, one in secrets.items()}

    assert sorted(Settings(**given).secrets) == sorted(names)
