"""The fields of an alertmanager.yml that an import reads.

Decides which fields count. Everything else of the file may stand there.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from cli.migration.exports import Exported, Said, Several
from cli.migration.matchers import Matcher, checked, read_matchers


def _word(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


Word = Annotated[str, BeforeValidator(_word)]
Anything = dict[str, Any]


class RouteExport(Exported):
    """One route of the tree."""

    receiver: Said = ""
    match: dict[str, Word] | None = None
    match_re: dict[str, Word] | None = None
    matchers: Several[Matcher] = ()
    goes_on: bool | None = Field(default=None, alias="continue")
    group_by: tuple[Word, ...] | None = None
    group_wait: Said = ""
    group_interval: Said = ""
    repeat_interval: Said = ""
    mute_time_intervals: Several[Word] = ()
    active_time_intervals: Several[Word] = ()
    routes: Several["RouteExport"] = ()

    @field_validator("matchers", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        return _read(value)

    @field_validator("match_re")
    @classmethod
    def _patterns(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        for label, pattern in (value or {}).items():
            checked(Matcher(label, "=~", pattern))
        return value

    def own(self) -> tuple[Matcher, ...]:
        """All matchers of this route, whichever way they are written."""
        equal = [Matcher(label, "=", value) for label, value in (self.match or {}).items()]
        like = [Matcher(label, "=~", value) for label, value in (self.match_re or {}).items()]
        return (*equal, *like, *self.matchers)


def _read(value: object) -> object:
    lines = [value] if isinstance(value, str) else value or []
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError('expected a list of texts such as severity="critical"')
    return tuple(matcher for line in lines for matcher in read_matchers(line))


class ReceiverExport(Exported):
    """One receiver: its name, and its configurations by kind."""

    name: Word
    pagerduty_configs: Several[Anything] = ()
    opsgenie_configs: Several[Anything] = ()
    victorops_configs: Several[Anything] = ()
    pushover_configs: Several[Anything] = ()
    sns_configs: Several[Anything] = ()
    webhook_configs: Several[Anything] = ()
    slack_configs: Several[Anything] = ()
    email_configs: Several[Anything] = ()
    msteams_configs: Several[Anything] = ()
    msteamsv2_configs: Several[Anything] = ()
    telegram_configs: Several[Anything] = ()
    discord_configs: Several[Anything] = ()
    webex_configs: Several[Anything] = ()
    wechat_configs: Several[Anything] = ()


class InhibitExport(Exported):
    """One rule of inhibition."""

    source_match: dict[str, Word] | None = None
    source_match_re: dict[str, Word] | None = None
    source_matchers: Several[Matcher] = ()
    target_match: dict[str, Word] | None = None
    target_match_re: dict[str, Word] | None = None
    target_matchers: Several[Matcher] = ()
    equal: Several[Word] = ()

    @field_validator("source_matchers", "target_matchers", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        return _read(value)

    def said(self) -> str:
        """The rule in words."""
        source = _told(self.source_match, self.source_match_re, self.source_matchers)
        target = _told(self.target_match, self.target_match_re, self.target_matchers)
        same = f" with the same {', '.join(self.equal)}" if self.equal else ""
        return f"while {source} fires, {target}{same} is kept quiet"


def _told(
    equal: dict[str, str] | None, like: dict[str, str] | None, more: tuple[Matcher, ...]
) -> str:
    found = [Matcher(label, "=", value) for label, value in (equal or {}).items()]
    found += [Matcher(label, "=~", value) for label, value in (like or {}).items()]
    return f"{{{', '.join(str(each) for each in (*found, *more))}}}"


class IntervalExport(Exported):
    """One named interval of time."""

    name: Word
    time_intervals: Several[Anything] = ()


class AlertmanagerExport(Exported):
    """An alertmanager.yml."""

    route: RouteExport
    receivers: Several[ReceiverExport] = ()
    inhibit_rules: Several[InhibitExport] = ()
    time_intervals: Several[IntervalExport] = ()
    mute_time_intervals: Several[IntervalExport] = ()
