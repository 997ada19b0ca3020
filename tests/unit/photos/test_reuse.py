"""Whether a picture is known again, whatever was done to it, and others are not taken for it.

The pictures are drawn by numbers; real photographs are measured by ``tests/benchmarks/photo_reuse.py``.
"""

import itertools

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from support.photographed import as_jpeg, developed, scene

from geo_engine.photos import ReuseKind
from geo_engine.photos.alignment import compare
from geo_engine.photos.developing import DevelopedPhoto
from geo_engine.photos.fingerprints import (
    FINGERPRINT_BYTES,
    KEYS_COUNT,
    distances,
    fingerprint_of,
    meet,
    read_fingerprints,
)
from geo_engine.photos.jpeg import read_shades
from geo_engine.photos.reuse import ReuseParams, kind_of


def _kind(one: DevelopedPhoto, other: DevelopedPhoto) -> ReuseKind | None:
    meeting = meet(one.fingerprint, other.fingerprint)
    likeness = compare(read_shades(one.thumbnail), read_shades(other.thumbnail), meeting)
    return kind_of(meeting.distance, likeness, ReuseParams())


def _cut(picture: Image.Image, left: int, top: int, right: int, bottom: int) -> Image.Image:
    return picture.crop((left, top, picture.width - right, picture.height - bottom))


def _screenshot(picture: Image.Image) -> Image.Image:
    shown = Image.new("RGB", (540, 1170), "black")
    fitted = picture.resize((540, 405))
    shown.paste(fitted, (0, 380))
    shown.paste((255, 255, 255), (30, 12, 90, 24))
    return shown


COPIES = {
    "encoded anew": lambda one: as_jpeg(one, quality=35),
    "made smaller": lambda one: as_jpeg(one.resize((300, 225))),
    "cut by 5 % all round": lambda one: as_jpeg(_cut(one, 32, 24, 32, 24)),
    "cut by 5 % at a corner": lambda one: as_jpeg(_cut(one, 0, 0, 32, 24)),
    "cut by 10 % of a side": lambda one: as_jpeg(_cut(one, 64, 0, 0, 0)),
    "a screenshot": lambda one: as_jpeg(_screenshot(one)),
    "brighter": lambda one: as_jpeg(ImageEnhance.Brightness(one).enhance(1.2)),
    "mirrored": lambda one: as_jpeg(ImageOps.mirror(one)),
    "turned": lambda one: as_jpeg(one.transpose(Image.Transpose.ROTATE_270)),
}


@pytest.mark.parametrize("change", COPIES)
def test_a_copy_is_known_again(change: str) -> None:
    """Whichever of the two was sent first."""
    original, copy = developed(as_jpeg(scene(1))), developed(COPIES[change](scene(1)))

    assert _kind(copy, original) is ReuseKind.SAME_PICTURE
    assert _kind(original, copy) is ReuseKind.SAME_PICTURE


def test_other_pictures_are_not_taken_for_it() -> None:
    """No two of eight pictures show the same."""
    seen = [developed(as_jpeg(scene(seed, width=320, height=240))) for seed in range(8)]

    assert {_kind(one, other) for one, other in itertools.combinations(seen, 2)} == {None}


def test_where_things_were_moved_somebody_has_been_again() -> None:
    """The same shelf from the very same spot, with some goods changed in the middle, is no copy: a view."""
    later = scene(1).copy()
    for left, top in ((150, 160), (300, 200), (440, 180), (250, 270)):
        later.paste(scene(2).crop((0, 0, 90, 60)), (left, top))

    assert _kind(developed(as_jpeg(later)), developed(as_jpeg(scene(1)))) is ReuseKind.SAME_VIEW


def test_a_caption_at_the_edge_hides_no_copy() -> None:
    """What cameras that write time and place cover is not looked at."""
    captioned = scene(1).copy()
    captioned.paste((20, 20, 20), (0, 400, 400, 480))

    assert _kind(developed(as_jpeg(captioned)), developed(as_jpeg(scene(1)))) is ReuseKind.SAME_PICTURE


def test_searching_finds_the_distance_of_each_pair() -> None:
    """Many at once are as far apart as each pair by itself, mirrored and cut ones too."""
    copies = [change(scene(1)) for change in COPIES.values()] + [as_jpeg(scene(7))]
    stored = [developed(content).fingerprint for content in copies]
    asked = developed(as_jpeg(scene(1))).fingerprint

    found = distances(asked, read_fingerprints(stored))

    assert found.tolist() == [meet(asked, one).distance for one in stored]


def test_a_picture_of_one_shade_is_like_nothing() -> None:
    """A lens that was covered shows no details, so nothing is said of it."""
    dark = developed(as_jpeg(Image.new("RGB", (320, 240), (9, 9, 9))))

    assert _kind(dark, developed(as_jpeg(scene(1)))) is None
    assert _kind(dark, developed(as_jpeg(Image.new("RGB", (300, 300), (9, 9, 9))))) is None


def test_a_fingerprint_is_as_long_as_the_database_takes() -> None:
    """Its length is in a constraint, so that another kind of fingerprint comes with a migration."""
    shades = np.random.default_rng(1).integers(0, 255, (256, 256)).astype(np.uint8)

    assert len(fingerprint_of(shades)) == FINGERPRINT_BYTES == KEYS_COUNT * 16 + 4 == 228
    assert len(distances(fingerprint_of(shades), read_fingerprints(b""))) == 0
