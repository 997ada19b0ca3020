"""What kind of picture bytes are."""

import io

import pytest
from PIL import Image

from geo_engine.photos import PictureKind
from geo_engine.photos.kinds import NoPhoto, sniff
from geo_engine.words import Language


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_known_by_what_it_holds(kind: str) -> None:
    """What an encoder writes is recognised; no name is asked for."""
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, kind)

    assert sniff(written.getvalue()) is PictureKind(kind.lower())


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "AVIF", "PDF"])
def test_another_picture_is_refused_by_name(kind: str) -> None:
    """Whoever sends it is told what it is, and what to send."""
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, kind)

    with pytest.raises(NoPhoto, match=kind):
        sniff(written.getvalue())


@pytest.mark.parametrize("content", [b"", b"\xff", b"hello", b"RIFF....WAVE", b"\0" * 40])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    """Without a guess at what it might be."""
    with pytest.raises(NoPhoto) as refused:
        sniff(content)

    assert refused.value.render(Language.ZH_CN).startswith("这不是图片")
