"""How a device moved between its stops; computed for a whole track at once."""

from collections.abc import Sequence

import numpy as np

from geo_engine.geometry.earth_fixed import Place, chord_mm, place_of
from geo_engine.tracks.epochs import Epochs, epochs_of
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.model import Stop, Track, Trip, to_microseconds, to_moment
from geo_engine.tracks.rules import MM_PER_M, DeriveParams, TripParams

_DEFAULT = DeriveParams()


def detect_trips(
    track: Track, flags: Flags, stops: Sequence[Stop], *, params: DeriveParams = _DEFAULT
) -> tuple[Trip, ...]:
    """Return the moves before, between and after the stops of a track, in order of time."""
    return trips_of(epochs_of(track, flags, params), stops, params.trips)


def trips_of(epochs: Epochs, stops: Sequence[Stop], params: TripParams) -> tuple[Trip, ...]:
    """Return the moves before, between and after the stops of a track in epochs, in order of time."""
    trips = []
    before: Stop | None = None
    for after in (*stops, None):
        trip = _trip(epochs, before, after, params)
        if trip is not None:
            trips.append(trip)
        before = after
    return tuple(trips)


def _trip(epochs: Epochs, before: Stop | None, after: Stop | None, params: TripParams) -> Trip | None:
    if not len(epochs):
        return None
    low = 0 if before is None else int(np.searchsorted(epochs.first_us, to_microseconds(before.ended_at), "right"))
    high = len(epochs) if after is None else int(np.searchsorted(epochs.last_us, to_microseconds(after.started_at)))
    if low >= high and (before is None or after is None):
        return None
    started_at = to_moment(int(epochs.first_us[0])) if before is None else before.ended_at
    ended_at = to_moment(int(epochs.last_us[-1])) if after is None else after.started_at
    if started_at == ended_at:
        return None
    distance_m = _distance_mm(epochs, slice(low, high), before, after, params) / MM_PER_M
    return Trip(
        started_at=started_at,
        ended_at=ended_at,
        distance_m=round(distance_m, 1),
        fix_count=int(epochs.fix_counts[low:high].sum()),
    )


def _distance_mm(epochs: Epochs, chosen: slice, before: Stop | None, after: Stop | None, params: TripParams) -> float:
    places = [Place(*found) for found in zip(*(axis[chosen].tolist() for axis in epochs.places), strict=True)]
    limits = [
        max(params.step_m * MM_PER_M, accuracy * params.step_accuracies)
        for accuracy in epochs.accuracies_mm[chosen].tolist()
    ]
    at = None if before is None else place_of(before.position.lon, before.position.lat)
    total_mm = 0.0
    for place, limit in zip(places, limits, strict=True):
        if at is None:
            at = place
        step_mm = chord_mm(at, place)
        if step_mm > limit:
            total_mm += step_mm
            at = place
    if after is not None and at is not None:
        total_mm += chord_mm(at, place_of(after.position.lon, after.position.lat))
    return total_mm
