"""What people do to a picture before they send it again, and what a second visit to the same shelf looks like."""

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from geo_engine.photos import stamping

_SCREEN_PX = (1080, 2340)
_EXIF_ORIENTATION = 0x0112

type Change = Callable[[Image.Image, np.random.Generator], bytes]


def as_jpeg(picture: Image.Image, quality: int = 80, *, exif: Image.Exif | None = None) -> bytes:
    """Return a picture as JPEG."""
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality, **({} if exif is None else {"exif": exif}))
    return written.getvalue()


def _as(picture: Image.Image, kind: str, **options: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def _read(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def _longest(picture: Image.Image, longest_px: int) -> Image.Image:
    share = longest_px / max(picture.size)
    return picture.resize((round(picture.width * share), round(picture.height * share)), Image.Resampling.LANCZOS)


def _cut(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = picture.size
    return picture.crop(
        (round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom)))
    )


def _screenshot(picture: Image.Image, ground: str) -> Image.Image:
    """Return a picture as a phone shows it, with bars beside it, a clock and a button."""
    shown = Image.new("RGB", _SCREEN_PX, ground)
    share = min(_SCREEN_PX[0] / picture.width, _SCREEN_PX[1] / picture.height)
    fitted = picture.resize((round(picture.width * share), round(picture.height * share)), Image.Resampling.LANCZOS)
    shown.paste(fitted, ((_SCREEN_PX[0] - fitted.width) // 2, (_SCREEN_PX[1] - fitted.height) // 2))
    drawing = ImageDraw.Draw(shown)
    drawing.text((60, 20), "12:34", font=_font(40), fill="white" if ground == "black" else "black")
    drawing.rounded_rectangle((380, 2310, 700, 2320), 5, fill=(128, 128, 128))
    return shown


def _captioned(picture: Image.Image) -> Image.Image:
    """Return a picture as cameras that write time and place onto it leave it."""
    written = picture.copy()
    drawing = ImageDraw.Draw(written, "RGBA")
    width, height = picture.size
    drawing.rectangle((0, int(height * 0.84), int(width * 0.6), height), fill=(0, 0, 0, 110))
    text = "2026-11-27 12:34\n北京市海淀区中关村大街 1 号\n张三 拜访客户"
    drawing.text((10, int(height * 0.85)), text, font=_font(max(12, height // 28)), fill="white", spacing=4)
    return written


def _chatted(picture: Image.Image) -> Image.Image:
    """Return a picture that went through a chat twice."""
    return _read(as_jpeg(_longest(_read(as_jpeg(_longest(picture, 1280), 50)), 1080), 60))


def _turned_by_exif(picture: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[_EXIF_ORIENTATION] = 6
    return as_jpeg(picture.transpose(Image.Transpose.ROTATE_90), exif=exif)


def _bent(picture: Image.Image, chance: np.random.Generator, by: float) -> Image.Image:
    """Return a picture seen from slightly aside: each corner is moved by up to a share of the sides."""
    width, height = picture.size
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], dtype=float)
    inward = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)]) * chance.uniform(0, by, (4, 2))
    moved = corners + inward * (width, height)
    return picture.transform((width, height), Image.Transform.QUAD, tuple(moved.ravel()), Image.Resampling.BICUBIC)


def _noisy(picture: Image.Image, chance: np.random.Generator, deviation: float) -> Image.Image:
    shades = np.asarray(picture, dtype=float)
    return Image.fromarray((shades + chance.normal(0, deviation, shades.shape)).clip(0, 255).astype(np.uint8))


def _off_a_screen(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Return a photo of a screen that shows the picture: bent, striped and noisy."""
    shades = np.asarray(picture, dtype=float)
    rows, columns = np.mgrid[: shades.shape[0], : shades.shape[1]]
    stripes = (1 + 0.08 * np.sin(columns * 2.1)) * (1 + 0.08 * np.sin(rows * 1.9))
    striped = Image.fromarray((shades * stripes[..., None]).clip(0, 255).astype(np.uint8))
    return _noisy(_bent(striped, chance, 0.03), chance, 6)


def _again(picture: Image.Image, chance: np.random.Generator, *, by_hand: bool) -> Image.Image:
    """Return what another photo of the same flat thing would look like, from nearly the same spot, in other light."""
    seen = picture
    if by_hand:
        seen = _bent(_cut(seen.rotate(chance.normal(0, 1.5), Image.Resampling.BICUBIC), *[0.03] * 4), chance, 0.06)
    lit = ImageEnhance.Brightness(seen).enhance(chance.uniform(0.85, 1.15))
    changed = lit.copy()
    width, height = changed.size
    for _ in range(8):  # what was moved, taken or put there since
        left, top = chance.uniform(0, 0.85, 2)
        away = _cut(lit, *chance.uniform(0, 0.42, 4)).resize((width // 8, height // 8))
        changed.paste(away, (round(left * width), round(top * height)))
    return _noisy(changed, chance, 4)


def _font(size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(stamping.FONT, size_px)


PROMISED: Mapping[str, Change] = {
    "recompressed, JPEG 50": lambda p, _: as_jpeg(p, 50),
    "recompressed, JPEG 25": lambda p, _: as_jpeg(p, 25),
    "recompressed, WebP 50": lambda p, _: _as(p, "WEBP", quality=50),
    "resized to half": lambda p, _: as_jpeg(_longest(p, max(p.size) // 2)),
    "resized to 400": lambda p, _: as_jpeg(_longest(p, 400), 75),
    "cropped 5 % of all": lambda p, _: as_jpeg(_cut(p, 0.025, 0.025, 0.025, 0.025)),
    "cropped 5 % of a side": lambda p, _: as_jpeg(_cut(p, 0.05, 0, 0, 0)),
    "cropped 5 % at a corner": lambda p, _: as_jpeg(_cut(p, 0, 0, 0.05, 0.05)),
    "cropped 5 % all round": lambda p, _: as_jpeg(_cut(p, 0.05, 0.05, 0.05, 0.05)),
    "screenshot, black": lambda p, _: as_jpeg(_screenshot(p, "black")),
    "screenshot, white, PNG": lambda p, _: _as(_screenshot(p, "white"), "PNG", compress_level=1),
}
"""What is promised to be found."""
HARDER: Mapping[str, Change] = {
    "through a chat twice": lambda p, _: as_jpeg(_chatted(p), 60),
    "cropped 5 %, then a chat": lambda p, _: as_jpeg(_chatted(_cut(p, 0.03, 0.02, 0.02, 0.03)), 60),
    "cropped 10 % at a corner": lambda p, _: as_jpeg(_cut(p, 0.1, 0.1, 0, 0)),
    "cropped 10 % all round": lambda p, _: as_jpeg(_cut(p, 0.1, 0.1, 0.1, 0.1)),
    "brighter by a quarter": lambda p, _: as_jpeg(ImageEnhance.Brightness(p).enhance(1.25)),
    "darker by a third": lambda p, _: as_jpeg(ImageEnhance.Brightness(p).enhance(0.67)),
    "more contrast": lambda p, _: as_jpeg(ImageEnhance.Contrast(p).enhance(1.35)),
    "mirrored": lambda p, _: as_jpeg(ImageOps.mirror(p)),
    "turned by 90°": lambda p, _: as_jpeg(p.transpose(Image.Transpose.ROTATE_90)),
    "turned by EXIF": lambda p, _: _turned_by_exif(p),
    "with a caption": lambda p, _: as_jpeg(_captioned(p)),
    "photo of a screen": lambda p, chance: as_jpeg(_off_a_screen(p, chance), 75),
    "turned by 1.5°": lambda p, _: as_jpeg(_cut(p.rotate(1.5, Image.Resampling.BICUBIC), *[0.03] * 4)),
}
AGAIN: Mapping[str, Change] = {
    "again, by hand": lambda p, chance: as_jpeg(_again(p, chance, by_hand=True)),
    "again, on a tripod": lambda p, chance: as_jpeg(_again(p, chance, by_hand=False)),
}
"""What is no reuse: another visit to the same place."""
