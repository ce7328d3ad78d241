"""The two clients of programs: in the process of the orchestrator, and over HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pydantic import JsonValue

from agentkit.client import BlockingClient, Client
from agentkit.errors import AgentKitError
from agentkit.wire import OperationPage, SubmitRequest
from tests.interfaces.doors.door import Door, Person, Seen
from tests.interfaces.doors.house import House


def words(page: OperationPage) -> str:
    """What agents said, as programs read it."""
    return "\n".join(f"{line.stage}: {line.message}" for line in page.said)


class Near:
    """A client of the service itself."""

    def __init__(self, house: House, person: Person) -> None:
        self._house = house
        self._client = Client(house.desk(person))

    def start(self, workflow: str, given: Mapping[str, JsonValue]) -> str:
        request = SubmitRequest(workflow=workflow, input=dict(given))
        return self._house.do(self._client.submit(request)).id

    def follow(self, operation: str, *, after: int = 0) -> Sequence[Seen]:
        async def look() -> Sequence[Seen]:
            return [Seen(line.number, line.type) async for line in self._client.events(operation, after=after)]

        return self._house.do(look())

    def status(self, operation: str) -> str:
        return self._house.do(self._client.operation(operation)).status

    def outcome(self, operation: str) -> str:
        try:
            return self._house.do(self._client.result(operation)).model_dump_json()
        except AgentKitError as error:
            return str(error)

    def overhear(self, operation: str) -> str:
        return words(self._house.do(self._client.operation(operation)))

    def inbox(self) -> Sequence[str]:
        return [line.operation for line in self._house.do(self._client.approvals())]

    def approve(self, operation: str, form: Mapping[str, int], comment: str) -> None:
        self._house.do(self._client.approve(operation, "pay", form=form, comment=comment))

    def refuse(self, operation: str, comment: str) -> None:
        self._house.do(self._client.refuse(operation, "pay", comment=comment))

    def cancel(self, operation: str, reason: str) -> None:
        self._house.do(self._client.cancel(operation, reason))

    def retry(self, operation: str) -> str:
        return self._house.do(self._client.retry(operation)).id


class Far:
    """A client of the server, for programs that do not await."""

    def __init__(self, client: BlockingClient) -> None:
        self._client = client

    def start(self, workflow: str, given: Mapping[str, JsonValue]) -> str:
        return self._client.submit(SubmitRequest(workflow=workflow, input=dict(given))).id

    def follow(self, operation: str, *, after: int = 0) -> Sequence[Seen]:
        return [Seen(line.number, line.type) for line in self._client.events(operation, after=after)]

    def status(self, operation: str) -> str:
        return self._client.operation(operation).status

    def outcome(self, operation: str) -> str:
        try:
            return self._client.result(operation).model_dump_json()
        except AgentKitError as error:
            return str(error)

    def overhear(self, operation: str) -> str:
        return words(self._client.operation(operation))

    def inbox(self) -> Sequence[str]:
        return [line.operation for line in self._client.approvals()]

    def approve(self, operation: str, form: Mapping[str, int], comment: str) -> None:
        self._client.approve(operation, "pay", form=form, comment=comment)

    def refuse(self, operation: str, comment: str) -> None:
        self._client.refuse(operation, "pay", comment=comment)

    def cancel(self, operation: str, reason: str) -> None:
        self._client.cancel(operation, reason)

    def retry(self, operation: str) -> str:
        return self._client.retry(operation).id


@contextmanager
def near(house: House, person: Person) -> Iterator[Door]:
    yield Near(house, person)


@contextmanager
def far(house: House, person: Person) -> Iterator[Door]:
    with BlockingClient.at(house.url, key=house.key(person)) as client:
        yield Far(client)
