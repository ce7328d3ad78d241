"""How the pages behave: as the settings of the door say, then as somebody chose, who finds it again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from agentkit.client import BlockingClient
from agentkit.errors import NotAllowed
from agentkit.interfaces.streamlit.sharing import TICKET, Visitor, Visitors, share
from agentkit.interfaces.streamlit.taste import Manner, Taste
from agentkit.screens import resolve
from agentkit.wire import SettingLine, SettingsPage
from tests.interfaces.streamlit import world
from tests.interfaces.streamlit.conftest import Pages
from tests.interfaces.streamlit.reading import words

SAID = {"AGENTKIT_ZONE": "Asia/Tokyo", "AGENTKIT_STREAMLIT_PAGE_SIZE": "20", "AGENTKIT_REFRESH_SECONDS": "7"}


@pytest.fixture(scope="module")
def client() -> Iterator[BlockingClient]:
    with world.near() as client:
        yield client


def opened(client: BlockingClient, file: Path | None) -> AppTest:
    """The page of settings, in a session of its own."""
    settings, origins = resolve("streamlit", environment=SAID)
    share(client, Manner(settings=settings, origins=origins, file=file))
    return Pages(client).open("settings", shares=False)


def test_who_has_not_chosen_sees_what_the_settings_say_and_where_they_stand(client: BlockingClient) -> None:
    page = opened(client, None)

    assert page.selectbox(key="page_size").value == 20
    assert page.selectbox(key="refresh").value == 7
    assert page.radio(key="zone").value == "Asia/Tokyo"
    assert "AGENTKIT_STREAMLIT_PAGE_SIZE" in words(page)
    assert "JST (+09:00)" in words(page)


def test_what_somebody_chose_is_found_again_by_another_session(client: BlockingClient, tmp_path: Path) -> None:
    file = tmp_path / "home" / "streamlit.json"
    page = opened(client, file)
    page.selectbox(key="page_size").set_value(100).run()
    page.radio(key="zone").set_value("UTC").run()

    again = opened(client, file)

    assert again.selectbox(key="page_size").value == 100
    assert again.radio(key="zone").value == "UTC"
    assert [one.name for one in file.parent.iterdir()] == ["streamlit.json"]


@pytest.mark.parametrize("kept", ["", "{}x", '{"page_size": 0}', '{"colour": "red"}'])
def test_a_file_that_holds_no_choice_is_none(client: BlockingClient, tmp_path: Path, kept: str) -> None:
    file = tmp_path / "streamlit.json"
    file.write_text(kept)

    assert opened(client, file).selectbox(key="page_size").value == 20


def test_what_another_version_has_written_is_kept_as_far_as_it_is_known(client: BlockingClient, tmp_path: Path) -> None:
    file = tmp_path / "streamlit.json"
    file.write_text('{"zone": "UTC", "colour": "red"}')

    page = opened(client, file)

    assert page.radio(key="zone").value == "UTC"
    # What it does not say is as the settings say.
    assert page.selectbox(key="page_size").value == 20
    assert "begins anew" not in words(page)
    page.checkbox(key="tells/failed").check().run()
    assert opened(client, file).radio(key="zone").value == "UTC"


def test_a_name_may_be_half_a_letter(tmp_path: Path) -> None:
    files = {Manner(folder=tmp_path).of_person(name).file for name in ("\ud800", "\udc00", "ada")}

    assert len(files) == 3


def test_what_cannot_be_kept_holds_for_the_session(client: BlockingClient, tmp_path: Path) -> None:
    (tmp_path / "no folder").write_text("")
    page = opened(client, tmp_path / "no folder" / "streamlit.json")

    page.checkbox(key="tells/mine").uncheck().run()

    assert not page.exception
    assert page.session_state["agentkit.taste"] == Taste(
        zone="Asia/Tokyo", refresh=7, page_size=20, tells=("approvals",)
    )


def test_two_tabs_keep_what_each_has_chosen(client: BlockingClient, tmp_path: Path) -> None:
    file = tmp_path / "streamlit.json"
    first, second = opened(client, file), opened(client, file)

    first.selectbox(key="page_size").set_value(100).run()
    second.radio(key="zone").set_value("UTC").run()
    second.checkbox(key="tells/failed").check().run()

    again = opened(client, file)
    assert again.selectbox(key="page_size").value == 100
    assert again.radio(key="zone").value == "UTC"
    assert again.checkbox(key="tells/failed").value is True
    assert not second.warning
    # What another tab chose is seen with the next choice.
    assert second.selectbox(key="page_size").value == 100


def test_that_a_file_could_not_be_read_is_said_until_something_is_chosen(
    client: BlockingClient, tmp_path: Path
) -> None:
    file = tmp_path / "streamlit.json"
    assert "begins anew" not in words(opened(client, file))
    file.write_text('{"page_size": ')

    page = opened(client, file)
    assert "begins anew" in words(page)
    page.radio(key="zone").set_value("UTC").run()

    assert "begins anew" not in words(page)
    assert opened(client, file).radio(key="zone").value == "UTC"


def test_what_people_prefer_is_kept_for_each_of_them_in_a_file_that_does_not_name_them(
    client: BlockingClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitors, header = Visitors(), dict[str, str]()
    monkeypatch.setattr(type(st.context), "headers", property(lambda _: header))
    share(visitors, Manner(folder=tmp_path))

    def enters(name: str) -> AppTest:
        header[TICKET] = visitors.ticket(Visitor(client=client, name=name))
        return Pages(client).open("settings", shares=False)

    enters("ada@acme.test").selectbox(key="page_size").set_value(100).run()

    assert enters("ada@acme.test").selectbox(key="page_size").value == 100
    assert enters("bob@acme.test").selectbox(key="page_size").value == 50
    files = list(tmp_path.iterdir())
    assert len(files) == 1
    assert "ada" not in files[0].name

    enters("").selectbox(key="page_size").set_value(25).run()
    assert list(tmp_path.iterdir()) == files


def test_how_the_server_is_set_is_shown_to_those_who_may_see_it(
    client: BlockingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_: BlockingClient) -> SettingsPage:
        raise NotAllowed("of a tenant")

    monkeypatch.setattr(BlockingClient, "settings", refuses)
    assert "shown to whoever sees all tenants" in words(opened(client, None))

    line = SettingLine(name="webhook_secret", value="********", origin="AGENTKIT_WEBHOOK_SECRET", help="Signs calls.")
    monkeypatch.setattr(BlockingClient, "settings", lambda _: SettingsPage(items=[line]))
    assert "AGENTKIT_WEBHOOK_SECRET" in words(opened(client, None))

    monkeypatch.setattr(BlockingClient, "settings", lambda _: SettingsPage(items=[]))
    assert "No server serves here" in words(opened(client, None))
