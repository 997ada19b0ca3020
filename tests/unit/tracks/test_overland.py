"""What Overland posts, as fixes."""

import json
from typing import Any

from support.posts import decoded, fix, reasons

from geo_engine.tracks.protocols import Decoded, Other, Protocol, answer

README = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [-122.030581, 37.331800]},
    "properties": {
        "timestamp": "2015-10-01T08:00:00-0700",
        "altitude": 0,
        "speed": 4,
        "horizontal_accuracy": 30,
        "vertical_accuracy": -1,
        "motion": ["driving", "stationary"],
        "pauses": False,
        "activity": "other_navigation",
        "desired_accuracy": 100,
        "deferred": 1000,
        "significant_change": "disabled",
        "locations_in_payload": 1,
        "battery_state": "charging",
        "battery_level": 0.89,
        "device_id": "",
        "wifi": "",
    },
}


def feature(timestamp: str, **properties: object) -> dict[str, Any]:
    """Return a feature at 2, 1."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [2, 1]},
        "properties": {"timestamp": timestamp, **properties},
    }


def post(*features: object, **beside: object) -> Decoded:
    """Return what becomes of a batch."""
    return decoded(Protocol.OVERLAND, json.dumps({"locations": features, **beside}))


def test_the_feature_of_the_manual_becomes_a_fix() -> None:
    """An offset of four digits, a level to 1, and an empty device id that is none."""
    expected = fix(
        None,
        "2015-10-01T15:00:00",
        -122.030581,
        37.3318,
        accuracy_m=30.0,
        altitude_m=0.0,
        speed_mps=4.0,
        battery_percent=89.0,
    )

    assert post(README) == Decoded(fixes=(expected,))


def test_minus_one_is_unknown() -> None:
    """In every number that the app says."""
    unknown = {"speed": -1, "course": -1, "horizontal_accuracy": -1, "battery_level": -1}

    (found,) = post(feature("2026-11-26T08:00:00Z", device_id="ph", unique_id="x", **unknown)).fixes

    assert found == fix("ph", "2026-11-26T08:00:00", 2.0, 1.0)


def test_a_phone_without_a_device_id_has_its_unique_id() -> None:
    """Where its settings send one."""
    (found,) = post(feature("2026-11-26T08:00:00Z", device_id="", unique_id="A-1")).fixes

    assert found.device == "A-1"


def test_a_height_may_stand_in_the_coordinates() -> None:
    """Where no property says it."""
    one = feature("2026-11-26T08:00:00Z")
    one["geometry"]["coordinates"] = [2, 1, 55.5]

    assert [found.altitude_m for found in post(one).fixes] == [55.5]


def test_trips_and_visits_among_the_features_give_no_fix() -> None:
    """With or without a place, they cost their neighbours nothing."""
    trip = feature("2026-11-26T08:00:00Z", type="trip", mode="car", distance=1200)
    visit = {"type": "Feature", "properties": {"action": "visit", "arrival_date": None}}
    paused = feature("2026-11-26T08:00:00Z", action="paused_location_updates")

    found = post(trip, visit, paused, feature("2026-11-26T08:00:01Z"))

    assert found == Decoded(
        fixes=(fix(None, "2026-11-26T08:00:01", 2.0, 1.0),), others=(Other.TRIP, Other.VISIT, Other.UNNAMED)
    )


def test_where_the_phone_is_now_is_a_fix_before_its_batch_comes() -> None:
    """With a long queue nobody waits for it; in the batch itself it is no second fix."""
    queued, now = feature("2026-11-26T08:00:00Z"), feature("2026-11-26T11:59:00Z")

    assert [found.tracked_at.hour for found in post(queued, current=now).fixes] == [8, 11]
    assert len(post(queued, now, current=now).fixes) == 2
    assert post(queued, current={"type": "Feature"}) == post(queued)


def test_a_trip_under_way_repeats_what_is_queued() -> None:
    """So it gives nothing of its own."""
    trip = {"mode": "car", "distance": 5, "current_location": feature("2026-11-26T11:59:00Z"), "start_location": None}

    assert post(feature("2026-11-26T08:00:00Z"), trip=trip) == post(feature("2026-11-26T08:00:00Z"))


def test_one_bad_feature_costs_no_other() -> None:
    """The bad ones are named by their numbers."""
    good, placeless = feature("2026-11-26T08:00:00Z"), {"type": "Feature", "geometry": None, "properties": {}}

    found = post(good, placeless, feature("yesterday"), None, good)

    assert len(found.fixes) == 2
    assert reasons(found) == [
        "Number 2: It says no position.",
        "Number 3: “yesterday” is no time.",
        "Number 4: It is no JSON object.",
    ]


def test_the_answer_is_what_lets_the_app_forget() -> None:
    """JSON by its content type, or the app keeps everything."""
    told = answer(Protocol.OVERLAND, post(README))

    assert (told.status, told.content_type, told.body) == (200, "application/json", b'{"result":"ok"}')
