"""What the web process remembers of drafts, and what it forgets."""

import uuid
from datetime import UTC, datetime

import pytest

from geo_engine.geometry import Position
from geo_engine.ids import GraphKey, ImportId, MemberId
from geo_engine.imports.model import ImportChoices, ImportDraft, ImportKind
from geo_engine.tables import Table, TableFile
from geo_engine.tables.places import NOTHING_PLACED, PlacedByHand
from geo_engine.tables.read import read_table
from web import drafts
from web.drafts import DraftShelf

HERE = Position(116.4, 39.9)


class Reader:
    """Reads a file of so many rows with an address, and notes that it did."""

    def __init__(self, row_count: int = 1) -> None:
        self.count = 0
        self._text = "id,address\n" + "".join(f"A{n},x {n}\n" for n in range(row_count))

    def __call__(self, draft: ImportDraft) -> Table:
        """Read it."""
        self.count += 1
        return read_table(TableFile(name=draft.file_name, content=self._text.encode()))


def _draft(number: int, placed: PlacedByHand = NOTHING_PLACED) -> ImportDraft:
    return ImportDraft(
        id=ImportId(uuid.UUID(int=number)),
        file_name="sites.csv",
        choices=ImportChoices(kind=ImportKind.SITES),
        placed=placed,
        made_by=MemberId(uuid.UUID(int=1)),
        made_at=datetime(2026, 11, 26, tzinfo=UTC),
    )


def test_what_decides_a_reading_is_never_stale() -> None:
    """The table is kept; what it holds is worked out anew for other placed addresses and other roads."""
    shelf, reader = DraftShelf(), Reader()

    first = shelf.read(_draft(1), reader, roads=None, book=None)
    again = shelf.read(_draft(1), reader, roads=None, book=None)
    placed = shelf.read(_draft(1, {(2, "address"): HERE}), reader, roads=None, book=None)
    elsewhere = shelf.read(_draft(1, {(2, "address"): HERE}), reader, roads=GraphKey("porto"), book=None)

    assert again is first
    assert (len(first.rows), len(placed.rows)) == (0, 1)
    assert elsewhere is not placed
    assert reader.count == 1


@pytest.mark.parametrize(("limit", "value"), [("MOST_FILES", 2), ("MOST_BYTES", 450)])
def test_the_files_looked_at_last_are_remembered(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """Beyond so many files, or so much in them, the one that nobody looked at for longest is read again."""
    monkeypatch.setattr(drafts, limit, value)
    shelf, reader = DraftShelf(), Reader()
    for number in (1, 2, 1, 3):
        shelf.read(_draft(number), reader, roads=None, book=None)
    assert reader.count == 3

    shelf.read(_draft(1), reader, roads=None, book=None)
    assert reader.count == 3
    shelf.read(_draft(2), reader, roads=None, book=None)
    assert reader.count == 4


def test_a_file_that_is_gone_is_forgotten() -> None:
    """What was written or discarded takes no room."""
    shelf, reader = DraftShelf(), Reader()
    shelf.read(_draft(1), reader, roads=None, book=None)

    shelf.forget(_draft(1).id)
    shelf.read(_draft(1), reader, roads=None, book=None)

    assert reader.count == 2
