"""Measures what drawing a day of fixes every second takes: choosing fixes, encoding them, bytes that go to the page.

Run it as ``.venv/bin/python tests/benchmarks/track_draw.py``. The reference in the same run is all fixes as JSON.
Times are of the processor, so that what else a machine does is not measured.
"""

import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.drives import Drive, Phone, drive_through, reported

from geo_engine.geometry import Position
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings
from geo_engine.tracks.codec import decode_track, encode_track
from geo_engine.tracks.detail import thin_track
from geo_engine.tracks.model import Track
from geo_engine.tracks.trajectories import cut_trajectory

EXTRACT = Path(__file__).parents[2] / "scripts" / "data" / "monaco.osm.pbf"
FIX_COUNT = 86_400
SEED = 20261126


def main() -> None:
    """Drive round Monaco for a day, draw it, print."""
    day = _day()
    for sigma_m in (3.0, 20.0, 45.0):
        track = _first(reported(day, Phone(sigma_m=sigma_m, every_s=1), np.random.default_rng(SEED)), FIX_COUNT)
        flags = np.zeros(FIX_COUNT, dtype=np.uint16)
        thinned, thin_s = _timed(lambda: thin_track(track, flags, tolerance_m=5.0, stops=day.stays))  # noqa: B023
        first, first_s = _timed(lambda: encode_track(track, flags, tolerance_m=5.0, most_fixes=4000, stops=day.stays))  # noqa: B023
        every, every_s = _timed(lambda: encode_track(track, flags, tolerance_m=None))  # noqa: B023
        _, cut_s = _timed(lambda: cut_trajectory(track, flags, stops=day.stays))  # noqa: B023
        _, decode_s = _timed(lambda: decode_track(first))  # noqa: B023
        print(f"σ {sigma_m:.0f} m, {FIX_COUNT:,} fixes")
        print(f"  thinned at 5 m    {1000 * thin_s:6.0f} ms  {len(thinned):,} fixes")
        print(f"  first level       {1000 * first_s:6.0f} ms  {_size(first)}  {first['tolerance_m']:.1f} m")
        print(f"  every fix         {1000 * every_s:6.0f} ms  {_size(every)}")
        print(f"  as plain JSON                 {_size(_plain(track))}")
        print(f"  decoding          {1000 * decode_s:6.0f} ms")
        print(f"  trajectory        {1000 * cut_s:6.0f} ms")


def _day() -> Drive:
    chance = np.random.default_rng(SEED)
    places = [Position(chance.uniform(7.412, 7.435), chance.uniform(43.728, 43.746)) for _ in range(75)]
    with OsrmRouter(build_graph(EXTRACT, cache_dir=read_settings().cache_dir)) as router:
        return drive_through(router, places, chance)


def _first(track: Track, count: int) -> Track:
    return Track(**{name: getattr(track, name)[:count] for name in Track.__slots__})


def _plain(track: Track) -> list[dict[str, float]]:
    columns = (track.times_us / 1e6, track.lons_deg, track.lats_deg, track.accuracies_m)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [dict(zip(("tracked_at", "lon", "lat", "accuracy_m"), row, strict=True)) for row in rows]


def _size(value: object) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return f"{len(text) / 1000:8,.0f} kB ({len(gzip.compress(text)) / 1000:,.0f} kB gzipped)"


def _timed[Result](act: Callable[[], Result]) -> tuple[Result, float]:
    began = time.process_time()
    result = act()
    return result, time.process_time() - began


if __name__ == "__main__":
    main()
