"""How a photo is developed in a process of its own."""

import dataclasses

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from support.photographed import as_jpeg, developed, scene

from geo_engine.geometry import Position
from geo_engine.photos.developing import PictureUnusable, develop
from geo_engine.photos.kinds import NoPhoto
from geo_engine.photos.picture_params import DevelopParams


def test_a_photo_comes_back_as_it_would_be_made_here() -> None:
    """The process answers with the same copies, fingerprint and evidence."""
    exif = Image.Exif()
    exif[Base.Make] = "荣耀"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:27 12:00:00"
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "S",
            GPS.GPSLatitude: (33.0, 30.0, 0.0),
            GPS.GPSLongitudeRef: "W",
            GPS.GPSLongitude: (70.0, 36.0, 0.0),
        }
    )
    content = as_jpeg(scene(1, width=320, height=240), exif=exif)

    photo = develop(content)

    assert photo == developed(content)
    assert photo.evidence.position == Position(-70.6, -33.5)
    assert len(photo.sha256) == 64


def test_a_damaged_photo_is_refused_in_words() -> None:
    """The process says which refusal it is, and we say it in words."""
    with pytest.raises(PictureUnusable, match="damaged or was cut short"):
        develop(as_jpeg(scene(1, width=320, height=240))[:4000])


@pytest.mark.parametrize(
    ("params", "words"), [({"most_bytes": 1_000_000}, "larger than 1 MB"), ({"most_pixels": 1_000_000}, "1 million")]
)
def test_a_photo_beyond_a_limit_is_refused(params: dict[str, int], words: str) -> None:
    """More bytes never reach a process; more pixels are not decoded there."""
    content = as_jpeg(Image.new("L", (2000, 1000)), quality=10)
    content += b"\0" * (2_000_000 if "most_bytes" in params else 0)

    with pytest.raises(PictureUnusable, match=words):
        develop(content, params=dataclasses.replace(DevelopParams(), **params))


def test_what_is_no_picture_starts_no_process() -> None:
    """It is refused by its first bytes."""
    with pytest.raises(NoPhoto):
        develop(b"hello")
