"""Measures what is told to be driven: beside the odometer of made-up drives, and on real taxis.

Run it as ``.venv/bin/python tests/benchmarks/track_match.py --shared DIR``: Porto's roads, places and taxis are there.
References in the same run: the line through all fixes, and OSRM's match of all fixes as they are. Times are of the
processor, so that what else a machine does is not measured.
"""

import argparse
import csv
import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.drives import Drive, Phone, drive_through, reported

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m, length_m, metres_per_degree
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings
from geo_engine.tracks.driven import Driven, WayKind
from geo_engine.tracks.matching import match_track
from geo_engine.tracks.model import Stop, Track, to_moment
from geo_engine.words import Language

SEED = 20261126
SIGMAS_M, INTERVALS_S = (3.0, 10.0, 20.0, 45.0), (1, 5, 15, 60, 300)
TAXI_EVERY_S = 15
FASTEST_MPS = 45.0
LEAST_WAY_M = 300.0
SCALE = np.array(metres_per_degree(41.15))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Metres and seconds of one way to tell what was driven."""

    metres: float
    seconds: float


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    graph = build_graph(
        arguments.shared / "osm" / "porto-roads.osm.pbf",
        cache_dir=read_settings().cache_dir,
        on_progress=lambda message, _: print(message.render(Language.EN), file=sys.stderr),
    )
    with OsrmRouter(graph) as router:
        places = _places(arguments.shared / "poi" / "porto-centre_poi.csv")
        _print_drives(router, places, arguments.drives)
        taxis = list(_taxis(arguments.shared / "gps" / "porto_taxi_20130701_even_taxis.csv.gz"))
        _print_taxis(router, taxis)
        _print_seldom(router, taxis[:: arguments.thin])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--drives", type=int, default=10)
    parser.add_argument("--thin", type=int, default=3, help="measure confidence on every so many-th taxi trip")
    return parser.parse_args()


def _places(path: Path) -> list[Position]:
    with path.open(encoding="utf-8", newline="") as file:
        return [Position(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)]


def _print_drives(router: OsrmRouter, places: Sequence[Position], count: int) -> None:
    chance = np.random.default_rng(SEED)
    drives = [drive_through(router, _stations(places, chance), chance) for _ in range(count)]
    true_m = sum(drive.driven_m for drive in drives)
    print(f"drives  {count} days through Porto, {true_m / 1000:.0f} km by odometer; σ is of each coordinate, τ 60 s")
    print(
        "        ÷ odometer: told (worst day), OSRM plain, raw line; days within bounds; fixes matched; how sure; cost"
    )
    for sigma_m in SIGMAS_M:
        for every_s in INTERVALS_S:
            phone = Phone(sigma_m=sigma_m, every_s=every_s)
            _print_phone(router, drives, phone, true_m)


def _stations(places: Sequence[Position], chance: np.random.Generator) -> list[Position]:
    """Return four places in the centre and one outside, each away from the one before."""
    stations: list[Position] = []
    while len(stations) < 4:
        place = places[chance.integers(len(places))]
        if not stations or geodesic_m(place, stations[-1]) > LEAST_WAY_M:
            stations.append(place)
    east_deg, north_deg = chance.uniform(-0.06, 0.06), chance.uniform(0.01, 0.05)
    return [*stations, Position(stations[-1].lon + east_deg, stations[-1].lat + north_deg)]


def _print_phone(router: OsrmRouter, drives: Sequence[Drive], phone: Phone, true_m: float) -> None:
    chance = np.random.default_rng(SEED + 1)
    tracks = [reported(drive, phone, chance) for drive in drives]
    driven, seconds = _driven(router, tracks, [drive.stays for drive in drives])
    plain = _plain(router, tracks)
    raw_m = sum(_raw_m(track) for track in tracks)
    errors = [told.distance_m / drive.driven_m - 1.0 for told, drive in zip(driven, drives, strict=True)]
    within = [
        told.least_m <= drive.driven_m * 1.01 and told.most_m >= drive.driven_m * 0.99
        for told, drive in zip(driven, drives, strict=True)
    ]
    fix_count = sum(map(len, tracks))
    told_m = sum(told.distance_m for told in driven)
    print(
        f"  σ {phone.sigma_m:2.0f} m  every {phone.every_s:3d} s  {told_m / true_m:6.3f} ({max(errors, key=abs):+5.1%})"
        f"  {plain.metres / true_m:5.2f}  {raw_m / true_m:5.2f}  {sum(within):3d} of {len(within)}"
        f"  {_matched_share(driven):6.1%}  {np.mean([told.confidence for told in driven]):4.2f}"
        f"  {1000 * seconds / fix_count:6.3f} ms/fix, ÷ OSRM {seconds / plain.seconds:.2f}",
        flush=True,
    )


def _print_taxis(router: OsrmRouter, taxis: Sequence[Track]) -> None:
    driven, seconds = _driven(router, taxis, [()] * len(taxis))
    plain = _plain(router, taxis)
    fix_count, raw_m = sum(map(len, taxis)), sum(_raw_m(track) for track in taxis)
    told_m = sum(told.distance_m for told in driven)
    matched_m = sum(way.distance_m for told in driven for way in told.ways if way.kind is WayKind.MATCHED)
    off_m = np.concatenate([_off_m(track, told) for track, told in zip(taxis, driven, strict=True) if told.ways])
    print(f"taxis   {len(taxis)} trips, {fix_count:,} fixes every 15 s without those nobody drives to")
    print(f"        {told_m / 1000:8.0f} km told, {matched_m / told_m:.1%} of them on roads")
    print(f"        {raw_m / 1000:8.0f} km line through all fixes: ratio {told_m / raw_m:.3f}")
    print(f"        {plain.metres / 1000:8.0f} km OSRM plain: ratio {told_m / plain.metres:.3f}")
    print(f"        {_matched_share(driven):8.1%} of the fixes matched")
    print(
        f"        {np.median(off_m):8.1f} m from the way in the median, {np.percentile(off_m, 95):.1f} m in 95 of 100"
    )
    shares = np.percentile([told.confidence for told in driven], [5, 25, 50, 75, 95])
    print("       ", "  ".join(f"{share:.2f}" for share in shares), "how sure, in 5, 25, 50, 75, 95 of 100 trips")
    print(f"        {1000 * seconds / fix_count:8.3f} ms a fix, OSRM plain {1000 * plain.seconds / fix_count:.3f}")


def _print_seldom(router: OsrmRouter, taxis: Sequence[Track]) -> None:
    """Print how ways through some of the fixes agree with those through all of them, and what they promised."""
    print("seldom  ways through some fixes beside those through all: metres, share within 25 m, and the share promised")
    every, _ = _driven(router, taxis, [()] * len(taxis))
    for step in (2, 4, 8, 20):
        some, _ = _driven(router, [_every(track, step) for track in taxis], [()] * len(taxis))
        told = [(one, other) for one, other in zip(every, some, strict=True) if one.distance_m and other.distance_m]
        ratio = sum(other.distance_m for _, other in told) / sum(one.distance_m for one, _ in told)
        weights = [one.distance_m for one, _ in told]
        agreed = np.average([_agreed(one, other) for one, other in told], weights=weights)
        promised = np.average([other.confidence for _, other in told], weights=weights)
        print(f"        {step * TAXI_EVERY_S:4d} s   {ratio:.3f}   {agreed:.3f}   {promised:.3f}", flush=True)


def _driven(router: OsrmRouter, tracks: Sequence[Track], stops: Sequence[Sequence[Stop]]) -> tuple[list[Driven], float]:
    began = time.process_time()
    driven = [
        match_track(router, track, np.zeros(len(track), dtype=np.uint16), stops=given)
        for track, given in zip(tracks, stops, strict=True)
    ]
    return driven, time.process_time() - began


def _plain(router: OsrmRouter, tracks: Sequence[Track]) -> Figures:
    """Return what OSRM's match of all fixes says, with accuracies where there are any."""
    began = time.process_time()
    metres = 0.0
    for track in tracks:
        has_accuracy = bool(np.isfinite(track.accuracies_m).all())
        metres += router.match(
            [Position(lon, lat) for lon, lat in zip(track.lons_deg.tolist(), track.lats_deg.tolist(), strict=True)],
            tracked_at=[to_moment(time_us) for time_us in track.times_us.tolist()],
            accuracies_m=(track.accuracies_m / 1.51).tolist() if has_accuracy else None,
        ).distance_m
    return Figures(metres=metres, seconds=time.process_time() - began)


def _raw_m(track: Track) -> float:
    return length_m(list(zip(track.lons_deg, track.lats_deg, strict=True)))


def _matched_share(driven: Sequence[Driven]) -> float:
    return sum(told.matched_count for told in driven) / sum(told.fix_count for told in driven)


def _off_m(track: Track, told: Driven) -> NDArray[np.float64]:
    """Return how far each fix is from what was told, matched or not."""
    return shapely.distance(shapely.points(np.column_stack((track.lons_deg, track.lats_deg)) * SCALE), _shape(told))


def _shape(told: Driven) -> shapely.MultiLineString:
    return shapely.MultiLineString([np.column_stack((way.lons_deg, way.lats_deg)) * SCALE for way in told.ways])


def _agreed(every: Driven, some: Driven) -> float:
    """Return which share of the ways through all fixes lies within 25 m of those through some."""
    reference = _shape(every)
    return reference.intersection(_shape(some).buffer(25.0)).length / reference.length


def _every(track: Track, step: int) -> Track:
    which = np.unique(np.append(np.arange(0, len(track), step), len(track) - 1))
    return Track(**{name: getattr(track, name)[which] for name in Track.__slots__})


def _taxis(path: Path) -> Iterator[Track]:
    """Yield the trips of two fixes or more, without fixes that nobody drives to from the last one kept."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            points = np.array(json.loads(row["POLYLINE"]), dtype=np.float64).reshape(-1, 2)
            kept = _reachable(points * SCALE)
            if len(kept) > 1:
                yield _track(int(row["TIMESTAMP"]) + TAXI_EVERY_S * kept, points[kept])


def _reachable(points_m: NDArray[np.float64]) -> NDArray[np.intp]:
    kept = [0] if len(points_m) else []
    for index in range(1, len(points_m)):
        reach_m = FASTEST_MPS * TAXI_EVERY_S * (index - kept[-1])
        if np.hypot(*(points_m[index] - points_m[kept[-1]])) <= reach_m:
            kept.append(index)
    return np.array(kept, dtype=np.intp)


def _track(seconds: NDArray[np.int64], points: NDArray[np.float64]) -> Track:
    unknown = np.full(len(seconds), np.nan)
    return Track(
        times_us=seconds * 1_000_000,
        lons_deg=points[:, 0],
        lats_deg=points[:, 1],
        accuracies_m=unknown,
        altitudes_m=unknown,
        speeds_mps=unknown,
        headings_deg=unknown,
        batteries_percent=unknown,
        mocks=np.zeros(len(seconds), dtype=np.bool_),
    )


if __name__ == "__main__":
    main()
