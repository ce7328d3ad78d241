"""Settings of the doors that serve over the network, out of the environment or as given.

Rules: everything that lets somebody in is closed until it is opened here. A setting `page_size` is read from
`AGENTKIT_PAGE_SIZE`; lists are written with commas; for a secret, `AGENTKIT_PEPPER_FILE` may name a file that holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from agentkit.errors import DefinitionError
from agentkit.screens import Origin

__all__ = ["Settings", "is_loopback", "read_settings"]

PREFIX = "AGENTKIT_"
_GIVEN = Origin(kind="option", name="given at the start")


class Settings(BaseModel):
    """How a server behaves; every value has a safe default."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    # Who may enter
    authentication: Literal["keys", "none"] = Field(
        default="keys", description="`none` lets everybody of this machine in, and nobody else."
    )
    pepper: SecretStr = Field(
        default=SecretStr(""), description="What keys are hashed with besides: the same in all processes."
    )
    jwt_algorithms: tuple[str, ...] = Field(default=(), description="Algorithms of tokens, such as RS256.")
    jwt_issuer: str = Field(default="", description="Who has to have issued a token (`iss`).")
    jwt_audience: str = Field(default="", description="Whom a token has to be for (`aud`).")
    jwt_key: SecretStr = Field(default=SecretStr(""), description="The key that tokens are verified with, as PEM.")
    jwks_url: str = Field(default="", description="Where the keys of the issuer are published.")
    jwt_tenant_claim: str = Field(default="tenant", description="The claim that says whose things are shown.")
    jwt_roles_claim: str = Field(default="roles", description="The claim with the roles for approvals.")
    trusted_hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "[::1]"), description="Names under which it answers; `*` is any."
    )
    cors_origins: tuple[str, ...] = Field(default=(), description="Origins whose pages may ask from a browser.")
    session_secret: SecretStr = Field(
        default=SecretStr(""),
        description="What sessions of browsers are signed with: the same in all processes; without it, of this one.",
    )
    session_seconds: float = Field(default=28_800, gt=0, description="How long a session of a browser lasts.")
    authenticate_seconds: float = Field(
        default=5, gt=0, description="How soon a socket without a key in its headers has to say one."
    )
    recheck_seconds: float = Field(
        default=10, gt=0, le=15, description="How often an open stream or socket is asked again who it is."
    )
    public_schema: bool = Field(default=False, description="Whether /openapi.json is there without a key.")

    # How much
    max_body: int = Field(default=1_000_000, ge=1, description="The most bytes of a request's body.")
    max_depth: int = Field(default=100, ge=1, le=100, description="The most levels of a request's JSON.")
    body_seconds: float = Field(default=30, gt=0, description="How long a request's body may take to come.")
    rate: int = Field(default=1_000, ge=1, description="Requests per window of one key, or of one address without one.")
    rate_seconds: int = Field(default=60, ge=1, description="How long the window is.")
    streams_per_caller: int = Field(default=100, ge=1, description="The most open streams and sockets of one caller.")
    channels_per_socket: int = Field(default=100, ge=1, description="The most channels that a socket subscribes to.")
    max_message: int = Field(default=65_536, ge=1_000, description="The most bytes of a message on a socket.")
    messages_per_second: int = Field(
        default=20, ge=1, description="Messages of a socket in a second; ten times as many at once."
    )
    drain_seconds: float = Field(default=10, ge=0, description="How long running work may go on after SIGTERM.")
    audit_log: bool = Field(
        default=True, description="Whether requests that change something are recorded in an audit trail of the store."
    )
    otel: bool = Field(
        default=False, description="Whether spans are sent to OpenTelemetry, as the variables OTEL_... say."
    )
    log_format: Literal["json", "text", "none"] = Field(
        default="text", description="How `agentkit serve` logs, one line for each request."
    )
    log_file: str = Field(default="", description="The file that it logs to; by default standard error.")
    ping_seconds: int = Field(default=15, ge=1, description="How often an idle stream says that it lives.")

    # What goes on beside requests
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(), description="What messages are signed with: one, or a new one and the old one. None is no webhooks."
    )
    webhook_hosts: tuple[str, ...] = Field(
        default=(), description="Hosts that may be called although they are not public, as they stand in URLs."
    )
    webhook_progress_seconds: float = Field(
        default=5, gt=0, description="How long it is at least between two messages of an operation on its way."
    )
    schedules: bool = Field(default=True, description="Whether this process starts what schedules say.")
    tuning: Literal["off", "follow", "automatic"] = Field(
        default="off", description="Whether limits follow `agentkit optimise`, or adapt themselves to the load as well."
    )
    tuning_seconds: float = Field(default=30, gt=0, description="How many seconds lie between two looks at that.")
    backup_to: str = Field(default="", description="Where backups go: a folder, or a URL that fsspec knows.")
    backup_every: int | None = Field(default=None, ge=1, description="How many seconds lie between two backups.")
    backup_cron: str | None = Field(default=None, description="Or when they are taken, as five fields of cron.")
    backup_zone: str = Field(default="UTC", description="The time zone whose clock cron looks at.")
    backup_keep: int | None = Field(default=None, ge=1, description="How many of the newest are kept; without, all.")
    backup_keep_days: int | None = Field(default=None, ge=1, description="Or for how many days they are kept.")
    backup_incremental: bool = Field(default=True, description="Whether a backup has only what is new, where it can.")

    _origins: dict[str, Origin] = PrivateAttr(default_factory=dict[str, Origin])

    @property
    def origins(self) -> Mapping[str, Origin]:
        """Where each value comes from, of those that are not as by default."""
        return {name: self._origins.get(name, _GIVEN) for name in sorted(self.model_fields_set)}

    def coming_from(self, origins: Mapping[str, Origin]) -> Settings:
        """The same settings, of which is known where values come from."""
        copy = self.model_copy()
        copy._origins = dict(origins)  # noqa: SLF001 - it is one of ours
        return copy

    @property
    def secrets(self) -> Sequence[str]:
        """Everything in it that is a secret, for whoever has to leave it out of what is written."""
        alone = (self.pepper, self.jwt_key, self.session_secret, *self.webhook_secrets)
        return [one.get_secret_value() for one in alone]


def read_settings(environment: Mapping[str, str], **given: object) -> Settings:
    """Settings out of an environment; what is given goes over it.

    Raises:
        DefinitionError: A value is not valid, or a file of a secret cannot be read. Values are not repeated.

    Example:
        >>> read_settings({"AGENTKIT_TRUSTED_HOSTS": "api.acme.test, localhost"}, rate=5).trusted_hosts
        ('api.acme.test', 'localhost')
    """
    found: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    for name, field in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        text = environment.get(variable)
        is_list, is_secret = get_origin(field.annotation) is tuple, SecretStr in _kinds(field.annotation)
        if is_secret and (path := environment.get(f"{variable}_FILE")):
            variable = f"{variable}_FILE"
            text = _secret(path, variable)
            # In a file, a line is as good as a comma.
            text = text.replace("\n", ",") if is_list else text
        if text is not None:
            origins[name] = Origin(kind="environment", name=variable)
            found[name] = tuple(word.strip() for word in text.split(",") if word.strip()) if is_list else text
    written = {name: value for name, value in given.items() if value is not None}
    origins = {name: origin for name, origin in origins.items() if name not in written}
    try:
        return Settings.model_validate(found | written).coming_from(origins)
    except ValidationError as error:
        raise DefinitionError(
            *(f"setting {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False))
        ) from error


def is_loopback(host: str) -> bool:
    """Whether an address is this very machine.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _kinds(annotation: object) -> Sequence[object]:
    """What a setting is made of."""
    return get_args(annotation) or (annotation,)


def _secret(path: str, variable: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise DefinitionError(f"setting {variable}: that file cannot be read: {type(error).__name__}") from error
