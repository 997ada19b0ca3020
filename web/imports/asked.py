"""How the forms of an import are read: the file, how it is meant, and where an address is."""

from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath

from werkzeug.datastructures import FileStorage

from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.ids import TeamId, parse_id, parse_name
from geo_engine.imports.model import ImportChoices, ImportKind
from geo_engine.tables import TableFile
from geo_engine.words import Message
from web.requests import LARGEST_FILE_BYTES, read_date, read_number

_MB = 1_000_000
_NOT_CHOSEN = Message("Choose what the file holds and how its coordinates are written.")


def read_choices(form: Mapping[str, str]) -> ImportChoices:
    """Return how a file is meant.

    Raises
    ------
    InvalidInput
        When a choice is none of those there are.
    """
    kind, team = form.get("kind", ""), form.get("team", "")
    if kind not in ImportKind:
        raise InvalidInput(_NOT_CHOSEN)
    chosen = ImportKind(kind)
    return ImportChoices(
        kind=chosen,
        crs=read_crs(form),
        team_id=TeamId(parse_id(team)) if team else None,
        due_on=_due_on(form.get("due", "")) if chosen is ImportKind.SITES else None,
    )


def read_crs(form: Mapping[str, str]) -> Crs:
    """Return what the coordinates of a file are written in.

    Raises
    ------
    InvalidInput
        When it is none of the systems there are.
    """
    crs = form.get("crs", "")
    if crs not in Crs:
        raise InvalidInput(_NOT_CHOSEN)
    return Crs(crs)


def read_upload(sent: FileStorage | None) -> TableFile:
    """Return a file that was sent.

    Raises
    ------
    InvalidInput
        When there is none, it cannot be called so, or it is too large.
    """
    if sent is None or not sent.filename:
        raise InvalidInput(Message("Choose a file."))
    name = parse_name(PurePosixPath(sent.filename.replace("\\", "/")).name)
    content = sent.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        facts = {"limit_mb": LARGEST_FILE_BYTES // _MB}
        raise InvalidInput(Message("The file is too large: at most {limit_mb} MB are taken.", facts))
    return TableFile(name=name, content=content)


def read_address_place(form: Mapping[str, str]) -> tuple[int, str]:
    """Return which address is meant: the line of its row and the known name of its column.

    Raises
    ------
    InvalidInput
        When it is no line.
    """
    return read_number(form.get("line")) or 0, form.get("column", "")


def _due_on(text: str) -> date | None:
    return read_date(text, otherwise=date.min) if text else None
