"""Settings from the environment, read once and handed on.

Every name is an environment variable with the prefix `WATCHBILL_`; an unknown one is
refused by `watchbill` with a hint, since a typo that is ignored pages nobody. How to
reach Temporal is Temporal's own (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, profiles,
TLS) through `temporalio.envconfig`; without any of it the embedded engine on
`temporal_port` is meant.
"""

import shlex
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.addresses import read_allowed

QUEUES = frozenset({"incidents", "paging", "notices", "automation", "facts"})
"""What a worker may serve."""


def _names_in(given: str) -> frozenset[str]:
    return frozenset(given.replace(",", " ").split())


class Settings(BaseSettings):
    """Everything that can be set from outside. Ports are TCP ports on `bind`."""

    model_config = SettingsConfigDict(env_prefix="WATCHBILL_", frozen=True, extra="ignore")

    data_dir: Path = Path(".watchbill")
    playbooks: Path = Path("playbooks")
    bind: str = "127.0.0.1"
    api_port: int = Field(default=8080, ge=1, le=65535)
    temporal_port: int = Field(default=7233, ge=1, le=65535)
    ui_port: int = Field(default=8233, ge=1, le=65535)
    public_url: str | None = None
    url: str | None = None
    api_key: str | None = None
    actor: str | None = None
    ledger_url: str | None = None
    link_secret: str | None = None
    webhook_secret: str | None = None
    temporal_binary: Path | None = None
    temporal_namespace: str = "default"
    engine_cache: Path | None = None
    retention: str = "30d"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_from: str = "watchbill@localhost"
    ntfy_token: str | None = None
    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = None
    twilio_from: str | None = None
    twilio_url: str = "https://api.twilio.com"
    slack_bot_token: str | None = None
    slack_signing_secret: str | None = None
    slack_url: str = "https://slack.com/api"
    grafana_secret: str | None = None
    sns_topics: str = ""
    sns_hosts: str = ""
    send_timeout_s: float = 8.0
    http_allow: str = ""
    """Targets of http steps and facts that are not public, parted by commas."""
    secrets_dir: Path | None = None
    secret_command: str | None = None
    bundle_window_s: float = Field(default=60.0, ge=0, le=600)
    sandboxed: bool = True
    relief_offers: bool = True
    automation_slots: int = Field(default=100, ge=1, le=1000)
    queues: str = "incidents,paging,notices,automation,facts"
    statuspage_url: str | None = None
    test_clock: bool = False
    """Allow speed, stepped clocks and `simulate` on incidents opened through the API."""
    test_speed: float | None = None
    """With `test_clock`: the speed every incident opened from an alert runs at (demo)."""
    continue_as_new_after: int | None = None
    worker_metrics_port: int | None = None
    log_format: Literal["text", "json"] = "text"

    @field_validator("http_allow")
    @classmethod
    def _names_targets(cls, given: str) -> str:
        read_allowed(given)
        return given

    @field_validator("queues")
    @classmethod
    def _names_queues(cls, given: str) -> str:
        unknown = sorted(_names_in(given) - QUEUES)
        if unknown or not _names_in(given):
            wrong = f", not {', '.join(unknown)}" if unknown else ""
            raise ValueError(f"must be some of {', '.join(sorted(QUEUES))}{wrong}")
        return given

    @field_validator("secrets_dir", "secret_command", mode="before")
    @classmethod
    def _empty_is_unset(cls, given: object) -> object:
        return None if given == "" else given

    @field_validator("secret_command")
    @classmethod
    def _is_a_command(cls, given: str | None) -> str | None:
        if given is not None and not "".join(shlex.split(given)[:1]).strip():
            raise ValueError("must be a program and its arguments")
        return given

    @property
    def served_queues(self) -> frozenset[str]:
        """The task queues that a worker of this process polls."""
        return frozenset(f"watchbill-{name}" for name in _names_in(self.queues))

    @property
    def ledger_address(self) -> str:
        """The SQLAlchemy URL of the ledger; a SQLite file in the data directory unless set."""
        return self.ledger_url or f"sqlite:///{self.data_dir.resolve() / 'ledger.db'}"

    @property
    def local_address(self) -> str:
        """The API as this machine reaches it, without a trailing slash."""
        host = "127.0.0.1" if self.bind in {"0.0.0.0", "::"} else self.bind
        return f"http://{host}:{self.api_port}"

    @property
    def public_address(self) -> str:
        """The address people's phones reach, without a trailing slash."""
        return (self.public_url or f"http://127.0.0.1:{self.api_port}").rstrip("/")

    @property
    def ui_address(self) -> str:
        """The Temporal UI of the embedded engine."""
        return f"http://127.0.0.1:{self.ui_port}"
