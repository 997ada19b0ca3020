"""Photos that were sent, without a camera: pictures drawn by numbers, the same ones each time."""

import io
import uuid
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from geo_engine.db.session import Session
from geo_engine.geometry import Position
from geo_engine.ids import PhotoId, WorkerId
from geo_engine.photos import Photo, PictureEvidence, PictureKind
from geo_engine.photos.developing import DevelopedPhoto
from geo_engine.photos.files import PhotoFiles, open_photo_files
from geo_engine.photos.fingerprints import fingerprint_of
from geo_engine.photos.picture import develop_picture
from geo_engine.photos.picture_params import DevelopParams
from geo_engine.photos.service import SentPhoto, add_photo
from geo_engine.tenancy import OPERATOR, Access

TAKEN_AT = datetime(2026, 11, 24, 7, 55, tzinfo=UTC)
EVIDENCE = PictureEvidence(clock_at=TAKEN_AT, position=Position(116.4, 39.9), make="HUAWEI", model="P60")


def photo_files() -> PhotoFiles:
    """Return files in memory, those of all tests in one place: each has companies of its own."""
    return open_photo_files("memory://photos", state_dir=Path("/nonexistent"))


@cache
def scene(seed: int, *, width: int = 640, height: int = 480) -> Image.Image:
    """Return a picture with what photographs have, not to be changed: large shapes, edges, detail at every size."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / max(width, height)
    shades = np.zeros((height, width, 3))
    for octave in range(1, 7):
        waves = rng.normal(size=(6, 2)) * 2.0**octave
        phases, colours = rng.uniform(0, 2 * np.pi, 6), rng.normal(size=(6, 3))
        for wave, phase, colour in zip(waves, phases, colours, strict=True):
            shades += np.sin(wave[0] * rows + wave[1] * columns + phase)[..., None] * colour / 1.6**octave
    picture = Image.fromarray((128 + 30 * shades).clip(0, 255).astype(np.uint8))
    for _ in range(60):
        left, top = rng.integers(0, width), rng.integers(0, height)
        size = rng.integers(10, 90, 2)
        picture.paste(tuple(int(one) for one in rng.integers(0, 255, 3)), (left, top, left + size[0], top + size[1]))
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def as_jpeg(picture: Image.Image, *, quality: int = 90, **options: object) -> bytes:
    """Return a picture as JPEG."""
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality, **options)
    return written.getvalue()


def developed(content: bytes) -> DevelopedPhoto:
    """Return a JPEG developed as `develop` does, in this process: starting one takes most of a second."""
    made = develop_picture(content, PictureKind.JPEG, DevelopParams())
    return DevelopedPhoto(
        kind=PictureKind.JPEG,
        width=made.width,
        height=made.height,
        original=content,
        display=made.display,
        thumbnail=made.thumbnail,
        evidence=made.evidence,
        fingerprint=fingerprint_of(made.grey),
    )


def sent_photo(worker_id: WorkerId, developed_photo: DevelopedPhoto) -> SentPhoto:
    """Return a photo that was not sent before."""
    return SentPhoto(id=PhotoId(uuid.uuid4()), worker_id=worker_id, developed=developed_photo)


def some_developed() -> DevelopedPhoto:
    """Return a photo of which only what is known of it matters: its picture is nothing, but for the small one."""
    return DevelopedPhoto(
        kind=PictureKind.JPEG,
        width=4000,
        height=3000,
        original=b"original",
        display=b"display",
        thumbnail=as_jpeg(scene(0, width=64, height=48)),
        evidence=EVIDENCE,
        fingerprint=fingerprint_of(np.random.default_rng(0).integers(0, 255, (64, 64)).astype(np.uint8)),
    )


def add_some_photo(session: Session, worker_id: WorkerId, *, by: Access = OPERATOR, now: datetime = TAKEN_AT) -> Photo:
    """Keep such a photo of a worker's work."""
    return add_photo(session, photo_files(), sent_photo(worker_id, some_developed()), by=by, now=now)
