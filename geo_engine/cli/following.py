"""How a person at a terminal watches a plan being made by a worker of the queue, and stops it."""

import time
from collections.abc import Callable
from contextlib import closing

from geo_engine.cli.patience import patiently
from geo_engine.cli.screen import SolveBar, first_interrupt, say
from geo_engine.cli.tenants import OpenTenant, now
from geo_engine.db.session import Session
from geo_engine.errors import Unavailable
from geo_engine.ids import PlanRequestId
from geo_engine.planning import service as planning
from geo_engine.planning.versions.model import PlanRequest, PlanVersion, RequestState
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language, Message

_LOOK_EVERY_S = 0.2
_SAY_WAITING_AFTER_S = 5.0
_SAY_SILENT_AFTER_S = 15.0
_WAITING = Message("Waiting for a worker: is geo-engine worker running?")
_SILENT = Message("Nothing was heard of the worker for a while; as soon as one is there, the plan is made.")


class LeftInQueue(Unavailable):
    """Nobody has taken the request up, and nobody waits for it any more."""

    def __init__(self) -> None:
        super().__init__(Message("No worker has taken the request up; it stays in the queue for the next one."))


def follow(tenant: OpenTenant, request_id: PlanRequestId, language: Language) -> PlanVersion:
    """Show a request's progress and return its plan; Ctrl-C asks for the best so far, a second one leaves it alone.

    Raises
    ------
    LeftInQueue
        When Ctrl-C comes before any worker has begun.
    DatabaseUnavailable
        When the database stays away for minutes; the plan is made all the same.
    GeoEngineError
        When it ended without a plan: of the family and with the sentence that were recorded.
    """
    watcher = _Watcher(tenant, request_id, language)
    request = watcher.look()
    stopping = Message("Stopping …").render(language)
    with first_interrupt(stopping) as asked, closing(SolveBar(request.budget.shown_s, language)) as bar:
        while not request.has_ended:
            if asked.is_set():
                watcher.stop(request)
            if request.progress is not None:
                bar.show(request.progress)
            watcher.tell(request)
            time.sleep(_LOOK_EVERY_S)
            request = watcher.look()
    if request.failure is not None:
        raise request.failure.family(request.failure.message)
    return watcher.planned()


class _Watcher:
    """Looks at a request through interruptions of the database, and says what a person should know."""

    def __init__(self, tenant: OpenTenant, request_id: PlanRequestId, language: Language) -> None:
        self._tenant = tenant
        self._request_id = request_id
        self._language = language
        self._heard: tuple[object, ...] = ()
        self._heard_at_s = time.monotonic()
        self._said: Message | None = None
        self._has_stopped = False

    def look(self) -> PlanRequest:
        """Return how the request stands."""
        return self._patiently(lambda session: planning.get_request(session, self._request_id, by=OPERATOR))

    def stop(self, request: PlanRequest) -> None:
        """Ask for the best plan so far, once."""
        if request.state is RequestState.QUEUED:
            raise LeftInQueue
        if not self._has_stopped:
            self._patiently(lambda session: planning.stop_planning(session, self._request_id, by=OPERATOR, now=now()))
            self._has_stopped = True

    def tell(self, request: PlanRequest) -> None:
        """Say when nothing has been heard for longer than is usual."""
        heard = (request.attempt, request.progress)
        if heard != self._heard:
            self._heard, self._heard_at_s, self._said = heard, time.monotonic(), None
        silent_s = time.monotonic() - self._heard_at_s
        if request.state is RequestState.QUEUED and silent_s > _SAY_WAITING_AFTER_S:
            self._say(_WAITING)
        elif request.state is RequestState.SOLVING and silent_s > _SAY_SILENT_AFTER_S:
            self._say(_SILENT)

    def planned(self) -> PlanVersion:
        """Return the plan the request led to."""
        return self._patiently(lambda session: planning.get_planned(session, self._request_id, by=OPERATOR))

    def _patiently[T](self, work: Callable[[Session], T]) -> T:
        return patiently(self._tenant, work, self._language)

    def _say(self, message: Message) -> None:
        if self._said is not message:
            say(message.render(self._language))
            self._said = message
