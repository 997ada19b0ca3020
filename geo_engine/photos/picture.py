"""How a photo is made anew of what was sent: upright, in sRGB, smaller, and without anything it said of itself."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pi_heif import register_heif_opener
from PIL import Image, ImageCms, ImageOps, JpegImagePlugin
from PIL.Image import Resampling

from geo_engine.photos.exif import read_evidence
from geo_engine.photos.model import PictureEvidence, PictureKind
from geo_engine.photos.picture_params import DevelopParams, PictureRefused, Refusal

register_heif_opener(thumbnails=False)
# Our own limit is looked at before anything is decoded; Pillow's would warn of honest photos.
Image.MAX_IMAGE_PIXELS = None
_DECODERS = {
    PictureKind.JPEG: ("JPEG",),
    PictureKind.PNG: ("PNG",),
    PictureKind.WEBP: ("WEBP",),
    PictureKind.HEIC: ("HEIF",),
}
# What decoders were seen to raise of damaged files.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)
_SRGB = ImageCms.createProfile("sRGB")
_ORIENTATION = 0x0112
_TRANSPARENT = frozenset({"RGBA", "LA", "PA", "RGBa", "La"})
_DEEP = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})  # of PNG: sixteen bits a shade
_SMALL_PX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopedPicture:
    """What was made of a picture, and what it said of itself.

    Parameters
    ----------
    width, height
        Of the original, in pixels, upright.
    grey
        The whole picture in 256 × 256 shades, for the fingerprint.
    """

    width: int
    height: int
    display: bytes
    thumbnail: bytes
    evidence: PictureEvidence
    grey: NDArray[np.uint8]


def develop_picture(content: bytes, kind: PictureKind, params: DevelopParams) -> DevelopedPicture:
    """Return what is made of a picture.

    Raises
    ------
    PictureRefused
        When it is damaged, cut short, too large, too small, or moves.

    Notes
    -----
    Decoding takes about 25 ns a pixel; JPEG is decoded no larger than it is needed. It is meant to run in a process
    of its own, see `developing`.
    """
    with _damage_told():
        picture = Image.open(io.BytesIO(content), formats=_DECODERS[kind])
        _require_fit(picture, kind, params)
        evidence = read_evidence(picture.info.get("exif", b""))
        orientation = picture.getexif().get(_ORIENTATION, 1)
        width, height = picture.size if orientation not in range(5, 9) else picture.size[::-1]
        upright = _upright(picture, params.display_px)
        display = _fitted(upright, params.display_px)
        return DevelopedPicture(
            width=width,
            height=height,
            display=_jpeg(display, params.display_quality),
            thumbnail=_jpeg(_fitted(display, params.thumbnail_px), params.thumbnail_quality),
            evidence=evidence,
            grey=grey_of(display),
        )


def grey_of(picture: Image.Image) -> NDArray[np.uint8]:
    """Return a picture in 256 × 256 shades of grey, whatever its proportions."""
    small = picture.convert("L").resize((_SMALL_PX, _SMALL_PX), Resampling.BOX)
    return np.asarray(small, dtype=np.uint8)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow tells the console of damage that it could mend
            yield
    except _DAMAGED as error:
        raise PictureRefused(Refusal.BROKEN) from error


def _require_fit(picture: Image.Image, kind: PictureKind, params: DevelopParams) -> None:
    """Raise unless a picture of which only the head was read may be decoded."""
    if picture.width * picture.height > params.most_pixels:
        raise PictureRefused(Refusal.TOO_MANY_PIXELS)
    if min(picture.size) < params.least_side_px:
        raise PictureRefused(Refusal.TOO_SMALL)
    # Further pictures in a JPEG or a HEIC are previews and depths; the first is the photo.
    if kind in (PictureKind.PNG, PictureKind.WEBP) and getattr(picture, "n_frames", 1) > 1:
        raise PictureRefused(Refusal.MOVING)


def _upright(picture: Image.Image, longest_px: int) -> Image.Image:
    """Return a picture as it is looked at: upright, opaque, in sRGB; JPEG not much larger than needed."""
    if isinstance(picture, JpegImagePlugin.JpegImageFile):
        picture.draft(None, (longest_px, longest_px))
    profile = picture.info.get("icc_profile")
    shown = _plain(_fitted(_even(ImageOps.exif_transpose(picture)), longest_px * 2), profile)
    shown.info.clear()
    return shown


def _even(picture: Image.Image) -> Image.Image:
    """Return a picture in a mode that can be made smaller: no palette, eight bits a shade."""
    if picture.mode == "P":
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    if picture.mode in _DEEP:
        return Image.fromarray((np.asarray(picture).astype(np.float64) / 257).clip(0, 255).astype(np.uint8))
    return picture.convert("L") if picture.mode == "1" else picture


def _plain(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an opaque picture in sRGB; where a profile cannot be used, its numbers are taken as they are."""
    if picture.mode in _TRANSPARENT:
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, found, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")


def _fitted(picture: Image.Image, longest_px: int) -> Image.Image:
    """Return a picture whose longest side is at most so long."""
    longest = max(picture.size)
    if longest <= longest_px:
        return picture
    size = tuple(max(1, round(side * longest_px / longest)) for side in picture.size)
    return picture.resize((size[0], size[1]), Resampling.LANCZOS, reducing_gap=3.0)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    """Return a picture as JPEG, with nothing in it but the picture."""
    bare = picture.convert("RGB")
    bare.info.clear()
    written = io.BytesIO()
    bare.save(written, "JPEG", quality=quality, optimize=True, progressive=True, exif=b"", icc_profile=None)
    return written.getvalue()
