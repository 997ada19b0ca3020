"""How a photo is developed in a process of its own: decoders are large, and what strangers send may break them."""

import hashlib
import json
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from geo_engine.children import start_module
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.geometry import Position
from geo_engine.photos.kinds import sniff
from geo_engine.photos.model import PictureEvidence, PictureKind
from geo_engine.photos.picture_params import DevelopParams, Refusal
from geo_engine.words import Message

_PROCESS = "geo_engine.photos.developing_process"
_PATIENCE_S = 40.0
HEAD = struct.Struct(">4I")
"""How long the four parts of an answer are: its facts, the display copy, the thumbnail, the fingerprint."""


class PictureUnusable(InvalidInput):
    """A picture cannot be taken as a photo; the message says why."""


class DevelopingFailed(Unavailable):
    """No process could develop the picture: the machine is short of memory or too busy."""

    def __init__(self) -> None:
        super().__init__(Message("The photo could not be developed just now: send it again."))


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopedPhoto:
    """A photo that may be kept: as it was sent, and what was made of it.

    Parameters
    ----------
    width, height
        Of the original, in pixels, upright.
    display, thumbnail
        JPEG in sRGB, with no metadata.
    fingerprint
        What pictures are compared by, see `fingerprints`.
    """

    kind: PictureKind
    width: int
    height: int
    original: bytes
    display: bytes
    thumbnail: bytes
    evidence: PictureEvidence
    fingerprint: bytes

    @property
    def sha256(self) -> str:
        """The hash of the original, as it was sent."""
        return hashlib.sha256(self.original).hexdigest()


def develop(content: bytes, *, params: DevelopParams | None = None) -> DevelopedPhoto:
    """Return what is made of a photo that somebody sent.

    Raises
    ------
    NoPhoto
        When it is no picture of a kind that photos come in.
    PictureUnusable
        When it is empty, too large, too small, damaged, cut short, or moves.
    DevelopingFailed
        When the machine has not enough memory or time for it.

    Notes
    -----
    A process is started for each photo (0.4 s), may take 2 GB and 30 s of processor time, and answers in numbers and
    texts that are checked here: what breaks a decoder breaks nothing else. Takes no transaction and no lock: call it
    before one begins.
    """
    params = params or DevelopParams()
    if len(content) > params.most_bytes:
        raise _unusable(Refusal.TOO_MANY_BYTES, params)
    kind = sniff(content)
    answer = _ask(json.dumps({"kind": kind.value, "params": asdict(params)}).encode() + b"\n" + content)
    facts, display, thumbnail, fingerprint = _parts(answer)
    if "refusal" in facts:
        raise _unusable(Refusal(facts["refusal"]), params)
    return DevelopedPhoto(
        kind=kind,
        width=int(facts["width"]),
        height=int(facts["height"]),
        original=content,
        display=display,
        thumbnail=thumbnail,
        evidence=_evidence(facts["evidence"]),
        fingerprint=fingerprint,
    )


def evidence_document(evidence: PictureEvidence) -> dict[str, Any]:
    """Return what a picture says of itself as JSON can hold it."""
    position = evidence.position
    moments = {"clock_at": evidence.clock_at, "gps_at": evidence.gps_at}
    return {name: None if at is None else at.isoformat() for name, at in moments.items()} | {
        "position": None if position is None else [position.lon, position.lat],
        "position_error_m": evidence.position_error_m,
        "make": evidence.make,
        "model": evidence.model,
        "software": evidence.software,
    }


def _evidence(document: Mapping[str, Any]) -> PictureEvidence:
    moments = {
        name: None if document[name] is None else datetime.fromisoformat(document[name])
        for name in ("clock_at", "gps_at")
    }
    position = document["position"]
    return PictureEvidence(
        **moments,
        position=None if position is None else Position(*position),
        position_error_m=document["position_error_m"],
        make=document["make"],
        model=document["model"],
        software=document["software"],
    )


def _ask(request: bytes) -> bytes:
    pipe = subprocess.PIPE
    with start_module(_PROCESS, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        try:
            answer, _ = process.communicate(request, timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise DevelopingFailed from error
        except BaseException:
            process.kill()
            raise
    if process.returncode < 0 or not answer:
        # Killed by a signal: a decoder that broke, or more memory or time than is given.
        raise PictureUnusable(Message("The picture cannot be decoded."))
    if process.returncode:
        raise DevelopingFailed
    return answer


def _parts(answer: bytes) -> tuple[dict[str, Any], bytes, bytes, bytes]:
    lengths = HEAD.unpack_from(answer)
    if len(answer) != HEAD.size + sum(lengths):
        raise DevelopingFailed
    parts, at = [], HEAD.size
    for length in lengths:
        parts.append(answer[at : at + length])
        at += length
    facts: dict[str, Any] = json.loads(parts[0])
    return facts, parts[1], parts[2], parts[3]


def _unusable(refusal: Refusal, params: DevelopParams) -> PictureUnusable:
    megabytes, megapixels = params.most_bytes // 1_000_000, params.most_pixels // 1_000_000
    return PictureUnusable(
        {
            Refusal.BROKEN: Message("The picture is damaged or was cut short on its way."),
            Refusal.TOO_MANY_BYTES: Message("The picture is larger than {most} MB.", {"most": megabytes}),
            Refusal.TOO_MANY_PIXELS: Message("The picture has more than {most} million pixels.", {"most": megapixels}),
            Refusal.TOO_SMALL: Message(
                "The picture is narrower or lower than {least} pixels.", {"least": params.least_side_px}
            ),
            Refusal.MOVING: Message("The picture moves: a photo stands still."),
        }[refusal]
    )
