"""The programs of the shipped `ops/commands.yaml`, played by one small script.

Each writes down how it was called, prints what it was told to and exits as it was told to.
"""

import json
from pathlib import Path

NAMES = (
    "payctl", "kube-ops", "etcd-ops", "pg-ops", "cloud-keys", "tls-ops", "kafka-ops", "pager-ops",
)  # fmt: skip

SCRIPT = """\
#!/bin/sh
here=$(dirname "$0")
what="$(basename "$0") $1"
printf '%s\\n' "$(basename "$0") $*" >> "$here/ran"
if [ -f "$here/$what.out" ]; then cat "$here/$what.out"; fi
if [ -f "$here/$what.code" ]; then
  echo "told to fail" >&2
  exit "$(cat "$here/$what.code")"
fi
"""


class Tools:
    """The folder in which they stand."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        for name in NAMES:
            path = folder / name
            path.write_text(SCRIPT)
            path.chmod(0o755)

    def prints(self, what: str, answer: object) -> None:
        """From now on `pg-ops status` prints this as JSON."""
        (self.folder / f"{what}.out").write_text(json.dumps(answer))

    def fails(self, what: str, code: int = 1) -> None:
        """From now on it exits so; 0 mends it."""
        path = self.folder / f"{what}.code"
        path.unlink(missing_ok=True)
        if code:
            path.write_text(str(code))

    def ran(self) -> list[str]:
        """Every call so far, as it was made."""
        log = self.folder / "ran"
        return log.read_text().splitlines() if log.exists() else []

    def forget(self) -> None:
        """Nothing has run, and nothing is told."""
        for path in self.folder.iterdir():
            if path.name not in NAMES:
                path.unlink()
