"""Files of drafts as they read, remembered by the web process: a page is shown and corrected address by address."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from geo_engine.customers.addresses import AddressBook
from geo_engine.geometry.crs import Crs
from geo_engine.ids import GraphKey, ImportId
from geo_engine.imports.model import FileRead, ImportDraft
from geo_engine.imports.reading import read_draft
from geo_engine.tables import Table
from geo_engine.tables.places import PlacedByHand

MOST_FILES = 8
MOST_BYTES = 200_000_000
_CELL_BYTES = 100  # beside its letters


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What a table held the last time, and what that was read with: the book keeps what it looked up."""

    roads: GraphKey | None
    book: AddressBook | None
    crs: Crs
    placed: PlacedByHand
    read: FileRead


class DraftShelf:
    """The tables of the drafts looked at last, and what they held; a draft's file never changes.

    Who may see a draft is asked before it is looked for here, and what is confirmed is compared with what was seen.
    """

    def __init__(self) -> None:
        self._tables: OrderedDict[ImportId, Table] = OrderedDict()
        self._bytes: dict[ImportId, int] = {}
        self._readings: dict[ImportId, _Reading] = {}
        self._lock = Lock()

    def keep(self, draft_id: ImportId, table: Table) -> None:
        """Remember the table of a draft, and forget others where there are too many or too large ones."""
        with self._lock:
            if draft_id not in self._tables:
                self._tables[draft_id] = table
                self._bytes[draft_id] = _size_bytes(table)
            self._tables.move_to_end(draft_id)
            while len(self._tables) > 1 and self._are_too_many():
                self._forget(next(iter(self._tables)))

    def forget(self, draft_id: ImportId) -> None:
        """Drop a draft that was written or discarded."""
        with self._lock:
            self._forget(draft_id)

    def read(
        self,
        draft: ImportDraft,
        read_table_of: Callable[[ImportDraft], Table],
        *,
        roads: GraphKey | None,
        book: AddressBook | None,
    ) -> FileRead:
        """Return what the file of a draft holds, its addresses where the author placed them.

        Parameters
        ----------
        read_table_of
            Called when the table is not remembered.
        roads
            Whose addresses `book` resolves; what was looked up there before is not looked up again.

        Raises
        ------
        InvalidInput, Unavailable
            As `read_draft`.
        """
        with self._lock:
            table, last = self._tables.get(draft.id), self._readings.get(draft.id)
        if table is None:
            table = read_table_of(draft)
        self.keep(draft.id, table)
        if last and last.roads == roads:
            if (last.crs, last.placed) == (draft.choices.crs, draft.placed):
                return last.read
            book = last.book
        read = read_draft(draft, table, book)
        with self._lock:
            if draft.id in self._tables:
                self._readings[draft.id] = _Reading(
                    roads=roads, book=book, crs=draft.choices.crs, placed=draft.placed, read=read
                )
        return read

    def _are_too_many(self) -> bool:
        return len(self._tables) > MOST_FILES or sum(self._bytes.values()) > MOST_BYTES

    def _forget(self, draft_id: ImportId) -> None:
        for kept in (self._tables, self._bytes, self._readings):
            kept.pop(draft_id, None)


def _size_bytes(table: Table) -> int:
    return sum(_CELL_BYTES + len(text) for row in table.rows for text in row.cells.values())
