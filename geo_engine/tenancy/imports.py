"""Which rows of a file name a team the company has."""

from collections.abc import Sequence
from typing import Protocol

from geo_engine.db.session import Session
from geo_engine.ids import TeamId
from geo_engine.tables.model import RowProblem
from geo_engine.tenancy.store import list_teams
from geo_engine.words import Message


class OfTeam(Protocol):
    """Something read from a line of a file that names a team or none."""

    @property
    def team_id(self) -> TeamId | None:
        """The team's id."""
        ...

    @property
    def line(self) -> int:
        """Where it stands in the file."""
        ...


def split_by_team[T: OfTeam](
    session: Session, rows: Sequence[T], *, file: str
) -> tuple[list[T], tuple[RowProblem, ...]]:
    """Return the rows whose team is known, or who name none, and a problem for each of the others."""
    known = {None, *(team.id for team in list_teams(session))}
    good = [row for row in rows if row.team_id in known]
    problems = tuple(
        RowProblem(
            file=file, line=row.line, column="team", reason=Message("There is no team {id}.", {"id": row.team_id})
        )
        for row in rows
        if row.team_id not in known
    )
    return good, problems
