"""Texts made to break a compiler: each family by name, in a size that is drawn.

Decides what is tried beyond slips of an editor: nesting, aliases, enormous texts, odd
characters, endless numbers, conditions and templates that grow. Mutated real files are
`tests.compiler.malformed`.
"""

from collections.abc import Callable
from random import Random

from tests.compiler.bomb_shapes import (
    BREAKS,
    CONDITIONS,
    DIGITS,
    FIELDS,
    NESTED,
    ODD,
    SPANS,
    TEMPLATES,
    ZONES,
)

HEAD = """\
language: 1
name: disk_full
owner: team:storage
on_alert: { alertname: DiskFull }
page: [schedule:storage_primary, schedule:storage_secondary]
"""

PLAYBOOK = "disk_full.yaml"
RUNBOOK = "runbooks/disk.md"
SHOWN = (
    'steps:\n  - { id: look, checklist: { from: "runbooks/disk.md#first-look" }, deadline: 5m }\n'
)

Bomb = Callable[[Random], dict[str, str]]
"""The files that the bomb puts in place, by path."""


def _size(random: Random, most: int) -> int:
    """Often small, sometimes the most."""
    return max(1, int(most * random.random() ** 3)) if random.random() < 0.8 else most


def _playbook(tail: Callable[[Random], str]) -> Bomb:
    return lambda random: {PLAYBOOK: HEAD + tail(random)}


def _whole(text: Callable[[Random], str], *paths: str) -> Bomb:
    """The whole file is the bomb, at one of these places."""
    places = paths or (PLAYBOOK, "roster/more.yaml", "house.yaml", "sources.yaml")
    ops = paths or ("ops/commands.yaml", "ops/queries.yaml")
    return lambda random: {random.choice((*places, *ops)): text(random)}


def _condition(text: Callable[[Random], str]) -> Bomb:
    def bomb(random: Random) -> dict[str, str]:
        lines = "\n".join(f"        {line}" for line in text(random).split("\n"))
        rule = f"    - set: SEV1\n      when: |-\n{lines}\n"
        return {PLAYBOOK: f"{HEAD}severity:\n  default: SEV3\n  rules:\n{rule}"}

    return bomb


def _template(text: Callable[[Random], str]) -> Bomb:
    def bomb(random: Random) -> dict[str, str]:
        key = random.choice(("title: ", "dedup:\n  key: "))
        quoted = text(random).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return {PLAYBOOK: f'{HEAD}{key}"{quoted}"\n'}

    return bomb


def _aliases(random: Random) -> str:
    width, depth = _size(random, 40), _size(random, 200)
    lines = ["a0: &a0 [x, x, x]"]
    for level in range(1, depth):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]")
    return "\n".join(lines)


def _steps(random: Random) -> str:
    each = random.choice(
        (
            "{{ id: s{n}, wait: 5m }}",
            '{{ id: s{n}, notify: {{ to: user:ann, text: "{{{{ labels.a }}}}" }} }}',
            "{{ id: s{n}, when: steps.s{m}.ok, wait: 5m }}",
            "{{ id: same, wait: 5m }}",
            "{{ id: s{n}, ask: {{ of: user:nobody, question: a }} }}",
        )
    )
    count = _size(random, 6000)
    lines = (f"  - {each.format(n=n, m=max(0, n - 1))}" for n in range(count))
    return "steps:\n" + "\n".join(lines) + "\n"


def _deep_steps(random: Random) -> str:
    lines, indent = ["steps:"], "  "
    for level in range(_size(random, 60)):
        lines.append(f"{indent}- id: s{level}")
        lines.append(f"{indent}  for_each: {{ in: alerts.labels.a, as: v{level}, max: 3 }}")
        lines.append(f"{indent}  do:")
        indent += "    "
    lines.append(f"{indent}- {{ id: last, wait: 1m }}")
    return "\n".join(lines) + "\n"


def _rules(random: Random) -> str:
    each = random.choice(
        (
            "alerts.firing > {n}",
            "facts.x == 'v{n}'",
            "labels.a == '{n}' && alerts.firing > {n} || alerts.total < {n}",
            "labls.a == '{n}'",
        )
    )
    count = _size(random, 3000)
    lines = (
        f"    - {{ set: SEV{1 + n % 5}, when: {each.format(n=n)!r} }}".replace('"', "'")
        if "'" not in each
        else f'    - {{ set: SEV{1 + n % 5}, when: "{each.format(n=n)}" }}'
        for n in range(count)
    )
    return "severity:\n  default: SEV3\n  rules:\n" + "\n".join(lines) + "\n"


def _levels(random: Random) -> str:
    count = _size(random, 20_000)
    refs = random.choice(("user:ann, user:bo", "user:ann", "schedule:storage_primary", "user:x"))
    return f"escalation:\n  levels: [{', '.join([f'[{refs}]'] * count)}]\n"


def _many_people(random: Random) -> dict[str, str]:
    count = _size(random, 4000)
    push = "contact: { push: 'ntfys://ntfy.example/a' }"
    users = "".join(f"  u{n}: {{ {push} }}\n" for n in range(count))
    turns = '{ every: week, hands_over: "monday 09:30", from: 2026-01-05, users: [%s] }'
    listed = turns % ", ".join(f"u{n}" for n in range(count))
    lines = f"language: 1\nusers:\n{users}schedules:\n  many: {{ tz: UTC, rotate: {listed} }}\n"
    return {"roster/more.yaml": lines, PLAYBOOK: HEAD + "roles: { sme: { page: schedule:many } }\n"}


def _overrides(random: Random) -> str:
    count = _size(random, 4000)
    one = '      - { user: u, from: "2026-12-24T18:00", to: "2026-12-27T09:30" }\n'
    return (
        "language: 1\nschedules:\n  s:\n    tz: UTC\n"
        '    rotate: { users: [u], every: week, hands_over: "monday 09:30", from: 2026-01-05 }\n'
        f"    overrides:\n{one * count}"
    )


def _layers(random: Random) -> str:
    one = '      - { users: [ann], days: [mon], between: ["18:00", "06:00"] }\n'
    head = "language: 1\nschedules:\n  s:\n    tz: Europe/Berlin\n    layers:\n"
    return head + one * _size(random, 8000)


def _severities(random: Random) -> str:
    entries = ", ".join(f"SEV{n}: {n}m" for n in range(_size(random, 8000)))
    return f"escalation: {{ ack_within: {{ {entries} }} }}\n"


def _house_words(random: Random) -> str:
    entries = "".join(f"  w{n}: SEV{1 + n % 5}\n" for n in range(_size(random, 12_000)))
    return f"language: 1\nseverity_from:\n{entries}"


def _runbook(random: Random) -> dict[str, str]:
    text = random.choice(
        (
            "# First look\n" * _size(random, 40_000),
            "# First look\n" + "- [ ] tick\n" * _size(random, 40_000),
            "# " + "a" * _size(random, 900_000) + "\n",
            "# First look\n- [ ] " + "x " * _size(random, 400_000),
            "#" * _size(random, 900_000),
            "# First look " + "#" * _size(random, 500_000) + "x",
            "# First look" + " " * _size(random, 300_000) + "x",
            "- [ ]" + " " * _size(random, 300_000),
            "```\n" * _size(random, 200_000) + "# First look\n- [ ] a\n",
            "\x00\ud800\u2028# First look\r- [ ] a\x85",
        )
    )
    return {RUNBOOK: text, PLAYBOOK: HEAD + SHOWN}


def _indented(random: Random) -> str:
    """One level deeper in every line."""
    return "".join(f"{'  ' * level}a:\n" for level in range(_size(random, 1400)))


def _odd_breaks(random: Random) -> str:
    return HEAD.replace("\n", random.choice(BREAKS)) * _size(random, 200)


def _odd_characters(random: Random) -> str:
    at = random.randrange(len(HEAD))
    return HEAD[:at] + random.choice(ODD) * _size(random, 200_000) + HEAD[at:]


def _other_encoding(random: Random) -> str:
    encoding = random.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "utf-7"))
    return HEAD.encode(encoding).decode(errors="surrogateescape")


def _enormous(random: Random) -> str:
    size = _size(random, 1_040_000)
    shape = random.choice(
        ("title: {}", "{}: a", '"{}": a', "? {}\n: a", "title: '{}'", "title: |\n  {}", "# {}",
         "title: {}: {}", "owner: team:{}", "page: [schedule:{}]", "on_alert: {{ a: '{}' }}")
    )  # fmt: skip
    letter = random.choice(("x", "é", " x", "'", "a\n", "{{", "\\", "a.", "a_", ":", "#"))
    return shape.replace("{}", (letter * size)[: 1_040_000 // (2 if "é" in letter else 1)])


def _lines(random: Random) -> str:
    one = random.choice(
        ("a{n}: b\n", "# comment\n", "\n", "- a\n", "a{n}:\n", "same: b\n", "{n}: no\n",
         "a{n}: [\n",
         "a{n}: 0755\n", "a{n}: 'b\n", "a{n}: *b\n", "x{n}: 12:30\n", "--- \n", "a{n}: !b c\n")
    )  # fmt: skip
    return "".join(one.format(n=n) for n in range(_size(random, 100_000)))


def _binary(random: Random) -> str:
    return random.randbytes(_size(random, 60_000)).decode(errors="surrogateescape")


def _field(words: tuple[str, ...]) -> Callable[[Random], str]:
    def text(random: Random) -> str:
        word = random.choice(words)
        return random.choice(FIELDS).format(word, word)

    return text


def _grown(shapes: tuple[Callable[[int], str], ...], most: int) -> Callable[[Random], str]:
    return lambda random: random.choice(shapes)(_size(random, most))


BOMBS: dict[str, Bomb] = {
    "nested": _whole(lambda random: random.choice(NESTED) * _size(random, 300_000)),
    "indented": _whole(_indented),
    "aliases": _whole(_aliases),
    "enormous": _whole(_enormous),
    "lines": _whole(_lines),
    "odd_breaks": _whole(_odd_breaks),
    "odd_characters": _whole(_odd_characters),
    "other_encoding": _whole(_other_encoding),
    "binary": _whole(_binary),
    "digits": _playbook(_field(DIGITS)),
    "spans": _playbook(_field(SPANS)),
    "zones": _playbook(lambda random: f"timezone: {random.choice(ZONES)!r}\n"),
    "severities": _playbook(_severities),
    "steps": _playbook(_steps),
    "deep_steps": _playbook(_deep_steps),
    "rules": _playbook(_rules),
    "levels": _playbook(_levels),
    "people": _many_people,
    "overrides": _whole(_overrides, "roster/more.yaml"),
    "layers": _whole(_layers, "roster/more.yaml"),
    "house_words": _whole(_house_words, "house.yaml"),
    "runbook": _runbook,
    "small_condition": _condition(_grown(CONDITIONS, 1000)),
    "condition": _condition(_grown(CONDITIONS, 100_000)),
    "small_template": _template(_grown(TEMPLATES, 500)),
    "template": _template(_grown(TEMPLATES, 60_000)),
}
"""Every family; what it gives depends on the random numbers alone."""
