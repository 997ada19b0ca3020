"""Fixes that came before the clock-in that covers them: sealed until then, and deleted when none comes."""

from datetime import datetime, timedelta

import numpy as np

from geo_engine.db.session import Session
from geo_engine.ids import DeviceId
from geo_engine.tracks.fix_store import get_track, release_sealed
from geo_engine.tracks.ingest_store import LiveFixes, save_live
from geo_engine.tracks.model import UNUSABLE

_AHEAD = timedelta(days=1)


def release_covered(session: Session, *, now: datetime) -> int:
    """Make ordinary fixes of sealed ones that a shift covers by now, and return of how many devices.

    Those of the bound company that nobody covered within 48 hours are deleted. The database does both by itself: what
    stays sealed is read by no role.
    """
    released = release_sealed(session)
    for device_id, earliest_at in released:
        save_live(session, _live_fixes(session, device_id, earliest_at, now), underived_from=earliest_at)
    return len(released)


def _live_fixes(session: Session, device_id: DeviceId, earliest_at: datetime, now: datetime) -> LiveFixes:
    """Return the newest usable fix of a device since some were released."""
    track, received_us, flags = get_track(
        session, device_id, from_at=earliest_at, until_at=max(now, earliest_at) + _AHEAD
    )
    usable = np.flatnonzero((flags & UNUSABLE) == 0)
    return LiveFixes.of(
        track,
        usable[-1:] if len(usable) else np.array([-1]),
        device_ids=np.frombuffer(device_id.bytes, dtype="V16"),
        received_us=received_us,
        newest_us=track.times_us[-1:],
    )
