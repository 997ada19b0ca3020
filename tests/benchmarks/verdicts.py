"""Measures how often verdicts are true, on honest and on spoofed visits.

Run it as ``.venv/bin/python tests/benchmarks/verdicts.py --shared ../shared/data [--days 200] [--processes 2]
[--tuned]``. The figures are of the seeds that `verdict_corpus` sets apart for reporting.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
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
from geo_engine.visits.model import DeviceTrack, Evidence, Judgement, Verdict
from geo_engine.visits.verdict import judge_visit

_UTC = ZoneInfo("UTC")
_PARAMS = TransitionParams()


class Judged(NamedTuple):
    """A claim as it was judged."""

    trick: Trick | None
    is_wide: bool
    judgement: Judgement


def main() -> None:
    """Measure."""
    chosen = _arguments()
    seeds = TUNED if chosen.tuned else REPORTED
    days = [
        (day.truth, day.seed) for day in true_days(chosen.shared / "osm" / "porto-roads.osm.pbf", seeds[: chosen.days])
    ]
    with ProcessPoolExecutor(chosen.processes) as pool:
        judged = [one for found in pool.map(judge_day, *zip(*days, strict=True)) for one in found]
    print_table(judged)


def judge_day(truth: Truth, seed: int) -> list[Judged]:
    """Return the claims of a day as they are judged."""
    return [
        Judged(claim.trick, claim.radius_m >= 2.0 * claim.accuracy_m, judge_visit(evidence_of(claim)))
        for claim in claims_of(truth, seed)
    ]


def evidence_of(claim: Claim) -> Evidence:
    """Return what is known of a claim."""
    derived = derive(claim.track)
    index = FenceIndex([claim.fence])
    sightings = sightings_of(claim.track, derived.flags, derived.stops, _PARAMS)
    presence = presence_of(claim.check_ins, detect_presences(index, sightings, zone=_UTC), least_s=_PARAMS.dwell_s)
    device = DeviceTrack(track=claim.track, flags=derived.flags, stops=derived.stops)
    return Evidence(
        fence=claim.fence, presence=presence, check_ins=claim.check_ins, photos=claim.photos, tracks=(device,)
    )


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
    honest = [one for one in judged if one.trick is None]
    against = sum(one.judgement.verdict is Verdict.CONTRADICTED for one in honest)
    print(
        f"“contradicted” of honest visits: {against} of {len(honest):,}: {100 * against / len(honest):.2f} %, goal 0.5"
    )
    print("sum of weights: share that is true")
    for low, high in ((-99, -6), (-6, -3), (-3, -1), (-1, 1), (1, 3), (3, 5), (5, 7), (7, 99)):
        some = [one for one in judged if low <= one.judgement.odds < high]
        true = sum(one.trick is None for one in some)
        print(f"  {low:4d} to {high:3d}: {len(some):6,d} claims, {100 * true / max(len(some), 1):5.1f} % true")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--tuned", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
