"""How what workers state gets to a server."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread

from geo_engine.geometry import Position
from geo_engine.ids import SiteId, TenantId, WorkerId
from geo_engine.simulation.conduct import Statement
from geo_engine.simulation.devices import Device
from geo_engine.simulation.pace import Pace
from geo_engine.simulation.phones import Phone
from geo_engine.simulation.stating import StatedBy, stating
from geo_engine.workforce.device_model import DeviceKey

KEY = DeviceKey.make(TenantId(uuid.UUID(int=1)))
AT = datetime(2024, 11, 25, 8, 0, tzinfo=UTC)
ARRIVAL = Statement(
    site_id=SiteId("S1"),
    is_arrival=True,
    stated_at=AT,
    told_at=AT,
    position=Position(7.42, 43.73),
    accuracy_m=8.0,
)


@contextmanager
def server() -> Iterator[tuple[str, Queue[str]]]:
    """Give the address of a server that takes statements, and the ids of those it has taken."""
    ids = Queue[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ids.put(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["id"])
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}", ids
        finally:
            http.shutdown()
            thread.join()


def state(url: str, ids: Queue[str], *stated: tuple[str, Statement]) -> list[str]:
    """Run a day on which phones of these names state this, and return the ids they gave it."""
    pace = Pace(day_s=AT.timestamp(), begun_s=time.time(), speed=0.0)
    sent = [
        StatedBy(
            device=Device(
                name=name, worker_id=WorkerId("W1"), url=f"{url}/ingest/owntracks/{KEY}", phone=Phone.OWNTRACKS
            ),
            statement=statement,
        )
        for name, statement in stated
    ]
    with stating(sent, pace, timeout_s=10.0):
        return [ids.get(timeout=10.0) for _ in sent]


def test_a_day_that_is_driven_again_is_stated_with_the_same_ids() -> None:
    """So that a server that has the statements takes them as sent again."""
    day = [("p1", ARRIVAL), ("p1", replace(ARRIVAL, is_arrival=False, stated_at=AT + timedelta(minutes=9)))]
    with server() as (url, ids):
        first, again = state(url, ids, *day), state(url, ids, *day)

    assert first == again
    assert len(set(first)) == 2


def test_whatever_differs_is_another_statement() -> None:
    """Another phone's, of another site, another moment or from another place."""
    others = [replace(ARRIVAL, site_id=SiteId("S2")), replace(ARRIVAL, told_at=AT + timedelta(seconds=1))]
    others += [replace(ARRIVAL, position=None), replace(ARRIVAL, is_arrival=False)]
    with server() as (url, ids):
        found = state(url, ids, ("p1", ARRIVAL), ("p2", ARRIVAL), *(("p1", one) for one in others))

    assert len(set(found)) == len(found) == 6
