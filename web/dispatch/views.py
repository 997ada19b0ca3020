"""The dispatcher's day: looked at, planned, changed by hand and published."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from geo_engine.basemap.background import drawn_background
from geo_engine.errors import InvalidInput, NotFound
from geo_engine.ids import GraphKey, JobId, PlanId, PlanRequestId, TeamId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.edits import move_visit, restore_plan
from geo_engine.planning.overview import get_overview
from geo_engine.planning.readings import list_readers
from geo_engine.planning.solver import Budget
from geo_engine.planning.versions import PlanRequest, PlanScope
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import inert_json
from geo_engine.roads.service import get_choice, get_chosen
from geo_engine.tenancy import Act, Subject
from geo_engine.tenancy.service import list_teams_within
from geo_engine.words import Message
from web.answers import go
from web.dispatch.data import day_data, progress_data
from web.language import spoken
from web.people import me, my_rows
from web.requests import read_date, read_number, read_uuid
from web.wiring import wiring

dispatch = Blueprint("dispatch", __name__, url_prefix="/dispatch")

_TIME_LIMITS_S = (5, 10, 30, 60, 300)


@dispatch.get("")
def day() -> str:
    """Show a day of a team or of the company: its map, its plan, and what can be done."""
    person = me()
    with my_rows() as session:
        teams = list_teams_within(session, Act.SEE_PLANS, by=person.access)
        scope = _scope(request.args.get("date"), request.args.get("team"))
        whose = Subject(team_id=scope.team_id)
        may_plan, may_publish = (person.access.allows(act, whose) for act in (Act.PLAN_DAY, Act.PUBLISH_PLAN))
        overview = get_overview(session, scope, read_number(request.args.get("version")), by=person.access)
        choice = get_choice(session) if overview.plan is None else overview.plan.roads
        is_told = may_publish and overview.is_published
        readers = list_readers(session, scope, by=person.access) if is_told else ()
    roads = wiring().roads.get(choice)
    data = day_data(
        overview,
        person.zone,
        roads,
        language=spoken(),
        background_url=None if roads.extract is None else url_for("dispatch.background", key=choice.key),
        import_url=_import_url(scope) if Act.CHANGE_SITES in person.access.grants else None,
        may_move=may_plan,
        readers=readers,
        price=person.tenant.price,
        live=_live(scope),
    )
    return render_template(
        "dispatch.html",
        scope=scope,
        overview=overview,
        teams=teams,
        may_plan=may_plan,
        may_publish=may_publish,
        readers=readers,
        time_limits_s=_TIME_LIMITS_S,
        plan_map=draw_map(),
        data=inert_json(data),
        progress=None if overview.open_request is None else inert_json(_progress(overview.open_request)),
        before=scope.service_on - timedelta(days=1),
        after=scope.service_on + timedelta(days=1),
    )


@dispatch.post("/plan")
def plan() -> Response:
    """Have the day planned by a worker of the queue; while a plan is being made, that is the one."""
    person, scope = me(), _scope(request.form.get("date"), request.form.get("team"))
    budget = Budget(time_limit_s=_time_limit_s(request.form.get("time_limit_s")))
    with my_rows() as session:
        planning.request_plan_once(session, scope, budget, by=person.access, now=wiring().now())
    return go(_page(scope))


@dispatch.get("/requests/<uuid:request_id>")
def progress(request_id: UUID) -> Response:
    """Tell how far a request is."""
    with my_rows() as session:
        found = planning.get_request(session, PlanRequestId(request_id), by=me().access)
    return jsonify(progress_data(found, spoken()))


@dispatch.post("/requests/<uuid:request_id>/stop")
def stop(request_id: UUID) -> Response:
    """Keep the best plan found so far."""
    with my_rows() as session:
        planning.stop_planning(session, PlanRequestId(request_id), by=me().access, now=wiring().now())
        found = planning.get_request(session, PlanRequestId(request_id), by=me().access)
    return go(_page(found.scope))


@dispatch.post("/publish")
def publish() -> Response:
    """Give the workers a version, instead of the one the dispatcher saw they have."""
    instead_of = request.form.get("instead_of")
    with my_rows() as session:
        published = planning.publish_plan(
            session,
            PlanId(read_uuid(request.form.get("plan_id"))),
            instead_of=PlanId(read_uuid(instead_of)) if instead_of else None,
            by=me().access,
            now=wiring().now(),
        )
    return go(_page(published.scope))


@dispatch.post("/withdraw")
def withdraw() -> Response:
    """Take the published version back from the workers."""
    with my_rows() as session:
        plan_id = PlanId(read_uuid(request.form.get("plan_id")))
        withdrawn = planning.withdraw_plan(session, plan_id, by=me().access, now=wiring().now())
    return go(_page(withdrawn.scope))


@dispatch.post("/move")
def move() -> Response:
    """Give a visit to a worker; the answer is the next version's page."""
    moved = move_visit(
        my_rows,
        PlanId(read_uuid(request.form.get("plan_id"))),
        JobId(request.form.get("job_id", "")),
        worker_id=WorkerId(request.form.get("worker_id", "")),
        number=read_number(request.form.get("number")),
        router_of=lambda choice: wiring().roads.get(choice).router,
        by=me().access,
        now=wiring().now(),
    )
    return go(_page(moved.scope))


@dispatch.post("/restore")
def restore() -> Response:
    """Go back to an earlier version; the answer is the page of the next one, which is equal to it."""
    with my_rows() as session:
        restored = restore_plan(
            session,
            PlanId(read_uuid(request.form.get("plan_id"))),
            instead_of=PlanId(read_uuid(request.form.get("instead_of"))),
            by=me().access,
            now=wiring().now(),
        )
    return go(_page(restored.scope))


@dispatch.get("/background/<key>.json")
def background(key: str) -> Response:
    """Send what the map shows under the routes: the drawing of the company's own roads."""
    with my_rows() as session:
        roads = wiring().roads.get(get_chosen(session, GraphKey(key)))
    if roads.extract is None:
        raise NotFound(Message("There is no such map."))
    response = Response(drawn_background(roads.extract, kept_in=roads.extract.parent), mimetype="application/json")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _progress(asked: PlanRequest) -> dict[str, Any]:
    """Return how far a request is, and where its page looks again."""
    return {"look": url_for("dispatch.progress", request_id=asked.id), **progress_data(asked, spoken())}


def _page(scope: PlanScope) -> str:
    return url_for("dispatch.day", date=scope.service_on.isoformat(), team=scope.team_id)


def _import_url(scope: PlanScope) -> str:
    return url_for("imports.form", due=scope.service_on, team=scope.team_id)


def _live(scope: PlanScope) -> dict[str, str] | None:
    """Return where the page asks for positions: of a team's people or the company's, on the very day."""
    person = me()
    is_today = scope.service_on == wiring().now().astimezone(person.zone).date()
    if not (is_today and person.access.allows(Act.SEE_TRACKS, Subject(team_id=scope.team_id))):
        return None
    return {"url": url_for("live.positions", team=scope.team_id), "company": person.tenant.code}


def _scope(day_text: str | None, team: str | None) -> PlanScope:
    tomorrow = wiring().now().astimezone(me().zone).date() + timedelta(days=1)
    return PlanScope(service_on=read_date(day_text, otherwise=tomorrow), team_id=_team(team))


def _team(team: str | None) -> TeamId | None:
    """Return the team asked for; else the member's own, for whoever stands above all teams the company."""
    if team:
        return TeamId(team)
    return me().member.team_id


def _time_limit_s(text: str | None) -> float:
    if text not in {str(limit) for limit in _TIME_LIMITS_S}:
        raise InvalidInput(Message("Choose one of the search times."))
    return float(text)
