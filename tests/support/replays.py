"""A day to be replayed: trips, stops, a gap and doubtful fixes, at moments that tests can name."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from geo_engine.geometry import Position
from geo_engine.reports.replay_model import Replay
from geo_engine.tracks import Fix, Flag, Gap, Stop, Track, Trip
from geo_engine.tracks.derived import derive
from geo_engine.tracks.driven import Driven, DrivenWay, WayKind
from geo_engine.tracks.model import to_microseconds
from geo_engine.words import Message
from support.day_plans import HOSTILE_NAMES

EIGHT = datetime(2026, 10, 25, 7, 0, tzinfo=UTC)
"""Eight by the clocks of Monaco, on the day they are put back."""
ZONE = ZoneInfo("Europe/Monaco")
START = Position(7.41, 43.73)
M_PER_DEGREE_LAT = 111_195.0


def at(minutes: float) -> datetime:
    """Return a moment some minutes after eight."""
    return EIGHT + timedelta(minutes=minutes)


def place(north_m: float) -> Position:
    """Return a place on the way, which goes north."""
    return Position(START.lon, START.lat + north_m / M_PER_DEGREE_LAT)


def day_track() -> Track:
    """Return a day: 10 min north, 20 min there, 10 min north, 30 min nothing, 10 min north; a jump, one made up."""
    moving = [(minutes, 600.0 * minutes) for minutes in np.arange(0.0, 10.0, 0.25)]
    standing = [(10.0 + minutes, 6_000.0 + 3.0 * (-1) ** int(4 * minutes)) for minutes in np.arange(0.0, 20.0, 0.25)]
    again = [(30.0 + minutes, 6_000.0 + 600.0 * minutes) for minutes in np.arange(0.0, 10.25, 0.25)]
    at_last = [(70.0 + minutes, 18_000.0 + 600.0 * minutes) for minutes in np.arange(0.0, 10.25, 0.25)]
    fixes = [_fix(minutes, north_m) for minutes, north_m in [*moving, *standing, *again, *at_last]]
    jump = Fix(device=None, tracked_at=at(5.1), position=Position(8.9, 44.5), accuracy_m=8.0)
    made_up = Fix(device=None, tracked_at=at(35.1), position=place(9_060.0), accuracy_m=8.0, is_mock=True)
    return Track.of([*fixes, fixes[3], jump, made_up])


def day_replay(title: str = HOSTILE_NAMES[1], *, on_roads: bool = True) -> Replay:
    """Return the replay of that day, on a road that goes north, called something that must not run."""
    track = day_track()
    derived = derive(track)
    return Replay(
        title=title,
        track=track,
        flags=derived.flags,
        stops=(Stop(started_at=at(10), ended_at=at(30), position=place(6_000), radius_m=12.0, fix_count=80),),
        trips=(
            Trip(started_at=at(0), ended_at=at(10), distance_m=6_000.0, fix_count=41),
            Trip(started_at=at(30), ended_at=at(80), distance_m=18_000.0, fix_count=82),
        ),
        gaps=(Gap(started_at=at(40), ended_at=at(70)),),
        driven=_driven() if on_roads else None,
        zone=ZONE,
        attribution=Message("© OpenStreetMap contributors (ODbL)"),
    )


def replay_of(fixes: list[Fix], flags: list[Flag]) -> Replay:
    """Return a replay of so few fixes that nothing can be derived."""
    track = Track.of(fixes)
    return Replay(
        title="few.csv",
        track=track,
        flags=np.array(flags, dtype=np.uint16),
        stops=(),
        trips=(),
        gaps=(),
        zone=ZONE,
    )


def _fix(minutes: float, north_m: float) -> Fix:
    return Fix(device=None, tracked_at=at(minutes), position=place(north_m), accuracy_m=8.0)


def _driven() -> Driven:
    ways = [
        _way(WayKind.MATCHED, (0, 10), (0, 6_000)),
        _way(WayKind.MATCHED, (30, 40), (6_000, 12_000)),
        _way(WayKind.ASSUMED, (40, 70), (12_000, 18_000)),
        _way(WayKind.MATCHED, (70, 80), (18_000, 24_000)),
    ]
    return Driven(ways=tuple(ways), fix_count=123, matched_count=120)


def _way(kind: WayKind, minutes: tuple[float, float], north_m: tuple[float, float]) -> DrivenWay:
    points = [place(float(metres)) for metres in np.linspace(*north_m, 25)]
    return DrivenWay(
        kind=kind,
        times_us=np.linspace(*(to_microseconds(at(minute)) for minute in minutes), 25).astype(np.int64),
        lons_deg=np.array([point.lon + 2e-5 for point in points]),
        lats_deg=np.array([point.lat for point in points]),
        distance_m=6_000.0,
        least_m=6_000.0,
        most_m=9_000.0 if kind is WayKind.ASSUMED else 6_000.0,
        confidence=0.0 if kind is WayKind.ASSUMED else 0.9,
    )
