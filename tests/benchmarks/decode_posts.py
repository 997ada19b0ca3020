"""Microseconds to decode a post of one fix in each protocol, and fixes a second of batches; run as a script.

Prints one line a kind: name, microseconds a fix, fixes a second (best of seven).
"""

import json
import timeit
from collections.abc import Callable
from datetime import UTC, datetime

import msgpack
import numpy as np

from geo_engine.tracks import Track
from geo_engine.tracks.protocols import Post, Protocol, decode, decode_batch_columns, encode_columns, encode_rows

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BATCH_COUNT = 20_000
OWNTRACKS = (
    '{"_type":"location","acc":15,"alt":440,"batt":46,"conn":"w","lat":46.0681247,"lon":11.1512805,"t":"u","tid":"5t",'
    '"tst":1795680000,"vac":2,"vel":36,"topic":"owntracks/jane/phone","created_at":1795680003}'
)
TRACCAR_9 = (
    '{"location":{"timestamp":"2026-11-26T08:00:00.862Z","coords":{"latitude":37.4219983,"longitude":-122.084,'
    '"accuracy":5,"speed":0,"heading":-1,"altitude":5},"is_moving":false,"odometer":0,"event":"motionchange",'
    '"battery":{"level":0.29,"is_charging":false},"activity":{"type":"still"},"extras":{},'
    '"_":"&id=48241179&lat=37.4219983&lon=-122.084&timestamp=2026-11-26T08:00:00.862Z&"},"device_id":"48241179"}'
)
TRACCAR_10 = (
    "id=48241179&timestamp=1795680000&lat=41.1579438&lon=-8.6291053&speed=4.86&bearing=12.0&altitude=100.0"
    "&accuracy=5.0&batt=87&charge=false"
)
OSMAND = "lat=41.157925&lon=-8.629108&timestamp=1795680000123&hdop=5.5&altitude=104.2&speed=3.25&bearing=271.0&id=van7"
GPSLOGGER = (
    "lat=12.193&lon=19.111&sat=9&desc=blah&alt=45.0&acc=8.0&dir=359.0&prov=gps&spd=3.5&time=2026-11-26T08:00:00.949Z"
    "&battery=91.0&androidId=22&serial=SRS11&activity=TILTED"
)
OPENGTS = (
    "id=123456789012345&dev=dev_name&acct=account&batt=0&code=0xF020&alt=160.5"
    "&gprmc=$GPRMC,080000,A,5025.46624,N,3030.39937,E,0.000000,0.000000,261126,,*2F"
)
FEATURE = (
    '{"type":"Feature","geometry":{"type":"Point","coordinates":[-122.030581,37.3318]},"properties":{"timestamp":'
    '"2026-11-26T08:00:%02dZ","altitude":0,"speed":4,"horizontal_accuracy":30,"vertical_accuracy":-1,'
    '"motion":["driving","stationary"],"battery_state":"charging","battery_level":0.89,"device_id":"van7","wifi":""}}'
)
FORWARD = (
    '{"position":{"id":1,"attributes":{"batteryLevel":80.0,"motion":false,"distance":0.0,"totalDistance":1.0},'
    '"deviceId":1,"protocol":"osmand","serverTime":"2026-11-26T08:00:03.000+00:00","deviceTime":'
    '"2026-11-26T08:00:02.000+00:00","fixTime":"2026-11-26T08:00:00.000+00:00","outdated":false,"valid":true,'
    '"latitude":41.1496,"longitude":-8.6109,"altitude":104.0,"speed":10.0,"course":271.0,"address":null,"accuracy":6.0,'
    '"network":null,"geofenceIds":null},"device":{"id":1,"attributes":{},"groupId":0,"name":"Van 7","uniqueId":"van-7",'
    '"status":"online"}}'
)


def post(body: bytes | str = b"", query: str = "") -> Post:
    """Return a post."""
    return Post(query=query, content_type="", body=body.encode() if isinstance(body, str) else body, headers={})


def made_track() -> Track:
    """Return a track of 1 Hz in which everything is known."""
    random = np.random.default_rng(7)
    return Track(
        times_us=1_795_600_000_000_000 + np.arange(BATCH_COUNT) * 1_000_000,
        lons_deg=random.uniform(-9, -8, BATCH_COUNT),
        lats_deg=random.uniform(41, 42, BATCH_COUNT),
        accuracies_m=random.uniform(1, 50, BATCH_COUNT),
        altitudes_m=random.uniform(0, 100, BATCH_COUNT),
        speeds_mps=random.uniform(0, 30, BATCH_COUNT),
        headings_deg=random.uniform(0, 360, BATCH_COUNT),
        batteries_percent=random.uniform(0, 100, BATCH_COUNT),
        mocks=np.zeros(BATCH_COUNT, dtype=np.bool_),
    )


def report(name: str, fix_count: int, once: Callable[[], object]) -> None:
    """Time a decoding of so many fixes and print its line."""
    times = max(1, 2_000 // fix_count)
    seconds = min(timeit.repeat(once, number=times, repeat=7)) / times / fix_count
    print(f"{name:32} {seconds * 1e6:8.2f} µs {1 / seconds:12,.0f} fixes/s")


def main() -> None:
    """Time every kind."""
    features = ",".join(FEATURE % (number % 60) for number in range(1_000))
    track = made_track()
    by_columns = encode_columns(track, device="van 7")
    rows = encode_rows(decode(Protocol.BATCH, post(by_columns), received_at=NOW).fixes)
    lists = {name: getattr(track, name).tolist() for name in Track.__dataclass_fields__}
    posts = {
        "owntracks": (1, Protocol.OWNTRACKS, post(OWNTRACKS)),
        "traccar 9, JSON": (1, Protocol.TRACCAR, post(TRACCAR_9)),
        "traccar 10, form": (1, Protocol.TRACCAR, post(TRACCAR_10)),
        "osmand": (1, Protocol.OSMAND, post(query=OSMAND)),
        "gpslogger": (1, Protocol.GPSLOGGER, post(query=GPSLOGGER)),
        "opengts": (1, Protocol.OPENGTS, post(query=OPENGTS)),
        "traccar-forward": (1, Protocol.TRACCAR_FORWARD, post(FORWARD)),
        "overland": (1, Protocol.OVERLAND, post(f'{{"locations":[{FEATURE % 0}]}}')),
        "overland, 1,000 in a post": (1_000, Protocol.OVERLAND, post(f'{{"locations":[{features}]}}')),
        "batch, rows in JSON": (BATCH_COUNT, Protocol.BATCH, post(rows)),
        "batch, rows in msgpack": (BATCH_COUNT, Protocol.BATCH, post(msgpack.packb(json.loads(rows)))),
        "batch, columns to fixes": (BATCH_COUNT, Protocol.BATCH, post(by_columns)),
    }
    for name, (fix_count, protocol, sent) in posts.items():
        if len(decode(protocol, sent, received_at=NOW).fixes) != fix_count:
            raise SystemExit(f"{name}: a fix was lost")
        report(name, fix_count, lambda protocol=protocol, sent=sent: decode(protocol, sent, received_at=NOW))
    for name, body in {"JSON": json.dumps({"columns": lists}).encode(), "msgpack": by_columns}.items():
        sent = post(body)
        report(f"batch, columns in {name}", BATCH_COUNT, lambda sent=sent: decode_batch_columns(sent, received_at=NOW))


if __name__ == "__main__":
    main()
