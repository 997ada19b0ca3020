"""`geo-engine serve` and `geo-engine worker` as people start them: what phones post becomes stops and trips."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.databases import OwnDatabase
from support.fleets import add_fleet
from support.program import PROGRAM
from support.tracked import HERE, Tracked, a_morning
from support.web_server import running_server
from support.workers import WorkerProcess, running_worker, wait_for

from geo_engine.db.roles import DatabaseRole
from geo_engine.simulation.phones import Phone, request_of
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Fix, Stop, Trip
from geo_engine.tracks.derived_store import list_spans

STAY_S, DRIVE_S, DRIVE_M = 23 * 30, 12 * 30, 2052.0
STEP_S = 30
"""Between two fixes: so well is known when somebody left."""


def test_what_a_phone_posts_is_derived(own: OwnDatabase, tmp_path: Path) -> None:
    """Two stays and the drive between them are there, when and where they were; nothing goes wrong on the way.

    The worker loads less than the tests do: what it has not heard of is missing in a process of its own alone.
    """
    begins_at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    (phone,) = add_fleet(own.app, "alpha", device_count=1, since=begins_at)
    fixes, app = a_morning(begins_at), {DatabaseRole.APP: own.url()}

    with (
        running_worker(app, tmp_path / "worker.log", PROGRAM, "worker", cache_dir=tmp_path / "cache") as worker,
        running_server(own, tmp_path) as server,
    ):
        answered = _post(server.origin, phone, fixes)
        stops, trips = wait_for(
            lambda: _all_is_well(worker) and _derived(own, phone, fixes), "the last fix to be derived", within_s=60
        )

    begun_s, ended_s = ([(at - begins_at).total_seconds() for at in moments] for moments in _spanned(stops))
    assert answered == [200] * len(fixes)
    assert begun_s == pytest.approx([0, STAY_S + DRIVE_S], abs=STEP_S)
    assert ended_s == pytest.approx([STAY_S, 2 * STAY_S + DRIVE_S], abs=STEP_S)
    assert [(round(stop.position.lon, 4), round(stop.position.lat, 4)) for stop in stops] == [
        (HERE.lon, HERE.lat),
        (HERE.lon + 0.024, HERE.lat),
    ]
    assert (trips[0].started_at, trips[0].ended_at) == (stops[0].ended_at, stops[1].started_at)
    assert trips[0].distance_m == pytest.approx(DRIVE_M, rel=0.01)


def _post(origin: str, phone: Tracked, fixes: Sequence[Fix]) -> list[int]:
    """Post each fix by itself, as OwnTracks does, and return what is answered."""
    with closing(HTTPConnection(urlsplit(origin).netloc, timeout=30)) as connection:
        return [_status(connection, phone, fix) for fix in fixes]


def _status(connection: HTTPConnection, phone: Tracked, fix: Fix) -> int:
    request = request_of(Phone.OWNTRACKS, [fix], device="phone")
    connection.request(request.method, f"/ingest/owntracks/{phone.key}", request.body, dict(request.headers))
    with connection.getresponse() as answer:
        answer.read()
        return answer.status


def _all_is_well(worker: WorkerProcess) -> bool:
    """Fail with a worker's own words as soon as something has gone wrong."""
    assert [word for word in ("WARNING", "ERROR", "Traceback") if word in worker.said()] == [], worker.said()
    return worker.is_running


def _derived(own: OwnDatabase, phone: Tracked, fixes: Sequence[Fix]) -> tuple[list[Stop], list[Trip]] | None:
    """Return the stops and trips once there is one up to the last fix."""
    ever = TimeSpan(start_at=fixes[0].tracked_at - timedelta(days=1), end_at=fixes[-1].tracked_at + timedelta(days=1))
    with own.app.bound(phone.tenant_id) as session:
        spans = list_spans(session, phone.device_id, ever)
    if all(span.ended_at < fixes[-1].tracked_at for span in spans):
        return None
    with own.app.bound(phone.tenant_id) as session:  # what was derived between two of its queries was half seen
        spans = list_spans(session, phone.device_id, ever)
    return [span for span in spans if isinstance(span, Stop)], [span for span in spans if isinstance(span, Trip)]


def _spanned(stops: Sequence[Stop]) -> tuple[list[datetime], list[datetime]]:
    return [stop.started_at for stop in stops], [stop.ended_at for stop in stops]
