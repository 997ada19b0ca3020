"""What a picture says of itself, and that nothing it says can break the reading."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from geo_engine.geometry import Position
from geo_engine.photos import PictureEvidence, TakenCertainty
from geo_engine.photos.exif import read_evidence

BEIJING = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 27, 12, 0)  # noqa: DTZ001 - a camera's clock
A_PLACE = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (39.0, 54.0, 36.0),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (116.0, 24.0, 18.0),
}


def _exif(
    first: dict[int, object], details: dict[int, object] | None = None, gps: dict[int, object] | None = None
) -> bytes:
    exif = Image.Exif()
    exif.update(first)
    exif.get_ifd(IFD.Exif).update(details or {})
    exif.get_ifd(IFD.GPSInfo).update(gps or {})
    return exif.tobytes()


def test_a_phone_says_when_where_and_with_what() -> None:
    """The clock with its zone, the satellites' moment, the position with its error, and who made the camera."""
    said = _exif(
        {Base.Make: "HUAWEI", Base.Model: "P60\0\0", Base.Software: "P60 4.2"},
        {Base.DateTimeOriginal: "2026:11:27 12:00:00", Base.OffsetTimeOriginal: "+08:00"},
        A_PLACE
        | {
            GPS.GPSDateStamp: "2026:11:27",
            GPS.GPSTimeStamp: (3.0, 59.0, 58.0),
            GPS.GPSHPositioningError: 12.5,
        },
    )

    evidence = read_evidence(said)

    assert evidence == PictureEvidence(
        clock_at=NOON.replace(tzinfo=timezone(timedelta(hours=8))),
        gps_at=datetime(2026, 11, 27, 3, 59, 58, tzinfo=UTC),
        position=Position(116.405, 39.91),
        position_error_m=12.5,
        make="HUAWEI",
        model="P60",
        software="P60 4.2",
    )


@pytest.mark.parametrize(
    "gps",
    [
        A_PLACE | {GPS.GPSLatitude: (IFDRational(39, 0), 54.0, 36.0)},
        A_PLACE | {GPS.GPSLatitudeRef: ""},
        A_PLACE | {GPS.GPSLongitudeRef: "X"},
        A_PLACE | {GPS.GPSStatus: "V"},
        A_PLACE | {GPS.GPSMapDatum: "TOKYO"},
        A_PLACE | {GPS.GPSLatitude: (139.0, 0.0, 0.0)},
        A_PLACE | {GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLongitude: (0.0, 0.0, 0.0)},
        A_PLACE | {GPS.GPSLatitude: (39.0,)},
    ],
)
def test_a_doubtful_position_is_unknown(gps: dict[int, object]) -> None:
    """A denominator of 0, no hemisphere, a void fix, another datum, nowhere on earth, 0 at 0, too few numbers."""
    assert read_evidence(_exif({}, {}, gps)).position is None


@pytest.mark.parametrize(
    "text",
    [
        "9999:12:31 23:59:59",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2026:13:40 12:00:00",
        "2026:11:27 24:00:00",
        "yesterday",
        "",
    ],
)
def test_a_moment_that_never_was_is_unknown(text: str) -> None:
    """Cameras write zeros, blanks and worse when their clock was not set."""
    assert read_evidence(_exif({Base.DateTime: text})).clock_at is None


def test_garbage_in_names_is_no_error() -> None:
    """Bytes of no encoding become something that can be shown."""
    assert read_evidence(_exif({Base.Make: b"Caf\xe9\x01 Co"})).make in {"Caf� Co", "Café Co"}


@given(st.binary(max_size=300), st.integers(0, 299), st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_nothing_breaks_the_reading(noise: bytes, place: int, byte: int) -> None:
    """Noise, noise behind a good head, a good directory with one byte changed: what is not understood is unknown."""
    good = _exif({Base.Make: "A", Base.DateTime: "2026:11:27 12:00:00"}, {}, A_PLACE)
    damaged = bytearray(good)
    damaged[place % len(good)] = byte

    for content in (noise, good[:20] + noise, bytes(damaged)):
        assert isinstance(read_evidence(content), PictureEvidence)


def test_a_clock_that_says_its_zone_is_believed_first() -> None:
    """Whatever satellites say."""
    clock = NOON.replace(tzinfo=timezone(timedelta(hours=9)))
    evidence = PictureEvidence(clock_at=clock, gps_at=datetime(2026, 11, 27, 4, 0, tzinfo=UTC))

    taken = evidence.taken(BEIJING)

    assert taken is not None
    assert (taken.at, taken.certainty) == (clock, TakenCertainty.OFFSET)


@pytest.mark.parametrize(
    ("gps_at", "at", "certainty"),
    [
        (None, datetime(2026, 11, 27, 4, 0, tzinfo=UTC), TakenCertainty.ZONE),
        (
            datetime(2026, 11, 27, 5, 58, tzinfo=UTC),
            datetime(2026, 11, 27, 6, 0, tzinfo=UTC),
            TakenCertainty.SATELLITES,
        ),
        (
            datetime(2026, 11, 27, 5, 52, tzinfo=UTC),
            datetime(2026, 11, 27, 5, 52, tzinfo=UTC),
            TakenCertainty.SATELLITES,
        ),
    ],
)
def test_a_clock_without_a_zone_takes_it_from_satellites_or_the_company(
    gps_at: datetime | None, at: datetime, certainty: TakenCertainty
) -> None:
    """Where its distance from the satellites' moment is no zone's, that moment alone is believed."""
    taken = PictureEvidence(clock_at=NOON, gps_at=gps_at).taken(BEIJING)

    assert taken is not None
    assert (taken.at, taken.certainty) == (at, certainty)


def test_a_picture_without_a_clock_says_nothing_of_when() -> None:
    """Most that went through a chat."""
    assert PictureEvidence().taken(BEIJING) is None
