"""The inside of a process that develops one photo: reads it, answers with what it made of it, ends."""

import json
import os
import resource
import signal
import sys

from geo_engine.children import end_with_parent
from geo_engine.photos.developing import HEAD, evidence_document
from geo_engine.photos.fingerprints import fingerprint_of
from geo_engine.photos.model import PictureKind
from geo_engine.photos.picture import develop_picture
from geo_engine.photos.picture_params import DevelopParams, PictureRefused

_MOST_MEMORY_BYTES = 2_000_000_000
_MOST_PROCESSOR_S = 30


def main() -> None:
    """Develop the photo that the parent sends: a line of what it is, then its bytes."""
    end_with_parent(signal.SIGKILL)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a decoder prints is no answer
    for limit, most in (
        (resource.RLIMIT_AS, _MOST_MEMORY_BYTES),
        (resource.RLIMIT_CPU, _MOST_PROCESSOR_S),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (most, most))
    head, content = sys.stdin.buffer.read().split(b"\n", 1)
    asked = json.loads(head)
    with answers:
        answers.write(_answer(content, PictureKind(asked["kind"]), DevelopParams(**asked["params"])))


def _answer(content: bytes, kind: PictureKind, params: DevelopParams) -> bytes:
    try:
        made = develop_picture(content, kind, params)
    except PictureRefused as refused:
        return _packed(json.dumps({"refusal": refused.refusal.value}).encode())
    facts = {"width": made.width, "height": made.height, "evidence": evidence_document(made.evidence)}
    return _packed(json.dumps(facts).encode(), made.display, made.thumbnail, fingerprint_of(made.grey))


def _packed(facts: bytes, display: bytes = b"", thumbnail: bytes = b"", fingerprint: bytes = b"") -> bytes:
    parts = (facts, display, thumbnail, fingerprint)
    return HEAD.pack(*map(len, parts)) + b"".join(parts)


if __name__ == "__main__":
    main()
