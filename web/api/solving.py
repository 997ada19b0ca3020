"""VROOM's interface by HTTP: a problem in its JSON comes in, its answer goes out, what goes wrong as VROOM tells it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from geo_engine.db.session import Session
from geo_engine.errors import GeoEngineError, Unavailable
from geo_engine.ids import TenantId
from geo_engine.planning.vroom.answering import AnswerParams, answer
from geo_engine.planning.vroom.document import Document, read_document
from geo_engine.planning.vroom.travel import RoutingFailed
from geo_engine.planning.vroom.writing import INPUT, error_document
from geo_engine.roads import RoadChoice, RoadRouter
from geo_engine.roads.service import get_choice
from geo_engine.tenancy import Act
from geo_engine.words import Message
from geo_engine.workforce.devices import require_of_wearer
from web.api.phones import KeyUnknown, asking_phone, rows_of
from web.errors import status_of
from web.language import spoken
from web.limits import LARGEST_PROBLEM_BYTES
from web.wiring import wiring

solving = Blueprint("solving", __name__, url_prefix="/api/v1")

MOST_PLACES = 1_000
MOST_TIME_S = 20.0
MOST_AT_ONCE = 2


class SolverBusy(Unavailable):
    """As many problems as may be solved at once are being solved, or one of this company's."""

    def __init__(self) -> None:
        super().__init__(Message("Others are being solved: try again in a few seconds."))


class _Seats:
    """Who solves now: few at once, and one of each company, so that pages are answered and nobody keeps others out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: set[TenantId] = set()

    @contextmanager
    def taken_by(self, tenant_id: TenantId) -> Iterator[None]:
        """Keep a seat.

        Raises
        ------
        SolverBusy
            When there is none.
        """
        with self._lock:
            if tenant_id in self._taken or len(self._taken) >= MOST_AT_ONCE:
                raise SolverBusy
            self._taken.add(tenant_id)
        try:
            yield
        finally:
            with self._lock:
                self._taken.discard(tenant_id)


_SEATS = _Seats()


@solving.errorhandler(GeoEngineError)
def tell(error: GeoEngineError) -> Response:
    """Tell what went wrong as VROOM does; how a key is shown to whoever shows none that holds (RFC 6750)."""
    told = jsonify(error_document(error, spoken()))
    told.status_code = 401 if isinstance(error, KeyUnknown) else status_of(error)
    if isinstance(error, KeyUnknown):
        told.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, SolverBusy):
        told.headers["Retry-After"] = "5"
    return told


@solving.errorhandler(RequestEntityTooLarge)
def refuse_too_large(_error: RequestEntityTooLarge) -> Response:
    """Tell whoever sends too much how much is taken."""
    facts = {"limit_mb": LARGEST_PROBLEM_BYTES // 1_000_000}
    sentence = Message("The problem is too large: at most {limit_mb} MB are taken.", facts).render(spoken())
    told = jsonify(code=INPUT, error=sentence)
    told.status_code = 413
    return told


@solving.post("/solve")
def solve() -> Response:
    """Answer a problem on the company's roads, within the request: it is short, and VROOM's clients wait for it."""
    phone = asking_phone()
    with rows_of(phone) as session:
        require_of_wearer(session, phone.device_id, Act.PLAN_DAY, at=wiring().now())
    document = read_document(request.get_data())
    with rows_of(phone) as session:
        choice = _find_roads(session, document)
    with _SEATS.taken_by(phone.tenant_id):
        params = AnswerParams(router=_router(choice), most_places=MOST_PLACES, most_time_s=MOST_TIME_S)
        return jsonify(answer(document, params))


def _find_roads(session: Session, document: Document) -> RoadChoice | None:
    """Return the company's roads where the problem needs some."""
    has_matrices = document.matrices or document.matrix is not None
    if has_matrices and not document.options.g:
        return None
    try:
        return get_choice(session)
    except GeoEngineError as error:
        raise RoutingFailed(error.message) from error


def _router(choice: RoadChoice | None) -> RoadRouter | None:
    try:
        return None if choice is None else wiring().roads.get(choice).router
    except GeoEngineError as error:
        raise RoutingFailed(error.message) from error
