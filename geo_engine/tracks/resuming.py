"""From where on a derivation has to be repeated when fixes are added: what lies before is the same for ever."""

from datetime import timedelta
from itertools import pairwise

from geo_engine.tracks.derived import Derived
from geo_engine.tracks.model import Gap, Stop, Track, to_moment

LOOKBACK = timedelta(minutes=40)
"""How long before a stop fixes are read again: what it depends on is nearer, unless silence or a stop lies between."""
SETTLED_AFTER = timedelta(hours=1)
"""What is so much older than the newest fix does not depend on the next ones."""
_AN_HOUR = timedelta(hours=1)


def find_restart(track: Track, derived: Derived) -> Stop | None:
    """Return the last stop from whose begin on the derivation of a track can be repeated when fixes are added behind.

    It is over for good, and so is the hour of the clock it began in; for `LOOKBACK` before it there is neither another
    stop nor a silence: read again from there, it comes out the same, and so does all behind it. None where the whole
    track has to be read again.
    """
    if not len(track):
        return None
    settled_at = to_moment(int(track.times_us[-1])) - SETTLED_AFTER - _AN_HOUR
    for before, stop in reversed(list(pairwise(derived.stops))):
        if stop.ended_at < settled_at and _is_alone(stop, before, derived.gaps):
            return stop
    return None


def _is_alone(stop: Stop, before: Stop, gaps: tuple[Gap, ...]) -> bool:
    read_from = stop.started_at - LOOKBACK
    silences = (gap for gap in gaps if gap.started_at < stop.started_at and gap.ended_at > read_from)
    return before.ended_at < read_from and next(silences, None) is None
