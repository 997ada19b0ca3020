"""The words of an import: what a file holds, the draft that waits for a person, and what it would write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from geo_engine.customers import Site
from geo_engine.customers.geocoding import GeocodeCandidate
from geo_engine.errors import Conflict, InvalidInput, NotFound
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.ids import ImportId, MemberId, SiteId, TeamId
from geo_engine.tables import RowProblem
from geo_engine.tables.places import NOTHING_PLACED, PlacedByHand, UnsureAddress
from geo_engine.tenancy import Act
from geo_engine.words import Message
from geo_engine.workforce import Worker

KEPT_FOR = timedelta(days=1)
"""How long a draft waits for its author; after that it is as good as deleted."""

MOST_WAITING = 20
"""How many drafts of one author wait at a time; each may keep 20 MB."""

type Row = Site | Worker


class ImportKind(StrEnum):
    """What the rows of a file become."""

    SITES = "sites"
    WORKERS = "workers"


ACT_OF: Mapping[ImportKind, Act] = MappingProxyType(
    {ImportKind.SITES: Act.CHANGE_SITES, ImportKind.WORKERS: Act.CHANGE_WORKERS}
)
"""What importing a kind asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportChoices:
    """How a file is meant.

    Parameters
    ----------
    crs
        What its coordinates are written in.
    team_id
        The team of rows that name none; None leaves known ones where they are.
    due_on
        The day on which all its sites are to be visited; None marks no visit as due.
    """

    kind: ImportKind
    crs: Crs = Crs.WGS84
    team_id: TeamId | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDraft:
    """A file that was sent, without what is in it, until its author has it written or discards it.

    Parameters
    ----------
    placed
        Where the author placed addresses, WGS 84.
    """

    id: ImportId
    file_name: str
    choices: ImportChoices
    placed: PlacedByHand = field(default_factory=lambda: NOTHING_PLACED)
    made_by: MemberId
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDraft:
    """What a list of drafts shows of one."""

    id: ImportId
    kind: ImportKind
    file_name: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulAddress:
    """An address that nobody has placed yet, and what it may mean; no guess when nothing fits."""

    address: UnsureAddress
    guess: GeocodeCandidate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """The rows of a file, what was wrong with the others, and the addresses a person has to look at.

    Parameters
    ----------
    problems
        All of them, by line; those of `doubtful` are among them.
    doubtful
        The addresses that are all that stands in the way of their rows.
    placed
        The addresses a person has placed.
    written
        Where the rows with coordinates are, WGS 84, also those that cannot be read otherwise.
    notices
        What nobody has to correct.
    """

    kind: ImportKind
    file: str
    rows: tuple[Row, ...]
    problems: tuple[RowProblem, ...]
    doubtful: tuple[DoubtfulAddress, ...]
    placed: tuple[UnsureAddress, ...]
    written: tuple[Position, ...]
    notices: tuple[RowProblem, ...] = ()

    @property
    def problems_to_correct(self) -> tuple[RowProblem, ...]:
        """The problems that placing an address does not mend."""
        lines = {one.address.line for one in self.doubtful}
        return tuple(problem for problem in self.problems if problem.line not in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a draft would write if it were confirmed now.

    Parameters
    ----------
    rows
        As they would be written, in the order of the file.
    before
        The rows as they are now, by id, of the first of those that are known already.
    known_ids
        Of all rows that are known already.
    problems
        Why other rows are not among them, by line.
    notices
        What nobody has to correct.
    """

    rows: tuple[Row, ...]
    before: Mapping[str, Row]
    known_ids: frozenset[str]
    problems: tuple[RowProblem, ...]
    doubtful: tuple[DoubtfulAddress, ...]
    placed: tuple[UnsureAddress, ...]
    notices: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an import wrote, and the rows it could not.

    Parameters
    ----------
    newly_fenced
        The sites that had no fence before and have one since ever now: whoever keeps what is derived of fences asks for
        it anew.
    """

    ids: tuple[str, ...]
    problems: tuple[RowProblem, ...]
    newly_fenced: tuple[SiteId, ...] = ()


class DraftNotFound(NotFound):
    """There is no such draft of this author."""

    def __init__(self) -> None:
        super().__init__(
            Message("This import is not there: it was written or discarded, or waited for longer than a day.")
        )


class DraftChanged(Conflict):
    """Other rows would be written than its author saw, or over others: an address, a site or a team was changed."""

    def __init__(self) -> None:
        super().__init__(
            Message("What would be written has changed since you looked at it: look at it again, then write it.")
        )


class NothingToWrite(InvalidInput):
    """No row of the draft is ready."""

    def __init__(self) -> None:
        super().__init__(Message("No row of the file can be written yet."))


class TooManyDrafts(InvalidInput):
    """As many drafts of the author wait as may."""

    def __init__(self) -> None:
        super().__init__(
            Message("{count} files wait for you already: write or discard one of them first.", {"count": MOST_WAITING})
        )


class NoSuchAddress(InvalidInput):
    """The row has no address that a person could place."""

    def __init__(self, line: int) -> None:
        super().__init__(Message("Line {line} has no address to place.", {"line": line}))
