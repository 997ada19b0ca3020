"""Which pictures are taken as photos, and what is made of them."""

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why a picture is not taken."""

    BROKEN = "broken"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    MOVING = "moving"


class PictureRefused(Exception):
    """A picture is not taken; `developing` says why in words."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopParams:
    """What is taken, and what is made of it.

    Parameters
    ----------
    most_bytes
        Of a file: photos of 48 megapixels are about 15 MB, the largest phones write 25.
    most_pixels
        Looked at before decoding. 108-megapixel phones are taken; what decodes to more than a third of a
        gigabyte is not.
    least_side_px
        A smaller picture shows nothing that could be judged.
    display_px, thumbnail_px
        The longest side of what is shown.
    display_quality, thumbnail_quality
        Of JPEG: at 82 a shop sign stays legible at a quarter of the bytes of 95.
    """

    most_bytes: int = 30_000_000
    most_pixels: int = 120_000_000
    least_side_px: int = 64
    display_px: int = 2048
    thumbnail_px: int = 320
    display_quality: int = 82
    thumbnail_quality: int = 75
