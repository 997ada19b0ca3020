"""Files that a command is to write: refused before there is work to lose, and what is said when one cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, override

import click

from geo_engine.errors import GeoEngineError, InvalidInput
from geo_engine.system_errors import reason_of
from geo_engine.words import Message


class NewFile(click.Path):
    """A file to be written, or replaced, in a folder that is there: none is made, as a slip would be one too."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(super().convert(value, param, ctx))  # type: ignore[arg-type]  # a path, as it was asked for
        if not path.parent.is_dir():
            facts = {"path": path, "folder": path.parent}
            raise InvalidInput(Message("{path} cannot be written: there is no folder {folder}.", facts))
        return path


@contextmanager
def writing(out: Path, family: type[GeoEngineError]) -> Iterator[None]:
    """Say of which path an OSError is, as an error of `family`."""
    try:
        yield
    except OSError as error:
        facts = {"path": out, "reason": reason_of(error)}
        raise family(Message("{path} cannot be written: {reason}", facts)) from error
