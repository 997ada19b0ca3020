"""How a photo is made anew of what was sent."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from support.photographed import as_jpeg, scene

from geo_engine.photos import PictureKind
from geo_engine.photos.kinds import sniff
from geo_engine.photos.picture import DevelopedPicture, develop_picture
from geo_engine.photos.picture_params import DevelopParams, PictureRefused, Refusal

HEIC = Path(__file__).parents[2] / "golden" / "photo.heic"
PARAMS = DevelopParams()


def _developed(content: bytes, params: DevelopParams = PARAMS) -> DevelopedPicture:
    return develop_picture(content, sniff(content), params)


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=["JPEG"])


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def test_what_is_shown_says_nothing_of_itself() -> None:
    """Neither EXIF nor a profile, a comment or anything but the picture is in the copies."""
    exif = Image.Exif()
    exif[0x010F] = "HUAWEI"
    made = _developed(
        as_jpeg(
            scene(1),
            exif=exif,
            comment=b"me",
            icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        )
    )

    assert made.evidence.make == "HUAWEI"
    for content in (made.display, made.thumbnail):
        assert set(_opened(content).info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        assert b"HUAWEI" not in content


def test_a_large_photo_is_shown_smaller() -> None:
    """The longest side is the limit's, the proportions stay, and the original's size is known."""
    made = _developed(as_jpeg(scene(1).resize((3000, 1500))))

    assert (made.width, made.height) == (3000, 1500)
    assert _opened(made.display).size == (2048, 1024)
    assert _opened(made.thumbnail).size == (320, 160)


@pytest.mark.parametrize(("orientation", "size"), [(1, (64, 96)), (3, (64, 96)), (6, (96, 64)), (8, (96, 64))])
def test_a_photo_is_shown_upright(orientation: int, size: tuple[int, int]) -> None:
    """As the camera was held: sides change places where it was held on its side."""
    exif = Image.Exif()
    exif[0x0112] = orientation

    made = _developed(as_jpeg(scene(1, width=64, height=96), exif=exif))

    assert (made.width, made.height) == size
    assert _opened(made.display).size == size


def test_a_photo_of_an_iphone_is_read() -> None:
    """HEIC, with what it says of itself."""
    made = _developed(HEIC.read_bytes())

    assert made.evidence.make == "Apple"
    assert sorted(_opened(made.display).size) == [120, 160]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_any_mode_becomes_a_picture(mode: str) -> None:
    """Palettes, transparency, inks and sixteen bits are shown in the shades they mean."""
    grey = scene(3, width=96, height=80).convert("L")
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        picture = grey.convert("RGB").convert(mode) if mode in {"CMYK", "P", "RGBA"} else grey.convert(mode)
    content = as_jpeg(picture) if mode == "CMYK" else _written(picture, "PNG")

    shown = np.asarray(_opened(_developed(content).display).convert("L"), dtype=float)

    wanted = np.asarray(picture.convert("L") if mode != "I;16" else grey, dtype=float)
    assert np.abs(shown - wanted).mean() < (40 if mode == "1" else 8)


def test_what_is_transparent_is_shown_on_white() -> None:
    """Not on whatever colour lies under it."""
    shown = _opened(_developed(_written(Image.new("RGBA", (80, 80), (0, 0, 0, 0)), "PNG")).display)

    assert shown.getpixel((40, 40)) == (255, 255, 255)


def test_colours_of_a_profile_are_shown_in_srgb() -> None:
    """Numbers of another space, here one whose red is blue, are not taken for those of a screen."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = plain.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")

    made = _developed(as_jpeg(Image.new("RGB", (80, 80), (100, 150, 200)), icc_profile=swapped))

    assert np.abs(np.array(_opened(made.display).getpixel((40, 40))) - (200, 150, 100)).max() < 6


def test_a_damaged_profile_does_not_lose_the_photo() -> None:
    """Its numbers are taken as they are."""
    made = _developed(as_jpeg(Image.new("RGB", (80, 80), (100, 150, 200)), icc_profile=b"nonsense" * 30))

    assert np.abs(np.array(_opened(made.display).getpixel((40, 40))) - (100, 150, 200)).max() < 4


def _animated(kind: str) -> bytes:
    frames = [scene(n, width=80, height=80) for n in (1, 2)]
    return _written(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (lambda: as_jpeg(scene(1))[:9000], Refusal.BROKEN),
        (lambda: _written(scene(1, width=80, height=80), "PNG")[:2000], Refusal.BROKEN),
        (lambda: _written(scene(1, width=80, height=80), "WEBP")[:500], Refusal.BROKEN),
        (lambda: HEIC.read_bytes()[:-1500], Refusal.BROKEN),
        (lambda: b"\xff\xd8\xff\xe0" + b"\0" * 400, Refusal.BROKEN),
        (lambda: as_jpeg(Image.new("L", (63, 900))), Refusal.TOO_SMALL),
        (lambda: _animated("PNG"), Refusal.MOVING),
        (lambda: _animated("WEBP"), Refusal.MOVING),
    ],
)
def test_what_is_no_whole_photo_is_refused(content: Callable[[], bytes], refusal: Refusal) -> None:
    """Cut short, damaged, too small to show anything, or moving."""
    with pytest.raises(PictureRefused) as refused:
        _developed(content())

    assert refused.value.refusal is refusal


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    """A head that promises four gigapixels in a few bytes is not believed further than its numbers."""
    content = bytearray(_written(Image.new("1", (64, 64)), "PNG"))
    content[16:24] = (65_000).to_bytes(4) + (65_000).to_bytes(4)

    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4)

    with pytest.raises(PictureRefused) as refused:
        _developed(bytes(content))

    assert refused.value.refusal is Refusal.TOO_MANY_PIXELS


def test_only_the_decoder_of_the_sniffed_kind_is_tried() -> None:
    """What begins as one kind is not handed to the decoder of another."""
    with pytest.raises(PictureRefused):
        develop_picture(as_jpeg(scene(1)), PictureKind.PNG, PARAMS)
