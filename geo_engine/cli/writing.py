"""What is said when a file that a command was asked for cannot be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo_engine.errors import GeoEngineError
from geo_engine.words import Message


@contextmanager
def writing(out: Path, family: type[GeoEngineError]) -> Iterator[None]:
    """Say of which path an OSError is, as an error of `family`."""
    try:
        yield
    except OSError as error:
        raise family(Message("{path} cannot be written: {reason}", {"path": out, "reason": str(error)})) from error
