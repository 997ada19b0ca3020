"""Compiles the kernel, which takes a minute, and keeps it: `scripts/setup` runs this module.

Run it as ``python -m geo_engine.planning.search.warm_up``; where all is compiled already, it returns at once.
"""

from datetime import UTC, datetime, timedelta

import numpy as np

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import Job, Shift
from geo_engine.planning.problem import Problem, build_problem
from geo_engine.planning.search.arrays import build_arrays
from geo_engine.planning.search.compiled import is_complete, kept_in, note_complete
from geo_engine.planning.search.kernel import Effort, improve
from geo_engine.roads import TravelMatrix
from geo_engine.timespan import TimeSpan


def main() -> None:
    """Compile unless all is."""
    if not is_complete(kept_in()):
        call_all()
        note_complete()


def call_all() -> None:
    """Solve a problem of two jobs: types are what is compiled for, not sizes."""
    improve(build_arrays(_two_jobs()), {0: [0]}, seed=1, effort=Effort(iterations=1))


def _two_jobs() -> Problem:
    here, opens_at = Position(0.0, 0.0), datetime(2026, 1, 1, tzinfo=UTC)
    shift = Shift(
        worker_id=WorkerId("w"),
        span=TimeSpan(start_at=opens_at, end_at=opens_at + timedelta(hours=8)),
        start=here,
    )
    jobs = [Job(id=JobId(name), position=here, service_s=60) for name in ("a", "b")]
    nothing = np.zeros((3, 3))
    return build_problem(jobs, [shift], TravelMatrix(durations_s=nothing, distances_m=nothing, is_estimate=False))


if __name__ == "__main__":
    main()
