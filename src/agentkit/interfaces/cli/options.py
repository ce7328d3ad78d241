"""The options and arguments that several commands have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .choosing import chosen_or_usual

__all__ = [
    "DEFAULT_STORE",
    "Agents",
    "AnyAgent",
    "AsJson",
    "By",
    "ColourChoice",
    "Comment",
    "Context",
    "Detach",
    "DrawFormat",
    "ErrorsChoice",
    "Everything",
    "FilesFolder",
    "Form",
    "Given",
    "GoOn",
    "InputFile",
    "Key",
    "KeyFile",
    "Name",
    "NoWait",
    "OperationId",
    "OutputChoice",
    "ProgressChoice",
    "Requester",
    "Resources",
    "Roles",
    "Root",
    "RunTimeout",
    "Server",
    "Settled",
    "StageAgents",
    "StageName",
    "Store",
    "VerbosityChoice",
    "Voter",
    "WorkflowFile",
]

DEFAULT_STORE = "sqlite:///agentkit.db"

Context = typer.Context
"""The call itself: which of its options were written, and which came from elsewhere."""


def is_json(wanted: bool) -> bool:
    """Whether results are JSON: as the option says, or as the settings do."""
    return wanted or chosen_or_usual().output == "json"


class Settled(StrEnum):
    """What a person says of work in doubt."""

    done = "done"
    redo = "redo"
    abort = "abort"


class DrawFormat(StrEnum):
    """How to draw."""

    text = "text"
    mermaid = "mermaid"
    svg = "svg"


Agents = Annotated[
    list[str] | None,
    typer.Option(
        "--agents",
        "-a",
        metavar="MODULE",
        envvar="AGENTKIT_AGENTS",
        help="Module or file with agents; may be repeated.",
    ),
]
Resources = Annotated[
    list[str] | None,
    typer.Option(
        "--resource",
        "-r",
        metavar="NAME=N",
        help="How many attempts may use a limited resource at once; may be repeated.",
    ),
]
Root = Annotated[
    str,
    typer.Option(
        "--root",
        metavar="FOLDER",
        envvar="AGENTKIT_ROOT",
        help="The folder below which ready-made agents may read files.",
    ),
]
Store = Annotated[
    str, typer.Option("--store", "-s", metavar="URL", envvar="AGENTKIT_STORE", help="Where runs are kept.")
]
Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        envvar="AGENTKIT_SERVER",
        help="Ask this server, and no store.",
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", metavar="FILE", envvar="AGENTKIT_KEY_FILE", help="The file with your key for the server."
    ),
]
Detach = Annotated[
    bool,
    typer.Option("--detach", help="On a server: start it, print its id, and leave at once."),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", callback=is_json, help="Write JSON, one line each, to standard output."),
]
ColourChoice = Annotated[
    str | None, typer.Option("--colour", metavar="WHEN", help="auto, always or never.", show_default=False)
]
ProgressChoice = Annotated[
    str | None, typer.Option("--progress", metavar="STYLE", help="auto, live, plain or none.", show_default=False)
]
ErrorsChoice = Annotated[
    str | None, typer.Option("--errors", metavar="FORMAT", help="text or json.", show_default=False)
]
OutputChoice = Annotated[
    str | None, typer.Option("--output", metavar="FORMAT", help="text or json.", show_default=False)
]
VerbosityChoice = Annotated[
    str | None, typer.Option("--verbosity", metavar="LEVEL", help="quiet, normal or verbose.", show_default=False)
]
NoWait = Annotated[
    bool,
    typer.Option("--no-wait", help="Leave it when it waits for people or a signal, with exit code 4."),
]
GoOn = Annotated[
    list[str] | None,
    typer.Option(
        "--agents",
        "-a",
        metavar="MODULE",
        help="Go on with it here, with agents of this module or file; may be repeated.",
    ),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who you are.")]
Everything = Annotated[bool, typer.Option("--all", help="Also the tables that stages hand to each other.")]
FilesFolder = Annotated[
    Path | None, typer.Option("--files", metavar="FOLDER", help="Write the files of its stages into this folder.")
]
Voter = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who you are; on a server, your key says it.")]
Roles = Annotated[list[str] | None, typer.Option("--role", metavar="ROLE", help="A role you have; may be repeated.")]
AnyAgent = Annotated[
    list[str] | None,
    typer.Option(
        "--agent",
        metavar="[STAGE=]NAME",
        help="STAGE=NAME: who does a stage instead; may be repeated. With --task: NAME, where there are several.",
    ),
]
StageAgents = Annotated[
    list[str] | None,
    typer.Option("--agent", metavar="STAGE=NAME", help="Who does a stage instead of its own agent; may be repeated."),
]
Comment = Annotated[str, typer.Option("--comment", metavar="TEXT", help="Why.")]
Form = Annotated[
    list[str] | None,
    typer.Option(
        "--form",
        "--fill",
        metavar="NAME=VALUE",
        help="A field of the form; may be repeated. Who approves takes all others as they are proposed.",
    ),
]
Name = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="Which question, where an agent asks several.")
]
StageName = Annotated[
    str | None,
    typer.Argument(metavar="STAGE", help="Which stage; may be left out where only one asks."),
]
OperationId = Annotated[str, typer.Argument(metavar="OPERATION", help="The operation's id, or the beginning of it.")]
WorkflowFile = Annotated[
    str,
    typer.Argument(metavar="WORKFLOW", help="A .yaml, .toml or .json file; on a server, the name of a workflow."),
]

Given = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        "-i",
        metavar="NAME=VALUE",
        help="One input: a text, or json:VALUE; may be repeated. FILE.csv or FILE.json is all of the input.",
    ),
]
InputFile = Annotated[
    Path | None,
    typer.Option("--input-file", metavar="FILE", help="A JSON file with the input; --input goes over it."),
]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="TEXT", help="Your name for this run; the same key never starts twice."),
]
RunTimeout = Annotated[
    float | None,
    typer.Option(
        "--timeout", metavar="SECONDS", min=0.001, help="How long it may take; never longer than the workflow says."
    ),
]
Requester = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who asks for it; what you start, somebody else approves."),
]
