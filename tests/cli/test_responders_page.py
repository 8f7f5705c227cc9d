"""docs/responders.md names every command, and only commands that exist."""

import re

from cli.main import RESPONDERS, build_app
from tests.cli.conftest import ROOT

PAGE = (ROOT / "docs" / "responders.md").read_text()


def test_every_responders_command_is_on_the_page():
    missing = [
        name
        for name in RESPONDERS
        if not re.search(rf"`watchbill {name}[ `]", PAGE) and f"`{name}` is the same" not in PAGE
    ]

    assert missing == []


def test_the_page_names_no_command_that_does_not_exist():
    app = build_app([])
    known = {command.name for command in app.registered_commands}
    known |= {group.name for group in app.registered_groups}

    named = set(re.findall(r"watchbill ([a-z][a-z-]+)", PAGE)) - {"keys"}

    assert named <= known
