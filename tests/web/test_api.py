"""What phones send of visits: statements and photos, by the key of the device that a worker wears."""

import json
import uuid
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from support.companies import NOW
from support.pages import Pages
from support.photographed import as_jpeg, scene
from support.tracked import HERE, WORKER, give_device
from werkzeug.test import TestResponse

from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, array_from_wgs84
from geo_engine.ids import CheckInId
from geo_engine.visits.check_in_store import find_check_ins

TOLD = NOW.isoformat()


@pytest.fixture
def key(own_pages: Pages) -> str:
    """Give the key of a phone that a worker wears."""
    database, tenant_id = own_pages.mine.database, own_pages.mine.tenant_id
    return str(give_device(database, tenant_id, worn_from=NOW - timedelta(days=1), name="second").key)


def body(**changed: object) -> dict[str, Any]:
    """Return what a phone sends."""
    position = {"tracked_at": TOLD, "lon": HERE.lon, "lat": HERE.lat, "accuracy_m": 12}
    told = {"id": str(uuid.uuid4()), "kind": "in", "site_id": "S001", "told_at": TOLD, "sent_at": TOLD}
    return {**told, "positions": [position], **changed}


def send(pages: Pages, told: object, key: str | None) -> TestResponse:
    """Send a statement."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return pages.nobody().client.post("/api/v1/check-ins", data=json.dumps(told), headers=headers)


def test_a_statement_is_kept_once(own_pages: Pages, key: str) -> None:
    """As the wearer's, with all its clocks; sent again it is answered alike."""
    told = body(note="门卫不让进")

    first, again = send(own_pages, told, key), send(own_pages, told, key)

    assert (first.status_code, again.status_code) == (201, 200)
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        kept = find_check_ins(session, [CheckInId(uuid.UUID(told["id"]))])[CheckInId(uuid.UUID(told["id"]))]
    assert (kept.worker_id, kept.site_id, kept.note, kept.told_at) == (WORKER, "S001", "门卫不让进", NOW)
    assert kept.positions[0].position == HERE


def test_positions_may_be_told_as_maps_of_china_have_them(own_pages: Pages, key: str) -> None:
    """GCJ-02 is taken back to WGS 84, to well under a metre."""
    lon, lat = array_from_wgs84(np.array([[HERE.lon, HERE.lat]]), crs=Crs.GCJ02)[0].tolist()
    told = body(positions=[{"tracked_at": TOLD, "lon": lon, "lat": lat, "crs": "gcj02"}])

    assert send(own_pages, told, key).status_code == 201

    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        (kept,) = find_check_ins(session, [CheckInId(uuid.UUID(told["id"]))]).values()
    position: Position = kept.positions[0].position
    assert (position.lon, position.lat) == pytest.approx((HERE.lon, HERE.lat), abs=2e-6)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"id": "x"}, "id"),
        ({"kind": "leave"}, "kind"),
        ({"site_id": ""}, "site_id"),
        ({"told_at": "2026-11-24T08:00:00"}, "told_at"),
        ({"sent_at": 5}, "sent_at"),
        ({"positions": [{"tracked_at": TOLD, "lon": 999, "lat": 0}]}, "999"),
        ({"positions": [{"tracked_at": TOLD, "lon": True, "lat": 0}]}, "lon"),
        ({"positions": [{"tracked_at": TOLD, "lon": 1, "lat": 1, "accuracy_m": -3}]}, "accuracy_m"),
        ({"positions": [{"tracked_at": TOLD, "lon": 1, "lat": 1, "crs": "mars"}]}, "crs"),
        ({"positions": {}}, "positions"),
        ({"positions": [1]}, "positions"),
        ({"positions": [1] * 21}, "20 个位置"),
        ({"photo_ids": ["x"] * 21}, "20 张照片"),
        ({"photo_ids": ["x"]}, "photo_ids"),
        ({"note": 5}, "note"),
        ({"note": "\x00"}, "note"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_what_cannot_be_read_is_named(own_pages: Pages, key: str, changed: dict[str, Any], named: str) -> None:
    """The first field that is wrong."""
    answer = send(own_pages, body(**changed), key)

    assert answer.status_code == 422
    assert named in answer.get_json()["title"]


def test_nobody_states_without_a_key_that_holds(own_pages: Pages, key: str) -> None:
    """None, a wrong one, none of this company."""
    for shown in (None, "nonsense", key[:-1] + ("a" if key[-1] != "a" else "b")):
        assert send(own_pages, body(), shown).status_code == 403


@pytest.mark.parametrize("sent", [b"[]", b"", b"nonsense", b"\xff", b"[" * 100_000 + b"]" * 100_000], ids=len)
def test_a_body_that_says_nothing_is_refused(own_pages: Pages, key: str, sent: bytes) -> None:
    """For good, so that no phone sends it for ever; also what nests deeper than anyone reads."""
    headers = {"Authorization": f"Bearer {key}"}

    answer = own_pages.nobody().client.post("/api/v1/check-ins", data=sent, headers=headers)

    assert (answer.status_code, "body" in answer.get_json()["title"]) == (422, True)


def test_a_note_that_was_cut_in_a_character_is_kept(own_pages: Pages, key: str) -> None:
    """Half a character stands in no database; the statement is worth more than it."""
    told = body(note="门卫\ud83d")

    assert send(own_pages, told, key).status_code == 201
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        kept = find_check_ins(session, [CheckInId(uuid.UUID(told["id"]))])[CheckInId(uuid.UUID(told["id"]))]
    assert kept.note == "门卫?"


def test_a_photo_is_kept_under_the_id_its_sender_made(own_pages: Pages, key: str) -> None:
    """The same again is the same photo; what is no picture is refused."""
    picture, path = as_jpeg(scene(3)), f"/api/v1/photos/{uuid.uuid4()}"
    client, headers = own_pages.nobody().client, {"Authorization": f"Bearer {key}"}

    first = client.put(path, data=picture, headers=headers)
    again = client.put(path, data=picture, headers=headers)
    refused = client.put(f"/api/v1/photos/{uuid.uuid4()}", data=b"no picture", headers=headers)

    assert (first.status_code, again.status_code, refused.status_code) == (200, 200, 422)
    assert first.get_json() == again.get_json()
