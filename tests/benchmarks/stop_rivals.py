"""What trackintel and MovingPandas find in given tracks; run by a Python that has them, which ours has not.

Run as ``python stop_rivals.py FOLDER``: reads ``*.npz`` (times_us, lons_deg, lats_deg), writes one JSON line a track
and setting to stdout: ``{"track", "setting", "stops": [[start_s, end_s], …]}``.
"""

import json
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path

import geopandas as gpd
import movingpandas as mpd
import numpy as np
import pandas as pd
import trackintel as ti

type Spans = list[list[float]]


def _trackintel(fixes: gpd.GeoDataFrame, **settings: object) -> Spans:
    positionfixes = ti.Positionfixes(fixes.assign(user_id=0, tracked_at=fixes["at"]))
    _, staypoints = positionfixes.generate_staypoints(method="sliding", **settings)
    if not len(staypoints):
        return []
    return [
        [start.timestamp(), end.timestamp()]
        for start, end in zip(staypoints.started_at, staypoints.finished_at, strict=True)
    ]


def _movingpandas(fixes: gpd.GeoDataFrame, *, max_diameter: float, min_duration_s: float) -> Spans:
    times = fixes["at"].dt.tz_localize(None)
    frame = fixes.assign(t=times).drop_duplicates("t").set_index("t")
    if len(frame) < 2:
        return []
    detector = mpd.TrajectoryStopDetector(mpd.Trajectory(frame, 1))
    ranges = detector.get_stop_time_ranges(max_diameter=max_diameter, min_duration=timedelta(seconds=min_duration_s))
    return [[found.t_0.replace(tzinfo=UTC).timestamp(), found.t_n.replace(tzinfo=UTC).timestamp()] for found in ranges]


SETTINGS: dict[str, Callable[[gpd.GeoDataFrame], Spans]] = {
    "trackintel, defaults": _trackintel,
    "trackintel, sensible": partial(
        _trackintel, dist_threshold=150, time_threshold=4.0, gap_threshold=1e6, include_last=True
    ),
    "movingpandas, of its manual": partial(_movingpandas, max_diameter=100, min_duration_s=300),
    "movingpandas, sensible": partial(_movingpandas, max_diameter=200, min_duration_s=240),
}


def main() -> None:
    """Read, find, print."""
    warnings.filterwarnings("ignore")
    for path in sorted(Path(sys.argv[1]).glob("*.npz")):
        with np.load(path) as columns:
            at = pd.to_datetime(columns["times_us"], unit="us", utc=True)
            points = gpd.points_from_xy(columns["lons_deg"], columns["lats_deg"])
        fixes = gpd.GeoDataFrame({"at": at}, geometry=points, crs=4326)
        for setting, find in SETTINGS.items():
            print(json.dumps({"track": path.stem, "setting": setting, "stops": find(fixes)}), flush=True)


if __name__ == "__main__":
    main()
