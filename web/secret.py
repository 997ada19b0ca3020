"""What sessions are signed with, made once for an installation."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

_NAME = "session-secret"


def kept_secret(state_dir: Path) -> str:
    """Return the installation's secret, making it the first time; only its own user can read it."""
    path = state_dir / _NAME
    state_dir.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        unfinished = path.with_name(f".{_NAME}.{os.getpid()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(unfinished, path)
        finally:
            unfinished.unlink()
    return path.read_text(encoding="ascii")
