"""The examination of an installation: what usually is wrong, and what to do about it.

Rules: it looks, and changes nothing. What is worth knowing and no harm is a note. No secret is repeated, not even
shortened. What cannot be looked at is a finding too, never an error.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final, Literal

from pydantic import SecretStr

from agentkit.errors import AgentKitError, DefinitionError, NotAllowed, NotFound
from agentkit.screens import DOORS, DoorSettings
from agentkit.stores import Examination, examine, open_store, store_file
from agentkit.wire import (
    Calls,
    Decision,
    DiagnosisPage,
    FindingLine,
    OperationQuery,
    QueuePage,
    ResourcesPage,
    moment,
)

from .logs import Redactor
from .premises import VERSION
from .settings import PREFIX, Settings, read_settings

__all__ = ["diagnosis_page", "examine_machine", "examine_server", "examine_settings", "examine_store"]

_NEWEST_PYTHON: Final = (3, 11)
_CORE: Final = ("pydantic", "anyio", "tenacity")
_UNLISTED: Final = frozenset({"all", "dev", "fastapi", "web"})
"""Extras that are others together."""
_LEAST_FREE: Final = 512 * 1024 * 1024
_MOST_AHEAD_SECONDS: Final = 60.0
_EPOCH: Final = 1_735_689_600.0
"""2025 began: no clock that is right shows an earlier time."""
_COMMAND_LINE: Final = frozenset({"AGENTS", "CONFIG", "KEY_FILE", "NETWORKS", "ROOT", "SERVER", "STORE"})
_SECRET: Final = re.compile(r"SECRET|PEPPER|PASSWORD|TOKEN|KEY$")
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[([^\]]*)\])?[^;]*(?:;(.*))?")
_EXTRA: Final = re.compile(r"""extra == ['"]([^'"]+)['"]""")
_PLATFORM: Final = re.compile(r"""sys_platform == ['"]([^'"]+)['"]""")
_SECRETS: Final = Redactor()
_NOBODY: Final = "no-such-operation"
Verdict = Literal["ok", "note", "problem"]


def diagnosis_page(findings: Sequence[FindingLine]) -> DiagnosisPage:
    """All findings as a page."""
    return DiagnosisPage(ok=all(one.verdict != "problem" for one in findings), findings=list(findings))


# The machine


def examine_machine(*, now: float) -> Sequence[FindingLine]:
    """Look at Python, the packages that are always there, the clock, and which extras are installed.

    Args:
        now: What time it is, in seconds since 1970.
    """
    return [*_machine(now), *_extras(requires("agentkit") or [])]


def _machine(now: float) -> Iterator[FindingLine]:
    yield _found("machine", "agentkit", "ok", VERSION)
    is_old = sys.version_info < _NEWEST_PYTHON
    said = f"{platform.python_version()} ({sys.executable})"
    yield _found("machine", "python", "problem" if is_old else "ok", said, "install Python 3.11 or newer" * is_old)
    yield _found("machine", "system", "ok", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield _found("machine", "packages", "ok", ", ".join(f"{name} {_version(name)}" for name in _CORE))
    is_wrong = now < _EPOCH
    yield _found(
        "machine",
        "clock",
        "problem" if is_wrong else "ok",
        f"{moment(now):%Y-%m-%d %H:%M:%S} UTC",
        "set the clock of this machine: deadlines and timers go by it" * is_wrong,
    )


def _extras(requirements: Sequence[str]) -> Iterator[FindingLine]:
    """Each extra, whether what it brings is installed, and how it is if not."""
    brings: dict[str, list[str]] = {}
    for requirement in requirements:
        found = _REQUIREMENT.match(requirement)
        extra = _EXTRA.search(found[3] or "") if found else None
        platforms = _PLATFORM.findall(found[3] or "") if found else []
        if found and extra and extra[1] not in _UNLISTED and set(platforms) <= {sys.platform}:
            # `agentkit[schedules]` among what `api` brings is what that extra brings.
            is_ours = found[1] == "agentkit"
            within = [f"[{one.strip()}]" for one in (found[2] or "").split(",")] if is_ours else [found[1]]
            brings.setdefault(extra[1], []).extend(within)
    for extra_name in sorted(brings):
        names = _flat(extra_name, brings)
        known = {name: _version(name) for name in names}
        missing = [name for name in names if not known[name]]
        if missing:
            advice = f"pip install 'agentkit[{extra_name}]'"
            yield _found("extras", extra_name, "note", f"not installed: {', '.join(missing)}", advice)
        else:
            yield _found("extras", extra_name, "ok", ", ".join(f"{name} {known[name]}" for name in names))


def _flat(extra: str, brings: Mapping[str, Sequence[str]]) -> list[str]:
    found: dict[str, None] = {}
    for name in brings.get(extra, ()):
        inner = _flat(name[1:-1], brings) if name.startswith("[") else [name]
        found.update(dict.fromkeys(inner))
    return list(found)


def _version(name: str) -> str:
    """The version of a package; empty if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


# The settings


def examine_settings(environment: Mapping[str, str]) -> Sequence[FindingLine]:
    """Look at the settings that an environment makes, and where each comes from.

    Args:
        environment: The variables.
    """
    found = [_setting(name, environment[name]) for name in sorted(environment) if name.startswith(PREFIX)]
    try:
        read_settings(environment)
    except DefinitionError as error:
        found += [
            _found("settings", "server", "problem", problem, "correct that variable") for problem in error.problems
        ]
    if not found:
        found.append(
            _found("settings", "environment", "ok", f"no {PREFIX} variable is set: everything is as by default")
        )
    return found


def _setting(variable: str, text: str) -> FindingLine:
    name = variable.removeprefix(PREFIX)
    is_file = name.endswith("_FILE")
    if is_file and not os.access(text, os.R_OK):
        return _found(
            "settings", variable, "problem", f"the file {text} cannot be read", "name a file that you may read"
        )
    if not _is_known(name):
        advice = "look for a letter that is wrong; what nobody knows is ignored"
        return _found("settings", variable, "note", "this command knows no setting of that name", advice)
    field = Settings.model_fields.get(name.lower())
    is_secret = (field is not None and field.annotation is SecretStr) or _SECRET.search(name) is not None
    shown = "********" if is_secret and not is_file else text
    return _found("settings", variable, "ok", f"{shown} (from the environment)")


def _is_known(name: str) -> bool:
    field = name.removesuffix("_FILE").lower()
    is_known = name in _COMMAND_LINE or name.startswith("SECRET_") or name.lower() in Settings.model_fields
    is_known = is_known or _of_a_door(name)
    return is_known or (name.endswith("_FILE") and field in Settings.model_fields)


def _of_a_door(name: str) -> bool:
    """Whether a variable is a setting of a door that people look at, or of all of them."""
    door, _, rest = name.lower().partition("_")
    return name.lower() in DoorSettings.model_fields or (door in DOORS and rest in DoorSettings.model_fields)


# The store


def examine_store(address: str, *, verify: bool = True, now: float) -> Sequence[FindingLine]:
    """Look at a store without opening it; it may be in use.

    Args:
        address: Its address.
        verify: Whether to read all of it and compare it with its checksums; that takes as long as the store is large.
        now: What time it is, in seconds since 1970.
    """
    try:
        open_store(address)
        path = store_file(address)
        if path is None:
            return [_found("store", "place", "note", f"{address}: nothing is looked at in a store of this kind")]
        if not path.exists() and path.parent.is_dir():
            advice = "name another by --store, or begin it: agentkit run"
            return [_found("store", "place", "note", f"there is no {path} yet", advice), _disk("store", _free(path))]
        seen = examine(path, verify=verify, now=now)
    except (AgentKitError, OSError) as error:
        return [_found("store", "place", "problem", str(error), "see: agentkit restore, if you have a backup")]
    return list(_store(path, address, seen, now=now))


def _store(path: Path, address: str, seen: Examination, *, now: float) -> Iterator[FindingLine]:
    said = f"{path}, {_bytes(seen.size)}, {seen.events:,} events, format {seen.format}"
    yield _found("store", "place", "ok", said + (", brought up to date when it is opened" if seen.is_old else ""))
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        yield _found("store", "rights", "problem", "you may not write it", "make the file and its folder writable")
    yield _disk("store", _free(path))
    if seen.damaged is not None:
        yield _damage(seen)
    counts = ", ".join(f"{count:,} {status}" for status, count in sorted(seen.statuses.items()))
    yield _found("store", "operations", "ok", counts or "none yet")
    waits = ("approval", "doubt", "signal")
    for kind, count in sorted(seen.waiting.items()):
        if kind in waits:
            advice = f"agentkit {'approvals' if kind == 'approval' else 'list'} --store {address}"
            verdict: Verdict = "problem" if kind == "doubt" else "note"
            yield _found("store", f"waiting: {kind}", verdict, f"{count:,} wait for somebody", advice)
    if quarantined := seen.statuses.get("quarantined", 0):
        advice = f"look why, then: agentkit resume OPERATION --agents MODULE --store {address}"
        yield _found(
            "store", "quarantined", "problem", f"{quarantined:,} were set aside: processes died of them", advice
        )
    if seen.orphaned:
        more = "at least " if len(seen.orphaned) == 100 else ""
        advice = f"agentkit resume --agents MODULE --store {address}"
        yield _found("store", "stalled", "problem", f"{more}{len(seen.orphaned)} are run by nobody", advice)
    held = f"{seen.dead:,} held by dead processes: whoever resumes takes them over"
    yield _found("store", "leases", "note" if seen.dead else "ok", held if seen.dead else "none held by the dead")
    if seen.newest is not None and seen.newest > now + _MOST_AHEAD_SECONDS:
        said = f"its newest operation is of {moment(seen.newest):%Y-%m-%d %H:%M:%S} UTC, which is to come"
        yield _found("store", "clock", "problem", said, "set the clock of this machine")


def _damage(seen: Examination) -> FindingLine:
    damaged = seen.damaged or ()
    if not damaged and not seen.damaged_files:
        return _found("store", "checksums", "ok", "every event and every file is as it was written")
    parts = [f"{len(damaged)} operations ({', '.join(damaged[:3])})"] if damaged else []
    parts += [f"{seen.damaged_files} files"] if seen.damaged_files else []
    advice = "restore it from a backup: agentkit restore; all others are whole"
    return _found("store", "checksums", "problem", f"damaged: {', '.join(parts)}", advice)


def _disk(area: str, free: int) -> FindingLine:
    is_short = free < _LEAST_FREE
    advice = "free some space: what cannot be written is not accepted" if is_short else ""
    return _found(area, "disk", "problem" if is_short else "ok", f"{_bytes(free)} free", advice)


def _free(path: Path) -> int:
    return shutil.disk_usage(path.parent.resolve()).free


def _bytes(count: int) -> str:
    size, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1_000:
            break
        size, unit = size / 1_000, larger
    return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"


# The server


async def examine_server(calls: Calls) -> Sequence[FindingLine]:
    """Look at a server through the calls of one caller: what their key may do, and how the server is.

    Args:
        calls: The way to it.

    Raises:
        AgentKitError: It cannot be reached, or does not take the key.
    """
    try:
        await calls.operations(OperationQuery(limit=1))
        rights = ["read"]
    except NotAllowed:
        rights = []
    rights += [scope for scope, call in _probes(calls).items() if await _may(call)]
    advice = "" if rights else "have one made that may do something: agentkit keys create"
    found = [_found("server", "key", "ok" if rights else "problem", f"it may {', '.join(rights) or 'nothing'}", advice)]
    try:
        health = await calls.health()
    except NotAllowed:
        return [
            *found,
            _found("server", "health", "note", "only a key that sees all tenants is told how the server is"),
        ]
    same = health.version == VERSION
    found.append(
        _found(
            "server",
            "version",
            "ok" if same else "note",
            f"{health.version}{'' if same else f', and here it is {VERSION}'}",
            "" if same else "use the same version at both ends",
        )
    )
    told = f"{health.active} operations at work, {health.workflows} workflows, {health.agents} agents"
    found.append(_found("server", "work", "ok", f"{told}, open for {health.uptime_seconds:,.0f} s"))
    return [
        *found,
        *(_found("server", one.name, "ok" if one.ok else "problem", one.detail) for one in health.checks),
        *(_room(health.queue) if health.queue else ()),
        *(_machine_of(health.resources) if health.resources else ()),
    ]


def _room(queue: QueuePage) -> Iterator[FindingLine]:
    said = f"{queue.running} of at most {queue.most_running} attempts run, {queue.driven} operations are driven"
    if queue.oldest_seconds is not None:
        counts = ", ".join(f"{count:,} {name}" for name, count in queue.by_priority.items() if count)
        said += f"; {queue.waiting:,} wait ({counts}), the oldest for {queue.oldest_seconds:,.0f} s"
    yield _found("server", "room", "ok", said)


def _machine_of(seen: ResourcesPage) -> Iterator[FindingLine]:
    """What the server's process takes of its machine, as far as it is known there."""
    parts = [f"{one.taken} of {one.total} {one.name}" for one in seen.limited]
    if seen.processor_share is not None:
        parts.append(f"{seen.processor_share:.2f} of {seen.cores or '?'} cores busy")
    if seen.memory_bytes is not None:
        parts.append(f"{_bytes(seen.memory_bytes)} of memory")
    yield _found("server", "machine", "ok", ", ".join([*parts, f"{seen.threads} threads"]))
    if seen.disk_free_bytes is not None:
        yield _disk("server", seen.disk_free_bytes)


def _probes(calls: Calls) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """Calls about what does not exist: whoever may is told so, and nothing changes."""
    return {
        "run": lambda: calls.retry(_NOBODY),
        "approve": lambda: calls.decide(_NOBODY, Decision(stage="none", approve=False)),
    }


async def _may(call: Callable[[], Awaitable[object]]) -> bool:
    try:
        await call()
    except NotFound:
        return True
    except NotAllowed:
        return False
    return True


def _found(area: str, name: str, verdict: Verdict, detail: str, advice: str = "") -> FindingLine:
    # An address may hold a password: of a store, or of where backups go.
    return FindingLine(
        area=area, name=name, verdict=verdict, detail=_SECRETS.clean(detail), advice=_SECRETS.clean(advice)
    )
