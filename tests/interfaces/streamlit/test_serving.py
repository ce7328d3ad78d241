"""The command that serves the pages: on this machine only, to its own pages only, ended as people end it."""

import asyncio
import tomllib
from collections.abc import Iterator

import httpx2
import pytest
from streamlit import config
from streamlit.web.bootstrap import load_config_options

from agentkit import Stage, Workflow
from agentkit.client import BlockingClient
from agentkit.errors import Closed, DefinitionError
from agentkit.interfaces.streamlit import serve
from agentkit.interfaces.streamlit.frame import here
from agentkit.interfaces.streamlit.serving import ENTRY, configure
from agentkit.screens import DoorSettings
from agentkit.service import dump_workflow
from tests.interfaces.cli.conftest import Line
from tests.interfaces.streamlit.serving import served

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("flows") / "flow.json"
    file.write_text(dump_workflow(Workflow("royalties", [Stage("read", agent="read_sales")]), "json"))
    # It ends with code 0 when it is told to, or the fixture fails.
    with served(str(file), "--agents", "tests.interfaces.streamlit.agents") as address:
        yield address


def test_the_pages_are_there(url: str) -> None:
    assert httpx2.get(url).status_code == 200
    assert httpx2.get(f"{url}/_stcore/health").text == "ok"


def test_nothing_that_somebody_has_set_turns_telemetry_on() -> None:
    load_config_options({"browser.gatherUsageStats": True})
    assert config.get_option("browser.gatherUsageStats") is True

    configure(DoorSettings())

    assert config.get_option("browser.gatherUsageStats") is False


def test_a_name_that_is_not_this_machines_gets_nothing(url: str) -> None:
    assert httpx2.get(url, headers={"Host": "evil.example"}).status_code == 403


def test_a_page_of_elsewhere_may_neither_send_nor_open_a_socket(url: str) -> None:
    elsewhere = {"Origin": "http://evil.example"}

    assert httpx2.put(f"{url}/_stcore/upload_file/a/b", headers=elsewhere).status_code == 403
    assert httpx2.get(f"{url}/_stcore/stream", headers={**HANDSHAKE, **elsewhere}).status_code == 403


def test_no_page_of_elsewhere_shows_these_in_a_frame_or_steers_them(url: str) -> None:
    for answer in (httpx2.get(url), httpx2.get(url, headers={"Host": "evil.example"})):
        assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert httpx2.get(f"{url}/_stcore/host-config").json()["allowedOrigins"] == []


def test_pages_that_ask_nobody_are_served_to_this_machine_only() -> None:
    client = BlockingClient.at("http://127.0.0.1:9")

    with pytest.raises(DefinitionError, match="listen on this machine only"):
        asyncio.run(serve(client, host="0.0.0.0", port=0))


def test_workflow_files_do_not_go_with_a_server(cli: Line) -> None:
    assert "runs only those that it offers" in cli.error("streamlit", cli.flow(), "--server", "http://127.0.0.1:9")


@pytest.mark.blocking
def test_what_is_wrong_with_a_workflow_is_said_before_anything_is_served(cli: Line) -> None:
    (cli.folder / "flow.json").write_text("{}")

    assert "error: flow.json: workflow: name is missing" in cli("streamlit", "flow.json", "--port", "0", code=2).stderr


def test_no_page_is_drawn_outside_of_a_script() -> None:
    with pytest.raises(Closed, match="streamlit_app"):
        here()


def test_the_configuration_is_beside_the_script_inside_of_the_package() -> None:
    said = tomllib.loads((ENTRY.parent / ".streamlit" / "config.toml").read_text())

    assert said["browser"]["gatherUsageStats"] is False
    # What Streamlit does not know would be without effect.
    names = {f"{section}.{name}" for section, options in said.items() for name in options}
    assert names - {"theme.light", "theme.dark"} <= config.get_config_options().keys()
