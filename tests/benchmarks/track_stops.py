"""Measures flags, stops, trips and gaps: how fast, how alike the two derivations, how right beside other detectors.

Run it as ``.venv/bin/python tests/benchmarks/track_stops.py --shared ../shared/data [--days 100] [--random-days 1000]
[--rival-days 20] [--processes 2] [--only speed,alike,hard,corpus,taxis] [--tuned]``. The rivals, trackintel and
MovingPandas, are installed into a throwaway environment by ``uv``; where they cannot be, that is said.

The figures are of the seeds that `stop_corpus` sets apart for reporting. With ``--tuned`` they are of the others, on
which parameters were chosen; only their failures may be looked into.
"""

import argparse
import csv
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from stop_corpus import REPORTED, SAMPLINGS_S, SHORTEST_STAY_S, SURROUNDINGS, TUNED, Surroundings, day_params
from stop_judging import Span, Tally, judged, pooled, spans_of, within
from support.hard_stops import CASES, hard_case
from support.messy_traces import batches, messy_track, sparse_track
from support.stop_oracle import oracle_spans
from support.traces import DRIVE, Phone, Rest, course, seen, taken

from geo_engine.geometry import Box, Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings
from geo_engine.simulation.corpus import area_of, random_day
from geo_engine.simulation.observing import observe
from geo_engine.simulation.truth import Truth
from geo_engine.tracks import Track
from geo_engine.tracks.derived import derive
from geo_engine.tracks.epochs import epochs_of
from geo_engine.tracks.flags import flag_fixes, usable_indices
from geo_engine.tracks.gaps import gaps_of
from geo_engine.tracks.model import MICROSECONDS_PER_S
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.running import advance, open_rows, start
from geo_engine.tracks.stops import stops_of
from geo_engine.tracks.trips import trips_of

type Seen = tuple[Track, list[Span]]

DAY_GOAL_S = 0.25
GOAL_ACCURACY_M = 50.0
_PARTS = ("speed", "alike", "hard", "corpus", "taxis")
_TAXI_STEP_S = 15
_TAXI_NEAR_M = 200.0


def main() -> None:
    """Measure what was asked for."""
    chosen = _arguments()
    seeds = (TUNED if chosen.tuned else REPORTED)[: chosen.days]
    with _rivals(wanted=chosen.rival_days > 0 and {"hard", "corpus", "taxis"} & chosen.only) as rivals:
        if "speed" in chosen.only:
            print_speed()
        if "alike" in chosen.only:
            print_alike(chosen.random_days, chosen.processes)
        if "hard" in chosen.only:
            print_hard_cases(rivals)
        if "corpus" in chosen.only:
            extract = chosen.shared / "osm" / "porto-roads.osm.pbf"
            print_corpus(extract, seeds, chosen.processes)
            if rivals is not None and chosen.rival_days:
                print_beside_rivals(extract, seeds[: chosen.rival_days], rivals)
        if "taxis" in chosen.only:
            print_taxis(chosen.shared / "gps" / "porto_taxi_20130701_even_taxis.csv.gz", rivals)


# ---- how fast --------------------------------------------------------------------------------------------------------


def print_speed() -> None:
    """Print what a day at 1 Hz takes, part by part, and what a fix takes as it comes."""
    track = day_at_1_hz()
    params = DeriveParams()
    flags = flag_fixes(track)
    epochs = epochs_of(track, flags, params)
    stops = stops_of(epochs, params)
    parts: dict[str, Callable[[], object]] = {
        "flags": partial(flag_fixes, track),
        "epochs": partial(epochs_of, track, flags, params),
        "stops": partial(stops_of, epochs, params),
        "trips": partial(trips_of, epochs, stops, params.trips),
        "gaps": partial(gaps_of, track.times_us[usable_indices(flags)], params.gaps),
        "all": partial(derive, track),
    }
    spent_s = {name: _best_s(part) for name, part in parts.items()}
    print(
        f"\nA day at 1 Hz, {len(track):,} fixes, {len(stops)} stops (processor, best of 20; goal"
        f" {1000 * DAY_GOAL_S:.0f} ms)"
    )
    print("  " + " · ".join(f"{name} {1000 * value_s:.1f} ms" for name, value_s in spent_s.items()))
    assert spent_s["all"] < DAY_GOAL_S
    for every_s in (1, 15):
        for size in (1, 10, 100):
            pieces = _pieces(taken(track, slice(None, None, every_s)), size, most=6_000)
            per_fix_s = _best_s(partial(_run, pieces), times=3) / sum(map(len, pieces))
            print(f"  running, a fix every {every_s:2d} s, {size:3d} at once: {1e6 * per_fix_s:6.1f} µs a fix")


def day_at_1_hz() -> Track:
    """Return a day of stays and drives, a fix each second."""
    generator = np.random.default_rng(8)
    parts = [part for _ in range(35) for part in (Rest(lasting_s=2_000), *DRIVE)]
    track = seen(course(parts, generator=generator), Phone(every_s=1, sigma_m=8), generator=generator)
    return taken(track, slice(0, 86_400))


def _best_s(part: Callable[[], object], times: int = 20) -> float:
    # Time of the processor: what else the machine does meanwhile is no matter.
    spent_s = []
    for _ in range(times):
        began_s = time.process_time()
        part()
        spent_s.append(time.process_time() - began_s)
    return min(spent_s)


def _pieces(track: Track, size: int, most: int) -> list[Track]:
    return [taken(track, slice(low, low + size)) for low in range(0, min(len(track), most), size)]


def _run(pieces: Sequence[Track]) -> None:
    state = start()
    for piece in pieces:
        state, _ = advance(state, piece)


# ---- how alike -------------------------------------------------------------------------------------------------------


def print_alike(count: int, processes: int) -> None:
    """Print on how many random days the running derivation comes to other rows than that of the whole day."""
    began_s = time.perf_counter()
    with ProcessPoolExecutor(processes) as pool:
        found = list(pool.map(compared, range(count), chunksize=10))
    fixes = sum(one[1] for one in found)
    touched = sum(one[2] for one in found)
    print(f"\nRunning and whole-day derivation on {count:,} random messy days, {fixes:,} fixes")
    print(
        f"  days with another row: {sum(not one[0] for one in found)} · looked at {touched / fixes:.2f} times a fix, at"
        f" most {max(one[3] for one in found):,} for one update of one fix · {time.perf_counter() - began_s:.0f} s"
    )
    assert all(one[0] for one in found)


def compared(seed: int) -> tuple[bool, int, int, int]:
    """Return of a random day: whether all rows agree, its fixes, how many looks they took, and most for one."""
    generator = np.random.default_rng([2026, seed])
    # Half of the days are of phones that look when they like.
    track = (
        messy_track(generator, hours=float(generator.uniform(1, 8))) if seed % 2 else sparse_track(generator, count=400)
    )
    state, touched, most = start(), 0, 0
    flags, stops, trips, gaps = [], [], [], []
    for piece in batches(track, generator):
        state, update = advance(state, piece)
        touched += update.touched_count
        most = max(most, update.touched_count if len(piece) == 1 else 0)
        flags += [(one.time_us, one.lon_deg, one.lat_deg, one.flags) for one in update.final.flags]
        stops += update.final.stops
        trips += update.final.trips
        gaps += update.final.gaps
    last = open_rows(state)
    flags += [(one.time_us, one.lon_deg, one.lat_deg, one.flags) for one in last.flags]
    whole = derive(track)
    columns = (track.times_us.tolist(), track.lons_deg.tolist(), track.lats_deg.tolist(), whole.flags.tolist())
    is_same = (
        sorted(flags) == sorted(zip(*columns, strict=True))
        and (*stops, *last.stops) == whole.stops
        and (*trips, *last.trips) == whole.trips
        and (*gaps, *last.gaps) == whole.gaps
    )
    return is_same, len(track), touched, most


# ---- how right -------------------------------------------------------------------------------------------------------


def print_hard_cases(rivals: Path | None) -> None:
    """Print which of the hard cases each detector gets wrong."""
    cases: list[tuple[str, Seen]] = []
    for name in CASES:
        track, stays = hard_case(name, seed=2)
        cases.append((name, (track, within(stays, *_ends_s(track)))))
    print(f"\n{len(CASES)} hard cases (see tests/support/hard_stops.py), another seed than in the tests: exact")
    for setting, found in _found_by_all([one for _, one in cases], rivals).items():
        wrong = [name for (name, (_, stays)), spans in zip(cases, found, strict=True) if judged(spans, stays) != (0, 0)]
        print(f"  {setting:30s} {len(cases) - len(wrong):2d} of {len(cases)}   wrong: {'; '.join(wrong) or '—'}")


def print_corpus(extract: Path, seeds: Sequence[int], processes: int) -> None:
    """Print the share of days that are exact, by surroundings and sampling, beside an oracle's."""
    print(
        f"\nSimulated days on the roads of Porto, {len(seeds)} a cell, seeds {seeds[0]}…: share of exact days; stays"
        " missed and stops too many, in % of the stays (no stay shorter than 10/3 of the sampling interval); below it"
        " the same of an oracle that is told which fixes are of a stay (support.stop_oracle), and our part of its days"
    )
    cells = [(surroundings, sampling_s) for surroundings in SURROUNDINGS for sampling_s in SAMPLINGS_S]
    with ProcessPoolExecutor(processes, initializer=_live_days, initargs=(extract, seeds)) as pool:
        tallies = {}
        for cell, pair in zip(cells, pool.map(_tally, cells), strict=True):
            tallies[cell] = pair
            print(f"  {cell[0].name}, every {cell[1]:g} s:{pair[0].line()}", file=sys.stderr, flush=True)
    print(f"  {'':20s}" + "".join(f"{f'every {sampling_s:g} s':>24s}" for sampling_s in SAMPLINGS_S))
    for surroundings in SURROUNDINGS:
        _print_row(surroundings.name, [tallies[surroundings, sampling_s] for sampling_s in SAMPLINGS_S])
    near = [surroundings for surroundings in SURROUNDINGS if surroundings.worst_accuracy_m <= GOAL_ACCURACY_M]
    pairs = [[tallies[surroundings, sampling_s] for surroundings in near] for sampling_s in SAMPLINGS_S]
    _print_row(
        f"all ≤ {GOAL_ACCURACY_M:g} m", [(pooled(a for a, _ in pair), pooled(b for _, b in pair)) for pair in pairs]
    )


def _print_row(name: str, cells: Sequence[tuple[Tally, Tally]]) -> None:
    shares = [ours.exact_count / max(oracle.exact_count, 1) for ours, oracle in cells]
    print(f"  {name:20s}" + "".join(f"{ours.line():>24s}" for ours, _ in cells))
    print(f"  {'  oracle':20s}" + "".join(f"{oracle.line():>24s}" for _, oracle in cells))
    print(f"  {'  ours / oracle':20s}" + "".join(f"{share:>24.3f}" for share in shares), flush=True)


def print_beside_rivals(extract: Path, seeds: Sequence[int], rivals: Path) -> None:
    """Print the same for others beside ours, of fewer days and samplings."""
    _live_days(extract, seeds)
    print(f"\n  The same beside others, the first {len(seeds)} of these days")
    for surroundings in SURROUNDINGS[:5]:
        for sampling_s in (15.0, 60.0):
            _print_beside(surroundings, sampling_s, rivals)


def _print_beside(surroundings: Surroundings, sampling_s: float, rivals: Path) -> None:
    days = list(_seen_days(surroundings, sampling_s))
    for setting, found in _found_by_all(days, rivals).items():
        tally = Tally()
        for spans, (_, stays) in zip(found, days, strict=True):
            tally.add(spans, stays)
        print(f"  {surroundings.name:20s} every {sampling_s:3g} s  {setting:30s} {tally.line()}", flush=True)


_DAYS: dict[tuple[int, float], Truth] = {}


def _live_days(extract: Path, seeds: Iterable[int]) -> None:
    # A process lives each day once; who looks at it, and how often, comes later.
    _DAYS.clear()
    with OsrmRouter(build_graph(extract, cache_dir=read_settings().cache_dir)) as router:
        area: Box = area_of(extract)
        for seed in seeds:
            for shortest_s in sorted({day_params(sampling_s).stay_s[0] for sampling_s in SAMPLINGS_S}):
                _DAYS[seed, shortest_s] = random_day(router, area, seed=seed, params=day_params(shortest_s * 0.3))


def _seen_days(surroundings: Surroundings, sampling_s: float) -> Iterator[Seen]:
    shortest_s = day_params(sampling_s).stay_s[0]
    for (seed, of_s), truth in _DAYS.items():
        if of_s == shortest_s:
            generator = np.random.default_rng([seed, 1])
            track = observe(truth, surroundings.params(), sampling_s=sampling_s, generator=generator)
            stays = [(stay.started_at.timestamp(), stay.ended_at.timestamp()) for stay in truth.stays]
            yield track, within(stays, *_ends_s(track))


def _tally(cell: tuple[Surroundings, float]) -> tuple[Tally, Tally]:
    ours, oracle = Tally(), Tally()
    for track, stays in _seen_days(*cell):
        ours.add(spans_of(derive(track).stops), stays)
        oracle.add(oracle_spans(track, stays, shortest_s=SHORTEST_STAY_S), stays)
    return ours, oracle


# ---- real taxis ------------------------------------------------------------------------------------------------------


def print_taxis(path: Path, rivals: Path | None) -> None:
    """Print how many of the known waits of real taxis are found, and what else is."""
    days = [taxi_day(trips) for trips in taxi_trips(path).values()]
    fix_count = sum(len(track) for track, _, _ in days)
    wait_count = sum(len(waits) for _, waits, _ in days)
    print(
        f"\n{len(days)} real taxis, {fix_count:,} fixes, a day each: between two trips, where one ended and the next"
        f" began within {_TAXI_NEAR_M:g} m and after 5 min or more, a taxi waited; {wait_count} such waits"
    )
    for setting, found in _found_by_all([(track, waits) for track, waits, _ in days], rivals).items():
        hits = sum(len(waits) - judged(spans, waits)[0] for spans, (_, waits, _) in zip(found, days, strict=True))
        riding = sum(
            _shared_s(span, trips) > 0.5 * (span[1] - span[0])
            for spans, (_, _, trips) in zip(found, days, strict=True)
            for span in spans
        )
        print(f"  {setting:30s} found {hits} of {wait_count} · stops mostly with a passenger: {riding}", flush=True)


def _shared_s(span: Span, others: Iterable[Span]) -> float:
    return sum(max(0.0, min(span[1], end_s) - max(span[0], start_s)) for start_s, end_s in others)


def taxi_day(trips: Sequence[tuple[int, list[list[float]]]]) -> tuple[Track, list[Span], list[Span]]:
    """Return the trips of a taxi as one track, when it certainly waited, and when it was on a trip."""
    times_s = [begin_s + _TAXI_STEP_S * k for begin_s, line in trips for k in range(len(line))]
    points = np.array([point for _, line in trips for point in line])
    order = np.argsort(times_s, kind="stable")
    ends = [(begin_s, begin_s + _TAXI_STEP_S * (len(line) - 1), line[0], line[-1]) for begin_s, line in trips]
    waits = [
        (float(before[1]), float(after[0]))
        for before, after in pairwise(ends)
        if after[0] - before[1] >= SHORTEST_STAY_S
        and geodesic_m(Position(*before[3]), Position(*after[2])) <= _TAXI_NEAR_M
    ]
    nothing = np.full(len(points), np.nan)
    track = Track(
        times_us=np.array(times_s, dtype=np.int64)[order] * MICROSECONDS_PER_S,
        lons_deg=points[order, 0],
        lats_deg=points[order, 1],
        accuracies_m=nothing,
        altitudes_m=nothing,
        speeds_mps=nothing,
        headings_deg=nothing,
        batteries_percent=nothing,
        mocks=np.zeros(len(points), dtype=np.bool_),
    )
    return track, waits, [(float(begin_s), float(end_s)) for begin_s, end_s, _, _ in ends]


def taxi_trips(path: Path) -> dict[str, list[tuple[int, list[list[float]]]]]:
    """Return the trips of each taxi in order: when each began, in seconds since 1970, and its places every 15 s."""
    taxis: dict[str, list[tuple[int, list[list[float]]]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            line = json.loads(row["POLYLINE"])
            if line:
                taxis[row["TAXI_ID"]].append((int(row["TIMESTAMP"]), line))
    return {taxi: sorted(trips) for taxi, trips in taxis.items()}


# ---- the others ------------------------------------------------------------------------------------------------------


def _found_by_all(days: Sequence[Seen], rivals: Path | None) -> dict[str, list[list[Span]]]:
    """Return the stops that each detector finds in each track, by its name."""
    found = {"geo-engine": [spans_of(derive(track).stops) for track, _ in days]}
    if rivals is not None:
        with tempfile.TemporaryDirectory() as name:
            for k, (track, _) in enumerate(days):
                columns = {"times_us": track.times_us, "lons_deg": track.lons_deg, "lats_deg": track.lats_deg}
                np.savez(Path(name) / f"{k:05d}.npz", **columns)
            command = [rivals, Path(__file__).parent / "stop_rivals.py", name]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for line in map(json.loads, printed.splitlines()):
            found.setdefault(line["setting"], []).append([(span[0], span[1]) for span in line["stops"]])
    return found


@contextmanager
def _rivals(*, wanted: bool) -> Iterator[Path | None]:
    """Give a Python that has the rivals, for as long as they are needed."""
    uv = shutil.which("uv") or str(Path(__file__).parents[2] / ".local" / "uv" / "bin" / "uv")
    if not wanted:
        yield None
        return
    with tempfile.TemporaryDirectory() as name:
        python = Path(name) / "bin" / "python"
        steps = (
            [uv, "venv", "--quiet", "--clear", name],
            [uv, "pip", "install", "--quiet", "--python", python, "trackintel==1.4.2", "movingpandas==0.23.0"],
        )
        try:
            for step in steps:
                subprocess.run(step, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"The rivals cannot be installed: {getattr(error, 'stderr', '') or error}")
            yield None
            return
        yield python


def _ends_s(track: Track) -> tuple[float, float]:
    return track.times_us[0] / MICROSECONDS_PER_S, track.times_us[-1] / MICROSECONDS_PER_S


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--random-days", type=int, default=1_000)
    parser.add_argument("--rival-days", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set(_PARTS))
    parser.add_argument("--tuned", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
