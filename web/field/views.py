"""A worker's own day, as it was published, what changed since it was last read, that it was read, and the shift."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from geo_engine.db.session import Session
from geo_engine.errors import NotFound
from geo_engine.ids import PlanId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.changes.unread import acknowledge_change, find_day_news
from geo_engine.planning.versions.model import NothingPublished, Notice, WorkerDay
from geo_engine.tenancy import Access
from geo_engine.timespan import local_clock, window_text
from geo_engine.tracks.shifts import end_shift, start_shift
from geo_engine.travel_modes import MODE_WORDS, TravelMode
from geo_engine.words import Message
from geo_engine.workforce.attendance import AlreadyClockedIn, NotClockedIn
from web.answers import go
from web.field.agenda import agenda_of
from web.field.calling import call_links
from web.field.navigation import navigation_links
from web.field.shift import OwnShift, began_at, own_shift
from web.people import me, my_rows
from web.requests import read_date, read_number, read_uuid
from web.wiring import wiring

field = Blueprint("field", __name__, url_prefix="/field")


@field.get("")
def day() -> str:
    """Show the signed-in worker's ordered stops of a day."""
    person, today = me(), _today()
    service_on = read_date(request.args.get("date"), otherwise=today)
    with my_rows() as session:
        # The news first: what is published between the two is then told the next time, and never read unseen.
        news = find_day_news(session, service_on, by=person.access)
        worker_day = _worker_day(session, service_on, by=person.access)
        next_on = _next_day(session, service_on, by=person.access) if worker_day is None else None
        shift = _own_shift(session) if service_on == today else None
    change = None if news is None else news.change
    zone = person.zone if worker_day is None else worker_day.zone
    return render_template(
        "field.html",
        service_on=service_on,
        today=today,
        tomorrow=today + timedelta(days=1),
        next_on=next_on,
        before=service_on - timedelta(days=1),
        after=service_on + timedelta(days=1),
        agenda=None if worker_day is None else agenda_of(worker_day, change),
        news=news,
        change=change,
        changed_at=None if change is None else _moment(change.changed_at, zone, today=today),
        shift=shift,
        since=None if shift is None or shift.since_at is None else _moment(shift.since_at, person.zone, today=today),
        clock=lambda moment: local_clock(moment, service_on=service_on, zone=zone),
        navigation_links=partial(navigation_links, mode=TravelMode.CAR if worker_day is None else worker_day.mode),
        goes=None if worker_day is None or worker_day.mode is TravelMode.CAR else MODE_WORDS[worker_day.mode],
        call_links=call_links,
        window_text=window_text,
    )


@field.post("/acknowledge")
def acknowledge() -> Response:
    """Keep that the signed-in worker has read a change, or opened a list."""
    service_on = read_date(request.form.get("date"), otherwise=_today())
    notice = Notice(
        plan_id=PlanId(read_uuid(request.form.get("plan_id"))),
        number=read_number(request.form.get("number")) or 0,
        is_end=request.form.get("is_end") == "yes",
    )
    with my_rows() as session:
        acknowledge_change(session, service_on, notice, by=me().access, now=wiring().now())
    return redirect(url_for("field.day", date=service_on.isoformat()), code=303)


@field.post("/shift/start")
def start() -> Response:
    """Have the signed-in worker's shift begin, now or when it did; where one runs already the page says since when."""
    person, now = me(), wiring().now()
    at = began_at(request.form.get("began"), zone=person.zone, now=now)
    with suppress(AlreadyClockedIn), my_rows() as session:
        start_shift(session, _me_as_worker(), at=at, by=person.access, now=now)
    return go(url_for("field.day"))


@field.post("/shift/end")
def end() -> Response:
    """Have the signed-in worker's shift end now; where none runs the page says so."""
    with suppress(NotClockedIn), my_rows() as session:
        end_shift(session, _me_as_worker(), by=me().access, now=wiring().now())
    return go(url_for("field.day"))


def _me_as_worker() -> WorkerId:
    worker_id = me().access.worker_id
    if worker_id is None:
        raise NotFound(Message("You are linked to no worker"))
    return worker_id


def _own_shift(session: Session) -> OwnShift | None:
    person = me()
    if person.access.worker_id is None:
        return None
    rule = person.tenant.tracking
    return own_shift(session, person.access.worker_id, rule, zone=person.zone, by=person.access, now=wiring().now())


def _today() -> date:
    return wiring().now().astimezone(me().zone).date()


def _moment(moment: datetime, zone: ZoneInfo, *, today: date) -> str:
    """Return when something happened, with the day where that is not today."""
    local = moment.astimezone(zone)
    return local.strftime("%H:%M" if local.date() == today else "%Y-%m-%d %H:%M")


def _next_day(session: Session, service_on: date, *, by: Access) -> date | None:
    return None if by.worker_id is None else planning.find_next_day(session, by.worker_id, service_on, by=by)


def _worker_day(session: Session, service_on: date, *, by: Access) -> WorkerDay | None:
    """Return the day as published; None when the person is no worker or was given no route."""
    if by.worker_id is None:
        return None
    try:
        return planning.get_worker_day(session, by.worker_id, service_on, by=by)
    except NothingPublished:
        return None
