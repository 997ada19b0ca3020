"""A company whose devices reported for days, written in bulk: rows as the ingest and the derivation would leave them.

Of each device one day is made up and derived by the product; on its other days it did the same somewhat elsewhere, so
that what was derived of one day holds for all, moved. That is much quicker than deriving each, and as true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg
from numpy.typing import NDArray

from geo_engine.db.session import Database
from geo_engine.geometry import Position
from geo_engine.geometry.measure import metres_per_degree
from geo_engine.ids import WorkerId
from geo_engine.tracks import Gap, Stop, Track, Trip
from geo_engine.tracks.arrivals import COPY_HEAD, COPY_TAIL, STAGING_COLUMNS, Batch, copied_rows
from geo_engine.tracks.derived import derive
from geo_engine.tracks.derived_store import Span, add_spans
from geo_engine.tracks.deriving import RULES
from geo_engine.tracks.timed_lines import timed_ewkb
from geo_engine.tracks.trajectories import TrajectoryPiece, cut_trajectory
from support.databases import OwnDatabase
from support.fleets import add_fleet
from support.tracked import HERE, Tracked

EVERY_S = 4
_BEGINS_AT = timedelta(hours=1)  # of a day in UTC: nine in the morning, where the company is
_RETENTION_DAYS = 90
_WRITTEN_AT_ONCE = 200
_SIGMAS_M = (3.0, 6.0, 12.0)  # of a phone's noise, which changes from minute to minute
_HOMES_M, _ELSEWHERE_M = 6_000.0, 300.0
_A_DAY, _A_SECOND_US = timedelta(days=1), 1_000_000
_COPY_FIXES = f"copy fix ({', '.join(STAGING_COLUMNS)}) from stdin (format binary)"
_COPY_PIECES = "copy trajectory (tenant_id, device_id, started_at, ended_at, geom) from stdin (format binary)"
_PIECE_TYPES = ("uuid", "uuid", "timestamptz", "timestamptz", "bytea")  # a geometry is sent as its EWKB
_DRIVEN = "update trip set driven_m = 1.02 * distance_m, confidence = 0.9"


@dataclass(frozen=True, kw_only=True)
class StoredDay:
    """A day of a device.

    Parameters
    ----------
    worker_id
        Who wore the device.
    track
        What it reported.
    spans, pieces
        What is derived from that.
    """

    device: Tracked
    worker_id: WorkerId
    service_on: date
    track: Track
    spans: Sequence[Span]
    pieces: Sequence[TrajectoryPiece]

    def moved(self, days: int, east_deg: float, north_deg: float) -> "StoredDay":
        """Return the same some days later and somewhat elsewhere."""
        later = timedelta(days=days)
        later_us = later // timedelta(microseconds=1)
        return replace(
            self,
            service_on=self.service_on + later,
            track=_shifted(self.track, later_us, east_deg, north_deg),
            spans=[_moved(one, later, east_deg, north_deg) for one in self.spans],
            pieces=[_shifted(one, later_us, east_deg, north_deg) for one in self.pieces],
        )


@dataclass(frozen=True, kw_only=True)
class StoredCompany:
    """A company's devices, the first day of each, and how the later ones are moved, in degrees east + i · north."""

    firsts: Sequence[StoredDay]
    moves_deg: NDArray[np.complex128]

    def of_all(self, number: int) -> Iterator[StoredDay]:
        """Yield a day of each device."""
        for device in range(len(self.firsts)):
            yield self.day(device, number)

    def day(self, device: int, number: int) -> StoredDay:
        """Return a day of a device."""
        move = self.moves_deg[device, number]
        return self.firsts[device].moved(number, float(move.real), float(move.imag))


def make_up_company(
    database: Database, code: str, *, device_count: int, day_count: int, fix_count: int, first_on: date
) -> StoredCompany:
    """Add a company with devices and workers, and make up their days; nothing of these is stored yet.

    Parameters
    ----------
    fix_count
        Of each day of a device.
    """
    chance = np.random.default_rng(20261126)
    begins_at = datetime.combine(first_on, datetime.min.time(), UTC) + _BEGINS_AT
    fleet = add_fleet(database, code, device_count=device_count, since=begins_at - _A_DAY)
    firsts = [_first_day(device, number, begins_at, fix_count, chance) for number, device in enumerate(fleet)]
    elsewhere_m = chance.normal(0.0, _ELSEWHERE_M, (2, device_count, day_count))
    east, north = metres_per_degree(HERE.lat)
    moves_deg = elsewhere_m[0] / east + 1j * elsewhere_m[1] / north
    return StoredCompany(firsts=sorted(firsts, key=lambda one: one.device.device_id), moves_deg=moves_deg)


def store_company(own: OwnDatabase, server: psycopg.Connection, company: StoredCompany) -> None:
    """Write the days of a company as a superuser may, whom no policy binds."""
    (tenant_id,) = {first.device.tenant_id for first in company.firsts}
    first_on, days = company.firsts[0].service_on, company.moves_deg.shape[1]
    for number in range(days):
        at = datetime.combine(first_on + number * _A_DAY, datetime.min.time(), UTC)
        server.execute("select add_fix_partition(%s::smallint, %s)", [_RETENTION_DAYS, at])
    with server.cursor() as cursor, server.transaction():
        cursor.execute("set local synchronous_commit = off")
        with cursor.copy(_COPY_FIXES) as copy:
            copy.write(COPY_HEAD)
            for number in range(days):
                for rows in _as_they_arrive(company, number):
                    copy.write(rows)
            copy.write(COPY_TAIL)
        with cursor.copy(_COPY_PIECES) as copy:
            copy.set_types(_PIECE_TYPES)
            for number in range(days):
                for day in company.of_all(number):
                    for piece in day.pieces:
                        ids = (tenant_id, day.device.device_id)
                        copy.write_row((*ids, piece.started_at, piece.ended_at, timed_ewkb(piece.columns)))
    with own.app.bound(tenant_id) as session:
        for device, first in enumerate(company.firsts):
            spans = [(span, False) for number in range(days) for span in company.day(device, number).spans]
            add_spans(session, first.device.device_id, spans, rules=RULES, now=datetime.now(UTC))
    server.execute(_DRIVEN)


def _first_day(
    device: Tracked, number: int, begins_at: datetime, fix_count: int, chance: np.random.Generator
) -> StoredDay:
    track = _made_up(begins_at, fix_count, chance)
    told = derive(track)
    pieces = cut_trajectory(track, told.flags, stops=told.stops, gaps=told.gaps)
    return StoredDay(
        device=device,
        worker_id=WorkerId(f"W{number}"),
        service_on=begins_at.date(),
        track=track,
        spans=[*told.stops, *told.trips, *told.gaps],
        pieces=pieces,
    )


def _made_up(begins_at: datetime, fix_count: int, chance: np.random.Generator) -> Track:
    """Return a track of stays and of drives along streets that cross, as a phone of some metres of noise tells it."""
    seconds = np.arange(fix_count) * EVERY_S
    moments_s, places_m = _itinerary(float(seconds[-1]), chance)
    driven_m = np.interp(seconds, moments_s, places_m.real) + 1j * np.interp(seconds, moments_s, places_m.imag)
    sigma_m = chance.choice(_SIGMAS_M)
    minutes = np.arange(0, seconds[-1] + 60, 60)
    noise_m = [np.interp(seconds, minutes, chance.normal(0, sigma_m, len(minutes))) for _ in range(2)]
    noise_m += chance.normal(0, 1.0, (2, fix_count))
    seen_m = driven_m + noise_m[0] + 1j * noise_m[1]
    east, north = metres_per_degree(HERE.lat)
    moves = np.diff(driven_m, prepend=driven_m[0]) / EVERY_S
    return Track(
        times_us=int(begins_at.timestamp()) * _A_SECOND_US + seconds * _A_SECOND_US,
        lons_deg=HERE.lon + seen_m.real / east,
        lats_deg=HERE.lat + seen_m.imag / north,
        accuracies_m=chance.uniform(3, 15, fix_count),
        altitudes_m=chance.normal(45, 5, fix_count),
        speeds_mps=np.abs(moves),
        headings_deg=np.degrees(np.angle(moves.imag + 1j * moves.real)) % 360.0,
        batteries_percent=np.linspace(100, 20, fix_count),
        mocks=np.zeros(fix_count, dtype=np.bool_),
    )


def _itinerary(lasts_s: float, chance: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Return moments and places between which one moves evenly: a stay, a drive, a stay, and so on."""
    at_s, place_m = 0.0, complex(*chance.normal(0.0, _HOMES_M, 2))
    moments, places = [at_s], [place_m]
    while at_s < lasts_s:
        at_s += chance.uniform(600, 2_400)
        moments.append(at_s)
        places.append(place_m)
        way = 1j ** chance.integers(0, 4)
        for _ in range(chance.integers(4, 14)):
            way *= chance.choice([1.0, 1j, -1j])
            length_m = chance.uniform(150, 900)
            at_s, place_m = at_s + length_m / chance.uniform(6, 16), place_m + length_m * way
            moments.append(at_s)
            places.append(place_m)
    return np.array(moments), np.array(places)


def _as_they_arrive(company: StoredCompany, number: int) -> Iterator[bytes]:
    """Yield the rows of a day: a fix of each device, then the next of each, as phones report that post at once."""
    rows = np.stack([_fix_rows(day) for day in company.of_all(number)])
    for first in range(0, rows.shape[1], _WRITTEN_AT_ONCE):
        yield rows[:, first : first + _WRITTEN_AT_ONCE].T.tobytes()


def _fix_rows(day: StoredDay) -> NDArray[np.void]:
    """Return a day's fixes as COPY takes them, each sent as it was tracked and received a second later."""
    arrival = replace(day.device.arrival(received_at=datetime.now(UTC)), fixes=day.track)
    batch = replace(Batch.of([arrival]), sent_us=day.track.times_us, received_us=day.track.times_us + _A_SECOND_US)
    count = len(batch)
    rows = copied_rows(batch, np.zeros(count, dtype=np.int16), np.full(count, _RETENTION_DAYS, dtype=np.int16))
    return rows.view(f"V{rows.itemsize}")  # as bytes: stacked, its columns would be turned into those of this machine


def _shifted[T: (Track, TrajectoryPiece)](one: T, later_us: int, east_deg: float, north_deg: float) -> T:
    return replace(
        one,
        times_us=one.times_us + later_us,
        lons_deg=one.lons_deg + east_deg,
        lats_deg=one.lats_deg + north_deg,
    )


def _moved(span: Span, later: timedelta, east_deg: float, north_deg: float) -> Span:
    when = {"started_at": span.started_at + later, "ended_at": span.ended_at + later}
    match span:
        case Stop():
            place = Position(span.position.lon + east_deg, span.position.lat + north_deg)
            return replace(span, position=place, **when)
        case Trip() | Gap():
            return replace(span, **when)
