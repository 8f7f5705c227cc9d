"""A small folder of playbooks that know of each other, and edits that people make to it."""

from hypothesis import strategies as st

Folder = dict[str, str]

HOUSE = "language: 1\nfallback: catch_all\n"
ROSTER = """\
language: 1
users:
  ann: { contact: { webhook: "https://hooks.example/ann" } }
  bo: { contact: { webhook: "https://hooks.example/bo" } }
teams:
  storage: { members: [ann, bo], manager: ann }
schedules:
  first:
    tz: UTC
    coverage: best_effort
    rotate: { users: [ann], every: week, hands_over: "monday 09:00", from: 2026-01-05 }
"""
RUNBOOK = "# Disk\n\n## Clean\n\n- [ ] Remove logs\n- [ ] Look again\n\n## Grow\n\nAsk for space.\n"


def playbook(name: str, alert: str, more: str = "") -> str:
    """A small sound playbook."""
    return (
        f"language: 1\nname: {name}\nowner: team:storage\n"
        f"on_alert: {{ alertname: {alert} }}\npage: [user:ann, user:bo]\n{more}"
    )


def calling(name: str) -> str:
    """A step that runs another playbook."""
    return (
        f"steps:\n  - id: other\n    playbook: {{ name: {name}, wait: true }}\n    deadline: 1h\n"
    )


CLEAN = """\
steps:
  - id: clean
    checklist: { from: "runbooks/disk.md#clean" }
    deadline: 30m
"""

FOLDER: Folder = {
    "house.yaml": HOUSE,
    "roster/storage.yaml": ROSTER,
    "runbooks/disk.md": RUNBOOK,
    "catch_all.yaml": playbook("catch_all", "Nothing"),
    "disk.yaml": playbook("disk", "DiskFull", CLEAN),
    "array.yaml": playbook("array", "ArrayBroken", calling("disk")),
    "site.yaml": playbook("site", "SiteDown", calling("array")),
    "tape.yaml": playbook("tape", "TapeStuck"),
}

_SWAPS = (
    *(("DiskFull", "TapeStuck"), ("TapeStuck", "DiskFull"), ("name: tape", "name: disk")),
    *(("name: disk", "name: disc"), ("name: disc", "name: disk"), ("user:bo", "user:nobody")),
    *(("user:nobody", "user:bo"), ("page:", "pag:"), ("pag:", "page:"), ("#clean", "#cleen")),
    *(("#cleen", "#clean"), ("## Clean", "## Tidy"), ("## Tidy", "## Clean"), ("- [ ]", "-")),
    *(("name: array, wait", "name: site, wait"), ("name: site, wait", "name: gone, wait")),
    *(
        ("catch_all", "catch_none"),
        ("bo:", "bob:"),
        ("bob:", "bo:"),
        ("language: 1", "language: 2"),
    ),
    *(("language: 2", "language: 1"), ("owner", "{ owner"), ("{ owner", "owner")),
    *(
        ("storage: {", "storages: {"),
        ("storages: {", "storage: {"),
        ("ArrayBroken }", "DiskFull }"),
    ),
    ("on_alert:", "priority: 1\non_alert:"),
)


@st.composite
def edited(draw: st.DrawFn, folder: Folder) -> Folder:
    """The folder after one edit: of words, or of which files there are."""
    files = dict(folder)
    path = draw(st.sampled_from(sorted(FOLDER)))
    match draw(st.sampled_from(["swap", "swap", "swap", "swap", "remove", "restore", "copy"])):
        case "swap":
            whole = "\n".join(files.values())
            usable = [swap for swap in _SWAPS if swap[0] in whole]
            old, new = draw(st.sampled_from(usable))
            hit = sorted(each for each, text in files.items() if old in text)
            one = draw(st.sampled_from(hit))
            files[one] = files[one].replace(old, new)
        case "remove" if len(files) > 1:
            files.pop(path, None)
        case "copy":
            files["copy.yaml"] = files.get(path, "")
        case _:
            files[path] = FOLDER[path]
    return files


@st.composite
def histories(draw: st.DrawFn, most: int = 8) -> list[Folder]:
    """The folder after each of some edits, one after the other."""
    found = [FOLDER]
    for _ in range(draw(st.integers(1, most))):
        found.append(draw(edited(found[-1])))
    return found
