"""`geo-engine photos`: what pictures say, and whether two are the same."""

import json
from pathlib import Path

from PIL import Image
from PIL.ExifTags import Base
from support.photographed import as_jpeg, scene
from support.program import run_program


def test_a_picture_is_inspected(tmp_path: Path) -> None:
    """A line of JSON each; what is no picture is told beside, and the exit says so."""
    exif = Image.Exif()
    exif[Base.DateTime] = "2026:11:27 12:00:00"
    good, bad = tmp_path / "good.png", tmp_path / "bad.jpg"
    good.write_bytes(as_jpeg(scene(1, width=320, height=240), exif=exif))
    bad.write_bytes(b"hello")

    done = run_program("photos", "inspect", "--tz", "Asia/Shanghai", str(bad), str(good))

    (facts,) = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 2
    assert "bad.jpg" in done.err
    assert facts["type"] == "jpeg"
    assert (facts["width"], facts["height"]) == (320, 240)
    assert (facts["taken_at"], facts["taken_certainty"]) == ("2026-11-27T04:00:00Z", "zone")
    assert (facts["lon"], facts["make"]) == (None, None)


def test_a_picture_that_is_not_there_is_unusable_input(tmp_path: Path) -> None:
    """As a missing file is with every command, in the reader's language."""
    done = run_program("--lang", "zh-CN", "photos", "inspect", tmp_path / "none.jpg")

    assert (done.code, done.out) == (2, "")
    assert done.err == f"{tmp_path / 'none.jpg'} 无法使用：不存在\n"


def test_two_pictures_are_compared(tmp_path: Path) -> None:
    """A copy that was cut is the same picture."""
    one, other = tmp_path / "one.jpg", tmp_path / "other.jpg"
    one.write_bytes(as_jpeg(scene(1)))
    other.write_bytes(as_jpeg(scene(1).crop((30, 20, 640, 480)), quality=60))

    done = run_program("photos", "compare", str(one), str(other))

    facts = json.loads(done.out)
    assert done.code == 0
    assert facts["kind"] == "same_picture"
    assert facts["details"] > 0.9
