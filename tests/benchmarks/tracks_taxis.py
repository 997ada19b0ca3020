"""Takes the real taxis of Porto through the whole of it: a file imported, derived, matched to roads, read back.

Run it as ``.venv/bin/python tests/benchmarks/tracks_taxis.py --shared ../shared/data``. Their day of 2013 is moved to
yesterday, as nothing so old is kept; all else is as it was recorded.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from stop_judging import Span, judged, spans_of
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase, migrated_databases
from support.program import run_program
from track_stops import taxi_day, taxi_trips

from geo_engine.audit.vault import Vault
from geo_engine.geometry import Position
from geo_engine.ids import DeviceId, TenantId, WorkerId
from geo_engine.jobs import regular_chores
from geo_engine.roads.build import build_graph
from geo_engine.roads.opening import choose_roads
from geo_engine.roads.service import use_roads
from geo_engine.settings import read_settings
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Stop, Track, Trip
from geo_engine.tracks.derived_store import list_spans
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.driven import WayKind
from geo_engine.tracks.driving import match_trips
from geo_engine.tracks.driving_store import find_driven
from geo_engine.tracks.files import NamedTrack, write_tracks
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_moment
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

TAXIS, ROADS = "gps/porto_taxi_20130701_even_taxis.csv.gz", "osm/porto-roads.osm.pbf"
PORTO = Position(-8.6109, 41.1496)
DAY_S = 86_400
A_DAY = timedelta(days=1)
CACHE = read_settings().cache_dir

type TaxiDay = tuple[Track, list[Span]]
"""What a taxi reported, and when it is known to have waited."""


def main() -> None:
    """Write the file, import it, derive and match as the worker does, read back, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="holds gps and osm")
    shared = parser.parse_args().shared
    days = [_moved(*taxi_day(trips)[:2]) for trips in taxi_trips(shared / TAXIS).values()]
    build_graph(shared / ROADS, cache_dir=CACHE)
    with tempfile.TemporaryDirectory() as name, migrated_databases() as databases, databases.clone() as own:
        tenant_id = _add_company(own, len(days), shared / ROADS)
        devices = _import(own, Path(name) / "taxis.csv", days)
        began_s = time.perf_counter()
        while derive_tracks(own.app, tenant_id, now=lambda: datetime.now(UTC)):  # so many at once, as the queue has it
            pass
        for chore in regular_chores(own.app, Vault(state_dir=Path(name))):
            chore.do()
        while match_trips(own.app, tenant_id, cache_dir=CACHE):
            pass
        print(f"derived and matched in {time.perf_counter() - began_s:.1f} s")
        _print_rows(own, tenant_id, devices, days)


def _moved(track: Track, waits: Sequence[Span]) -> TaxiDay:
    """Return a taxi's day and its known waits, yesterday."""
    recorded_on = int(track.times_us[0]) // MICROSECONDS_PER_S // DAY_S
    later_s = (int(time.time()) // DAY_S - 1 - recorded_on) * DAY_S
    moved = replace(track, times_us=track.times_us + later_s * MICROSECONDS_PER_S)
    return moved, [(start_s + later_s, end_s + later_s) for start_s, end_s in waits]


def _add_company(own: OwnDatabase, taxi_count: int, roads: Path) -> TenantId:
    tenant_id = add_bare_company(own.app, "taxis")
    with own.app.bound(tenant_id) as session:
        drivers = [Worker(id=WorkerId(f"T{k}"), name=f"Taxi {k}", start=PORTO) for k in range(taxi_count)]
        import_workers(session, drivers, source=RowSource(file="taxis.csv"), by=OPERATOR, now=NOW)
        use_roads(session, choose_roads(str(roads), cache_dir=CACHE), by=OPERATOR, now=NOW + A_DAY)
    return tenant_id


def _import(own: OwnDatabase, file: Path, days: Sequence[TaxiDay]) -> list[DeviceId]:
    write_tracks(file, [NamedTrack(device=f"T{k}", name="", track=track) for k, (track, _) in enumerate(days)])
    began_s = time.perf_counter()
    environment = os.environ | {"DATABASE_URL": own.url()}
    told = run_program("tracks", "import", "taxis", file, "--any-time", environment=environment)
    if told.code:
        raise SystemExit(told.err)
    imported = json.loads(told.out)
    fix_count, took_s = sum(len(track) for track, _ in days), time.perf_counter() - began_s
    print(f"{len(days)} taxis, a file of {fix_count:,} fixes: {imported['kept']:,} kept in {took_s:.1f} s")
    return [DeviceId(UUID(device)) for device in imported["devices"]]


def _print_rows(own: OwnDatabase, tenant_id: TenantId, devices: Sequence[DeviceId], days: Sequence[TaxiDay]) -> None:
    trips, driven, stop_count, missed_count = list[Trip](), [], 0, 0
    for device_id, (track, waits) in zip(devices, days, strict=True):
        first_at, last_at = (to_moment(int(track.times_us[k])) for k in (0, -1))
        span = TimeSpan(start_at=first_at, end_at=last_at + A_DAY)
        with own.app.bound(tenant_id) as session:
            rows = list_spans(session, device_id, span)
            driven += find_driven(session, device_id, span).values()
        stops = [one for one in rows if isinstance(one, Stop)]
        trips += [one for one in rows if isinstance(one, Trip)]
        stop_count += len(stops)
        missed_count += judged(spans_of(stops), waits)[0]
    wait_count = sum(len(waits) for _, waits in days)
    print(f"{stop_count} stops; of {wait_count} waits between two trips of a taxi {wait_count - missed_count} found")
    ways = [way for one in driven for way in one.ways]
    of_kind = {kind: sum(way.distance_m for way in ways if way.kind is kind) / 1000 for kind in WayKind}
    confidence = np.median([one.confidence for one in driven])
    print(f"{len(driven)} of {len(trips)} trips matched, median confidence {confidence:.2f}")
    reported_km, driven_km = sum(one.distance_m for one in trips) / 1000, sum(one.driven_m for one in driven) / 1000
    told = ", ".join(f"{km:,.0f} km {kind}" for kind, km in of_kind.items())
    print(f"driven {driven_km:,.0f} km ({told}); through the fixes alone {reported_km:,.0f} km")


if __name__ == "__main__":
    main()
