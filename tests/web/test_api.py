"""What phones send of visits: statements and photos, by the key of the device that a worker wears."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image
from support.companies import NOW
from support.pages import Pages
from support.photographed import as_jpeg, scene
from support.tracked import HERE, WORKER, Tracked, give_device
from werkzeug.test import TestResponse

from geo_engine.audit.store import list_events
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, array_from_wgs84
from geo_engine.ids import CheckInId, PhotoId, WorkerId
from geo_engine.photos.store import get_photo
from geo_engine.tenancy import OPERATOR
from geo_engine.timespan import TimeSpan
from geo_engine.visits.check_in_store import find_check_ins, list_check_ins
from geo_engine.visits.check_ins import digest_of, document_of
from geo_engine.visits.visit_store import list_claims
from geo_engine.workforce.device_store import add_wearing, end_wearing
from geo_engine.workforce.devices import revoke_keys

TOLD = NOW.isoformat()
OTHER = WorkerId("W2")


@pytest.fixture
def phone(own_pages: Pages) -> Tracked:
    """Give a phone that a worker wears."""
    database, tenant_id = own_pages.mine.database, own_pages.mine.tenant_id
    return give_device(database, tenant_id, worn_from=NOW - timedelta(days=1), name="second")


@pytest.fixture
def key(phone: Tracked) -> str:
    """Give the key of that phone."""
    return str(phone.key)


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


def test_what_is_stated_in_the_future_is_of_when_it_came(own_pages: Pages, key: str) -> None:
    """Two days ahead it is kept as it was told, on the day of its receipt, by a phone whose clock is wrong."""
    ahead = (NOW + timedelta(days=2)).isoformat()
    told = body(told_at=ahead, sent_at=ahead, positions=[])

    answer = send(own_pages, told, key)

    assert answer.status_code == 201
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        (kept,) = list_check_ins(session, WORKER, TimeSpan(start_at=NOW, end_at=NOW + timedelta(minutes=1)))
        claimed = list_claims(session, limit=9)
    assert (kept.id, kept.told_at, kept.received_at) == (uuid.UUID(told["id"]), NOW + timedelta(days=2), NOW)
    assert {service_on for worker_id, service_on in claimed if worker_id == WORKER} == {NOW.date()}


def test_a_photo_that_is_named_twice_is_named_once(own_pages: Pages, key: str) -> None:
    """However the phone writes its list, sent again it is the same; and the trail commits to what is kept."""
    photo_id = str(uuid.uuid4())
    told = body(photo_ids=[photo_id, photo_id.upper()])

    first, again = send(own_pages, told, key), send(own_pages, told, key)

    assert (first.status_code, again.status_code) == (201, 200)
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        (kept,) = find_check_ins(session, [CheckInId(uuid.UUID(told["id"]))]).values()
        event = list_events(session, limit=1)[0]
    assert kept.photo_ids == (uuid.UUID(photo_id),)
    assert event.facts["sha256"] == digest_of(document_of(kept))


def test_another_note_is_another_statement(own_pages: Pages, key: str) -> None:
    """It is refused under the same id, not dropped as if it had been kept."""
    told = body(note="gate closed")

    answers = [send(own_pages, one, key).status_code for one in (told, {**told, "note": "gate open"})]

    assert answers == [201, 409]


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
        ({"told_at": "9999-12-31T23:59:59Z"}, "told_at"),
        ({"sent_at": 5}, "sent_at"),
        ({"sent_at": "9999-12-31T23:59:59Z"}, "sent_at"),
        ({"positions": [{"tracked_at": "0001-01-01T00:00:00Z", "lon": 1, "lat": 1}]}, "tracked_at"),
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


def test_nobody_states_without_a_key_that_holds(own_pages: Pages, phone: Tracked) -> None:
    """None, a wrong one, one that was taken away: each is told how a key is shown, with photos alike."""
    key = str(phone.key)
    for shown in (None, "nonsense", key[:-1] + ("a" if key[-1] != "a" else "b")):
        _assert_challenged(send(own_pages, body(), shown))
        _assert_challenged(put_photo(own_pages, uuid.uuid4(), shown))
    assert send(own_pages, [], key).status_code == 422


@pytest.mark.parametrize("sent", [b"[]", b"", b"nonsense", b"\xff", b"[" * 100_000 + b"]" * 100_000], ids=len)
def test_a_body_that_says_nothing_is_refused(own_pages: Pages, phone: Tracked, sent: bytes) -> None:
    """For good, so that no phone sends it for ever; also what nests deeper than anyone reads."""
    headers = {"Authorization": f"Bearer {phone.key}"}

    answer = own_pages.nobody().client.post("/api/v1/check-ins", data=sent, headers=headers)

    assert (answer.status_code, "body" in answer.get_json()["title"]) == (422, True)


def test_a_note_that_was_cut_in_a_character_is_kept(own_pages: Pages, phone: Tracked) -> None:
    """Half a character stands in no database; the statement is worth more than it."""
    told = body(note="门卫\ud83d")

    assert send(own_pages, told, str(phone.key)).status_code == 201
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        kept = find_check_ins(session, [CheckInId(uuid.UUID(told["id"]))])[CheckInId(uuid.UUID(told["id"]))]
    assert kept.note == "门卫?"

    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        revoke_keys(session, phone.device_id, by=OPERATOR, now=NOW)

    _assert_challenged(send(own_pages, body(), key))


def test_the_scheme_of_a_key_may_be_written_small(own_pages: Pages, key: str) -> None:
    """Schemes have no case (RFC 9110)."""
    headers = {"Authorization": f"bearer {key}"}

    answer = own_pages.nobody().client.post("/api/v1/check-ins", data=json.dumps(body()), headers=headers)

    assert answer.status_code == 201


def _assert_challenged(answer: TestResponse) -> None:
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "Authorization: Bearer KEY" in answer.get_json()["title"]


def test_what_was_stated_offline_is_of_who_wore_the_phone_then(own_pages: Pages, phone: Tracked) -> None:
    """It comes through when a colleague has the phone, or nobody: with its photo it is the one's who stated it."""
    photo_id, told_at = uuid.uuid4(), (NOW - timedelta(hours=2)).isoformat()
    told, key = body(told_at=told_at, positions=[], photo_ids=[str(photo_id)]), str(phone.key)
    late = body(told_at=told_at, positions=[])
    _worn_next(own_pages, phone, OTHER, at=NOW - timedelta(hours=1))

    kept, again = send(own_pages, told, key), send(own_pages, told, key)
    pictured = put_photo(own_pages, photo_id, key)
    _worn_next(own_pages, phone, None, at=NOW - timedelta(minutes=1))
    handed_in, pictured_again = send(own_pages, late, key), put_photo(own_pages, photo_id, key)

    assert [kept.status_code, again.status_code, handed_in.status_code] == [201, 200, 201]
    assert [pictured.status_code, pictured_again.status_code] == [200, 200]
    assert {_worker_of(own_pages, one) for one in (told, late)} == {WORKER}
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        assert get_photo(session, PhotoId(photo_id)).worker_id == WORKER


def test_what_nobody_can_have_stated_is_refused(own_pages: Pages, phone: Tracked) -> None:
    """The phone lay in a drawer when it was stated, and still does; a photo of nobody's is not kept either."""
    _worn_next(own_pages, phone, None, at=NOW - timedelta(hours=1))

    answers = send(own_pages, body(), str(phone.key)), put_photo(own_pages, uuid.uuid4(), str(phone.key))

    assert [one.status_code for one in answers] == [403, 403]


def test_a_photo_that_no_statement_names_yet_is_of_who_wore_the_phone_when_it_was_taken(
    own_pages: Pages, phone: Tracked
) -> None:
    """By what the camera wrote into it; when that was nobody, or nothing was written, of who wears the phone now."""
    _worn_next(own_pages, phone, OTHER, at=NOW - timedelta(hours=1))
    taken = [NOW - timedelta(hours=2), NOW - timedelta(days=900), None]
    photo_ids = [uuid.uuid4() for _ in taken]

    for photo_id, at in zip(photo_ids, taken, strict=True):
        assert put_photo(own_pages, photo_id, str(phone.key), taken_at=at).status_code == 200

    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        assert [get_photo(session, PhotoId(one)).worker_id for one in photo_ids] == [WORKER, OTHER, OTHER]


@pytest.mark.parametrize("taken_at", [None, NOW - timedelta(days=900)], ids=["no time", "another year"])
def test_a_photo_that_came_before_its_statement_is_of_who_stated_it(
    own_pages: Pages, phone: Tracked, taken_at: datetime | None
) -> None:
    """Queued before the phone was handed over, both sent after it; the trail tells that it was given to its worker."""
    _worn_next(own_pages, phone, OTHER, at=NOW - timedelta(hours=1))
    photo_id, others = uuid.uuid4(), uuid.uuid4()
    told_at = (NOW - timedelta(hours=2)).isoformat()
    first = body(told_at=told_at, positions=[], photo_ids=[str(photo_id)])
    later = body(photo_ids=[str(photo_id), str(others)])
    key = str(phone.key)

    sent = [put_photo(own_pages, one, key, taken_at=taken_at).status_code for one in (photo_id, others)]
    stated = [send(own_pages, told, key).status_code for told in (first, later, first)]
    again = put_photo(own_pages, photo_id, key, taken_at=taken_at).status_code

    assert [*sent, *stated, again] == [200, 200, 201, 201, 200, 200]
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        given = [event for event in list_events(session, limit=9) if event.act == "give_photo"]
        assert [get_photo(session, PhotoId(one)).worker_id for one in (photo_id, others)] == [WORKER, OTHER]
    assert [(one.subject[1], one.facts["worker"]) for one in given] == [(str(photo_id), WORKER)]


def test_nobody_takes_a_photo_that_another_phone_has_sent(own_pages: Pages, phone: Tracked) -> None:
    """Naming another worker's photo makes it no work of one's own."""
    database, tenant_id = own_pages.mine.database, own_pages.mine.tenant_id
    other = give_device(database, tenant_id, worker_id=OTHER, worn_from=NOW - timedelta(days=1), name="third")
    photo_id = uuid.uuid4()

    sent = put_photo(own_pages, photo_id, str(other.key))
    named = send(own_pages, body(photo_ids=[str(photo_id)]), str(phone.key))

    assert (sent.status_code, named.status_code) == (200, 201)
    with database.bound(tenant_id) as session:
        assert get_photo(session, PhotoId(photo_id)).worker_id == OTHER


def put_photo(pages: Pages, photo_id: uuid.UUID, key: str | None, *, taken_at: datetime | None = None) -> TestResponse:
    """Send a photo, which says when it was taken or does not."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    exif = Image.Exif()
    if taken_at is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = "+00:00"
    content = as_jpeg(scene(3), exif=exif)
    return pages.nobody().client.put(f"/api/v1/photos/{photo_id}", data=content, headers=headers)


def _worn_next(pages: Pages, phone: Tracked, worker_id: WorkerId | None, *, at: datetime) -> None:
    """Have the phone handed over, or handed in."""
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        assert end_wearing(session, phone.device_id, at=at)
        if worker_id is not None:
            add_wearing(session, phone.device_id, worker_id, worn_from=at)


def _worker_of(pages: Pages, told: dict[str, Any]) -> WorkerId:
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        (kept,) = find_check_ins(session, [CheckInId(uuid.UUID(told["id"]))]).values()
    return kept.worker_id


def test_a_photo_is_kept_under_the_id_its_sender_made(own_pages: Pages, key: str) -> None:
    """The same again is the same photo; what is no picture is refused."""
    picture, path = as_jpeg(scene(3)), f"/api/v1/photos/{uuid.uuid4()}"
    client, headers = own_pages.nobody().client, {"Authorization": f"Bearer {key}"}

    first = client.put(path, data=picture, headers=headers)
    again = client.put(path, data=picture, headers=headers)
    refused = client.put(f"/api/v1/photos/{uuid.uuid4()}", data=b"no picture", headers=headers)

    assert (first.status_code, again.status_code, refused.status_code) == (200, 200, 422)
    assert first.get_json() == again.get_json()
