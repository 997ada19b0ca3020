"""Days that a device reported and that are derived, as the queue leaves them in the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from geo_engine.db.session import Database
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks import Track
from geo_engine.tracks.arrivals import Arrival, source_number
from geo_engine.tracks.derived import derive
from geo_engine.tracks.derived_store import Settled, add_settled
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.model import to_moment
from geo_engine.tracks.protocols import Protocol
from geo_engine.tracks.trajectories import cut_trajectory
from geo_engine.tracks.trajectory_store import replace_pieces
from support.replays import M_PER_DEGREE_LAT
from support.tracked import HERE, Tracked

STANDS_S, MOVES_S, SPEED_MPS = 1_200, 600, 8.0


def there_and_back(started_at: datetime, *, fix_count: int, every_s: float = 1.0) -> Track:
    """Return a track that stands 20 min at `HERE`, moves north for 10, stands there, comes back, and so on."""
    seconds = np.arange(fix_count) * every_s
    round_s = 2 * (STANDS_S + MOVES_S)
    phase = seconds % round_s
    outward, back = (phase - STANDS_S) / MOVES_S, (phase - 2 * STANDS_S - MOVES_S) / MOVES_S
    away_m = SPEED_MPS * MOVES_S * (outward.clip(0.0, 1.0) - back.clip(0.0, 1.0))
    jitter_m = np.random.default_rng(7).normal(scale=2.0, size=(2, fix_count))
    unknown = np.full(fix_count, np.nan)
    return Track(
        times_us=np.int64(started_at.timestamp() * 1e6) + (seconds * 1e6).astype(np.int64),
        lons_deg=HERE.lon + jitter_m[0] / M_PER_DEGREE_LAT,
        lats_deg=HERE.lat + (away_m + jitter_m[1]) / M_PER_DEGREE_LAT,
        accuracies_m=np.full(fix_count, 6.0),
        altitudes_m=unknown,
        speeds_mps=unknown,
        headings_deg=unknown,
        batteries_percent=unknown,
        mocks=np.zeros(fix_count, dtype=np.bool_),
    )


def track_always(database: Database, tracked: Tracked, *, now: datetime) -> None:
    """Have a company's people tracked outside their shifts, too."""
    with database.bound(tracked.tenant_id) as session:
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=now)


def keep_day(database: Database, tracked: Tracked, track: Track) -> None:
    """Have a device report a track, and keep what is derived from it; nothing else is known of the device."""
    received_at = to_moment(int(track.times_us[-1])) + timedelta(minutes=1)
    arrival = Arrival(
        tenant_id=tracked.tenant_id,
        device_id=tracked.device_id,
        key_hash=tracked.key.secret_hash,
        source=source_number(Protocol.BATCH),
        received_at=received_at,
        fixes=track,
    )
    Ingest(database).commit([arrival], now=received_at)
    derived = derive(track)
    pieces = cut_trajectory(track, derived.flags, stops=derived.stops, gaps=derived.gaps)
    spans: Sequence[object] = (*derived.stops, *derived.trips, *derived.gaps)
    settled = [Settled(span=one, is_open=False, settled_on=received_at.date()) for one in spans]  # type: ignore[arg-type]
    with database.bound(tracked.tenant_id) as session:
        add_settled(session, tracked.device_id, settled, rules="1", now=received_at)
        replace_pieces(session, tracked.device_id, pieces, from_at=to_moment(int(track.times_us[0])))
