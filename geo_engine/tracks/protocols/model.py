"""What a client posts, what becomes of it, and what is answered, free of any web framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from geo_engine.errors import InvalidInput
from geo_engine.tracks.model import Fix
from geo_engine.words import Message


class Protocol(StrEnum):
    """How a client speaks; the value is what stands in the path of ingest."""

    OWNTRACKS = "owntracks"
    TRACCAR = "traccar"
    """Traccar Client 8, 9 and 10."""
    OSMAND = "osmand"
    """The app OsmAnd itself, whose speed is in m/s."""
    OVERLAND = "overland"
    GPSLOGGER = "gpslogger"
    OPENGTS = "opengts"
    TRACCAR_FORWARD = "traccar-forward"
    """A Traccar server that forwards what it receives."""
    BATCH = "batch"
    """Our own: see `geo_engine.tracks.protocols.batch`."""


class Other(StrEnum):
    """What clients say beside positions; it is acknowledged and gives no fix."""

    CARD = "card"
    EMPTY = "empty"
    HEARTBEAT = "heartbeat"
    STATUS = "status"
    TRANSITION = "transition"
    TRIP = "trip"
    VISIT = "visit"
    WAYPOINT = "waypoint"
    UNNAMED = "unnamed"
    """Anything else that a client is known to say."""


OTHER_SAYS = {
    Other.CARD: Message("This is a card of a person, not a position."),
    Other.EMPTY: Message("There is nothing in it."),
    Other.HEARTBEAT: Message("This is a heartbeat, not a position."),
    Other.STATUS: Message("This is the state of a device, not a position."),
    Other.TRANSITION: Message("This is a transition, not a position."),
    Other.TRIP: Message("This is the summary of a trip, not a position."),
    Other.VISIT: Message("This is a visit that the device made out, not a position."),
    Other.WAYPOINT: Message("This is a waypoint, not a position."),
    Other.UNNAMED: Message("This is a message of another kind, not a position."),
}
"""Why each gives no fix, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a client sent.

    Parameters
    ----------
    query
        The query string as it came, without the question mark.
    content_type
        Kept for the record: clients err in it, so a body is read by what it holds.
    headers
        By lower-case name; they say who sends, never what.
    """

    query: str
    content_type: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What became of a post.

    Parameters
    ----------
    fixes
        In the order they were said in.
    dropped
        Why something could not become a fix; it never will, so it is recorded and acknowledged.
    others
        What was understood and is no position.
    """

    fixes: tuple[Fix, ...] = ()
    dropped: tuple[Message, ...] = ()
    others: tuple[Other, ...] = ()

    @property
    def is_understood(self) -> bool:
        """Whether anything in the post made sense."""
        return bool(self.fixes or self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the client is told once everything is committed: always that it may forget what it sent."""

    status: int
    content_type: str
    body: bytes


class Unusable(InvalidInput):
    """Something said cannot become a fix, now or ever."""
