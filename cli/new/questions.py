"""Asks the five questions of `watchbill new` on a terminal.

Decides how they are put and that an answer which cannot be taken is asked for again. What
an answer may be is `cli.new.answers`.
"""

from collections.abc import Callable
from typing import TypeVar

from cli.new.answers import (
    SEVERITIES,
    USUAL_STEPS,
    Page,
    UnfitAnswerError,
    read_first,
    read_labels,
    read_page,
    read_same,
    read_severity,
    read_team,
)
from cli.new.folder import Folder
from cli.plain_text import plain

T = TypeVar("T")


def ask(prompt: str, read: Callable[[str], T]) -> T:
    """The answer as it is read; asked again until it can be.

    Raises:
        EOFError: at the end of the input.
    """
    while True:
        try:
            return read(input(f"{prompt}\n> "))
        except UnfitAnswerError as problem:
            print(f"  {plain(str(problem))}")


def ask_alert() -> dict[str, str]:
    """Which alert opens it."""
    prompt = "\n1. Which alert opens it? Its name, or labels: alertname=DiskFull, env=prod"
    return ask(prompt, lambda text: read_labels(text.split(",")))


def ask_same() -> tuple[str, ...]:
    """What one incident is."""
    prompt = (
        "\n2. Alerts with the same values of which labels are one incident?\n"
        "   Such as: instance. Empty for the usual ones: service, cluster, namespace, env."
    )
    return ask(prompt, read_same)


def ask_page(folder: Folder) -> Page:
    """Whom to page."""
    schedules = [each for each in folder.references if each.startswith("schedule:")]
    prompt = "\n3. Who is paged, first, then next? "
    if schedules:
        prompt += "There are:\n" + "\n".join(f"   {each}" for each in schedules)
    else:
        prompt += (
            "Nobody is in the roster yet: name people, with what wakes them:\n"
            "   Ann Berg=+4930123456, Bo Chen=ntfys://ntfy.sh/your-topic"
        )

    def read(text: str) -> Page:
        page = read_page([text])
        folder.must_know(page)
        return page

    return ask(prompt, read)


def ask_severity() -> str:
    """How bad it is."""
    prompt = (
        "\n4. How bad is it, if nobody says otherwise? "
        f"{', '.join(SEVERITIES[1:])}.\n   Empty: as the alert's own severity label says."
    )
    return ask(prompt, lambda text: read_severity(text or "alert"))


def ask_first() -> tuple[str, ...]:
    """What is done first, one line each."""
    print("\n5. What is done first? One thing a line; an empty line ends.")
    print("   None: three usual ones, for you to change.")
    found: list[str] = []
    while line := input("> ").strip():
        found += read_first([line])
    return tuple(found) or USUAL_STEPS


def ask_owner(folder: Folder, page: Page) -> str:
    """Whose playbook it is, where that cannot be told from the rest."""
    teams = ", ".join(folder.compiled.roster.teams)
    prompt = "What are these people called as a team?" if page.people else f"Whose is it? {teams}"

    def read(text: str) -> str:
        owner = read_team(text)
        folder.must_have_team(owner, page)
        return owner

    return ask(f"\n{prompt}", read)
