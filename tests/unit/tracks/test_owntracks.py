"""What OwnTracks posts, as fixes."""

import base64
import json

import pytest
from nacl.secret import SecretBox
from support.posts import decoded, fix, moment, reasons

from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import Decoded, Other, Protocol, answer

TYPED = "geo"
LOCATION = {"_type": "location", "lat": 41.1496, "lon": -8.6109, "tst": 1764158400, "tid": "JL"}

GOLDEN = {
    "Android, at a stand": (
        (
            '{"_type":"location","acc":15,"alt":440,"batt":46,"conn":"w","lat":46.0681247,"lon":11.1512805,"t":"u",'
            '"tid":"5t","tst":1551874878,"vac":2,"vel":0}'
        ),
        fix(
            "5t",
            "2019-03-06T12:21:18",
            11.1512805,
            46.0681247,
            accuracy_m=15.0,
            altitude_m=440.0,
            speed_mps=0.0,
            battery_percent=46.0,
        ),
    ),
    "by hand, the least there is": (
        '{"lon":2.29513,"lat":48.85833,"tst":1497349316,"_type":"location","tid":"JJ"}',
        fix("JJ", "2017-06-13T10:21:56", 2.29513, 48.85833),
    ),
    "iOS, driving, in km/h": (
        (
            '{"cog":271,"lon":2.29513,"acc":5,"vel":61,"vac":21,"lat":48.85833,"tst":1497349316,"alt":167,'
            '"_type":"location","tid":"JJ","t":"u","batt":67}'
        ),
        fix(
            "JJ",
            "2017-06-13T10:21:56",
            2.29513,
            48.85833,
            accuracy_m=5.0,
            altitude_m=167.0,
            speed_mps=16.944444,
            heading_deg=271.0,
            battery_percent=67.0,
        ),
    ),
    "iOS, with a topic and when it was sent": (
        (
            '{"lon":-122,"acc":5,"created_at":1736161415,"lat":37,'
            '"topic":"owntracks/ckrey/22A67880-15C3-41A6-9157-25545C7993AC","t":"u","m":1,"tst":1736161169,"conn":"w",'
            '"alt":0,"_type":"location","tid":"AC"}'
        ),
        fix(
            "22A67880-15C3-41A6-9157-25545C7993AC",
            "2025-01-06T10:59:29",
            -122.0,
            37.0,
            accuracy_m=5.0,
            altitude_m=0.0,
            sent_at=moment("2025-01-06T11:03:35"),
        ),
    ),
    "a Queclink tracker behind a bridge": (
        (
            '{"topic":"owntracks/qtripp/865284041968706","lat":47.420051,"lon":13.654704,"vel":0,"cog":113,'
            '"tst":1736519167,"mcc":232,"mnc":1,"lac":"4F4D","cid":"673A","_type":"location","acc":10,"alt":1113,"t":"I",'
            '"don":105,"tid":"CS"}'
        ),
        fix(
            "865284041968706",
            "2025-01-10T14:26:07",
            13.654704,
            47.420051,
            accuracy_m=10.0,
            altitude_m=1113.0,
            speed_mps=0.0,
            heading_deg=113.0,
        ),
    ),
    "numbers as text, as old clients have them": (
        '{"_type":"location","lat":"41.1496","lon":"-8.6109","tst":"1764158400","acc":"12","batt":"80","tid":"JL"}',
        fix("JL", "2025-11-26T12:00:00", -8.6109, 41.1496, accuracy_m=12.0, battery_percent=80.0),
    ),
    "milliseconds": (
        '{"_type":"location","lat":1,"lon":2,"tst":1764158400500,"tid":"JL"}',
        fix("JL", "2025-11-26T12:00:00.5", 2.0, 1.0),
    ),
    "Android on the equator, which leaves out 0": (
        '{"_type":"location","lon":36.8219,"tst":1764158400,"tid":"JL"}',
        fix("JL", "2025-11-26T12:00:00", 36.8219, 0.0),
    ),
    "Overland's OwnTracks mode, which counts from 2001": (
        '{"_type":"location","lat":1,"lon":2,"tst":785851200,"tid":"JL"}',
        fix("JL", "2025-11-26T12:00:00", 2.0, 1.0),
    ),
    "a receiver that lost 1,024 weeks": (
        '{"_type":"location","lat":1,"lon":2,"tst":1144843200,"tid":"JL"}',
        fix("JL", "2025-11-26T12:00:00", 2.0, 1.0, is_rollover=True),
    ),
}


@pytest.mark.parametrize(("body", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_a_location_becomes_a_fix(body: str, expected: Fix) -> None:
    """In our units, with all that was said and nothing that was not."""
    assert decoded(Protocol.OWNTRACKS, body) == Decoded(fixes=(expected,))


@pytest.mark.parametrize(
    ("body", "other"),
    [
        (
            '{"_type":"transition","event":"enter","wtst":1,"lat":1,"lon":2,"tst":1764158400,"acc":9,"t":"l"}',
            "transition",
        ),
        ('{"_type":"waypoint","desc":"Depot","lat":1,"lon":2,"rad":80,"tst":1764158400}', "waypoint"),
        ('{"_type":"waypoints","waypoints":[{"_type":"waypoint","lat":1,"lon":2}]}', "waypoint"),
        ('{"_type":"status","iOS":{"locationManagerAuthorizationStatus":"Always"}}', "status"),
        ('{"_type":"card","name":"Jane","tid":"JL"}', "card"),
        ('{"_type":"lwt","tst":1764158400}', "unnamed"),
        ('{"_type":"steps","steps":1200,"from":1,"to":2}', "unnamed"),
        ("", "empty"),
        (" \n", "empty"),
    ],
)
def test_what_is_no_location_is_recognised_and_gives_no_fix(body: str, other: str) -> None:
    """Not even when it says where it happened."""
    found = decoded(Protocol.OWNTRACKS, body)

    assert (found, found.is_understood) == (Decoded(others=(Other(other),)), True)


@pytest.mark.parametrize(
    ("query", "headers", "topic", "device"),
    [
        ("", {"x-limit-u": "jane", "x-limit-d": "Pixel 9"}, "owntracks/jane/phone", "Pixel 9"),
        ("u=jane&d=tablet", {}, "owntracks/jane/phone", "tablet"),
        ("", {}, "owntracks/jane/phone", "phone"),
        ("", {"x-limit-u": "user", "x-limit-d": "device"}, "owntracks/user/device", "JL"),
        ("", {"x-limit-d": ""}, "owntracks/jane/", "JL"),
        ("", {}, None, "JL"),
    ],
)
def test_a_device_is_named_by_header_then_topic_then_tid(
    query: str, headers: dict[str, str], topic: str | None, device: str
) -> None:
    """What iOS says where nobody named the device is no name."""
    body = json.dumps(LOCATION | ({"topic": topic} if topic else {}))

    (found,) = decoded(Protocol.OWNTRACKS, body, query=query, headers=headers).fixes

    assert found.device == device


def test_a_location_without_any_name_leaves_the_device_to_the_credential() -> None:
    """It is a fix all the same."""
    body = json.dumps({key: value for key, value in LOCATION.items() if key != "tid"})

    assert [found.device for found in decoded(Protocol.OWNTRACKS, body).fixes] == [None]


def sealed(message: object, secret: str) -> str:
    """Return a message as the apps encrypt it."""
    box = SecretBox(secret.encode().ljust(32, b"\0"))
    data = base64.b64encode(box.encrypt(json.dumps(message).encode())).decode()
    return json.dumps({"_type": "encrypted", "data": data})


@pytest.mark.parametrize("secret", ["s3cret", "密钥密钥", "x" * 32])
def test_an_encrypted_location_is_read_with_its_secret(secret: str) -> None:
    """The key is the secret's UTF-8, padded to 32 bytes."""
    assert decoded(Protocol.OWNTRACKS, sealed(LOCATION, secret), secret=secret).fixes == (
        fix("JL", "2025-11-26T12:00:00", -8.6109, 41.1496),
    )


def test_a_secret_longer_than_a_key_is_cut() -> None:
    """As the Recorder has it, so that no phone that was set up with it falls silent."""
    assert decoded(Protocol.OWNTRACKS, sealed(LOCATION, "x" * 32), secret="x" * 40).is_understood


def test_a_sealed_message_of_known_bytes_is_opened() -> None:
    """A message made by libsodium's own crypto_secretbox with a fixed nonce, so that both ends cannot err alike."""
    data = (
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXeETvaoH2ksoPI21pGffsHjHxcAI4Io9Huy2IMhD9lNw2+l1zrrHJN3GsgeesqM+XIGRMPCY0XpsJ0gKJ"
        "S98uLevtPv7qcHCdRaya5Ft4++b/lwTDn0SCYiIj8rA="
    )

    found = decoded(Protocol.OWNTRACKS, json.dumps({"_type": "encrypted", "data": data}), secret=TYPED)

    assert found.fixes == (fix("JL", "2025-11-26T12:00:00", -8.6109, 41.1496),)


def test_one_encrypted_message_may_hold_many() -> None:
    """Each is read by itself."""
    messages = [LOCATION, {"_type": "card"}, LOCATION | {"lat": 91}, LOCATION | {"tst": 1764158401}]

    found = decoded(Protocol.OWNTRACKS, sealed(messages, TYPED), secret=TYPED)

    assert [one.tracked_at.second for one in found.fixes] == [0, 1]
    assert found.others == (Other.CARD,)
    assert reasons(found)[0] == "Number 3: Latitude 91.0 is not between −90 and 90."


@pytest.mark.parametrize(
    ("secret", "body", "reason"),
    [
        (None, sealed(LOCATION, TYPED), "It is encrypted, and its secret is not known here."),
        ("oeg", sealed(LOCATION, TYPED), "It is encrypted with another secret, or damaged."),
        ("geo", '{"_type":"encrypted","data":"not base64"}', "It is encrypted with another secret, or damaged."),
        ("geo", '{"_type":"encrypted","data":""}', "It is encrypted with another secret, or damaged."),
        ("geo", '{"_type":"encrypted"}', "It is encrypted, and nothing is in it."),
        (
            "geo",
            sealed([{"_type": "encrypted", "data": ""}], "geo"),
            "A message of the kind “encrypted” is not expected here.",
        ),
    ],
)
def test_what_cannot_be_decrypted_is_dropped_with_the_reason(secret: str | None, body: str, reason: str) -> None:
    """No fix, no error: it is acknowledged all the same."""
    found = decoded(Protocol.OWNTRACKS, body, secret=secret)

    assert (found.fixes, reasons(found), found.is_understood) == ((), [reason], False)


def test_the_answer_is_an_empty_list_of_friends() -> None:
    """As the apps expect it, whatever they sent."""
    told = answer(Protocol.OWNTRACKS, decoded(Protocol.OWNTRACKS, "nonsense"))

    assert (told.status, told.content_type, told.body) == (200, "application/json", b"[]")
