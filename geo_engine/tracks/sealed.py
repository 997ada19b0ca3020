"""Fixes that came before the clock-in that covers them: sealed until then, and deleted when none comes."""

from datetime import datetime, timedelta

import numpy as np

from geo_engine.db.session import Session
from geo_engine.ids import DeviceId
from geo_engine.tracks.fix_store import get_track, release_sealed
from geo_engine.tracks.ingest_store import LiveFix, save_live
from geo_engine.tracks.model import UNUSABLE, to_moment

_AHEAD = timedelta(days=1)


def release_covered(session: Session, *, now: datetime) -> int:
    """Make ordinary fixes of sealed ones that a shift covers by now, and return of how many devices.

    Those of the bound company that nobody covered within 48 hours are deleted. The database does both by itself: what
    stays sealed is read by no role.
    """
    released = release_sealed(session)
    live = [_live_fix(session, device_id, earliest_at, now) for device_id, earliest_at in released]
    if live:
        save_live(session, live)
    return len(live)


def _live_fix(session: Session, device_id: DeviceId, earliest_at: datetime, now: datetime) -> LiveFix:
    """Return the newest usable fix of a device since some were released, and from when on it is to be derived."""
    track, received_us, flags = get_track(session, device_id, from_at=earliest_at, until_at=now + _AHEAD)
    usable = np.flatnonzero((flags & UNUSABLE) == 0)
    index = int(usable[-1]) if len(usable) else None
    span = earliest_at, to_moment(int(track.times_us[-1]))
    return LiveFix.of(track, index, device_id=device_id, received_us=received_us, span=span)
