"""The pages of Streamlit, on a server: each person has a session, and does there what a browser would have done."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pydantic import JsonValue
from streamlit.testing.v1 import AppTest

from agentkit.client import BlockingClient
from agentkit.interfaces.streamlit.serving import ENTRY
from agentkit.interfaces.streamlit.sharing import share
from tests.interfaces.doors.door import Door, Person, Seen
from tests.interfaces.doors.house import WAITING, House
from tests.interfaces.streamlit.reading import without_components, words

_STANDING = re.compile(r"-badge\[(?P<words>[^\]]*)\]")
"""The state at the head of a page of a run: a sign, and its word."""


class Pages:
    """The pages of one person."""

    def __init__(self, client: BlockingClient) -> None:
        self._client = client

    def start(self, workflow: str, given: Mapping[str, JsonValue]) -> str:
        page = self._open("execute", workflow=workflow)
        for name, value in given.items():
            page.text_input(key=f"start/{workflow}//{name}").set_value(str(value))
        self._press(page, "start")
        return str(page.query_params["op"])

    def follow(self, operation: str, *, after: int = 0) -> Sequence[Seen]:
        page = self._open("run", op=operation, view="Events")
        latest = time.monotonic() + WAITING
        while any(button.key == "cancel" for button in page.button):
            assert time.monotonic() < latest, words(page)
            time.sleep(0.02)
            self._draw(page)
        table = page.dataframe[0].value
        shown = sorted(zip(map(int, table["No."]), map(str, table["Event"]), strict=True))
        return [Seen(number, kind) for number, kind in shown if number > after]

    def status(self, operation: str) -> str:
        page = self._open("run", op=operation)
        found = next(filter(None, (_STANDING.search(one.value) for one in page.markdown)))
        return found["words"].split(maxsplit=1)[1]

    def outcome(self, operation: str) -> str:
        return words(self._open("run", op=operation))

    def overhear(self, operation: str) -> str:
        page = self._open("run", op=operation)
        return "\n".join([one.value for one in page.code])

    def inbox(self) -> Sequence[str]:
        keys = [button.key or "" for button in self._open("approvals").button]
        return [key.split("/")[1] for key in keys if key.startswith("approve/") and key.endswith("#True")]

    def approve(self, operation: str, form: Mapping[str, int], comment: str) -> None:
        page, name = self._open("approvals"), f"approve/{operation}/pay/"
        for field, value in form.items():
            page.text_input(key=f"{name}/{field}").set_value(str(value))
        page.text_area(key=f"{name}#comment").set_value(comment)
        self._press(page, f"{name}#True")

    def refuse(self, operation: str, comment: str) -> None:
        page, name = self._open("approvals"), f"approve/{operation}/pay/"
        page.text_area(key=f"{name}#comment").set_value(comment)
        self._press(page, f"{name}#False")

    def cancel(self, operation: str, reason: str) -> None:
        page = self._open("run", op=operation)
        page.text_input(key="cancel_reason").set_value(reason)
        self._press(page, "cancel")

    def retry(self, operation: str) -> str:
        page = self._open("run", op=operation)
        self._press(page, "retry")
        return str(page.query_params["op"])

    def _open(self, name: str, **query: str) -> AppTest:
        page = AppTest.from_file(str(ENTRY), default_timeout=WAITING)
        page.switch_page(f"app_pages/{name}.py")
        for key, value in query.items():
            page.query_params[key] = value
        return self._draw(page)

    def _press(self, page: AppTest, key: str) -> None:
        page.button(key=key).click()
        self._draw(page)

    def _draw(self, page: AppTest) -> AppTest:
        share(self._client)
        page.run()
        assert not page.exception, page.exception
        return page


@contextmanager
def streamlit(house: House, person: Person) -> Iterator[Door]:
    with without_components(), BlockingClient.at(house.url, key=house.key(person)) as client:
        yield Pages(client)
