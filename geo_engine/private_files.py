"""How a file that not everybody may read is written: at once, and never more open than it is to be."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def write_at_once(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file or replace it; whoever reads it meanwhile sees the old content or the new.

    Parameters
    ----------
    mode
        Who may read it, from its first moment: its own user alone unless given.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def kept_secret(path: Path) -> str:
    """Return the secret that a file keeps, making it the first time; only its own user can read it.

    Of several processes or threads that make it at once all return the same.
    """
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _make_secret(path)
    return path.read_text(encoding="ascii").strip()


def _make_secret(path: Path) -> None:
    """Write a new secret to the disk, unless there is one by then."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(name, path)
    finally:
        Path(name).unlink()
