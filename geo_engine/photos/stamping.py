"""The stamp under a displayed photo: when, where, who, at which site, and what was found of it.

It is drawn each time a photo is shown, never kept: verdicts change, and a kept one would be another copy of what has to
be erased with the photo.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from geo_engine.geometry import Position
from geo_engine.words import Language, Message

FONT = Path(__file__).parent / "fonts" / "noto-sans-sc.woff2"
_GROUND, _INK, _FAINT = (24, 26, 30), (255, 255, 255), (176, 182, 190)
_LEAST_INK_PX, _INK_SHARE = 13, 34
_MOST_LINES, _LONGEST_LINE, _QUALITY = 12, 300, 82


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What is written under a photo; what is None is not known, and not written.

    Parameters
    ----------
    at, zone
        When, and in whose clock it is written.
    position, accuracy_m
        Where, WGS 84.
    worker, site
        Their names, as people read them.
    verdict
        What was found of the visit, such as ``Message("confirmed")``.
    """

    at: datetime
    zone: tzinfo
    position: Position | None = None
    accuracy_m: float | None = None
    worker: str | None = None
    site: str | None = None
    verdict: Message | None = None


def render_stamped(display: bytes, stamp: Stamp, language: Language) -> bytes:
    """Return a photo with its stamp below it, as JPEG: nothing of the photo is covered.

    Parameters
    ----------
    display
        The copy that is shown, see `service.read_display`.

    Notes
    -----
    About 0.1 s for 2,048 × 1,536 pixels, half of it to encode; the first of a process 0.4 s more, to read the font.
    """
    photo = Image.open(io.BytesIO(display), formats=["JPEG"]).convert("RGB")
    ink_px = max(_LEAST_INK_PX, min(photo.size) // _INK_SHARE)
    font, margin = _font(ink_px), ink_px
    lines = _wrapped(stamp_lines(stamp, language), font, photo.width - 2 * margin)
    step = round(ink_px * 1.5)
    stamped = Image.new("RGB", (photo.width, photo.height + step * len(lines) + margin), _GROUND)
    stamped.paste(photo)
    drawing = ImageDraw.Draw(stamped)
    for number, (line, is_first) in enumerate(lines):
        where = margin, photo.height + margin // 2 + number * step
        drawing.text(where, line, font=font, fill=_INK if is_first else _FAINT)
    written = io.BytesIO()
    stamped.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def stamp_lines(stamp: Stamp, language: Language) -> tuple[str, ...]:
    """Return what a stamp says, a line each, the most important first."""
    return tuple(message.render(language) for message in _messages(stamp))


def _messages(stamp: Stamp) -> Iterator[Message]:
    local = stamp.at.astimezone(stamp.zone)
    yield Message("Time: {at} (UTC{offset})", {"at": f"{local:%Y-%m-%d %H:%M:%S}", "offset": f"{local:%:z}"})
    if stamp.site is not None:
        yield Message("Site: {site}", {"site": stamp.site})
    if stamp.worker is not None:
        yield Message("Worker: {worker}", {"worker": stamp.worker})
    if stamp.position is not None:
        facts = {"lon": f"{stamp.position.lon:.5f}", "lat": f"{stamp.position.lat:.5f}"}
        if stamp.accuracy_m is None:
            yield Message("Longitude {lon}, latitude {lat}", facts)
        else:
            yield Message("Longitude {lon}, latitude {lat} ± {m} m", {**facts, "m": round(stamp.accuracy_m)})
    if stamp.verdict is not None:
        yield Message("Verdict: {verdict}", {"verdict": stamp.verdict})


@lru_cache(maxsize=8)
def _font(ink_px: int) -> FreeTypeFont:
    return ImageFont.truetype(FONT, ink_px)


def _wrapped(lines: Sequence[str], font: FreeTypeFont, width: float) -> list[tuple[str, bool]]:
    """Return lines that fit, each with whether it begins one of those given; what is too much is left out."""
    fitting: list[tuple[str, bool]] = []
    for line in lines:
        rest = "".join(one if one.isprintable() else " " for one in line[:_LONGEST_LINE])
        is_first = True
        while rest:
            end = _fitting_length(rest, font, width)
            fitting.append((rest[:end], is_first))
            rest, is_first = rest[end:].lstrip(), False
    return fitting[:_MOST_LINES]


def _fitting_length(line: str, font: FreeTypeFont, width: float) -> int:
    if font.getlength(line) <= width:
        return len(line)
    end = max((end for end in range(1, len(line)) if font.getlength(line[:end]) <= width), default=1)
    space = line.rfind(" ", 0, end)
    return space if space > end // 2 else end
