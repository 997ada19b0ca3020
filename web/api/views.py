"""What phones send of visits: statements, and the photos that go with them, with or without a signal since."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request

from geo_engine.ids import PhotoId
from geo_engine.photos.developing import develop
from geo_engine.photos.service import SentPhoto, add_photo
from geo_engine.tables.json_text import find_json
from geo_engine.visits.check_ins import state_check_in
from web.api.asked import read_check_in
from web.api.phones import asking_phone, rows_of
from web.wiring import wiring

api = Blueprint("api", __name__, url_prefix="/api/v1")

type Answered = tuple[Any, int]


@api.post("/check-ins")
def check_in() -> Answered:
    """Keep what a worker states; sent again it is answered in the same way, and changes nothing."""
    phone, now = asking_phone(), wiring().now()
    told = read_check_in(find_json(request.get_data()), phone=phone, now=now)
    with rows_of(phone) as session:
        is_new = state_check_in(session, told, by=phone.access, now=now)
    return jsonify(id=str(told.id), received_at=now.isoformat()), 201 if is_new else 200


@api.put("/photos/<uuid:photo_id>")
def photo(photo_id: UUID) -> Answered:
    """Keep a photo under the id its sender has made; sent again it changes nothing."""
    phone, now = asking_phone(), wiring().now()
    developed = develop(request.get_data())
    with rows_of(phone) as session:
        sent = SentPhoto(id=PhotoId(photo_id), worker_id=phone.worker_id, developed=developed)
        kept = add_photo(session, wiring().photos, sent, by=phone.access, now=now)
    taken = None if kept.taken is None else kept.taken.at.isoformat()
    return jsonify(id=str(kept.id), sha256=kept.original.sha256, taken_at=taken), 200
