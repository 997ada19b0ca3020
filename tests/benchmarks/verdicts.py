"""Measures how often verdicts are true, on honest and on spoofed visits.

Run it as ``.venv/bin/python tests/benchmarks/verdicts.py --shared ../shared/data [--days 200] [--processes 2]
[--tuned]``. The figures are of the seeds that `verdict_corpus` sets apart for reporting. Exit code 1: one of them falls
short of its goal.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from arrivals import true_days
from verdict_corpus import REPORTED, TUNED, Claim, Trick, claims_of

from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.sightings import sightings_of
from geo_engine.geofences.transitions import detect_presences
from geo_engine.simulation.truth import Truth
from geo_engine.tracks.derived import derive
from geo_engine.visits.attribution import presence_of
from geo_engine.visits.clocks import put_right
from geo_engine.visits.model import CheckIn, DeviceTrack, Evidence, Judgement, Verdict
from geo_engine.visits.verdict import judge_visit

_UTC = ZoneInfo("UTC")
_PARAMS = TransitionParams()


class Judged(NamedTuple):
    """A claim as it was judged."""

    trick: Trick | None
    is_wide: bool
    judgement: Judgement


def main() -> int:
    """Measure, and return 1 when a goal was missed."""
    chosen = _arguments()
    seeds = TUNED if chosen.tuned else REPORTED
    days = [
        (day.truth, day.seed) for day in true_days(chosen.shared / "osm" / "porto-roads.osm.pbf", seeds[: chosen.days])
    ]
    with ProcessPoolExecutor(chosen.processes) as pool:
        judged = [one for found in pool.map(judge_day, *zip(*days, strict=True)) for one in found]
    print_table(judged)
    return 0 if print_goals(judged) else 1


def judge_day(truth: Truth, seed: int) -> list[Judged]:
    """Return the claims of a day as they are judged, the phone's clock put right by all that it stated."""
    claims = list(claims_of(truth, seed))
    stated = iter(put_right([check_in for claim in claims for check_in in claim.check_ins]))
    return [
        Judged(
            claim.trick,
            claim.radius_m >= 2.0 * claim.accuracy_m,
            judge_visit(evidence_of(claim, tuple(islice(stated, len(claim.check_ins))))),
        )
        for claim in claims
    ]


def evidence_of(claim: Claim, check_ins: tuple[CheckIn, ...]) -> Evidence:
    """Return what is known of a claim whose statements were put right."""
    derived = derive(claim.track)
    index = FenceIndex([claim.fence])
    sightings = sightings_of(claim.track, derived.flags, derived.stops, _PARAMS)
    presence = presence_of(check_ins, detect_presences(index, sightings, zone=_UTC), least_s=_PARAMS.dwell_s)
    device = DeviceTrack(track=claim.track, flags=derived.flags, stops=derived.stops)
    return Evidence(fence=claim.fence, presence=presence, check_ins=check_ins, photos=claim.photos, tracks=(device,))


def print_table(judged: Sequence[Judged]) -> None:
    """Print what became of claims, and how far verdicts can be relied on."""
    groups = {
        "honest, radius ≥ 2 × accuracy": [one for one in judged if one.trick is None and one.is_wide],
        "honest, smaller fences": [one for one in judged if one.trick is None and not one.is_wide],
        "spoofed": [one for one in judged if one.trick is not None],
    }
    groups |= {f"  {trick}": [one for one in judged if one.trick is trick] for trick in Trick}
    print(f"\n{'':32s}{'claims':>8s}" + "".join(f"{verdict:>14s}" for verdict in Verdict))
    for name, some in groups.items():
        counts = Counter(one.judgement.verdict for one in some)
        shares = "".join(f"{100 * counts[verdict] / max(len(some), 1):12.1f} %" for verdict in Verdict)
        print(f"{name:32s}{len(some):8,d}{shares}")
    print()
    for verdict in Verdict:
        some = [one for one in judged if one.judgement.verdict is verdict]
        true = sum(one.trick is None for one in some)
        print(f"of {verdict:13s} {len(some):6,d}: {100 * true / max(len(some), 1):6.2f} % are true")
    print("sum of weights: share that is true")
    for low, high in ((-99, -6), (-6, -3), (-3, -1), (-1, 1), (1, 3), (3, 5), (5, 7), (7, 99)):
        some = [one for one in judged if low <= one.judgement.odds < high]
        true = sum(one.trick is None for one in some)
        print(f"  {low:4d} to {high:3d}: {len(some):6,d} claims, {100 * true / max(len(some), 1):5.1f} % true")


def print_goals(judged: Sequence[Judged]) -> bool:
    """Print each goal beside what was measured, and return whether all were met."""
    honest, spoofed = ([one for one in judged if (one.trick is None) is is_true] for is_true in (True, False))
    confirmed, contradicted = (
        [one for one in judged if one.judgement.verdict is verdict]
        for verdict in (Verdict.CONFIRMED, Verdict.CONTRADICTED)
    )
    shares = (
        ("of confirmed visits true", "≥", 99.0, confirmed, lambda one: one.trick is None),
        ("of contradicted visits false", "≥", 95.0, contradicted, lambda one: one.trick is not None),
        (
            "of honest visits with radius ≥ 2 × accuracy confirmed",
            "≥",
            85.0,
            [one for one in honest if one.is_wide],
            lambda one: one.judgement.verdict is Verdict.CONFIRMED,
        ),
        ("of spoofed visits contradicted", "≥", 70.0, spoofed, _is_contradicted),
        ("of honest visits contradicted", "≤", 0.5, honest, _is_contradicted),
    )
    print()
    met = []
    for name, sign, goal_percent, some, is_meant in shares:
        count = sum(map(is_meant, some))
        percent = 100.0 * count / max(len(some), 1)
        met.append(bool(some) and (percent >= goal_percent if sign == "≥" else percent <= goal_percent))
        told = "met" if met[-1] else "MISSED"
        print(f"{name:54s}{count:6,d} of {len(some):6,d}: {percent:6.2f} %, goal {sign} {goal_percent:4.1f} %: {told}")
    return all(met)


def _is_contradicted(one: Judged) -> bool:
    return one.judgement.verdict is Verdict.CONTRADICTED


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--tuned", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
