"""Phones that post fix after fix until each is acknowledged, and note what was; run as a script, away from the server.

``python reporters.py ADDRESSES LEDGER SECONDS``: a file with the address of each phone, a ledger to be written. What
stands in the ledger was acknowledged, and was on the disk before the phone posted its next fix.
"""

import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from geo_engine.tracks import Track
from geo_engine.tracks.protocols import encode_columns

WAIT_S = 0.2
"""Before what was not taken is posted again."""
BULK_EVERY = 8
"""Of so many phones one posts batches."""
BULK_COUNT = 1_500
BULK_PAUSE_S = 1.0
SHIFT_EVERY = 10
"""Of so many posts one is of long before anybody was on shift."""
BEFORE_MS = 10 * 86_400_000
BEGINS_BEHIND_MS = 20 * 3_600_000


class _Ledger:
    """What was acknowledged, a line for a post: phone, first millisecond and count. Phones share writes to the disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._written = self._synced = 0

    def write(self, phone: int, first_ms: int, count: int) -> None:
        """Return when it is on the disk."""
        with self._lock:
            self._file.write(json.dumps([phone, first_ms, count]) + "\n")
            self._file.flush()
            self._written += 1
            mine = self._written
        with _SYNCING:
            if self._synced < mine:
                written = self._written
                os.fsync(self._file.fileno())
                self._synced = written


_SYNCING = threading.Lock()


def main() -> None:
    """Report with all phones at once until the time is over; each ends with its last fix acknowledged."""
    addresses, ledger, seconds = sys.argv[1:]
    ends_at_s = time.time() + float(seconds)
    kept = _Ledger(Path(ledger))
    threads = [
        threading.Thread(target=_report, args=(number, address, kept, ends_at_s))
        for number, address in enumerate(Path(addresses).read_text(encoding="utf-8").split())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _report(phone: int, address: str, ledger: _Ledger, ends_at_s: float) -> None:
    place = urlsplit(address)
    connection = HTTPConnection(place.netloc, timeout=5)
    for first_ms, body, count in _bodies(phone):
        while not _is_taken(connection, place.path, body):
            time.sleep(WAIT_S)
        ledger.write(phone, first_ms, count)
        if time.time() > ends_at_s:
            return
        if count > 1:
            time.sleep(BULK_PAUSE_S)


def _bodies(phone: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield the first millisecond, the body and the number of fixes of each post: each fix has one of its own."""
    is_bulk = phone % BULK_EVERY == 0
    count = BULK_COUNT if is_bulk else 1
    begin_ms = int(time.time() * 1000) - BEGINS_BEHIND_MS
    for number in itertools.count(1):
        first_ms = begin_ms + number * count - (0 if number % SHIFT_EVERY else BEFORE_MS)
        yield first_ms, _batch(first_ms) if is_bulk else _message(first_ms), count


def _message(at_ms: int) -> bytes:
    lon = -8.6 + at_ms % 1000 * 1e-4
    facts = {"_type": "location", "lat": 41.1, "lon": lon, "tst": at_ms / 1000, "tid": "x", "acc": 9}
    return json.dumps(facts).encode()


def _batch(first_ms: int) -> bytes:
    unknown, count = np.full(BULK_COUNT, np.nan), BULK_COUNT
    track = Track(
        times_us=(first_ms + np.arange(count)) * 1_000,
        lons_deg=np.full(count, -8.6),
        lats_deg=np.full(count, 41.1),
        accuracies_m=unknown,
        altitudes_m=unknown,
        speeds_mps=unknown,
        headings_deg=unknown,
        batteries_percent=unknown,
        mocks=np.zeros(count, dtype=np.bool_),
    )
    return encode_columns(track, device="van")


def _is_taken(connection: HTTPConnection, path: str, body: bytes) -> bool:
    """Whether the server acknowledges a post; a refusal for good is a defect."""
    try:
        connection.request("POST", path, body)
        with connection.getresponse() as answer:
            answer.read()
    except (OSError, HTTPException):
        connection.close()
        return False
    if answer.status not in {200, 503}:
        raise SystemExit(f"a post was answered with {answer.status}")
    return answer.status == 200


if __name__ == "__main__":
    main()
