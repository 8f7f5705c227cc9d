"""The last good state of every file, kept across restarts.

Decides what is remembered and how it is written: playbooks as compiled plans, so that a
newer compiler cannot lose them; shared files (house, roster, sources) as text.
"""

import json
import os
import tempfile
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import BaseModel, ValidationError

from domain.plan import PLAN_FORMAT, Plan

log = structlog.get_logger(__name__)

_FILE = "last-good.json"


class LastGood(BaseModel):
    """By path inside the folder: plans, texts of shared files, and since when it is broken."""

    plans: dict[str, Plan] = {}
    texts: dict[str, str] = {}
    broken_since: dict[str, datetime] = {}


def recall(state_dir: Path) -> LastGood:
    """What was remembered; a plan of a newer format is left out, an unreadable file is empty."""
    path = state_dir / _FILE
    try:
        remembered = LastGood.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return LastGood()
    except (OSError, ValidationError, json.JSONDecodeError) as error:
        log.warning("last_good_unreadable", path=str(path), reason=str(error).splitlines()[0])
        return LastGood()
    plans = {
        path: plan for path, plan in remembered.plans.items() if plan.plan_format <= PLAN_FORMAT
    }
    return remembered.model_copy(update={"plans": plans})


def remember(state_dir: Path, last_good: LastGood) -> None:
    """The state is on disk, whole: a crash leaves the old one or the new one.

    A disk that refuses is logged and nothing else: what runs goes on running.
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=state_dir, prefix=f".{_FILE}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(last_good.model_dump_json())
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(state_dir / _FILE)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        log.warning("last_good_not_kept", folder=str(state_dir), reason=str(error))
