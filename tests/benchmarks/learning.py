"""Measures what learning from past visits is worth: how far off given and learned times are on days not learned from.

Run it as ``.venv/bin/python tests/benchmarks/learning.py --shared ../shared/data [--days 20] [--processes 2]``. Workers
visit the same sites again and again on the roads of Porto; their phones are simulated, and what they report is derived,
judged and learned from as the product does it. Two companies: where sites take otherwise than is given, each by a
factor of its own, longer at noon, and now and then somebody forgets to leave; and where what is given is right, so
that there is nothing to learn. Beside both stands what nobody can do better than: told by what each site really takes.
Exit code 1: learned times are worse than given ones by more than 2 %, or where sites differ they do away with less than
half of what given ones are off beyond that.

The seed was fixed before the first measurement, and no parameter was chosen by what was found. The goal was once a
fifth less than given ones are off: 15.3 % were measured, and by the true times it would have been 18.1 %.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from stop_corpus import SURROUNDINGS

from geo_engine.customers import Site
from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, JobId, SiteId, WorkerId
from geo_engine.planning.travel.learned import Learning
from geo_engine.planning.versions.learned_store import PlannedLeg
from geo_engine.roads import RoadPath
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings
from geo_engine.simulation.corpus import area_of
from geo_engine.simulation.observing import observe
from geo_engine.simulation.truth import Halt, live_day
from geo_engine.tracks.derived import derive
from geo_engine.visits.building import build_visits
from geo_engine.visits.day import DayEvidence, PlannedStop
from geo_engine.visits.gathering import find_seen
from geo_engine.visits.learning import LearnParams, learn
from geo_engine.visits.learning_store import BELIEVED, Stay
from geo_engine.visits.model import DeviceTrack
from geo_engine.visits.seen_times import SeenParams, legs_seen, services_seen

SEED = 20_261_127
FIRST_ON = date(2026, 9, 7)
ZONE = ZoneInfo("UTC")
SITES, WORKERS, STOPS = 40, 3, 8
TERRITORY_DEG = 0.05
FENCE_M = 100.0
GIVEN_S = (600, 900, 1_200, 1_800, 2_700)
SAMPLINGS_S = (5.0, 15.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How long services take: logarithms' standard deviations of sites and of visits, and how much longer at noon."""

    name: str
    of_sites: float
    of_visits: float
    at_noon: float
    forgotten_share: float


COMPANIES = (
    Habits(name="sites differ", of_sites=0.4, of_visits=0.3, at_noon=1.3, forgotten_share=0.03),
    Habits(name="given is right", of_sites=0.0, of_visits=0.3, at_noon=1.0, forgotten_share=0.0),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkerPlan:
    """What a worker is to do on a day, and the way and the services as they really are."""

    seed: int
    service_on: date
    worker_id: WorkerId
    sites: tuple[Site, ...]
    stops: tuple[PlannedStop, ...]
    legs: tuple[PlannedLeg, ...]
    path: RoadPath
    services_s: tuple[float, ...]
    fences: tuple[Geofence, ...]


def main() -> int:
    """Measure, and return 1 when a goal was missed."""
    chosen = _arguments()
    is_met = True
    extract = chosen.shared / "osm" / "porto-roads.osm.pbf"
    for habits in COMPANIES:
        sites, true_s, plans = made_up(extract, habits, day_count=chosen.days)
        with ProcessPoolExecutor(chosen.processes) as pool:
            days = list(pool.map(stays_of, plans))
        stays = [stay for of_day in days for stay in of_day]
        legs = [leg for plan in plans for leg in plan.legs]
        services = tuple(services_seen(stays, {site.id: site for site in sites}, ZONE, SeenParams()))
        ways = tuple(legs_seen(stays, legs, ZONE, SeenParams()))
        until = FIRST_ON + timedelta(days=chosen.days)
        learning = learn(services, ways, since=FIRST_ON, before=until, params=LearnParams())
        last_on = until - timedelta(days=max(1, round(LearnParams().held_out_share * chosen.days)))
        really = [abs(one.took_s - true_s[one.site_id]) for one in services if one.service_on >= last_on]
        print(f"\n== {habits.name}: {len(plans)} days of workers, {sum(len(plan.sites) for plan in plans)} visits made")
        print(f"{len(stays)} visits derived, {len(services)} services and {len(ways)} of {len(legs)} ways learned from")
        is_met &= print_figures(learning, sites, true_s, least_off_s=float(np.mean(really)))
    return 0 if is_met else 1


def made_up(
    extract: Path, habits: Habits, *, day_count: int
) -> tuple[list[Site], dict[SiteId, float], list[WorkerPlan]]:
    """Return a company's sites, what each takes in the middle but for the hour, and what its workers do when."""
    chance = np.random.default_rng(SEED)
    with OsrmRouter(build_graph(extract, cache_dir=read_settings().cache_dir)) as router:
        area = area_of(extract)
        middle = ((area.west + area.east) / 2, (area.south + area.north) / 2)
        drawn = [
            Position(float(middle[0] + lon), float(middle[1] + lat))
            for lon, lat in chance.uniform(-TERRITORY_DEG, TERRITORY_DEG, (5 * SITES, 2))
        ]
        places = [snap.position for snap in router.nearest(drawn) if snap.distance_m <= 150.0][:SITES]
        sites = [
            Site(id=SiteId(f"S{at:02d}"), name="", position=place, service_s=int(chance.choice(GIVEN_S)))
            for at, place in enumerate(places)
        ]
        off = np.exp(chance.normal(0.0, 1.0, len(sites)) * habits.of_sites)
        true_s = {site.id: site.service_s * float(one) for site, one in zip(sites, off, strict=True)}
        plans = []
        for number in range(day_count * WORKERS):
            chosen = [sites[at] for at in chance.choice(len(sites), STOPS, replace=False)]
            path = router.path([site.position for site in chosen])
            if all(path.legs):
                plans.append(_plan(number, chosen, path, true_s=true_s, habits=habits, chance=chance))
    return sites, true_s, plans


def _plan(
    number: int,
    sites: Sequence[Site],
    path: RoadPath,
    *,
    true_s: dict[SiteId, float],
    habits: Habits,
    chance: np.random.Generator,
) -> WorkerPlan:
    on = FIRST_ON + timedelta(days=number // WORKERS)
    worker_id = WorkerId(f"W{number % WORKERS}")
    at, really_at = (datetime(on.year, on.month, on.day, 8, 0, tzinfo=UTC),) * 2
    stops, legs, services_s = list[PlannedStop](), list[PlannedLeg](), list[float]()
    ways_s = [0.0, *path.durations_s]
    for place, (site, way_s) in enumerate(zip(sites, ways_s, strict=True)):
        at += timedelta(seconds=way_s)
        really_at += timedelta(seconds=1.2 * way_s)
        factor = float(np.exp(chance.normal(0.0, habits.of_visits)))
        factor *= habits.at_noon if really_at.hour in {12, 13} else 1.0
        factor *= 4.0 if chance.random() < habits.forgotten_share else 1.0
        services_s.append(max(120.0, true_s[site.id] * factor))
        end_at = at + timedelta(seconds=site.service_s)
        stop = PlannedStop(
            number=place + 1, job_id=JobId(site.id), site_id=site.id, arrival_at=at, start_at=at, end_at=end_at
        )
        if stops:
            legs.append(_leg(on, worker_id, stops[-1], stop, way_s))
        stops.append(stop)
        at, really_at = end_at, really_at + timedelta(seconds=services_s[-1])
    return WorkerPlan(
        seed=SEED + number,
        service_on=on,
        worker_id=worker_id,
        sites=tuple(sites),
        stops=tuple(stops),
        legs=tuple(legs),
        path=path,
        services_s=tuple(services_s),
        fences=tuple(_fence(site) for site in sites),
    )


def _leg(on: date, worker_id: WorkerId, one: PlannedStop, other: PlannedStop, way_s: float) -> PlannedLeg:
    return PlannedLeg(
        service_on=on,
        worker_id=worker_id,
        from_job_id=one.job_id,
        to_job_id=other.job_id,
        matrix_s=way_s,
        has_break=False,
        is_estimate=False,
    )


def _fence(site: Site) -> Geofence:
    shape = Circle(centre=site.position, radius_m=FENCE_M)
    return Geofence(id=GeofenceId(f"site/{site.id}"), name=site.id, shape=shape, site_id=site.id)


def stays_of(plan: WorkerPlan) -> list[Stay]:
    """Live a day, have its phone report it, derive it, and return its visits as learning reads them."""
    chance = np.random.default_rng([plan.seed, 3])
    halts = [
        Halt(service_s=service_s, site=site.position)
        for service_s, site in zip(plan.services_s, plan.sites, strict=True)
    ]
    started_at = plan.stops[0].arrival_at
    truth = live_day(plan.path, halts, started_at=started_at, generator=chance)
    noise = SURROUNDINGS[int(chance.integers(len(SURROUNDINGS)))].params()
    track = observe(truth, noise, sampling_s=float(chance.choice(SAMPLINGS_S)), generator=chance)
    derived = derive(track)
    device = DeviceTrack(track=track, flags=derived.flags, stops=derived.stops)
    seen = find_seen([device], FenceIndex(list(plan.fences)), ZONE)
    day = DayEvidence(
        worker_id=plan.worker_id, service_on=plan.service_on, tracks=(device,), seen=seen, stops=plan.stops
    )
    return [
        Stay(
            service_on=visit.service_on,
            worker_id=visit.worker_id,
            site_id=visit.site_id,
            stop=visit.stop,
            presence=visit.presence,
            is_believed=not visit.is_ambiguous and visit.judgement.verdict in BELIEVED,
        )
        for visit in build_visits(day)
    ]


def print_figures(
    learning: Learning, sites: Sequence[Site], true_s: dict[SiteId, float], *, least_off_s: float
) -> bool:
    """Print how far off times are, and return whether goals were met."""
    print(f"{'held-out days':18s}{'learned from':>14s}{'told':>8s}{'given off':>12s}{'learned off':>13s}{'better':>9s}")
    is_met = True
    for one in learning.held_out:
        if one.given_off_s is None or one.learned_off_s is None:
            continue
        better = 1.0 - one.learned_off_s / one.given_off_s
        figures = f"{one.given_off_s:10.0f} s{one.learned_off_s:11.0f} s{100 * better:7.1f} %"
        print(f"{one.kind:18s}{one.learned_count:14d}{one.count:8d}{figures}")
        is_met &= better >= -0.02
        if one.kind == "service":
            print(f"{'  by true times':40s}{'':12s}{least_off_s:11.0f} s")
            is_met &= one.learned_off_s - least_off_s <= max(one.given_off_s - least_off_s, 0.04 * least_off_s) / 2
    known = [site for site in sites if site.id in learning.times.services]
    given = [abs(site.service_s - true_s[site.id]) for site in known]
    learned = [abs(learning.times.services[site.id].service_s - true_s[site.id]) for site in known]
    told = f"given {np.mean(given):.0f} s off, learned {np.mean(learned):.0f} s"
    print(f"against what {len(known)} sites really take: {told}")
    if learning.times.travel is not None:
        print(f"travel: {learning.times.travel.factor} times the matrix, from {learning.times.travel.leg_count} ways")
    return is_met


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
