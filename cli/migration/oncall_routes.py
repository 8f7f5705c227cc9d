"""The conditions of Grafana OnCall's routes as labels.

Decides which templates and expressions say nothing but a label's value; OnCall matches over
the whole message, so that anything else is for a person.
"""

import re

_TEMPLATE = re.compile(
    r"\{\{\s*(?:payload\.)?(?:alerts\[0\]\.)?(?:commonLabels|groupLabels|labels)"
    r"(?:\.(\w+)|\[\s*[\"']([^\"']+)[\"']\s*\]|\.get\(\s*[\"']([^\"']+)[\"']\s*\))"
    r"\s*(==|in)\s*(\[[^\]]*\]|[\"'][^\"']*[\"'])\s*\}\}\Z"
)
_PAIR = re.compile(r"[\"']?(\w+)[\"']?\s*(?::|\\?=)(?:\\s[*+?]?|\s)*[\"']([\w :/.@-]+)[\"']\Z")
_TEXT = re.compile(r"[\"']([^\"']*)[\"']")


def labels_of(routing_type: str, expression: str) -> dict[str, list[str]]:
    """The labels and values that the route asks for; empty if it asks for something else."""
    text = expression.strip()
    if routing_type == "jinja2":
        found = _TEMPLATE.match(text)
        if not found:
            return {}
        values = _TEXT.findall(found[5])
        return {found[1] or found[2] or found[3]: values} if all(values) and values else {}
    pair = _PAIR.match(text)
    return {pair[1]: [pair[2]]} if pair else {}
