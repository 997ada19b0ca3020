"""A day on its way to the page: small at first, whatever the device reported, and whole behind."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from support.replays import place
from support.tracked_days import there_and_back

from geo_engine.ids import DeviceId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Flag, Gap, Stop, Track, Trip
from geo_engine.tracks.model import to_moment
from geo_engine.tracks.worker_days import WorkerDay, WornTrack
from web.auditor.data import FIRST_FIXES, day_document

MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)


def _worst_track(fix_count: int) -> Track:
    """Return a track that no two fixes of lie in line."""
    track = there_and_back(MIDNIGHT, fix_count=fix_count)
    chance = np.random.default_rng(3)
    track.lons_deg[:] = 116.4 + chance.normal(scale=0.3, size=fix_count)
    track.lats_deg[:] = 39.9 + chance.normal(scale=0.3, size=fix_count)
    track.accuracies_m[:] = chance.uniform(1.0, 400.0, fix_count)
    track.speeds_mps[:] = chance.uniform(0.0, 60.0, fix_count)
    return track


def _day(track: Track, *, span_count: int = 0) -> WorkerDay:
    """Return a day of a track every second fix of which is doubtful, with stops, trips and gaps that take turns."""
    starts = track.times_us[:: max(len(track) // max(3 * span_count, 1), 1)][: 3 * span_count].tolist()
    spans = [{"started_at": to_moment(at), "ended_at": to_moment(at) + timedelta(seconds=90)} for at in starts]
    worn = WornTrack(
        device_id=DeviceId(UUID(int=1)),
        span=TimeSpan(start_at=MIDNIGHT, end_at=MIDNIGHT + timedelta(days=1)),
        fix_count=len(track),
        is_outline=False,
        track=track,
        flags=np.where(np.arange(len(track)) % 2, np.uint16(Flag.JUMP), np.uint16(0)),
        stops=tuple(Stop(position=place(0), radius_m=50.0, fix_count=9, **one) for one in spans[::3]),
        trips=tuple(Trip(distance_m=12_345.6, fix_count=99, **one) for one in spans[1::3]),
        gaps=tuple(Gap(**one) for one in spans[2::3]),
        driven={},
    )
    zone = ZoneInfo("Asia/Shanghai")
    return WorkerDay(worker_id=WorkerId("W1"), name="王芳", service_on=MIDNIGHT.date(), zone=zone, worn=(worn,))


def test_the_first_view_is_small_whatever_was_reported() -> None:
    """A day at 1 Hz that leaps about, half of it doubtful, with 100 stops, trips and gaps, is 300 kB at most."""
    document = day_document(_day(_worst_track(86_400), span_count=100), whole_url="/whole")

    assert len(json.dumps(document, separators=(",", ":"))) <= 300_000
    assert document["detail_url"] == "/whole"
    assert document["fix_count"] == 86_400
    assert document["track"]["tolerance_m"] > 0


def test_the_whole_day_has_every_fix() -> None:
    """Asked for the whole, nothing is thinned and nothing more is there to ask for."""
    document = day_document(_day(there_and_back(MIDNIGHT, fix_count=20_000)), whole_url=None)

    line, doubtful = (len(document["track"][part]["times"]) for part in ("line", "doubtful"))
    assert (line, doubtful) == (10_000, 10_000)
    assert document["track"]["tolerance_m"] is None
    assert "detail_url" not in document


def test_a_day_of_few_fixes_is_whole_at_once() -> None:
    """What is small anyway is not asked for twice."""
    document = day_document(_day(there_and_back(MIDNIGHT, fix_count=FIRST_FIXES)), whole_url="/whole")

    assert document["track"]["tolerance_m"] is None
    assert "detail_url" not in document
