"""What the preview of an import calls its columns is understood in a file."""

import pytest

from geo_engine.customers.files import read_sites
from geo_engine.geometry.crs import Crs
from geo_engine.tables.model import TableFile
from geo_engine.words import Language
from geo_engine.workforce.files import read_workers
from web.imports.columns import _SITES, _WORKERS, Column

_NO_COLUMN = {"Line", "Position", "Start"}  # counted, and two columns shown as one


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("columns", "read", "place"), [(_SITES, read_sites, "lon,lat"), (_WORKERS, read_workers, "start_lon,start_lat")]
)
def test_every_heading_of_the_preview_is_a_column_that_is_read(
    columns: tuple[Column, ...], read: object, place: str, language: Language
) -> None:
    """A file with all the headings has no column that is not used, nor one that looks misspelt."""
    headings = [one.heading.render(language) for one in columns if one.heading.render(Language.EN) not in _NO_COLUMN]
    text = f"{','.join(headings)},{place},own\n{','.join('1' * len(headings))},7.42,43.73,x\n"

    found = read(TableFile(name="f.csv", content=text.encode()), crs=Crs.WGS84, resolve=None)  # type: ignore[operator]

    assert [one.reason.render(Language.EN) for one in found.notices] == ["Columns that are not used: own."]
    assert not [one for one in found.problems if one.line == 1]
