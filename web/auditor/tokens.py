"""What a page is given to carry, signed by us: a purpose that was said, and a look that is on record.

A purpose opens pages, and each opening is written down. A look, which an opened page is given, reads that page's data
and writes nothing. Nobody else can use either, or change what they are about.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from geo_engine.geometry import Position
from geo_engine.ids import MemberId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.looks import Look, LookOver
from web.people import me
from web.wiring import wiring

PURPOSE_LASTS = timedelta(hours=12)
"""For how long pages can be opened again for a purpose without saying it again: a day's work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody said that something is looked at for, and when; what is opened from a page goes on from that."""

    purpose: str
    said_at: datetime

    @classmethod
    def now(cls, purpose: str) -> Self:
        """Return a purpose that is said at this moment."""
        return cls(purpose=purpose, said_at=wiring().now())

    @property
    def is_fresh(self) -> bool:
        """Whether pages may still be opened for it without asking again."""
        return timedelta(0) <= wiring().now() - self.said_at <= PURPOSE_LASTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Who is looked for: whoever was near a place within a span."""

    place: Position
    radius_m: float
    span: TimeSpan


def sign_day(worker_id: WorkerId, service_on: date, said: Said) -> str:
    """Return what opens a worker's day to who asks now, for what was said."""
    return _sign_said("day", said, [worker_id, service_on.isoformat()])


def find_said_of_day(token: str, worker_id: WorkerId, service_on: date) -> Said | None:
    """Return what who asks now has said of a worker's day; None when that was nothing."""
    found = _find_said("day", token)
    if found is None or found[1] != [worker_id, service_on.isoformat()]:
        return None
    return found[0]


def sign_search(search: Search, said: Said) -> str:
    """Return what opens a search to who asks now, for what was said."""
    place, span = search.place, search.span
    ends = [span.start_at.isoformat(), span.end_at.isoformat()]
    return _sign_said("search", said, [place.lon, place.lat, search.radius_m, *ends])


def find_search(token: str) -> tuple[Search, Said] | None:
    """Return a search of who asks now, and what it is for; None when the token is no such."""
    found = _find_said("search", token)
    if found is None:
        return None
    said, (lon, lat, radius_m, *ends) = found
    start_at, end_at = map(datetime.fromisoformat, ends)
    span = TimeSpan(start_at=start_at, end_at=end_at)
    return Search(place=Position(lon, lat), radius_m=radius_m, span=span), said


def sign_look(look: Look) -> str:
    """Return a look as a page carries it to where it reads its data."""
    facts = [str(look.member_id), look.worker_id, look.service_on.isoformat(), look.began_at.isoformat()]
    return _signer("look").dumps(facts)


def read_look(token: str) -> Look:
    """Return the look that a page carries.

    Raises
    ------
    LookOver
        When it is none of ours.
    """
    try:
        member, worker, day, began = _signer("look").loads(token)
    except BadData:
        raise LookOver from None
    return Look(
        member_id=MemberId(UUID(member)),
        worker_id=WorkerId(worker),
        service_on=date.fromisoformat(day),
        began_at=datetime.fromisoformat(began),
    )


def _sign_said(kind: str, said: Said, facts: list[Any]) -> str:
    return _signer(kind).dumps([str(me().member.id), said.said_at.isoformat(), said.purpose, facts])


def _find_said(kind: str, token: str) -> tuple[Said, list[Any]] | None:
    try:
        member, said_at, purpose, facts = _signer(kind).loads(token)
    except BadData:
        return None
    if member != str(me().member.id):
        return None
    return Said(purpose=purpose, said_at=datetime.fromisoformat(said_at)), facts


def _signer(kind: str) -> URLSafeSerializer:
    """Return what signs one kind of token; another kind's is none of it."""
    how = {"digest_method": hashlib.sha256}
    return URLSafeSerializer(wiring().secret_key, salt=f"tracks {kind} 1", signer_kwargs=how)
