"""The dispatcher's day: looked at, planned, changed by hand and published."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from geo_engine.basemap.background import drawn_background
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput, NotFound
from geo_engine.ids import GraphKey, JobId, PlanId, PlanRequestId, TeamId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.changes.readings import list_readers
from geo_engine.planning.edits import move_visit, restore_plan
from geo_engine.planning.overview import DayOverview, get_overview
from geo_engine.planning.replan.from_now import Reach
from geo_engine.planning.replan.progress import Lock, StopProgress
from geo_engine.planning.replanning import (
    Place,
    find_fits,
    insert_visit,
    list_stop_locks,
    lock_stop,
    move_from_now,
    request_replan,
)
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.versions.model import PlanRequest, PlanScope, PlanVersion
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import inert_json
from geo_engine.roads import RoadChoice, RoadRouter
from geo_engine.roads.service import get_choice, get_chosen
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.service import list_teams_within
from geo_engine.visits.standings import is_going_on, list_standings
from geo_engine.words import Message
from web.answers import go
from web.dispatch.data import DayPage, day_data, fits_data, progress_data
from web.language import spoken
from web.people import me, my_rows
from web.requests import read_date, read_number, read_uses_learned, read_uuid
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
        page = _beside(session, overview, is_told=is_told, may_change=may_plan and overview.is_newest)
    roads = wiring().roads.get(choice)
    data = day_data(
        overview,
        person.zone,
        roads,
        page,
        language=spoken(),
        background_url=None if roads.extract is None else url_for("dispatch.background", key=choice.key),
        import_url=_import_url(scope) if Act.CHANGE_SITES in person.access.grants else None,
        may_move=may_plan,
        live=_live(scope, page.published),
    )
    return render_template(
        "dispatch.html",
        scope=scope,
        overview=overview,
        teams=teams,
        may_plan=may_plan,
        may_publish=may_publish,
        readers=page.readers,
        time_limits_s=_TIME_LIMITS_S,
        is_learned=_is_learned(overview),
        may_replan=may_plan and overview.is_newest and _has_begun(scope, page.published),
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
        uses_learned = read_uses_learned(request.form.get("times"))
        planning.request_plan_once(
            session, scope, budget, uses_learned=uses_learned, by=person.access, now=wiring().now()
        )
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
    """Give a visit to a worker; the answer is the next version's page. Of a day under way only the rest is changed."""
    access, now = me().access, wiring().now()
    plan_id = PlanId(read_uuid(request.form.get("plan_id")))
    with my_rows() as session:
        plan = planning.get_plan_by_id(session, plan_id, by=access)
        has_begun = bool(list_standings(session, plan, by=access, now=now))
    change: Callable[..., PlanVersion] = partial(move_from_now, stops_of=_stops) if has_begun else move_visit
    moved = change(
        my_rows,
        plan_id,
        JobId(request.form.get("job_id", "")),
        worker_id=WorkerId(request.form.get("worker_id", "")),
        number=read_number(request.form.get("number")),
        router_of=_router_of,
        by=access,
        now=now,
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


@dispatch.post("/replan")
def replan() -> Response:
    """Have what is left of the day planned anew by a worker of the queue, from now on."""
    person, reach = me(), _reach(request.form.get("reach"))
    budget = Budget(time_limit_s=_time_limit_s(request.form.get("time_limit_s")))
    plan_id, now = PlanId(read_uuid(request.form.get("plan_id"))), wiring().now()
    with my_rows() as session:
        plan = planning.get_plan_by_id(session, plan_id, by=person.access)
        stops = list_standings(session, plan, by=person.access, now=now)
        request_replan(session, plan_id, stops=stops, reach=reach, budget=budget, by=person.access, now=now)
    return go(_page(plan.scope))


@dispatch.post("/lock")
def lock() -> Response:
    """Lock a stop in what is ticked, or unlock it."""
    kinds = {kind for kind in Lock if kind.value in request.form.getlist("kind")}
    with my_rows() as session:
        plan = lock_stop(
            session,
            PlanId(read_uuid(request.form.get("plan_id"))),
            JobId(request.form.get("job_id", "")),
            kinds,
            by=me().access,
            now=wiring().now(),
        )
    return go(_page(plan.scope))


@dispatch.get("/fits")
def fits() -> Response:
    """Tell where a visit would fit best into what is left of the day."""
    person, now = me(), wiring().now()
    found = find_fits(
        my_rows,
        PlanId(read_uuid(request.args.get("plan_id"))),
        JobId(request.args.get("job_id", "")),
        stops_of=_stops,
        router_of=_router_of,
        by=person.access,
        now=now,
    )
    return jsonify(fits_data(found, person.zone, spoken()))


@dispatch.post("/insert")
def insert() -> Response:
    """Put a visit into what is left of a worker's day; the answer is the next version's page."""
    person, now = me(), wiring().now()
    before_id = request.form.get("before_id")
    made = insert_visit(
        my_rows,
        PlanId(read_uuid(request.form.get("plan_id"))),
        JobId(request.form.get("job_id", "")),
        Place(worker_id=WorkerId(request.form.get("worker_id", "")), before_id=JobId(before_id) if before_id else None),
        stops_of=_stops,
        router_of=_router_of,
        by=person.access,
        now=now,
    )
    return go(_page(made.scope))


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


def _live(scope: PlanScope, published: PlanVersion | None) -> dict[str, str] | None:
    """Return where the page asks for positions: of a team's people or the company's, while the day goes on."""
    person = me()
    if not (_is_going_on(scope, published) and person.access.allows(Act.SEE_TRACKS, Subject(team_id=scope.team_id))):
        return None
    return {"url": url_for("live.positions", team=scope.team_id), "company": person.tenant.code}


def _beside(session: Session, overview: DayOverview, *, is_told: bool, may_change: bool) -> DayPage:
    """Return what is shown beside the plan; who has read it, and what stays, only where that is of use."""
    access = me().access
    return DayPage(
        published=_published(session, overview, by=access),
        locks={} if overview.plan is None else list_stop_locks(session, overview.plan, by=access),
        stops=_stops(session, overview.plan) if may_change and overview.plan is not None else {},
        readers=list_readers(session, overview.scope, by=access) if is_told else (),
    )


def _published(session: Session, overview: DayOverview, *, by: Access) -> PlanVersion | None:
    """Return the version that the workers have."""
    if overview.published_id is None or overview.is_published:
        return overview.plan if overview.is_published else None
    return planning.get_plan_by_id(session, overview.published_id, by=by)


def _is_learned(overview: DayOverview) -> bool:
    """Return whether the next plan is to be made with learned times, unless somebody says otherwise: as the last."""
    if overview.plan is not None:
        return overview.plan.day_plan.learned is not None
    return me().tenant.uses_learned


def _has_begun(scope: PlanScope, published: PlanVersion | None) -> bool:
    """Return whether workers have a plan of a day that goes on: the rest of it can be planned anew."""
    return published is not None and _is_going_on(scope, published)


def _is_going_on(scope: PlanScope, published: PlanVersion | None) -> bool:
    """Return whether it is the day, or still is for whoever the published plan has work past midnight."""
    now, zone = wiring().now(), me().zone
    is_today = scope.service_on == now.astimezone(zone).date()
    return is_today or (published is not None and is_going_on(published, now, zone))


def _stops(session: Session, plan: PlanVersion) -> Mapping[JobId, StopProgress]:
    """Return how far the visits of a plan are now."""
    return list_standings(session, plan, by=me().access, now=wiring().now())


def _router_of(choice: RoadChoice) -> RoadRouter:
    return wiring().roads.get(choice).router


def _reach(text: str | None) -> Reach:
    if text not in set(Reach):
        raise InvalidInput(Message("Choose how much may change."))
    return Reach(text)


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
