"""How a file that not everybody may read is written: at once, and never more open than it is to be."""

import os
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
