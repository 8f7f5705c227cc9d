"""Alertmanager's receivers: whom they wake, and which addresses we copy.

Decides that a webhook may wake somebody, and that keys and webhook URLs of chats are secrets.
"""

from typing import Any

from cli.migration.addresses import channel, mail, open_url
from cli.migration.alertmanager_document import ReceiverExport
from cli.migration.draft import Fields
from cli.migration.routes import Wakes

_WAKING = {
    "pagerduty": "a PagerDuty service (its routing key is a secret and not copied)",
    "opsgenie": "Opsgenie",
    "victorops": "VictorOps",
    "pushover": "Pushover",
    "sns": "an SNS topic",
    "webhook": "a webhook",
}
_TELLING = ("slack", "email", "msteams", "msteamsv2", "telegram", "discord", "webex", "wechat")


def _configs(receiver: ReceiverExport, kind: str) -> tuple[dict[str, Any], ...]:
    found: tuple[dict[str, Any], ...] = getattr(receiver, f"{kind}_configs")
    return found


def wakes(receiver: ReceiverExport) -> Wakes:
    """Whether the receiver reaches something that wakes people; a webhook may."""
    if any(_configs(receiver, kind) for kind in _WAKING if kind != "webhook"):
        return Wakes.SURELY
    return Wakes.PERHAPS if receiver.webhook_configs else Wakes.NOBODY


def ways_of(receiver: ReceiverExport) -> list[str]:
    """What the receiver reaches that wakes people, in words."""
    return [said for kind, said in _WAKING.items() if _configs(receiver, kind)]


def addresses_of(receiver: ReceiverExport) -> tuple[Fields, list[str]]:
    """The fields of a destination, and what of it a person must say."""
    fields: Fields = {}
    asked: list[str] = []
    mails = [each for config in receiver.email_configs for each in _mails(config, asked)]
    if mails:
        fields["email"] = list(dict.fromkeys(mails))
    for config in receiver.slack_configs:
        name = str(config.get("channel") or "")
        found = channel(name if name.startswith(("#", "@")) or name.isupper() else f"#{name}")
        if found and "slack" not in fields:
            fields["slack"] = found
        elif found:
            asked.append(f"a second Slack channel, {name}; make it a destination of its own")
        else:
            asked.append(
                f"the Slack channel '{name or 'of the webhook'}' cannot be copied; name one"
            )
    for config in receiver.webhook_configs:
        url = open_url(str(config.get("url") or ""))
        if url:
            asked.append(
                f"{url} got Alertmanager's JSON, and ours differs; make it a destination if it can"
            )
        else:
            asked.append("a webhook's URL holds a secret, or is kept in a file, and is not copied")
    others = [
        kind for kind in _TELLING if kind not in ("slack", "email") and _configs(receiver, kind)
    ]
    asked += [f"its {kind}_configs are not copied: their address is a secret" for kind in others]
    return fields, list(dict.fromkeys(asked))


def _mails(config: dict[str, Any], asked: list[str]) -> list[str]:
    found = []
    for text in str(config.get("to") or "").split(","):
        address = mail(text.strip())
        if address:
            found.append(address)
        elif text.strip():
            asked.append(f"'{text.strip()}' is no mail address that can be copied")
    return found
