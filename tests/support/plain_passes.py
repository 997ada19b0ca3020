"""Who passed a place, found without index or formula: every stored move is looked at, near ones moment by moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import psycopg
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.ids import DeviceId
from geo_engine.timespan import TimeSpan

STEP_S = 0.05
_HEADER_BYTES = 13
_STORED = "select device_id, st_asewkb(geom) from trajectory order by device_id, started_at"
_MAJOR_M, _SQUARED_ECCENTRICITY = 6_378_137.0, 0.00669437999014


@dataclass(frozen=True, kw_only=True)
class PlainPass:
    """When a device was near, in seconds since 1970, and how near it came."""

    device_id: DeviceId
    started_s: float
    ended_s: float
    nearest_m: float


class PlainTrajectories:
    """All pieces that a database keeps, of every company, end to end."""

    def __init__(self, server: psycopg.Connection) -> None:
        rows = server.cursor(binary=True).execute(_STORED).fetchall()
        self._devices = [DeviceId(device_id) for device_id, _ in rows]
        pieces = [np.frombuffer(ewkb, "<f8", offset=_HEADER_BYTES).reshape(-1, 3) for _, ewkb in rows]
        self._ends = np.cumsum([len(piece) for piece in pieces])
        self._points = np.concatenate(pieces)

    def __len__(self) -> int:
        return len(self._points)

    def passes(self, place: Position, *, radius_m: float, span: TimeSpan) -> list[PlainPass]:
        """Return when each device was near a place, by device and time."""
        places_m = _around(self._points[:, :2], place)
        moves_m = np.diff(places_m)
        safe = np.where(moves_m == 0, 1.0, np.abs(moves_m) ** 2)
        share = (-(places_m[:-1] * moves_m.conj()).real / safe).clip(0.0, 1.0)
        is_near = np.abs(places_m[:-1] + share * moves_m) <= radius_m
        is_near[self._ends[:-1] - 1] = False  # from the end of a piece to the begin of the next nobody moved
        # A point's number says which piece it is in.
        near = np.unique(np.searchsorted(self._ends, np.flatnonzero(is_near), side="right"))
        return list(self._merged(near, places_m, radius_m, span))

    def _merged(
        self, near: Sequence[int] | NDArray[np.intp], places_m: NDArray[np.complex128], radius_m: float, span: TimeSpan
    ) -> Iterator[PlainPass]:
        last: PlainPass | None = None
        for number in near:
            first, end = (0 if number == 0 else int(self._ends[number - 1])), int(self._ends[number])
            moments_s, sampled_m = self._points[first:end, 2], places_m[first:end]
            for started_s, ended_s, nearest_m in _sampled(moments_s, sampled_m, radius_m, span):
                one = PlainPass(
                    device_id=self._devices[number], started_s=started_s, ended_s=ended_s, nearest_m=nearest_m
                )
                if last is not None and (last.device_id, last.ended_s) == (one.device_id, one.started_s):
                    one = PlainPass(
                        device_id=one.device_id,
                        started_s=last.started_s,
                        ended_s=one.ended_s,
                        nearest_m=min(last.nearest_m, one.nearest_m),
                    )
                elif last is not None:
                    yield last
                last = one
        if last is not None:
            yield last


def _sampled(
    moments_s: NDArray[np.float64], places_m: NDArray[np.complex128], radius_m: float, span: TimeSpan
) -> Iterator[tuple[float, float, float]]:
    """Yield from when until when a piece is near, and how near, as seen twenty times a second."""
    start_s, end_s = (
        max(float(moments_s[0]), span.start_at.timestamp()),
        min(float(moments_s[-1]), span.end_at.timestamp()),
    )
    if start_s > end_s:
        return
    seen_s = np.append(np.arange(start_s, end_s, STEP_S), end_s)
    away_m = np.hypot(np.interp(seen_s, moments_s, places_m.real), np.interp(seen_s, moments_s, places_m.imag))
    edges = np.diff(np.concatenate(([False], away_m <= radius_m, [False])).astype(np.int8))
    for first, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        yield float(seen_s[first]), float(seen_s[end - 1]), float(away_m[first:end].min())


def _around(lons_and_lats_deg: NDArray[np.float64], place: Position) -> NDArray[np.complex128]:
    """Return places in metres east + i · north, by the radii of the ellipsoid at the place."""
    lat = np.radians(place.lat)
    curved = 1.0 - _SQUARED_ECCENTRICITY * np.sin(lat) ** 2
    east_m = _MAJOR_M / np.sqrt(curved) * np.cos(lat)
    north_m = _MAJOR_M * (1.0 - _SQUARED_ECCENTRICITY) / curved**1.5
    lons, lats = np.radians(lons_and_lats_deg - (place.lon, place.lat)).T
    around: NDArray[np.complex128] = lons * east_m + 1j * lats * north_m
    return around
