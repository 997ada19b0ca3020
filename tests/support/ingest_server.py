"""A small real server that takes what phones post, for tests of those who post; it can fail as the real one does."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import Post, Protocol, answer, decode


def write_devices(path: Path, given: Sequence[tuple[str, str]]) -> Path:
    """Write a device of each worker, which speaks a protocol, as `devices add` prints them."""
    devices = [
        {
            "url": f"http://127.0.0.1:9/ingest/{protocol}/acme.secret{number}",
            "secret": f"secret{number}",
            "worker": worker,
            "protocol": protocol,
            "device": f"phone-{number}",
        }
        for number, (worker, protocol) in enumerate(given)
    ]
    path.write_text("".join(json.dumps(device) + "\n" for device in devices), encoding="utf-8")
    return path


@dataclass(slots=True)
class IngestServer:
    """Where it listens, and what it took.

    Parameters
    ----------
    status_of
        By number of the request, from 0: its status; 200 takes what is posted.
    taken
        Credential and fix of all that was taken, in order.
    """

    url: str
    status_of: Callable[[int], int]
    taken: list[tuple[str, Fix]] = field(default_factory=list)
    request_count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def ingest_server(status_of: Callable[[int], int] = lambda _: 200) -> Iterator[IngestServer]:
    """Serve ``/ingest/<protocol>/<credential>`` on a free port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as http:
        http.daemon_threads = True
        served = IngestServer(url=f"http://127.0.0.1:{http.server_port}", status_of=status_of)
        http.ingest = served  # type: ignore[attr-defined]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            http.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _take(self) -> None:
        served: IngestServer = self.server.ingest  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        _, _, protocol, credential = path.split("/")
        with served.lock:
            status = served.status_of(served.request_count)
            served.request_count += 1
            if status == 200:
                content_type, said = self._decode(Protocol(protocol), credential, query, body)
            else:
                content_type, said = "text/plain", b"not now"
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def _decode(self, protocol: Protocol, credential: str, query: str, body: bytes) -> tuple[str, bytes]:
        headers = {name.lower(): value for name, value in self.headers.items()}
        post = Post(query=query, content_type=self.headers.get("Content-Type", ""), body=body, headers=headers)
        decoded = decode(protocol, post, received_at=datetime.now(UTC))
        served: IngestServer = self.server.ingest  # type: ignore[attr-defined]
        served.taken += [(credential, fix) for fix in decoded.fixes]
        told = answer(protocol, decoded)
        return told.content_type, told.body
