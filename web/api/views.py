"""What phones send of visits: statements, and the photos that go with them, with or without a signal since."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from geo_engine.ids import PhotoId
from geo_engine.photos.developing import develop
from geo_engine.tables.json_text import find_json
from geo_engine.visits.phones import PhonePhoto, state_by_phone, take_phone_photo
from web.api.asked import read_statement
from web.api.phones import KeyUnknown, asking_phone, rows_of
from web.errors import problem
from web.language import spoken
from web.wiring import wiring

api = Blueprint("api", __name__, url_prefix="/api/v1")

type Answered = tuple[Any, int]


@api.errorhandler(KeyUnknown)
def challenge(error: KeyUnknown) -> Response:
    """Tell whoever shows no key that holds how one is shown (RFC 6750)."""
    answer = problem(HTTPStatus.UNAUTHORIZED, error.render(spoken()))
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@api.post("/check-ins")
def check_in() -> Answered:
    """Keep what a phone states, as its wearer's of then; sent again it is answered alike, and changes nothing."""
    phone, now = asking_phone(), wiring().now()
    told = read_statement(find_json(request.get_data()), device_id=phone.device_id, now=now)
    with rows_of(phone) as session:
        is_new = state_by_phone(session, phone.device_id, told, now=now)
    return jsonify(id=str(told.id), received_at=now.isoformat()), 201 if is_new else 200


@api.put("/photos/<uuid:photo_id>")
def photo(photo_id: UUID) -> Answered:
    """Keep a photo under the id its sender has made; sent again it changes nothing."""
    phone, now = asking_phone(), wiring().now()
    developed = develop(request.get_data())
    sent = PhonePhoto(id=PhotoId(photo_id), device_id=phone.device_id, developed=developed)
    with rows_of(phone) as session:
        kept = take_phone_photo(session, wiring().photos, sent, now=now)
    taken = None if kept.taken is None else kept.taken.at.isoformat()
    return jsonify(id=str(kept.id), sha256=kept.original.sha256, taken_at=taken), 200
