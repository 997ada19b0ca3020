"""How a person at a terminal watches a plan being made by a worker of the queue, and stops it."""

import time
from contextlib import closing

from geo_engine.cli.screen import SolveBar, first_interrupt, say
from geo_engine.cli.tenants import OpenTenant, now
from geo_engine.ids import PlanRequestId
from geo_engine.planning import service as planning
from geo_engine.planning.versions import PlanRequest, PlanVersion
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language, Message

_LOOK_EVERY_S = 0.2
_SAY_WAITING_AFTER_S = 5.0


def follow(tenant: OpenTenant, request_id: PlanRequestId, language: Language) -> PlanVersion:
    """Show a request's progress and return its plan; Ctrl-C asks for the best so far, a second one leaves it alone.

    Raises
    ------
    GeoEngineError
        When it ended without a plan: of the family and with the sentence that were recorded.
    """
    stopping = Message("Stopping; the best plan so far is kept.").render(language)
    began_s, has_said = time.monotonic(), False
    request = _look(tenant, request_id)
    with first_interrupt(stopping) as asked, closing(SolveBar(request.budget.shown_s, language)) as bar:
        is_told = False
        while not request.has_ended:
            if asked.is_set() and not is_told:
                is_told = True
                with tenant.transaction() as session:
                    planning.stop_planning(session, request_id, by=OPERATOR, now=now())
            if request.progress is not None:
                bar.show(request.progress)
            elif not has_said and time.monotonic() - began_s > _SAY_WAITING_AFTER_S:
                say(Message("Waiting for a worker: is geo-engine worker running?").render(language))
                has_said = True
            time.sleep(_LOOK_EVERY_S)
            request = _look(tenant, request_id)
    if request.failure is not None:
        raise request.failure.family(request.failure.message)
    with tenant.transaction() as session:
        return planning.get_planned(session, request_id, by=OPERATOR)


def _look(tenant: OpenTenant, request_id: PlanRequestId) -> PlanRequest:
    with tenant.transaction() as session:
        return planning.get_request(session, request_id, by=OPERATOR)
