"""Random tracks with everything wrong that phones get wrong: what laws are tried on."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo_engine.tracks.model import MICROSECONDS_PER_S, Track
from support.traces import ORIGIN_LAT, ORIGIN_LON, Move, Phone, Rest, course, seen, taken

_SAMPLINGS_S = (1, 5, 15, 30, 60, 300)


def messy_track(generator: np.random.Generator, *, hours: float) -> Track:
    """Return what some broken phone reports of about so many hours."""
    parts = _random_parts(generator, hours)
    phone = Phone(
        every_s=int(generator.choice(_SAMPLINGS_S, p=(0.1, 0.2, 0.2, 0.15, 0.15, 0.2))),
        sigma_m=float(generator.choice((3.0, 10.0, 30.0, 45.0))),
        tau_s=float(generator.choice((0.0, 30.0, 100.0, 300.0))),
        accuracy_m=(None, float("nan"), 10.0)[generator.integers(3)],
        has_speed=bool(generator.integers(2)),
        reflections_per_hour=float(generator.choice((0.0, 3.0, 10.0))),
    )
    track = seen(course(parts, generator=generator), phone, generator=generator)
    _spoil(track, generator)
    track = _thinned_and_repeated(track, generator)
    _silence(track, generator)
    return track


def sparse_track(generator: np.random.Generator, *, count: int) -> Track:
    """Return what a phone reports that looks when it likes, with gaps, accuracies and speeds about every threshold."""
    gaps_s = np.exp(generator.uniform(0.0, np.log(3600.0), count)).astype(np.int64)
    close = generator.random(count) < generator.uniform(0.0, 0.9)
    gaps_s[close] = generator.choice((14, 30, 59, 61, 119, 121, 149, 151, 299, 301, 601), int(close.sum()))
    paces_mps = generator.choice((0.0, 0.0, 0.3, 0.7, 1.2, 3.1, 9.0), count // 4 + 1).repeat(4)[:count]
    if generator.random() < 0.5:
        paces_mps[generator.random(count) < 0.7] = 0.0
    turns = np.exp(2j * np.pi * np.cumsum(generator.normal(0.0, 0.1, count)))
    accuracies_m = generator.choice((3.0, 10.0, 25.0, 50.0, 65.0, 100.0, 299.0, np.nan), count)
    errors = generator.normal(0.0, 1.0, (count, 2)) @ np.array([1.0, 1.0j]) * np.nan_to_num(accuracies_m, nan=25.0) / 2
    points = np.cumsum(gaps_s * paces_mps * turns) + errors
    nothing = np.full(count, np.nan)
    return Track(
        times_us=(1_773_144_000 + np.cumsum(gaps_s)) * MICROSECONDS_PER_S,
        lons_deg=ORIGIN_LON + points.real / 83_880.0,
        lats_deg=ORIGIN_LAT + points.imag / 111_060.0,
        accuracies_m=accuracies_m,
        altitudes_m=nothing,
        speeds_mps=generator.choice((0.0, 0.0, 0.39, 0.41, 0.59, 0.61, 1.0, 2.9, 3.1, np.nan), count),
        headings_deg=nothing,
        batteries_percent=nothing,
        mocks=np.zeros(count, dtype=np.bool_),
    )


def batches(track: Track, generator: np.random.Generator) -> list[Track]:
    """Return a track in pieces, none of which begins at the moment the one before ends with."""
    cuts = np.flatnonzero(np.diff(track.times_us) > 0) + 1
    count = min(len(cuts), int(generator.choice((3, 20, 300))))
    chosen = np.sort(generator.choice(cuts, count, replace=False)) if count else cuts
    ends = [0, *chosen.tolist(), len(track)]
    return [taken(track, slice(low, high)) for low, high in pairwise(ends)]


def _random_parts(generator: np.random.Generator, hours: float) -> list[Move | Rest]:
    parts: list[Move | Rest] = [Rest(lasting_s=int(generator.uniform(1, 1500)))]
    left_s = hours * 3600
    while left_s > 0:
        way = generator.uniform(100, 4000) * np.exp(2j * np.pi * generator.random())
        speed_mps = float(generator.choice((0.6, 1.3, 4.0, 10.0), p=(0.1, 0.15, 0.15, 0.6)))
        lasting_s = int(generator.choice((30, 110, 250, 320, 900, 4000)))
        parts += [
            Move(east_m=way.real, north_m=way.imag, speed_mps=speed_mps),
            Rest(lasting_s=lasting_s, yard_m=float(generator.choice((0, 0, 60)))),
        ]
        left_s -= abs(way) / speed_mps + lasting_s
    return parts


def _spoil(track: Track, generator: np.random.Generator) -> None:
    count = len(track)
    spikes = generator.random(count) < generator.choice((0.0, 0.01, 0.05))
    track.lons_deg[spikes] += generator.normal(0.0, 0.02, int(spikes.sum()))
    track.lats_deg[spikes] += generator.normal(0.0, 0.02, int(spikes.sum()))
    for _ in range(generator.integers(6)):
        track.lats_deg[_run(count, 12, generator)] += generator.normal(0.0, 0.01)
    if generator.random() < 0.3:
        track.lons_deg[generator.integers(count) :] += generator.choice((0.2, 30.0))
    if generator.random() < 0.3:
        frozen = _run(count, 60, generator)
        track.lons_deg[frozen], track.lats_deg[frozen] = track.lons_deg[frozen.start], track.lats_deg[frozen.start]
        track.speeds_mps[frozen] = 9.0
    if generator.random() < 0.3:
        lost = generator.random(count) < 0.02
        track.lons_deg[lost] = track.lats_deg[lost] = 0.0
    track.accuracies_m[generator.random(count) < generator.choice((0.0, 0.05))] = 500.0
    track.mocks[generator.random(count) < generator.choice((0.0, 0.02))] = True


def _thinned_and_repeated(track: Track, generator: np.random.Generator) -> Track:
    count = len(track)
    is_kept = np.ones(count, dtype=np.bool_)
    for _ in range(generator.integers(4)):
        is_kept[_run(count, max(2, count // 4), generator)] = False
    is_kept &= generator.random(count) >= generator.choice((0.0, 0.4))
    is_kept[0] = True
    kept: NDArray[np.intp] = np.flatnonzero(is_kept)
    if generator.random() < 0.4:
        kept = np.sort(np.concatenate((kept, generator.choice(kept, max(1, len(kept) // 20)))))
    track = taken(track, kept)
    if generator.random() < 0.3:
        wrong_us = generator.integers(-3 * MICROSECONDS_PER_S, 3 * MICROSECONDS_PER_S, len(track))
        track.times_us[:] = np.sort(track.times_us + wrong_us)
    if generator.random() < 0.2:
        track.times_us[:] -= track.times_us % (5 * MICROSECONDS_PER_S)
    return track


def _silence(track: Track, generator: np.random.Generator) -> None:
    # Free hours and nights: what comes later does so by minutes to days.
    for _ in range(generator.choice((0, 0, 1, 2, 5))):
        behind = slice(int(generator.integers(1, len(track) + 1)), None)
        track.times_us[behind] += (
            int(generator.choice((1_500, 3_500, 3_700, 9_000, 50_000, 200_000))) * MICROSECONDS_PER_S
        )


def _run(count: int, longest: int, generator: np.random.Generator) -> slice:
    begin = int(generator.integers(count))
    return slice(begin, begin + int(generator.integers(1, longest + 1)))
