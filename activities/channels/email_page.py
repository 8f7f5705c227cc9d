"""A mail as HTML, for those who read it so; the plain text says the same.

Decides its look only. No pictures, no scripts, nothing from elsewhere: mail programs
leave such things out, and a page must read alike at 03:00 on any phone.
"""

from html import escape

from activities.channels.outgoing import Outgoing, label_of

_COLOURS = {"SEV1": "#b42318", "SEV2": "#c4320a", "SEV3": "#b54708"}
_CALM = "#344054"
_BODY = "margin:0;padding:16px;font:16px/1.45 system-ui,sans-serif;color:#101828;background:#fff"
_BUTTON = (
    "display:inline-block;margin:4px 8px 4px 0;padding:10px 16px;border-radius:6px;"
    "text-decoration:none;font-weight:600;"
)


def html_of(outgoing: Outgoing) -> str:
    """The whole document; every word from outside is escaped."""
    message = outgoing.message
    colour = _COLOURS.get(message.severity.value, _CALM)
    mark = "DRILL · " if message.drill else ""
    head = f"{mark}{message.severity.value} · {message.reference}"
    parts = [
        f'<p style="margin:0 0 4px;font-weight:700;color:{colour}">{escape(head)}</p>',
        f'<h1 style="margin:0 0 12px;font-size:20px">{escape(message.headline)}</h1>',
        _lines(message.lines),
        _buttons(outgoing, colour),
        *(
            f'<p style="margin:14px 0 2px;font-weight:600">{heading}</p>{_lines(lines)}'
            for heading, lines in outgoing.background()
        ),
    ]
    return f'<!doctype html><html><body style="{_BODY}">{"".join(parts)}</body></html>\n'


def _lines(lines: tuple[str, ...]) -> str:
    return "".join(f'<p style="margin:0 0 4px">{escape(line)}</p>' for line in lines)


def _buttons(outgoing: Outgoing, colour: str) -> str:
    """A link opens the page, whose button acts: programs that look into mails press none."""
    shown = ""
    if outgoing.link:
        label = f"Open to {_lowered(label_of(outgoing))}" if outgoing.message.ask else "Open"
        shown += _button(outgoing.link, label, f"background:{colour};color:#fff")
    bridge = outgoing.message.bridge or ""
    if bridge.startswith("https://"):
        shown += _button(bridge, "Join the bridge", "border:1px solid #98a2b3;color:#344054")
    elif bridge:
        shown += f"Join: {escape(bridge)}"
    return f'<p style="margin:12px 0">{shown}</p>' if shown else ""


def _button(address: str, label: str, style: str) -> str:
    return f'<a href="{escape(address)}" style="{_BUTTON}{style}">{escape(label)}</a>'


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:]
