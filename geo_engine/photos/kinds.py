"""What kind of picture bytes are, by what they hold: names and content types lie."""

from geo_engine.errors import InvalidInput
from geo_engine.photos.model import PictureKind
from geo_engine.words import Message

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
# The first bytes of what people send in place of a photo, so that the refusal can name it.
_OTHERS = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"%PDF", "PDF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"8BPS", "Photoshop"),
    (b"PK\x03\x04", "ZIP"),
    (b"<svg", "SVG"),
)


class NoPhoto(InvalidInput):
    """The bytes are no picture of a kind that photos come in."""


def sniff(content: bytes) -> PictureKind:
    """Return of what kind a picture is, by its first bytes.

    Raises
    ------
    NoPhoto
        When it is nothing that phones write photos as; what is known is named.

    Examples
    --------
    >>> sniff(bytes.fromhex("ffd8ffe0")).value
    'jpeg'
    """
    if content.startswith(b"\xff\xd8\xff"):
        return PictureKind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureKind.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return PictureKind.WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return PictureKind.HEIC
    raise _refusal(content)


def _refusal(content: bytes) -> NoPhoto:
    name = _name_of(content)
    if name is None:
        return NoPhoto(Message("This is no picture: photos are taken as JPEG, PNG, WebP or HEIC."))
    return NoPhoto(
        Message("{kind} is not taken as a photo: send it as JPEG, PNG, WebP or HEIC.", {"kind": name}),
    )


def _name_of(content: bytes) -> str | None:
    if content[4:8] == b"ftyp":
        return "AVIF" if content[8:12] in {b"avif", b"avis"} else "Video"
    return next((name for start, name in _OTHERS if content.startswith(start)), None)
