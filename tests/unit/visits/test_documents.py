"""A visit's document says again what was kept of it."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from geo_engine.geometry import Position
from geo_engine.ids import PhotoId, SiteId, VisitId, WorkerId
from geo_engine.visits import Judgement, PhotoEvidence, Verdict
from geo_engine.visits.day import Visit
from geo_engine.visits.documents import as_document, read_document

ON = date(2026, 11, 25)
PHOTOS = (
    PhotoEvidence(
        id=PhotoId(UUID(int=1)), taken_at=datetime(2026, 11, 25, 2, 3, 4, 5, tzinfo=UTC), position=Position(116.4, 39.9)
    ),
    PhotoEvidence(id=PhotoId(UUID(int=2))),
)
VISIT = Visit(
    id=VisitId(UUID(int=3)),
    worker_id=WorkerId("w"),
    service_on=ON,
    site_id=SiteId("a"),
    stop=None,
    presence=None,
    fence_id=None,
    fence_version=None,
    candidates=(),
    check_ins=(),
    photos=PHOTOS,
    judgement=Judgement(verdict=Verdict.LIKELY, odds=1.0, reasons=()),
)


def test_what_photos_say_is_read_as_it_was_written() -> None:
    """When and where each was taken, or neither."""
    assert _read(as_document(VISIT)) == VISIT


def test_a_document_of_before_is_read_with_the_ids_of_its_photos() -> None:
    """What photos say was not kept once: those documents stay as they are."""
    before = {**as_document(VISIT), "photos": [str(one.id) for one in PHOTOS]}

    assert _read(before).photos == tuple(PhotoEvidence(id=one.id) for one in PHOTOS)


def _read(told: dict[str, Any]) -> Visit:
    return read_document(
        json.loads(json.dumps(told)),
        visit_id=VISIT.id,
        worker_id=VISIT.worker_id,
        service_on=ON,
        site_id=VISIT.site_id,
        verdict=VISIT.judgement.verdict,
        check_ins={},
    )
