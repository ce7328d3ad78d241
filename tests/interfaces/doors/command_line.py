"""The command line, against a server."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pydantic import JsonValue
from typer.testing import Result

from tests.interfaces.commands import call
from tests.interfaces.doors.door import Door, Person, Seen
from tests.interfaces.doors.house import House

# What a command ends with: well, as what it looked at failed, while it waits for somebody, or as it was cancelled.
_ENDS = {0, 1, 4, 130}


class CommandLine:
    """The command line of a person who named the server once."""

    def __init__(self, house: House, person: Person) -> None:
        self._place = {"AGENTKIT_SERVER": house.url, "AGENTKIT_KEY_FILE": str(house.key_file(person))}

    def start(self, workflow: str, given: Mapping[str, JsonValue]) -> str:
        words = [word for name, value in given.items() for word in ("-i", f"{name}={value}")]
        return self._say("run", workflow, "--detach", *words).stdout.strip()

    def follow(self, operation: str, *, after: int = 0) -> Sequence[Seen]:
        self._say("watch", operation)
        lines = map(json.loads, self._say("show", operation, "--history", "--json").stdout.splitlines())
        return [Seen(line["number"], line["type"]) for line in lines if line["number"] > after]

    def status(self, operation: str) -> str:
        lines = map(json.loads, self._say("list", "-n", "200", "--json").stdout.splitlines())
        return str(next(line["status"] for line in lines if line["id"] == operation))

    def outcome(self, operation: str) -> str:
        shown = self._say("show", operation)
        return shown.stdout + shown.stderr

    def overhear(self, operation: str) -> str:
        return self.outcome(operation)

    def inbox(self) -> Sequence[str]:
        return [json.loads(line)["operation"] for line in self._say("approvals", "--json").stdout.splitlines()]

    def approve(self, operation: str, form: Mapping[str, int], comment: str) -> None:
        words = [word for name, value in form.items() for word in ("--form", f"{name}={value}")]
        self._say("approve", operation, "pay", "--comment", comment, *words)

    def refuse(self, operation: str, comment: str) -> None:
        self._say("refuse", operation, "pay", "--comment", comment)

    def cancel(self, operation: str, reason: str) -> None:
        self._say("cancel", operation, "--reason", reason)

    def retry(self, operation: str) -> str:
        said = self._say("retry", operation, "--json")
        return str(json.loads(said.stdout.splitlines()[0])["operation"])

    def _say(self, *words: str) -> Result:
        result = call(*words, env=self._place)
        assert result.exit_code in _ENDS, (words, result.stdout, result.stderr, result.exception)
        return result


@contextmanager
def command_line(house: House, person: Person) -> Iterator[Door]:
    yield CommandLine(house, person)
