"""The log of a server: how it is set up, and what is taken out of it."""

import json
import logging
from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from agentkit.errors import DefinitionError
from agentkit.service import LogLines, Redactor, Settings, configure_logs


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("agk_HooQC9Yvj954_njVPB73otwPZp9", "agk_HooQC9Yvj954_***"),
        ("it was sk-abcdef12345", "it was ***"),
        ("whsec_MfKQ9r8GKYqrTwjU", "***"),
        ("Bearer abc.def", "Bearer ***"),
        ("authorization: Basic YWRhOnB3", "authorization: ***"),
        ("('x-api-key', 'zz9')", "('x-api-key', '***')"),
        ("Cookie: session=abc; theme=dark", "Cookie: ***"),
        ("redis://:pa/ss@w@host/0", "redis://***@host/0"),
        ('{"password": "hunter 2", "page": 3}', '{"password": ***, "page": 3}'),
        ("host=db password=hunter2 user=ada", "host=db password=*** user=ada"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- rest", "*** rest"),
        ("my own secret", "my own ***"),
    ],
)
def test_what_is_a_secret_is_taken_out(text: str, left: str) -> None:
    assert Redactor(["secret", "x"]).clean(text) == left


@pytest.mark.parametrize(
    "text",
    ["GET /v1/operations 200", "token expired: ask for a new one", "see http://127.0.0.1:8000/v1", "a secret of ada"],
)
def test_what_is_none_stays(text: str) -> None:
    assert Redactor().clean(text) == text


def test_a_file_gets_what_agentkit_tells_and_the_warnings_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Streamlit, which other tests start in this process, takes the loggers of uvicorn for itself.
    for name in ("uvicorn", "uvicorn.error"):
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    file = tmp_path / "log.jsonl"
    configure_logs(Settings(log_format="json", log_file=str(file), pepper=SecretStr("my-pepper")), secrets=["my-own"])
    logging.getLogger("agentkit.serve").info("my-pepper and my-own", extra={"fields": {"request": "r1", "ms": 1.5}})
    logging.getLogger("uvicorn.access").info("not this")
    logging.getLogger("uvicorn.error").warning("but this")
    ours, theirs = map(json.loads, file.read_text().splitlines())

    assert (ours["message"], ours["request"], ours["ms"], ours["level"]) == ("*** and ***", "r1", 1.5, "info")
    assert (theirs["message"], theirs["logger"]) == ("but this", "uvicorn.error")


def test_nothing_is_written_if_nobody_wants_it(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_format="none"))
    logging.getLogger("agentkit.serve").error("not this")

    assert capfd.readouterr() == ("", "")


def test_a_file_that_cannot_be_opened_is_said_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="setting log_file"):
        configure_logs(Settings(log_file=str(tmp_path / "nowhere" / "log")))


def test_a_value_that_json_does_not_know_is_written_all_the_same() -> None:
    record = logging.LogRecord("agentkit", logging.INFO, "", 0, "said", (), None)
    record.fields = {"path": Path("x")}

    assert json.loads(LogLines("json", Redactor()).format(record))["path"] == "x"


def test_no_secret_of_the_settings_is_written(tmp_path: Path) -> None:
    secrets = {
        "pepper": SecretStr("my-pepper"),
        "jwt_key": SecretStr("my-jwt-key"),
        "session_secret": SecretStr("my-session"),
        "webhook_secrets": (SecretStr("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), SecretStr("my-older-one")),
    }
    file = tmp_path / "log"
    configure_logs(Settings(log_file=str(file), **secrets))  # type: ignore[arg-type]  # by their names
    logging.getLogger("agentkit").info("my-pepper my-jwt-key my-session MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw my-older-one")
    assert file.read_text().rstrip().endswith("agentkit: *** *** *** *** ***")


@pytest.mark.parametrize(("form", "times"), [("text", 1), ("json", 2)])
def test_what_the_message_of_a_line_says_is_not_said_again_beside_it(form: Literal["json", "text"], times: int) -> None:
    record = logging.LogRecord("shop", logging.INFO, "", 0, "GET /livez 200", (), None)
    record.fields, record.said = {"route": "/livez", "status": 200, "ms": 1.5}, ("route", "status")
    line = LogLines(form, Redactor()).format(record)

    assert line.count("/livez") == times
    assert "1.5" in line
