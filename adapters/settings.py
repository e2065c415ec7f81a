"""Everything that differs between machines, read once and checked at start."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from adapters.environment import Secret, SettingsInvalid, Variable, checked, read_variables, unknown, variables_of
from adapters.launched import launched_settings

__all__ = ["Settings", "SettingsInvalid", "Variable", "load_settings", "settings_reference", "unknown_settings"]

Port = Annotated[int, Meta(ge=0, le=65535)]


def _variable(field: str) -> str:
    return f"PLAYHEAD_{field.upper()}"


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=_variable):
    """``PLAYHEAD_*``, from the environment first and from a running launcher's data directory else.

    Each field says what it means, for the table of settings: one sentence, its
    unit, why the default is what it is.  A `Secret` is never shown and may be
    given as a file (``PLAYHEAD_…_FILE``).
    """

    data: Annotated[
        str, Meta(description="The directory of everything that `./playhead up` keeps: data, secrets, logs.")
    ] = ""
    postgres_url: Annotated[
        Secret,
        Meta(
            pattern=r"^(postgres(ql)?://.*)?$",
            extra={"form": "postgresql://user:password@host[,host…]/database"},
            description="PostgreSQL, which must take writes; several hosts with `target_session_attrs=read-write`."
            " Empty: `./playhead up` runs one.",
        ),
    ] = ""
    nats_url: Annotated[
        Secret,
        Meta(
            pattern=r"^((nats|tls|ws|wss)://.*)?$",
            extra={"form": "nats://[token@]host[:4222], several by comma"},
            description="NATS with JetStream. Empty: `./playhead up` runs one.",
        ),
    ] = ""
    redis_url: Annotated[
        Secret,
        Meta(
            pattern=r"^((rediss?|redis\+cluster|rediss\+cluster)://.*)?$",
            extra={"form": "redis://[:password@]host[:6379][/0]"},
            description="Redis or Valkey, for answers that are kept. Empty: `./playhead up` runs one.",
        ),
    ] = ""
    milvus_uri: Annotated[
        str,
        Meta(
            pattern=r"^(https?://.*)?$",
            extra={"form": "http://host[:19530]"},
            description="Milvus, for similar videos beyond what memory holds. Empty: `./playhead up` runs one.",
        ),
    ] = ""
    milvus_token: Annotated[Secret, Meta(description="`user:password` or an API key, where Milvus asks for one.")] = ""
    master_key: Annotated[
        Secret,
        Meta(
            pattern=r"^([0-9a-fA-F]{64})?$",
            extra={"form": "64 hex digits, as `openssl rand -hex 32` makes them"},
            description="Wraps the keys of all personal data: whoever loses it loses that data."
            " Empty: the one that `./playhead up` made for its data directory.",
        ),
    ] = ""
    host: Annotated[str, Meta(description="The address that the API listens on: by default this machine alone.")] = (
        "127.0.0.1"
    )
    port: Annotated[Port, Meta(description="The port that the API listens on; 0 takes a free one.")] = 8000
    metrics_port: Annotated[
        Port,
        Meta(
            description="Where `/livez`, `/readyz` and `/metrics` of a process are served, apart from all else;"
            " 0: nowhere apart."
        ),
    ] = 0
    attempts_per_client: Annotated[
        int,
        Meta(
            ge=0,
            description="How often one network address may try to sign in, register or reset a password in five"
            " minutes: enough for a household, too few to guess; 0 sets no limit.",
        ),
    ] = 30
    public_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^/?#]+)?$",
            extra={"form": "https://host[:port]"},
            description="Where people reach the platform, for the links in mails."
            " Empty: `http://` and the address that the API listens on.",
        ),
    ] = ""
    smtp_url: Annotated[
        Secret,
        Meta(
            pattern=r"^(smtps?://.+)?$",
            extra={"form": "smtp://user:password@host[:587] (STARTTLS) or smtps://user:password@host[:465]"},
            description="The server that mails are handed to."
            " Empty: they are written into the folder `mails` of the data directory.",
        ),
    ] = ""
    mail_from: Annotated[
        str,
        Meta(
            pattern=r"^([^<>@\s]+@[^<>@\s]+|[^<>@]+<[^<>@\s]+@[^<>@\s]+>)$",
            extra={"form": "Name <user@host>"},
            description="Whom mails are from; the default suits a machine that sends none.",
        ),
    ] = "Playhead <playhead@localhost>"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least that is logged; `debug` adds the questions of load balancers."),
    ] = "info"
    drain_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=60,
            description="How long the API still answers after it was told to stop, while its `/readyz` says no: as long"
            " as a load balancer takes to notice. Without one there is nobody to wait for.",
        ),
    ] = 0.0
    lag_limit: Annotated[
        int,
        Meta(
            ge=1,
            description="Events that a read model may be behind its log before `/readyz` says `degraded`; by default"
            " about two seconds' work of the slowest, the recommender.",
        ),
    ] = 20_000
    writer_queue: Annotated[
        int,
        Meta(
            ge=1,
            description="Events of one log that may wait for their commit in one process, before callers are told to"
            " come later; the default is half a second's work at full speed.",
        ),
    ] = 20_000
    live_streams: Annotated[
        int,
        Meta(
            ge=0,
            description="Streams of live counts that one API process keeps open, before callers are told to come later;"
            " each costs a connection and a few kilobytes.",
        ),
    ] = 2_000
    read_your_writes_seconds: Annotated[
        float, Meta(gt=0, le=60, description="How long a query may wait for the `min_position` it was asked for.")
    ] = 5.0
    user_per_minute: Annotated[
        int,
        Meta(
            ge=0,
            description="Requests that a user may make in a minute over all their keys and sessions, at once or spread;"
            " what is taken comes back evenly. 0: any number.",
        ),
    ] = 600
    service_per_minute: Annotated[
        int,
        Meta(
            ge=0,
            description="The same for each key of scope service; the default is more than one API process answers."
            " 0: any number.",
        ),
    ] = 300_000
    staff_per_minute: Annotated[
        int, Meta(ge=0, description="The same for each admin and auditor, person or key. 0: any number.")
    ] = 6_000
    address_per_minute: Annotated[
        int,
        Meta(
            ge=0,
            description="Requests in a minute from an address (IPv6: a /64) that shows no credentials, where none are"
            " needed; an office shares one. 0: any number.",
        ),
    ] = 300
    failures_per_minute: Annotated[
        int,
        Meta(
            ge=0,
            description="Requests in a minute from an address that show credentials which open nothing, or none where"
            " some are needed: bounds who guesses. 0: any number.",
        ),
    ] = 60
    trusted_proxies: Annotated[
        str,
        Meta(
            extra={"form": "addresses and networks by comma, as 10.0.0.0/8, or *"},
            description="Proxies in front of the API whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."
            " Empty: nobody's.",
        ),
    ] = ""
    otlp_endpoint: Annotated[
        str,
        Meta(
            pattern=r"^(https?://.+)?$",
            extra={"form": "http://host[:4318]"},
            description="The OpenTelemetry collector that spans go to, by OTLP over HTTP (protobuf) at `/v1/traces`."
            " Empty: none are noted.",
        ),
    ] = ""

    @property
    def data_directory(self) -> Path:
        """Where embedded servers keep their files; by default under the user's data directory (XDG)."""
        return Path(self.data) if self.data else default_data_directory()

    @property
    def site_url(self) -> str:
        """Where people reach the platform, without a slash at the end."""
        if self.public_url:
            return self.public_url
        host = "127.0.0.1" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104 - listens nowhere
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def mail_folder(self) -> Path:
        """Where mails lie that no server is there for."""
        return self.data_directory / "mails"


def default_data_directory() -> Path:
    """``$XDG_DATA_HOME/playhead``, by default ``~/.local/share/playhead``."""
    root = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(root) / "playhead"


def load_settings(environment: Mapping[str, str] = os.environ, *, data: Path | None = None) -> Settings:
    """The settings in force.

    ``data`` (the ``--data`` option) wins over ``PLAYHEAD_DATA``; the variables
    win over what the launcher of that data directory wrote.  Raises
    `SettingsInvalid`.
    """
    given = read_variables(environment, Settings)
    if data is not None:
        given["PLAYHEAD_DATA"] = str(data)
    directory = Path(given.get("PLAYHEAD_DATA") or default_data_directory())
    return checked({**launched_settings(directory), "PLAYHEAD_DATA": str(directory), **given}, Settings)


def settings_reference() -> Sequence[Variable]:
    """What can be set, in the order of `Settings`."""
    return variables_of(Settings)


def unknown_settings(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Variables that look like ours and are not, misspelt perhaps; each with the name it may have meant, or nothing."""
    return unknown(environment, Settings)
