"""The settings of a server as they are shown: each with its place, and none with a secret."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from agentkit import Orchestrator
from agentkit.errors import NotAllowed
from agentkit.service import Caller, Service, Settings, read_settings, settings_page

SECRET_FIELDS: Final = sorted(
    name
    for name, field in Settings.model_fields.items()
    if field.annotation is SecretStr or SecretStr in get_args(field.annotation)
)
TEXT_FIELDS: Final = sorted(
    name
    for name, field in Settings.model_fields.items()
    if name not in ("backup_cron", "backup_zone") and (field.annotation is str or str in get_args(field.annotation))
)
SECRETS: Final = st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc"], exclude_characters=","), min_size=1).map(
    lambda text: f"hot~{text}~pepper"
)


def shown(settings: Settings) -> Mapping[str, tuple[str, str]]:
    return {line.name: (line.value, line.origin) for line in settings_page(settings).items}


def test_there_are_secrets_to_be_masked() -> None:
    assert SECRET_FIELDS == ["jwt_key", "pepper", "session_secret", "webhook_secrets"]
    assert {"backup_to", "jwks_url", "webhook_hosts"} <= set(TEXT_FIELDS)


@pytest.mark.parametrize("name", SECRET_FIELDS)
@given(secret=SECRETS)
def test_p25_whatever_secret_is_set_it_is_masked(name: str, secret: str) -> None:
    page = settings_page(read_settings({f"AGENTKIT_{name.upper()}": secret}))
    lines = {line.name: line for line in page.items}

    assert (lines[name].value, lines[name].origin) == ("**********", f"AGENTKIT_{name.upper()}")
    assert secret not in str(page.model_dump())


@pytest.mark.parametrize("name", TEXT_FIELDS)
@given(secret=SECRETS, scheme=st.sampled_from(["s3", "postgresql", "https", "sqlite"]))
@example(secret="hot~@:/?#\"'\\~pepper", scheme="s3")
def test_p25_whatever_address_has_a_password_it_is_masked(name: str, secret: str, scheme: str) -> None:
    for address in (f"{scheme}://ada:{secret}@db.test/runs", f"{scheme}://db.test/runs?key={secret}"):
        page = settings_page(read_settings({f"AGENTKIT_{name.upper()}": address}))

        assert secret not in str({line.value for line in page.items})
        assert "hot~" not in page.model_dump_json()


def test_p25_a_secret_that_was_written_elsewhere_too_is_masked_there() -> None:
    found = shown(read_settings({"AGENTKIT_PEPPER": "very-hot", "AGENTKIT_LOG_FILE": "/logs/very-hot.log"}))

    assert found["log_file"] == ("/logs/***.log", "AGENTKIT_LOG_FILE")


def test_p25_a_secret_too_short_to_be_taken_out_of_a_value_takes_all_of_it() -> None:
    found = shown(
        read_settings({"AGENTKIT_PEPPER": "abc", "AGENTKIT_JWT_AUDIENCE": "abc", "AGENTKIT_JWT_ISSUER": "xabcx"})
    )

    assert [found[name][0] for name in ("pepper", "jwt_audience", "jwt_issuer")] == ["**********"] * 3
    assert found["jwt_tenant_claim"] == ("tenant", "default")


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("az://acme/runs;AccountKey=hot", "az://acme/runs;***"),
        ("az://ada@acme/runs;AccountKey=hot", "az://***@acme/runs;***"),
        ("ada:hot@acme/runs?sig=hot", "***@acme/runs?***"),
        ("acme/runs?sig=hot", "acme/runs?***"),
        ("AccountName=acme;AccountKey=hot", "AccountName=acme;***"),
        ("s3://acme/runs?key=hot@hot", "***"),
        ("s3://ada:h?ot@acme/runs", "***"),
        ("s3://acme/runs", "s3://acme/runs"),
        ("/var/runs #1; old", "/var/runs #1; old"),
    ],
)
def test_p25_options_of_addresses_are_masked(address: str, value: str) -> None:
    found = shown(read_settings({"AGENTKIT_BACKUP_TO": address, "AGENTKIT_WEBHOOK_HOSTS": f"{address},other.test"}))

    assert found["backup_to"][0] == value
    assert found["webhook_hosts"][0] == f"{value}, other.test"


def test_a_word_that_is_as_by_default_does_not_tell_that_it_is_a_secret_too() -> None:
    found = shown(read_settings({"AGENTKIT_PEPPER": "tenant"}))

    assert found["jwt_tenant_claim"] == ("tenant", "default")


def test_each_value_says_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text("hot")
    environment = {"AGENTKIT_RATE": "7", "AGENTKIT_MAX_DEPTH": "9", "AGENTKIT_PEPPER_FILE": str(tmp_path / "pepper")}
    found = shown(read_settings(environment, max_depth=10, otel=None))

    assert found["rate"] == ("7", "AGENTKIT_RATE")
    assert found["max_depth"] == ("10", "given at the start")
    assert found["pepper"] == ("**********", "AGENTKIT_PEPPER_FILE")
    assert found["otel"] == ("False", "default")
    assert shown(Settings(rate=8))["rate"] == ("8", "given at the start")


async def test_those_are_told_who_see_all_tenants_and_no_others() -> None:
    async with Orchestrator() as orchestrator:
        service = Service(orchestrator)
        nothing = await service.desk().settings()
        service.settings = Settings(rate=8)
        told = await service.desk(Caller(name="ada", scopes={"read"})).settings()
        with pytest.raises(NotAllowed, match="all tenants"):
            await service.desk(Caller(name="ada", tenant="acme")).settings()
        with pytest.raises(NotAllowed, match="read"):
            await service.desk(Caller(name="ada", scopes={"run"})).settings()

    assert nothing.items == []
    assert [line.name for line in told.items] == list(Settings.model_fields)
