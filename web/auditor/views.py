"""A worker's day replayed: asked for with a purpose, written down each time it is opened, read by that look alone."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geo_engine.errors import InvalidInput, NotFound
from geo_engine.ids import DeviceId, WorkerId, parse_id
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import inert_json
from geo_engine.tracks.looking import OpenedDay, get_opened_day, open_worker_day
from geo_engine.tracks.looks import get_watched, list_looks, read_purpose
from geo_engine.tracks.worker_days import WornDevice
from geo_engine.words import Message
from web.auditor.data import OUTLINE_FROM, day_document, replay_shell
from web.auditor.form import clock_now, purposes, show_form
from web.auditor.links import day_url
from web.auditor.tokens import Said, find_said_of_day, read_look, sign_day, sign_look
from web.auditor.told import ToldRow, told_rows
from web.backgrounds import find_background_url
from web.language import spoken
from web.people import me, my_rows
from web.requests import read_date, refuse_ahead
from web.wiring import wiring

tracks = Blueprint("tracks", __name__)

_A_DAY = timedelta(days=1)


@tracks.get("/tracks")
def form() -> str:
    """Show what a day is asked for with, and what is asked to find who passed a place."""
    return show_form(day=request.args)


@tracks.post("/tracks")
def ask() -> AnyResponse | tuple[str, int]:
    """Take what a day is looked at for, and lead to the day; what is missing is told beside the choices."""
    try:
        page = _asked_page(request.form)
    except (InvalidInput, NotFound) as refused:
        return show_form(day=request.form, day_refusal=refused), 422
    return redirect(page, code=303)


@tracks.get("/tracks/<path:worker_id>/<day>")
def day(worker_id: str, day: str) -> str:
    """Open a worker's day, which is written down; without a purpose that was said, ask for it."""
    refuse_ahead()
    whose, service_on = WorkerId(parse_id(worker_id)), read_date(day, otherwise=date.min)
    said = _said(whose, service_on)
    if said is None or not said.is_fresh:
        return _ask_purpose(whose, service_on, "" if said is None else said.purpose)
    with my_rows() as session:
        opened = open_worker_day(session, whose, service_on, purpose=said.purpose, by=me().access, now=wiring().now())
    return _show_day(opened, said)


@tracks.get("/tracks/data")
def data() -> Response:
    """Send what one device told on a day that was opened, first thinned, then whole."""
    token, device, is_whole = (request.args.get(name, "") for name in ("look", "device", "whole"))
    look = read_look(token)
    with my_rows() as session:
        found = get_opened_day(
            session,
            look,
            _device_id(device),
            outline_from=None if is_whole else OUTLINE_FROM,
            by=me().access,
            now=wiring().now(),
        )
    if not found.worn:
        raise NotFound(_NOT_WORN)
    whole_url = None if is_whole else url_for("tracks.data", look=token, device=device, whole="1")
    return jsonify(day_document(found, whole_url=whole_url))


@tracks.get("/my/track")
def mine() -> str:
    """Show a worker's own days, and who looked at them."""
    access, rows = me().access, list[ToldRow]()
    if access.worker_id is not None:
        with my_rows() as session:
            rows = told_rows(list_looks(session, access.worker_id, by=access))
    return render_template("my_track.html", today=clock_now().date(), tracking=me().tenant.tracking, rows=rows)


_NOT_WORN = Message("The worker did not wear this device on that day.")


def _asked_page(form: Mapping[str, str]) -> str:
    """Return the page of the day that a form asks for."""
    if not form.get("worker"):
        raise InvalidInput(Message("Choose a worker."))
    worker_id = WorkerId(parse_id(form["worker"]))
    with my_rows() as session:
        get_watched(session, worker_id, by=me().access)
    said = find_said_of_day(form.get("said", ""), worker_id, read_date(form.get("shown"), otherwise=date.min))
    if said is None:
        purpose = read_purpose(form.get("purpose", ""), is_own=worker_id == me().access.worker_id)
        said = Said.now(purpose or "")
    return day_url(worker_id, read_date(form.get("date"), otherwise=clock_now().date()), said)


def _said(worker_id: WorkerId, service_on: date) -> Said | None:
    """Return what the day is looked at for; one's own is for nothing in particular."""
    if worker_id == me().access.worker_id:
        return Said.now("")
    return find_said_of_day(request.args.get("said", ""), worker_id, service_on)


def _ask_purpose(worker_id: WorkerId, service_on: date, purpose: str) -> str:
    with my_rows() as session:
        worker = get_watched(session, worker_id, by=me().access)
    return render_template(
        "track_purpose.html", worker=worker, service_on=service_on, purpose=purpose, purposes=purposes()
    )


def _show_day(opened: OpenedDay, said: Said) -> str:
    look = opened.look
    device = _device(opened)
    shell = None
    if opened.silence is None and device is not None:
        data_url = url_for("tracks.data", look=sign_look(look), device=device.device_id)
        shell = replay_shell(language=spoken(), replay_url=data_url, background_url=find_background_url())
    return render_template(
        "track_day.html",
        opened=opened,
        worker_id=look.worker_id,
        service_on=look.service_on,
        said_token=sign_day(look.worker_id, look.service_on, said),
        today=clock_now().date(),
        tracking=me().tenant.tracking,
        device=device,
        device_urls={
            one.device_id: day_url(look.worker_id, look.service_on, said, device_id=one.device_id)
            for one in opened.devices
        },
        before_url=day_url(look.worker_id, look.service_on - _A_DAY, said),
        after_url=day_url(look.worker_id, look.service_on + _A_DAY, said),
        plan_map=draw_map(),
        data=None if shell is None else inert_json(shell),
    )


def _device(opened: OpenedDay) -> WornDevice | None:
    """Return the device that is asked for, else the one that told most; None when none was worn."""
    asked = request.args.get("device")
    chosen = next((one for one in opened.devices if str(one.device_id) == asked), None)
    return chosen or max(opened.devices, key=lambda one: one.fix_count, default=None)


def _device_id(text: str) -> DeviceId:
    try:
        return DeviceId(UUID(text))
    except ValueError:
        raise NotFound(_NOT_WORN) from None
