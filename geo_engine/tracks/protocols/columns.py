"""Batches in columns: the same demands as on a single fix (`quantities`), on all fixes at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.tracks.model import Fix, Track, to_microseconds, to_moment
from geo_engine.tracks.protocols import quantities as read
from geo_engine.tracks.protocols.bodies import MOST_REASONS, numbered, with_others
from geo_engine.tracks.protocols.model import Decoded, Other, Unusable
from geo_engine.words import Message

_NO_TIME = np.iinfo(np.int64).min
_MOST_TIME_US = 2**62
_EPOCH_US = to_microseconds(read.EPOCH)
_GPS_EPOCH_US = to_microseconds(read.GPS_EPOCH)
_ROLLOVER_US = int(read.ROLLOVER.total_seconds()) * 1_000_000

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A batch of columns as it was said; see `geo_engine.tracks.protocols.batch`."""

    device: str | None
    columns: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedColumns:
    """What became of a batch of columns.

    Parameters
    ----------
    track
        The fixes, ordered by time.
    rollovers
        Whether a fix's date was moved by the weeks that the receiver had lost count of; as long as the track.
    dropped
        Why some could not become fixes.
    """

    device: str | None
    track: Track
    rollovers: NDArray[np.bool_]
    dropped: tuple[Message, ...]


@np.errstate(invalid="ignore")
def decode_columns(said: Said, received_at: datetime) -> DecodedColumns:
    """Return a batch of columns as a track.

    Raises
    ------
    Unusable
        When a column that is needed is not there, or one has another length or another type.

    Notes
    -----
    O(n), and O(n log n) where the fixes are not in the order of time.
    """
    times_us = _times(said.columns)
    count = len(times_us)
    lons_deg = _on_edge(_column(said.columns, "lons_deg", count, is_needed=True), 180.0)
    lats_deg = _on_edge(_column(said.columns, "lats_deg", count, is_needed=True), 90.0)
    times_us, rollovers = _repaired(times_us, received_at)
    has_time = (times_us >= _EPOCH_US) & (times_us <= to_microseconds(received_at + read.AHEAD))
    has_place = (np.abs(lons_deg) <= 180.0) & (np.abs(lats_deg) <= 90.0)
    known = {name: _within(_column(said.columns, name, count), *limits) for name, limits in _LIMITS.items()}
    known["accuracies_m"] = np.minimum(known["accuracies_m"], read.MOST_ACCURACY_M)
    order = _order(times_us, lons_deg, lats_deg, known["accuracies_m"])
    kept = order[(has_time & has_place)[order]]
    track = Track(
        times_us=times_us[kept],
        lons_deg=lons_deg[kept],
        lats_deg=lats_deg[kept],
        mocks=_mocks(said.columns, count)[kept],
        **{name: column[kept] for name, column in known.items()},
    )
    reasons = _reasons(has_time, has_place)
    return DecodedColumns(device=said.device, track=track, rollovers=rollovers[kept], dropped=reasons)


_LIMITS = {
    "accuracies_m": (np.nextafter(0.0, 1.0), np.finfo(np.float64).max),  # 0 is unknown
    "altitudes_m": (-read.MOST_ALTITUDE_M, read.MOST_ALTITUDE_M),
    "speeds_mps": (0.0, read.MOST_SPEED_MPS),
    "headings_deg": (0.0, 360.0),
    "batteries_percent": (0.0, 100.0),
}


def column_fixes(decoded: DecodedColumns) -> Decoded:
    """Return a track as single fixes."""
    track = decoded.track
    columns = (
        *(track.times_us, track.lons_deg, track.lats_deg, track.accuracies_m, track.altitudes_m, track.speeds_mps),
        *(track.headings_deg, track.batteries_percent, track.mocks, decoded.rollovers),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    fixes = (
        Fix(
            device=decoded.device,
            tracked_at=to_moment(time_us),
            position=Position(lon, lat),
            accuracy_m=_known(accuracy_m),
            altitude_m=_known(altitude_m),
            speed_mps=_known(speed_mps),
            heading_deg=_known(heading_deg),
            battery_percent=_known(battery),
            is_mock=mock,
            is_rollover=rollover,
        )
        for time_us, lon, lat, accuracy_m, altitude_m, speed_mps, heading_deg, battery, mock, rollover in rows
    )
    is_empty = not len(track) and not decoded.dropped
    return Decoded(fixes=tuple(fixes), dropped=decoded.dropped, others=(Other.EMPTY,) if is_empty else ())


def columns_document(track: Track) -> dict[str, bytes]:
    """Return a track as columns of bytes."""
    floats = {name: getattr(track, name).astype("<f8").tobytes() for name in ("lons_deg", "lats_deg", *_LIMITS)}
    mocks = track.mocks.astype(np.uint8).tobytes()
    return {"times_us": track.times_us.astype("<i8").tobytes(), **floats, "mocks": mocks}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _times(columns: Mapping[str, object]) -> NDArray[np.int64]:
    said = columns.get("times_us")
    if isinstance(said, bytes) and len(said) % 8 == 0:
        return np.frombuffer(said, "<i8").astype(np.int64)
    if not isinstance(said, list):
        raise Unusable(Message("The column {name} cannot be read.", {"name": "times_us"}))
    return np.array([_time(value) for value in said], dtype=np.int64)


def _time(value: object) -> int:
    number = read.read_number(value)
    if number is None or abs(number) > _MOST_TIME_US:
        return _NO_TIME
    return value if isinstance(value, int) else round(number)


def _column(columns: Mapping[str, object], name: str, count: int, *, is_needed: bool = False) -> Floats:
    said = columns.get(name)
    if said is None and not is_needed:
        return np.full(count, np.nan)
    if isinstance(said, bytes) and len(said) in (8 * count, 4 * count):
        return np.frombuffer(said, "<f8" if len(said) == 8 * count else "<f4").astype(np.float64)
    if not isinstance(said, list) or len(said) != count:
        raise Unusable(Message("The column {name} cannot be read.", {"name": name}))
    numbers = (read.read_number(value) for value in said)
    return np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)


def _mocks(columns: Mapping[str, object], count: int) -> NDArray[np.bool_]:
    said = columns.get("mocks")
    if said is None:
        return np.zeros(count, dtype=np.bool_)
    if isinstance(said, bytes) and len(said) == count:
        return np.frombuffer(said, np.uint8).astype(np.bool_)
    if not isinstance(said, list) or len(said) != count:
        raise Unusable(Message("The column {name} cannot be read.", {"name": "mocks"}))
    return np.array([value is True for value in said], dtype=np.bool_)


def _on_edge(degrees: Floats, most_deg: float) -> Floats:
    away = np.abs(degrees)
    is_beyond = (away > most_deg) & (away <= most_deg + read.OVER_THE_EDGE_DEG)
    return np.where(is_beyond, np.copysign(most_deg, degrees), degrees) + 0.0


def _within(values: Floats, least: float, most: float) -> Floats:
    return np.where((values >= least) & (values <= most), values, np.nan) + 0.0  # + 0.0: there is no −0


def _repaired(times_us: NDArray[np.int64], received_at: datetime) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the times with lost weeks put back, and where that was done."""
    oldest_us = to_microseconds(received_at - read.ROLLOVER_AGE)
    rollovers = (times_us < oldest_us) & (times_us >= _GPS_EPOCH_US)
    lost_us = np.where(rollovers, oldest_us - times_us, 0)
    return times_us + -(-lost_us // _ROLLOVER_US) * _ROLLOVER_US, rollovers


def _order(times_us: NDArray[np.int64], lons_deg: Floats, lats_deg: Floats, accuracies_m: Floats) -> NDArray[np.intp]:
    # As in a track; of two at one moment and place the more accurate is first.
    if np.all(times_us[1:] > times_us[:-1]):
        return np.arange(len(times_us))
    unknown_last = np.where(np.isnan(accuracies_m), np.inf, accuracies_m)
    return np.lexsort((unknown_last, lats_deg, lons_deg, times_us))


def _reasons(has_time: NDArray[np.bool_], has_place: NDArray[np.bool_]) -> tuple[Message, ...]:
    bad = np.flatnonzero(~(has_time & has_place))
    no_time, no_place = Message("It says no time that there is."), Message("It says no position that there is.")
    told = bad[:MOST_REASONS].tolist()
    reasons = [numbered(index + 1, no_place if has_time[index] else no_time) for index in told]
    return with_others(reasons, len(bad))
