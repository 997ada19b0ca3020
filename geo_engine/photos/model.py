"""The words of photos: what a picture says of itself, what is kept of it, and where it was seen before."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from geo_engine.errors import NotFound
from geo_engine.geometry import Position
from geo_engine.ids import MemberId, PhotoId, WorkerId
from geo_engine.words import Message

_QUARTER = timedelta(minutes=15)
# What satellites say may be some minutes old; zones are whole quarters of an hour, at most fourteen hours.
_STALE_BY, _FARTHEST_ZONE = timedelta(minutes=5), timedelta(hours=14)


class PictureKind(StrEnum):
    """How a photo is encoded."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"


class TakenCertainty(StrEnum):
    """How it is known when a photo was taken. None of it is proof: whoever has the file can write what they like."""

    OFFSET = "offset"
    """The camera's clock, which says its distance from UTC."""
    SATELLITES = "satellites"
    """The moment of the satellites, or the camera's clock whose distance from UTC that moment shows."""
    ZONE = "zone"
    """The camera's clock, taken to show the company's zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenMoment:
    """When a photo was taken, by itself."""

    at: datetime
    certainty: TakenCertainty


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureEvidence:
    """What a picture says of itself; what is None it does not say, or not in a way that can be understood.

    Parameters
    ----------
    clock_at
        What the camera's clock showed: without a zone unless the picture says its distance from UTC.
    gps_at
        The moment of the satellites, UTC.
    position
        Where the camera was, by itself.
    position_error_m
        The radius it gives for that.
    software
        What wrote the file last: a camera's firmware, or a program that changed it.
    """

    clock_at: datetime | None = None
    gps_at: datetime | None = None
    position: Position | None = None
    position_error_m: float | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None

    def taken(self, zone: tzinfo) -> TakenMoment | None:
        """Return when the picture was taken by what it says; None when it says nothing of it.

        Parameters
        ----------
        zone
            What a clock shows that does not say its zone.

        Notes
        -----
        A clock that does not say its zone shows it by its distance from the moment of the satellites, when that is
        within five minutes of a zone's.
        """
        clock, gps = self.clock_at, self.gps_at
        if clock is not None and clock.tzinfo is not None:
            return TakenMoment(at=clock.astimezone(UTC), certainty=TakenCertainty.OFFSET)
        if gps is not None:
            offset = None if clock is None else _offset(clock, gps)
            at = gps if clock is None or offset is None else clock.replace(tzinfo=UTC) - offset
            return TakenMoment(at=at, certainty=TakenCertainty.SATELLITES)
        if clock is None:
            return None
        return TakenMoment(at=clock.replace(tzinfo=zone).astimezone(UTC), certainty=TakenCertainty.ZONE)


def _offset(clock: datetime, gps: datetime) -> timedelta | None:
    """Return the distance from UTC a clock shows beside the moment of the satellites; None when it fits none."""
    distance = clock.replace(tzinfo=UTC) - gps
    nearest = round(distance / _QUARTER) * _QUARTER
    fits = abs(nearest) <= _FARTHEST_ZONE and abs(distance - nearest) <= _STALE_BY
    return nearest if fits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file of a photo: under which hash it is kept, and how long it is."""

    sha256: str
    byte_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo that was sent, and all that is known of it.

    Parameters
    ----------
    id
        Made by whoever sent it, so that sending it again changes nothing.
    worker_id
        Whose work it shows.
    sent_by
        The member who sent it; None for the installation's own operator, or somebody who is gone.
    width, height
        Of the original, in pixels, upright.
    original
        As it was sent, byte by byte: evidence, never shown to ordinary viewers.
    display, thumbnail
        Made of it anew, in sRGB and without anything it said of itself.
    taken
        When it was taken by itself; a clock without a zone was read in the company's.
    fingerprint
        What pictures are compared by, see `fingerprints`.
    """

    id: PhotoId
    worker_id: WorkerId
    sent_by: MemberId | None
    received_at: datetime
    kind: PictureKind
    width: int
    height: int
    original: KeptFile
    display: KeptFile
    thumbnail: KeptFile
    taken: TakenMoment | None
    evidence: PictureEvidence
    fingerprint: bytes


class PhotoNotFound(NotFound):
    """There is no such photo."""

    def __init__(self) -> None:
        super().__init__(Message("There is no such photo."))


class ReuseKind(StrEnum):
    """How a photo is the same as one that was sent before."""

    SAME_FILE = "same_file"
    """Byte by byte."""
    SAME_PICTURE = "same_picture"
    """The same picture, encoded anew, cut, made smaller, lit otherwise, mirrored, or photographed from a screen."""
    SAME_VIEW = "same_view"
    """The same place from nearly the same spot: another visit, or a copy that was changed much. Alone it is no sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reuse:
    """A photo that shows what another one shows.

    Parameters
    ----------
    photo
        The other one.
    details
        The correlation of their details, up to 1.
    """

    photo: Photo
    kind: ReuseKind
    details: float
