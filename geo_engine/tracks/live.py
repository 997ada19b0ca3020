"""Where people are now, told to whoever may see them."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zlib import crc32

from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.ids import TeamId
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import list_team_ids_below
from geo_engine.tracks import live_store as store
from geo_engine.tracks.live_model import LivePosition, LiveView
from geo_engine.words import Message

TOLD_FOR = timedelta(hours=12)
"""For how long a position is where somebody is; an older one is told no more."""
_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,10})")


class UnknownCursor(InvalidInput):
    """A cursor that no answer of ours had."""

    def __init__(self) -> None:
        super().__init__(Message("This is no cursor of an earlier answer."))


def find_moved(
    session: Session, *, since: str | None, team_id: TeamId | None = None, by: Access, now: datetime
) -> LiveView | None:
    """Return the positions that changed since a cursor, or all; None when nothing did.

    Parameters
    ----------
    since
        The cursor of an earlier answer.
    team_id
        Only of a team and the teams below it; else of whoever the actor may see.

    Raises
    ------
    UnknownCursor
        When it is none.
    TeamNotFound
        When there is no such team.
    NotAllowed
        When the actor may see nobody's but one's own, or not that team's.

    Notes
    -----
    A cursor names the oldest transaction that was still under way, and what was told from there on, as a sum of it.
    Whatever commits later is told next time, also when it began earlier; what is told
    twice is the same.
    """
    team_ids = _visible_teams(session, team_id, by)
    changed_since, told = (0, None) if since is None else _read_cursor(since)

    oldest_open = store.find_oldest_open(session)
    positions = store.list_live(
        session, changed_since=changed_since, tracked_since=now - TOLD_FOR, team_ids=team_ids, now=now
    )
    if since is not None and (not positions or told == _sum(positions, from_transaction=changed_since)):
        return None
    return LiveView(cursor=f"{oldest_open}-{_sum(positions, from_transaction=oldest_open)}", positions=positions)


def _visible_teams(session: Session, team_id: TeamId | None, by: Access) -> frozenset[TeamId] | None:
    if team_id is None:
        return by.team_limit(Act.SEE_TRACKS)
    by.require(Act.SEE_TRACKS, Subject(team_id=team_id))
    return list_team_ids_below(session, team_id)


def _sum(positions: Sequence[LivePosition], *, from_transaction: int) -> int:
    """Return what tells apart which devices were written in which transactions, of those from one on."""
    changed = sorted((one.device_id, one.changed_in) for one in positions if one.changed_in >= from_transaction)
    return crc32(b"".join(device_id.bytes + changed_in.to_bytes(8) for device_id, changed_in in changed))


def _read_cursor(text: str) -> tuple[int, int]:
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise UnknownCursor
    return int(found[1]), int(found[2])
