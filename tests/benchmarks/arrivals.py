"""Measures arrivals: how right beside two other rules, how steady while parked, whether as foretold, how fast.

Run it as ``.venv/bin/python tests/benchmarks/arrivals.py --shared ../shared/data [--days 25] [--departure-days 8]
[--processes 2] [--only corpus,departures,detectability,speed] [--tuned]``.

The figures are of the seeds that `arrival_corpus` sets apart for reporting. With ``--tuned`` they are of the others, on
which parameters were chosen; only their failures may be looked into.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from arrival_corpus import REPORTED, SHORTEST_ARRIVAL_S, TUNED, Case, TrueFence, fences_of
from arrival_judging import Inside, Tally, pooled
from stop_corpus import SAMPLINGS_S, SURROUNDINGS, Surroundings

from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.detectability import Seeing, detectability
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.presences import Presence
from geo_engine.geofences.sightings import Sightings, sightings_of
from geo_engine.geofences.transitions import detect_presences
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings
from geo_engine.simulation.corpus import area_of, random_day
from geo_engine.simulation.observing import observe
from geo_engine.simulation.truth import Truth
from geo_engine.tracks import Track
from geo_engine.tracks.derived import Derived, derive
from geo_engine.tracks.model import MICROSECONDS_PER_S, select_fixes, to_microseconds

GOAL_F1 = 0.98
GOAL_DEPARTURES = 0.99
GOAL_EVALUATIONS_PER_S = 500_000
_PARAMS = TransitionParams()
_UTC = ZoneInfo("UTC")
_PARTS = ("corpus", "departures", "detectability", "speed")
_SEEN_WITHIN_US = 180 * MICROSECONDS_PER_S
_BACK_US = 4 * 3600 * MICROSECONDS_PER_S
_LOOKED_EVERY_US = 60 * MICROSECONDS_PER_S


class Day(NamedTuple):
    """A true day and the fences on it."""

    seed: int
    truth: Truth
    fences: list[TrueFence]


class Cell(NamedTuple):
    """What phones of a column of the tables see."""

    surroundings: Surroundings
    sampling_s: float

    def seen(self, day: Day) -> Track:
        """Return what a phone reports of a day."""
        generator = np.random.default_rng([day.seed, 1])
        return observe(day.truth, self.surroundings.params(), sampling_s=self.sampling_s, generator=generator)


class Scores(NamedTuple):
    """Ours and the others', of the fences twice as wide as the fixes are exact, and of all."""

    cell: Cell
    ours: Tally
    inside: Tally
    traccar: Tally
    ours_of_all: Tally
    counts: dict[Case, int]


def main() -> None:
    """Measure what was asked for."""
    chosen = _arguments()
    seeds = TUNED if chosen.tuned else REPORTED
    if "speed" in chosen.only:
        print_speed()
    if chosen.only & {"corpus", "departures", "detectability"}:
        days = list(true_days(chosen.shared / "osm" / "porto-roads.osm.pbf", seeds[: chosen.days]))
        if "corpus" in chosen.only:
            print_corpus(days, chosen.processes)
        if "departures" in chosen.only:
            print_departures(days[: chosen.departure_days], chosen.processes)
        if "detectability" in chosen.only:
            print_detectability(days, chosen.processes)


def true_days(extract: Path, seeds: Iterable[int]) -> Iterator[Day]:
    """Yield the days of seeds."""
    with OsrmRouter(build_graph(extract, cache_dir=read_settings().cache_dir)) as router:
        area = area_of(extract)
        for seed in seeds:
            truth = random_day(router, area, seed=seed)
            yield Day(seed, truth, fences_of(truth, seed))


# ---- how right -------------------------------------------------------------------------------------------------------


def print_corpus(days: Sequence[Day], processes: int) -> None:
    """Print how right arrivals are for each surroundings and sampling, beside two other rules."""
    cells = [Cell(surroundings, sampling_s) for surroundings in SURROUNDINGS for sampling_s in SAMPLINGS_S]
    print(f"\nArrivals on {len(days)} days a cell, fences with a radius of at least twice the median accuracy there")
    scores: list[Scores] = []
    with ProcessPoolExecutor(processes) as pool:
        for one in pool.map(partial(_scores, days), cells):
            scores.append(one)
            ours, intervals = one.ours, np.median(one.ours.errors) if one.ours.errors else np.nan
            print(
                f"  {one.cell.surroundings.name:16s} {one.cell.sampling_s:5g} s: {ours.line()} ({intervals:.2f} of an"
                f" interval) | in polygon {one.inside.f1:.3f}, {one.inside.flaps_per_h:.2f}/h | Traccar"
                f" {one.traccar.f1:.3f} | any radius {one.ours_of_all.f1:.3f}",
                flush=True,
            )
    for sampling_s in SAMPLINGS_S:
        some = [one for one in scores if one.cell.sampling_s == sampling_s]
        print(f"  every {sampling_s:3g} s: {_beside(some)}")
    counts = {case: sum(one.counts[case] for one in scores) for case in Case}
    print(f"  all: {_beside(scores)}")
    errors = pooled([one.ours for one in scores]).errors
    print(f"  median error of arrivals {np.median(errors):.2f} of a sampling interval (goal 1)")
    print("  " + " · ".join(f"{count:,} × {case}" for case, count in counts.items()))
    assert pooled([one.ours for one in scores]).f1 >= GOAL_F1


def _beside(scores: Sequence[Scores]) -> str:
    ours, inside, traccar = (pooled([getattr(one, name) for one in scores]) for name in ("ours", "inside", "traccar"))
    return f"{ours.line()} | in polygon {inside.line()} | Traccar F1 {traccar.f1:.3f} {traccar.flaps_per_h:.2f}/h"


def _scores(days: Sequence[Day], cell: Cell) -> Scores:
    scores = Scores(cell, Tally(), Tally(), Tally(), Tally(), dict.fromkeys(Case, 0))
    for day in days:
        track = cell.seen(day)
        derived = derive(track)
        index = FenceIndex([one.fence for one in day.fences])
        found = by_fence(presences_of(track, derived, index))
        inside = points_in_polygon(track, index)
        for number, fence in enumerate(day.fences):
            told = {"ours_of_all": found[number]}
            if fence.radius_m >= 2.0 * accuracy_m(track, fence, day):
                told |= {"ours": found[number], "inside": inside[number], "traccar": inside[number]}
                scores.counts[fence.case] += 1
            for name, spans in told.items():
                # Traccar tells that somebody came, and knows no dwell.
                least_s = 0.0 if name == "traccar" else _PARAMS.dwell_s
                getattr(scores, name).add(spans, fence, least_s=least_s, sampling_s=cell.sampling_s)
                getattr(scores, name).add_parked(spans, fence, _parked(day.truth, fence), sampling_s=cell.sampling_s)
    return scores


def presences_of(track: Track, derived: Derived, index: FenceIndex) -> list[Presence]:
    """Return what we find."""
    return detect_presences(index, sightings_of(track, derived.flags, derived.stops, _PARAMS), zone=_UTC)


def by_fence(presences: Iterable[Presence]) -> dict[int, list[Inside]]:
    """Return presences by number of fence, in order of time."""
    found = defaultdict[int, list[Inside]](list)
    for one in presences:
        found[one.fence].append(Inside(one.entered.at_us, one.seen_until_us if one.left is None else one.left.at_us))
    return found


def points_in_polygon(track: Track, index: FenceIndex) -> dict[int, list[Inside]]:
    """Return from which fix until which each fence held all fixes."""
    count = len(track)
    places, fences = np.repeat(np.arange(count), len(index)), np.tile(np.arange(len(index)), count)
    depths_m = index.measure_m(track.lons_deg[places], track.lats_deg[places], fences).reshape(count, -1)
    found = defaultdict[int, list[Inside]](list)
    for number, insides in enumerate((depths_m >= 0.0).T):
        for first, end in np.flatnonzero(np.diff(insides.astype(np.int8), prepend=0, append=0)).reshape(-1, 2):
            found[number].append(Inside(int(track.times_us[first]), int(track.times_us[end - 1])))
    return found


def accuracy_m(track: Track, fence: TrueFence, day: Day) -> float:
    """Return the median accuracy of what was seen while the worker was inside, or next door; else of the day."""
    spans = [Inside(*span_us) for span_us in fence.insides_us] or _parked(day.truth, fence)
    longest = max(spans, key=lambda span: span.ended_us - span.started_us, default=Inside(0, 0))
    within = slice(*np.searchsorted(track.times_us, longest))
    for accuracies_m in (track.accuracies_m[within], track.accuracies_m):
        known_m = accuracies_m[accuracies_m > 0.0]
        if len(known_m):
            return float(np.median(known_m))
    return _PARAMS.unknown_accuracy_m


def _parked(truth: Truth, fence: TrueFence) -> list[Inside]:
    """Return when the worker stayed at the place that the fence is for or next door of."""
    if fence.case is Case.DRIVE_BY:
        return []
    stay = truth.stays[fence.number]
    return [Inside(to_microseconds(stay.started_at), to_microseconds(stay.ended_at))]


# ---- as it is seen live ----------------------------------------------------------------------------------------------


def print_departures(days: Sequence[Day], processes: int) -> None:
    """Print how soon departures are seen, and how often it looks like one while nobody leaves."""
    cells = [
        Cell(surroundings, sampling_s)
        for surroundings in SURROUNDINGS
        for sampling_s in (5.0, 15.0, 60.0)
        if surroundings.worst_accuracy_m <= 50.0
    ]
    print(f"\nAs it is known at each moment, on {len(days)} days a cell, radius at least twice the median accuracy")
    print("  departures seen within 3 min or 2 fixes, whichever is later; parked: looked at each minute")
    with ProcessPoolExecutor(processes) as pool:
        for cell, (seen, departed, turns, parked_h) in zip(cells, pool.map(partial(_live, days), cells), strict=True):
            print(
                f"  {cell.surroundings.name:16s} {cell.sampling_s:5g} s: {seen} of {departed} departures seen"
                f" ({100 * seen / max(departed, 1):.1f} %, goal {100 * GOAL_DEPARTURES:.0f}) ·"
                f" {turns} flaps in {parked_h:.0f} parked hours",
                flush=True,
            )


def _live(days: Sequence[Day], cell: Cell) -> tuple[int, int, int, float]:
    seen = departed = turns = 0
    parked_h = 0.0
    for day in days:
        track = cell.seen(day)
        for fence in day.fences:
            arrivals = [Inside(*span) for span in fence.insides_us if span[1] - span[0] >= SHORTEST_ARRIVAL_S * 1e6]
            if fence.case is not Case.VISIT or fence.radius_m < 2.0 * accuracy_m(track, fence, day):
                continue
            index = FenceIndex([fence.fence])
            for arrival in arrivals:
                looks = _looks_us(fence, arrival)
                states = [_is_inside(track, index, at_us) for at_us in looks]
                turns += int(np.count_nonzero(np.diff(states)))
                parked_h += len(looks) / 60.0
                later = track.times_us[track.times_us > arrival.ended_us]
                if len(later) > 1 and states and states[-1]:
                    known_us = max(arrival.ended_us + _SEEN_WITHIN_US, int(later[1]))
                    departed += 1
                    seen += _has_left(track, index, known_us, since_us=arrival.started_us)
    return seen, departed, turns, parked_h


def _looks_us(fence: TrueFence, arrival: Inside) -> list[int]:
    """Return each minute of an arrival in which the edge was not crossed; none before five minutes are over."""
    first_us = arrival.started_us + round(SHORTEST_ARRIVAL_S) * MICROSECONDS_PER_S
    if any(first_us < at_us < arrival.ended_us for at_us in fence.crossings_us):
        return []
    return list(range(first_us, arrival.ended_us, _LOOKED_EVERY_US))


def _is_inside(track: Track, index: FenceIndex, at_us: int) -> bool:
    found = _known(track, index, at_us)
    return bool(found) and found[-1].left is None


def _has_left(track: Track, index: FenceIndex, at_us: int, *, since_us: int) -> bool:
    return any(one.left is not None and one.seen_until_us > since_us for one in _known(track, index, at_us))


def _known(track: Track, index: FenceIndex, at_us: int) -> list[Presence]:
    """Return what the fixes up to a moment show."""
    known = select_fixes(track, slice(*np.searchsorted(track.times_us, [at_us - _BACK_US, at_us + 1])))
    return presences_of(known, derive(known), index)


# ---- as foretold -----------------------------------------------------------------------------------------------------


def print_detectability(days: Sequence[Day], processes: int) -> None:
    """Print what share of visits is found, by tenths of what is foretold of them."""
    cells = [Cell(surroundings, sampling_s) for surroundings in SURROUNDINGS for sampling_s in SAMPLINGS_S]
    with ProcessPoolExecutor(processes) as pool:
        told = np.array([one for some in pool.map(partial(_foretold, days), cells) for one in some])
    told = told[np.argsort(told[:, 0], kind="stable")]
    print(f"\nDetectability of {len(told):,} visits on {len(days)} days a cell, any radius: foretold beside found")
    for tenth in np.array_split(told, 10):
        foretold, found, ratio = tenth[:, 0].mean(), tenth[:, 1].mean(), np.median(tenth[:, 2])
        print(f"  foretold {foretold:.3f}, found {found:.3f} (radius {ratio:.1f} × accuracy)", flush=True)
    brier = float(np.mean((told[:, 0] - told[:, 1]) ** 2))
    usual = float(np.mean((told[:, 1].mean() - told[:, 1]) ** 2))
    print(
        f"  all: foretold {told[:, 0].mean():.3f}, found {told[:, 1].mean():.3f}; Brier {brier:.4f}, of one {usual:.4f}"
    )


def _foretold(days: Sequence[Day], cell: Cell) -> list[tuple[float, float, float]]:
    """Return of each visit what was foretold, whether it was found, and the radius in accuracies."""
    told = []
    for day in days:
        track = cell.seen(day)
        found = by_fence(presences_of(track, derive(track), FenceIndex([one.fence for one in day.fences])))
        for number, fence in enumerate(day.fences):
            visits = [span for span in fence.insides_us if span[1] - span[0] >= SHORTEST_ARRIVAL_S * 1e6]
            for visit in visits if fence.case is Case.VISIT else ():
                tally = Tally()
                tally.add(
                    found[number],
                    replace(fence, insides_us=(visit,)),
                    least_s=_PARAMS.dwell_s,
                    sampling_s=cell.sampling_s,
                )
                accurate_m = accuracy_m(track, fence, day)
                stay_s = (visit[1] - visit[0]) / MICROSECONDS_PER_S
                seeing = Seeing(accuracy_m=accurate_m, stay_s=stay_s, sampling_s=cell.sampling_s)
                share = detectability(fence.radius_m, seeing)
                told.append((share, float(tally.found_count), fence.radius_m / accurate_m))
    return told


# ---- how fast --------------------------------------------------------------------------------------------------------


def print_speed() -> None:
    """Print how many fixes a second are held against 10,000 fences, from sighting to the moments of crossing."""
    generator = np.random.default_rng(9)
    index = FenceIndex(list(_city_fences(10_000, generator)))
    sightings = _city_sightings(10_000, 100, generator)
    spent_s = []
    for _ in range(3):
        began_s = time.process_time()
        found = detect_presences(index, sightings, zone=_UTC)
        spent_s.append(time.process_time() - began_s)
    rate = len(sightings) / min(spent_s)
    print(f"\n{len(sightings):,} fixes of 10,000 devices, {len(index):,} fences: {len(found):,} presences")
    print(
        f"  {rate:,.0f} evaluations/s of one core, goal {GOAL_EVALUATIONS_PER_S:,}: {rate / GOAL_EVALUATIONS_PER_S:.2f}"
    )


def _city_fences(count: int, generator: np.random.Generator) -> Iterator[Geofence]:
    lons, lats = generator.uniform(116.0, 116.6, count), generator.uniform(39.7, 40.2, count)
    radii_m = np.exp(generator.uniform(np.log(30.0), np.log(300.0), count))
    for number, (lon, lat, radius_m) in enumerate(np.stack((lons, lats, radii_m), axis=1).tolist()):
        name = GeofenceId(str(number))
        yield Geofence(id=name, name=name, shape=Circle(centre=Position(lon, lat), radius_m=radius_m))


def _city_sightings(devices: int, each: int, generator: np.random.Generator) -> Sightings:
    """Return fixes every 15 s of devices that drive about a city, half of the time standing."""
    count = devices * each
    moving = np.repeat(generator.random((devices, each // 10)) < 0.5, 10, axis=1)
    headings = np.cumsum(generator.normal(0.0, 0.3, (devices, each)), axis=1)
    steps_deg = np.where(moving, 0.0015, 0.0)
    lons = generator.uniform(116.0, 116.6, (devices, 1)) + np.cumsum(steps_deg * np.cos(headings), axis=1)
    lats = generator.uniform(39.7, 40.2, (devices, 1)) + np.cumsum(steps_deg * np.sin(headings), axis=1)
    times_us: NDArray[np.int64] = 1_700_000_000_000_000 + np.tile(np.arange(each) * 15_000_000, devices)
    return Sightings(
        devices=np.repeat(np.arange(devices), each),
        started_us=times_us,
        ended_us=times_us,
        lons_deg=lons.ravel(),
        lats_deg=lats.ravel(),
        sigmas_m=np.exp(generator.uniform(np.log(3.0), np.log(60.0), count)),
        stays=np.zeros(count, dtype=np.bool_),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--days", type=int, default=25)
    parser.add_argument("--departure-days", type=int, default=8)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set(_PARTS))
    parser.add_argument("--tuned", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
