"""Finds or obtains the program of a Temporal dev server, and says how.

Decides where to look and in which order: the explicit setting, PATH (and Go's own
folders), what an earlier run has put into the cache, the SDK's download, and a build of
a pinned version with Go. Running the program is `cli.engine.server`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version as version_of
from pathlib import Path

from settings import Settings

Say = Callable[[str], None]

OLDEST_SERVER = (1, 29)
PINNED_CLI = "v1.5.1"
CLI_MODULE = f"github.com/temporalio/cli/cmd/temporal@{PINNED_CLI}"
STALLED_DOWNLOAD_S = 20.0
LONGEST_DOWNLOAD_S = 600.0
LONGEST_BUILD_S = 1800.0
PROGRESS_EVERY_S = 15.0

NOTHING_WORKS = f"""No Temporal dev server could be found or obtained. Any of these mends it:
  - install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH
  - set WATCHBILL_TEMPORAL_BINARY to its path
  - install Go, so that `go install {CLI_MODULE}` can build it
  - set TEMPORAL_ADDRESS to use a Temporal server that already runs"""


class EngineError(Exception):
    """The engine cannot be had or does not run; the text says how to mend it."""


def find_engine(settings: Settings, say: Say) -> Path:
    """The first dev server program that is new enough, obtained if need be.

    Raises EngineError with the mend if there is none.
    """
    if settings.temporal_binary is not None:
        return _the_one_set(settings.temporal_binary)
    for candidate in installed_candidates(engine_cache(settings)):
        if refusal := why_not(candidate):
            say(f"engine: skipping {candidate}: {refusal}")
            continue
        return candidate
    for obtain in (download_by_sdk, build_with_go):
        obtained = obtain(engine_cache(settings), say)
        if obtained is None:
            continue
        if refusal := why_not(obtained):
            say(f"engine: skipping {obtained}: {refusal}")
            continue
        return obtained
    raise EngineError(NOTHING_WORKS)


def engine_cache(settings: Settings) -> Path:
    """Where obtained programs are kept, outside every checkout."""
    if settings.engine_cache is not None:
        return settings.engine_cache
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "watchbill" / "engine"


def installed_candidates(cache: Path) -> Iterator[Path]:
    """Every `temporal` already on this machine, best first, each once."""
    folders = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    folders += [*_go_folders(), cache / PINNED_CLI, _sdk_folder(cache)]
    seen: set[Path] = set()
    for folder in folders:
        for name in ("temporal", f"temporal-sdk-python-{version_of('temporalio')}"):
            candidate = folder / name
            if candidate in seen or not os.access(candidate, os.X_OK) or candidate.is_dir():
                continue
            seen.add(candidate)
            yield candidate


def why_not(program: Path) -> str | None:
    """Why this program cannot be our engine, or None if it can."""
    try:
        answer = subprocess.run(  # noqa: S603 - a path the user or we chose
            [str(program), "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it does not run ({error})"
    found = re.search(r"[Ss]erver:?\s+v?(\d+)\.(\d+)", answer.stdout + answer.stderr)
    if answer.returncode != 0 or found is None:
        return "it does not tell its server version (is it the Temporal CLI?)"
    if (int(found[1]), int(found[2])) < OLDEST_SERVER:
        wanted = ".".join(str(part) for part in OLDEST_SERVER)
        return f"its server is {found[1]}.{found[2]}, {wanted} or newer is needed"
    return None


def download_by_sdk(cache: Path, say: Say) -> Path | None:
    """The program as the SDK downloads it; None if nothing arrives within 20 s."""
    folder = _sdk_folder(cache)
    folder.mkdir(parents=True, exist_ok=True)
    say("engine: downloading the Temporal dev server through the SDK")
    child = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "cli.engine.download", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stall = _wait_for_download(child, folder, say)
    if stall is None and child.returncode == 0:
        return next((path for path in folder.iterdir() if os.access(path, os.X_OK)), None)
    say(f"engine: the download did not work ({stall or 'refused or no way to the internet'})")
    return None


def build_with_go(cache: Path, say: Say) -> Path | None:
    """The pinned CLI built by Go into the cache; None without Go or if it fails."""
    go = find_go()
    if go is None:
        say("engine: no Go on PATH, so it cannot be built either")
        return None
    target = cache / PINNED_CLI
    target.mkdir(parents=True, exist_ok=True)
    say(f"engine: building Temporal CLI {PINNED_CLI} with Go, once; this takes some minutes")
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        failure = _run_go_install(go, Path(folder), say)
        built = Path(folder) / "temporal"
        if failure is not None or not built.exists():
            say(f"engine: the build did not work: {failure or 'Go built no program'}")
            return None
        built.replace(target / "temporal")
    say(f"engine: built {target / 'temporal'}")
    return target / "temporal"


def find_go() -> str | None:
    """The Go tool, on PATH or where its own installer puts it."""
    return shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")


def _the_one_set(program: Path) -> Path:
    path = program.expanduser().resolve()
    if not path.is_file():
        raise EngineError(f"WATCHBILL_TEMPORAL_BINARY is {program}, but there is no such file")
    if refusal := why_not(path):
        raise EngineError(f"WATCHBILL_TEMPORAL_BINARY is {program}, but {refusal}")
    return path


def _go_folders() -> list[Path]:
    folders = [Path(found)] if (found := os.environ.get("GOBIN")) else []
    paths = [part for part in os.environ.get("GOPATH", "").split(os.pathsep) if part]
    return folders + [Path(part) / "bin" for part in paths or [str(Path.home() / "go")]]


def _sdk_folder(cache: Path) -> Path:
    return cache / f"sdk-{version_of('temporalio')}"


def _wait_for_download(child: subprocess.Popen[bytes], folder: Path, say: Say) -> str | None:
    """None once the child ended by itself; else why it was stopped."""
    started = last_growth = last_said = time.monotonic()
    size = 0
    while child.poll() is None:
        now = time.monotonic()
        arrived = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        if arrived > size:
            size, last_growth = arrived, now
        if now - last_growth > STALLED_DOWNLOAD_S or now - started > LONGEST_DOWNLOAD_S:
            child.kill()
            child.wait()
            return f"nothing arrived for {STALLED_DOWNLOAD_S:.0f} s"
        if size and now - last_said > PROGRESS_EVERY_S:
            last_said = now
            say(f"engine: {size / 1e6:.0f} MB so far")
        time.sleep(0.1)
    return None


def _run_go_install(go: str, folder: Path, say: Say) -> str | None:
    """None if Go exited 0; else its last words. Says every 15 s that it still works."""
    with (folder / "go.log").open("w+b") as log:
        child = subprocess.Popen(  # noqa: S603 - the Go toolchain with a pinned module
            [go, "install", CLI_MODULE],
            env={**os.environ, "GOBIN": str(folder)},
            stdout=log,
            stderr=log,
        )
        started = time.monotonic()
        while True:
            try:
                child.wait(PROGRESS_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                elapsed_s = time.monotonic() - started
                say(f"engine: still building ({elapsed_s:.0f} s)")
                if elapsed_s > LONGEST_BUILD_S:
                    child.kill()
                    child.wait()
        log.seek(0)
        words = log.read().decode(errors="replace").strip().splitlines()
    if child.returncode == 0:
        return None
    return words[-1] if words else f"exit status {child.returncode}"
