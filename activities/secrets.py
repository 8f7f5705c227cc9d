"""Secrets that are made once per data directory and shared by API and worker."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path


def new_token() -> str:
    """43 characters that fit into a URL, with 256 random bits."""
    return secrets.token_urlsafe(32)


def read_or_create_secret(path: Path, new: Callable[[], str] = new_token) -> str:
    """The secret in the file, made by `new` and readable by its owner only if absent.

    Safe against another process that creates it at the same moment: both get the same.
    """
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes it 0600; a link appears whole or not at all, and never replaces.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(new() + "\n")
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
    return path.read_text().strip()
