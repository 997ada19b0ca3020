"""The pages of weeks: visiting rules, the periods that were planned, one of them with its days and what it covers."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for

from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.ids import PeriodId
from geo_engine.planning.periods import service
from geo_engine.planning.periods.again import last_day, next_monday
from geo_engine.planning.periods.files import RulesRead
from geo_engine.planning.periods.kept import KeptPeriod
from geo_engine.planning.versions.model import RequestState
from geo_engine.reports.period_files import WEEKDAYS
from geo_engine.tenancy import Act, Subject
from geo_engine.tenancy.service import list_teams_within
from geo_engine.words import Message
from web.answers import go
from web.errors import wants_json
from web.imports.asked import read_upload
from web.people import me, my_rows
from web.periods.asked import WEEKS, fields_of, read_ask, read_offered
from web.periods.calendar import learned_facts, level_rows, shown_days, spoken_speeds, worker_rows
from web.wiring import wiring

periods = Blueprint("periods", __name__, url_prefix="/periods")


@periods.get("")
def page() -> str:
    """Show the visiting rules and the periods that were planned from them."""
    return _page()


def _page(read: RulesRead | None = None, refused: Message | None = None, refused_file: Message | None = None) -> str:
    access = me().access
    access.team_limit(Act.SEE_PLANS)
    with my_rows() as session:
        rules = service.list_rules(session, by=access)
        known = service.list_periods(session, by=access)
        learning = service.get_learning(session, by=access)
        teams = list_teams_within(session, Act.PLAN_DAY, by=access) if Act.PLAN_DAY in access.grants else ()
        asked = request.form if request.endpoint == "periods.plan" else _asked_last(session, known)
    return render_template(
        "periods.html",
        rules=rules,
        periods=known,
        read=read,
        refused=refused,
        refused_file=refused_file,
        asked=asked,
        teams=teams,
        weekdays=WEEKDAYS,
        weeks=WEEKS,
        learning=learning,
        is_learned=_is_learned(),
        first_on=next_monday(_today()),
        may_plan=Act.PLAN_DAY in access.grants,
        may_plan_all=access.allows(Act.PLAN_DAY, Subject()),
        may_change=access.allows(Act.CHANGE_SITES, Subject()),
    )


def _asked_last(session: Session, known: Sequence[KeptPeriod]) -> Mapping[str, str]:
    """Return what the form begins with: what was asked the last time of those whom the member may plan."""
    access = me().access
    may_ask = (one.id for one in known if access.allows(Act.PLAN_DAY, Subject(team_id=one.ask.team_id)))
    last_id = next(may_ask, None)
    if last_id is None:
        return {}
    fields = fields_of(service.get_asked_again(session, last_id, by=access, today=_today()))
    return {**fields, "offered": fields["days_off"]}


def _is_learned() -> bool:
    """Return whether learned times are chosen: as was asked for, and before that as the company has it."""
    asked = request.form.get("times")
    return me().tenant.uses_learned if asked is None else asked == "learned"


def _today() -> date:
    return wiring().now().astimezone(me().zone).date()


@periods.post("/rules")
def rules() -> Response | tuple[str, int]:
    """Take the rules of a file, or tell which of its rows cannot be used; tell what of it is not used."""
    try:
        file = read_upload(request.files.get("file"))
        with my_rows() as session:
            read = service.import_rules(session, file, by=me().access, now=wiring().now())
    except InvalidInput as refused:
        if wants_json():
            raise
        return _page(refused_file=refused.message), 422
    if read.problems:
        return _page(read), 422
    return (_page(read), 200) if read.notices else go(url_for("periods.page"))


@periods.post("/plan")
def plan() -> Response | tuple[str, int]:
    """Have weeks planned by a worker of the queue; days that have begun stay as they are."""
    try:
        ask, offered = read_ask(request.form, today=_today()), read_offered(request.form)
        with my_rows() as session:
            period_id = service.request_period(session, ask, by=me().access, now=wiring().now(), offered_off=offered)
    except InvalidInput as refused:
        return _page(refused=refused.message), 422
    return go(url_for("periods.one", period_id=period_id))


@periods.get("/<uuid:period_id>")
def one(period_id: UUID) -> str:
    """Show how far a period is, or its days and what it covers."""
    with my_rows() as session:
        calendar = service.get_calendar(session, PeriodId(period_id), by=me().access)
    period, days = calendar.period, shown_days(calendar)
    may_plan = me().access.allows(Act.PLAN_DAY, Subject(team_id=period.ask.team_id))
    return render_template(
        "period.html",
        period=period,
        calendar=calendar,
        days=days,
        workers=worker_rows(calendar, days),
        levels=level_rows(calendar),
        learned=learned_facts(calendar),
        speeds=spoken_speeds(calendar),
        off_names=sorted(calendar.workers.get(worker, worker) for worker in period.ask.days_off),
        weekdays=WEEKDAYS,
        last_on=last_day(period.ask),
        is_open=period.state in {RequestState.QUEUED, RequestState.SOLVING},
        may_plan=may_plan,
        may_see=lambda other: me().access.allows(Act.SEE_PLANS, Subject(team_id=other.team_id)),
        tomorrow=_today() + timedelta(days=1),
    )


@periods.post("/<uuid:period_id>/stop")
def stop(period_id: UUID) -> Response:
    """Keep the best that was found so far."""
    with my_rows() as session:
        service.stop_period(session, PeriodId(period_id), by=me().access, now=wiring().now())
    return go(url_for("periods.one", period_id=period_id))


@periods.post("/<uuid:period_id>/adopt")
def adopt(period_id: UUID) -> Response:
    """Have the days follow it."""
    with my_rows() as session:
        service.adopt_period(session, PeriodId(period_id), by=me().access, now=wiring().now())
    return go(url_for("periods.one", period_id=period_id))
