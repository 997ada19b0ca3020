"""Which team the rows of a file belong to, and whether who imports them may change it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

from geo_engine.db.session import Session
from geo_engine.ids import TeamId
from geo_engine.tables.model import RowProblem
from geo_engine.tenancy.permissions import Access, Act, Subject
from geo_engine.tenancy.store import list_teams, lock_imports
from geo_engine.words import Message

type FindTeams = Callable[[Session, Iterable[Any]], Mapping[Any, TeamId | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """Where imported rows come from.

    Parameters
    ----------
    file
        What problems are reported under; it is kept nowhere, as it may hold somebody's name.
    team_id
        The team of rows that name none, also of known ones.
    """

    file: str
    team_id: TeamId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedRows[T]:
    """Rows as an import would write them, which of them are known, and why it would not write the others."""

    rows: tuple[T, ...]
    known_ids: frozenset[str]
    problems: tuple[RowProblem, ...]


class OfTeam(Protocol):
    """Something read from a line of a file that names a team or none: a frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str:
        """What it is known by."""
        ...

    @property
    def team_id(self) -> TeamId | None:
        """The team's id."""
        ...

    @property
    def line(self) -> int:
        """Where it stands in the file."""
        ...


def place_in_teams[T: OfTeam](
    session: Session, rows: Sequence[T], find_teams: FindTeams, *, source: RowSource, by: Access, act: Act
) -> tuple[list[T], tuple[RowProblem, ...]]:
    """Return the rows with their teams, and a problem for each whose team the company has not.

    Nobody else imports into the company until the transaction ends: what is known, and whose it is, stays so
    until the rows are written.

    Parameters
    ----------
    find_teams
        Asks for the team of those that are known already: theirs unless their row or the source names another.

    Raises
    ------
    NotAllowed
        When the actor may change nothing of the kind, or not a row's team, as it is or as it would be.
    """
    by.team_limit(act)
    lock_imports(session)
    before = find_teams(session, (row.id for row in rows))
    placed = _with_teams(rows, before, source)
    known = {None, *(team.id for team in list_teams(session))}
    good = [row for row in placed if row.team_id in known]
    for team in {row.team_id for row in good} | {before[row.id] for row in good if row.id in before}:
        by.require(act, Subject(team_id=team))
    return good, tuple(_unknown_team(row, source.file) for row in placed if row.team_id not in known)


def sort_rows[T: OfTeam](
    session: Session, rows: Sequence[T], find_teams: FindTeams, *, source: RowSource, by: Access, act: Act
) -> SortedRows[T]:
    """Return what `place_in_teams` would, but for rows that the actor may not change: these are problems too.

    Raises
    ------
    NotAllowed
        When the actor may change nothing of the kind.
    """
    by.team_limit(act)
    before = find_teams(session, (row.id for row in rows))
    known = {None, *(team.id for team in list_teams(session))}
    good: list[T] = []
    problems: list[RowProblem] = []
    for row in _with_teams(rows, before, source):
        refused = [team for team in (before.get(row.id, row.team_id), row.team_id) if not _may(by, act, team)]
        if row.team_id not in known:
            problems.append(_unknown_team(row, source.file))
        elif refused:
            problems.append(_not_allowed(row, source.file, refused[0]))
        else:
            good.append(row)
    return SortedRows(rows=tuple(good), known_ids=frozenset(before), problems=tuple(problems))


def _with_teams[T: OfTeam](rows: Sequence[T], before: Mapping[Any, TeamId | None], source: RowSource) -> list[T]:
    return [replace(row, team_id=row.team_id or source.team_id or before.get(row.id)) for row in rows]


def _may(by: Access, act: Act, team_id: TeamId | None) -> bool:
    return by.allows(act, Subject(team_id=team_id))


def _not_allowed(row: OfTeam, file: str, team_id: TeamId | None) -> RowProblem:
    facts = {"id": row.id, "team": team_id}
    reason = (
        Message("{id} belongs to no team: your role does not allow changing it.", facts)
        if team_id is None
        else Message("{id} is the team {team}'s: your role does not allow changing it.", facts)
    )
    return RowProblem(file=file, line=row.line, column="team", reason=reason)


def _unknown_team(row: OfTeam, file: str) -> RowProblem:
    reason = Message("There is no team {id}.", {"id": row.team_id})
    return RowProblem(file=file, line=row.line, column="team", reason=reason)
