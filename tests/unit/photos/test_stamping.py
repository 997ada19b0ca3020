"""The stamp under a displayed photo."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from PIL import Image, ImageFont
from support.photographed import as_jpeg, scene

from geo_engine.geometry import Position
from geo_engine.photos.stamping import FONT, Stamp, render_stamped, stamp_lines
from geo_engine.words import Language, Message

STAMP = Stamp(
    at=datetime(2026, 11, 27, 4, 5, 6, tzinfo=UTC),
    zone=ZoneInfo("Asia/Shanghai"),
    position=Position(116.404, 39.915),
    accuracy_m=11.6,
    worker="张三",
    site="中关村 1 号店",
    verdict=Message("There is no such photo."),
)


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=["JPEG"])


def test_a_stamp_says_when_where_who_and_what_was_found() -> None:
    """In the reader's language; times in the company's clock with its distance from UTC."""
    assert stamp_lines(STAMP, Language.ZH_CN) == (
        "时间：2026-11-27 12:05:06（UTC+08:00）",
        "网点：中关村 1 号店",
        "人员：张三",
        "经度 116.40400，纬度 39.91500，误差 ± 12 米",
        "判定：没有这张照片。",
    )
    assert stamp_lines(Stamp(at=STAMP.at, zone=UTC), Language.EN) == ("Time: 2026-11-27 04:05:06 (UTC+00:00)",)


def test_nothing_of_the_photo_is_covered() -> None:
    """The stamp stands below it, and what is above is the photo."""
    display = as_jpeg(scene(1))

    stamped = _opened(render_stamped(display, STAMP, Language.ZH_CN))

    photo = _opened(display)
    assert stamped.width == photo.width
    assert stamped.height > photo.height
    above = np.asarray(stamped.crop((0, 0, *photo.size)).convert("L"), dtype=float)
    assert np.abs(above - np.asarray(photo.convert("L"), dtype=float)).mean() < 4


def test_a_stamp_depends_on_what_it_says() -> None:
    """Another verdict is another picture; the same stamp is the same to the last byte."""
    display = as_jpeg(scene(1))
    one = render_stamped(display, STAMP, Language.EN)

    assert one == render_stamped(display, STAMP, Language.EN)
    assert one != render_stamped(display, replace(STAMP, verdict=None), Language.EN)


def test_a_long_name_is_written_on_several_lines() -> None:
    """And one without end does not make a picture without end."""
    display = as_jpeg(scene(1, width=200, height=150))
    short = _opened(render_stamped(display, STAMP, Language.EN)).height

    long = _opened(render_stamped(display, replace(STAMP, site="很长的名字" * 8), Language.EN)).height
    endless = _opened(render_stamped(display, replace(STAMP, site="x\n" * 5000), Language.EN)).height

    assert short < long <= endless < 600


def test_the_font_has_what_names_are_written_with() -> None:
    """Chinese and Latin letters differ from the box that stands for a missing one."""
    font = ImageFont.truetype(FONT, 40)
    missing = font.getmask("\U000e0001").getbbox(), bytes(font.getmask("\U000e0001"))

    for letter in "北京张龘ÉQ9±·：（":
        assert (font.getmask(letter).getbbox(), bytes(font.getmask(letter))) != missing
