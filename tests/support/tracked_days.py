"""Days that a device reported and that are derived, as ingest and the queue leave them in the database."""

from datetime import datetime, timedelta

import numpy as np

from geo_engine.db.session import Database
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks import Track
from geo_engine.tracks.arrivals import Arrival, source_number
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.model import to_moment
from geo_engine.tracks.protocols import Protocol
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
    """Have a device report a track at once, and derive it."""
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
    derive_tracks(database, tracked.tenant_id, now=lambda: received_at)
