"""Visits: a day beside its plan, what waits for review, one with all its evidence, and what people decide about it."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geo_engine.ids import PhotoId, TeamId, VisitId, WorkerId, parse_id
from geo_engine.photos.service import read_display, read_thumbnail
from geo_engine.photos.stamping import render_stamped, stamp_lines
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import inert_json
from geo_engine.tenancy import Act, Scope, Subject
from geo_engine.tenancy.service import list_teams_within
from geo_engine.tracks.looking import get_worker_day
from geo_engine.tracks.looks import read_purpose
from geo_engine.tracks.model import to_moment
from geo_engine.tracks.worker_days import WorkerDay
from geo_engine.visits.overview import (
    AsSeen,
    VisitFile,
    decide_as_seen,
    get_day_visits,
    get_review,
    get_visit_file,
    look_at_photo,
)
from geo_engine.visits.reviewing import REVIEWED_BACK, days_of_visit
from web.answers import go
from web.auditor.form import purposes
from web.auditor.links import at_moment, day_url
from web.auditor.tokens import Said, find_said_of_day, sign_day
from web.language import spoken
from web.people import me, my_rows
from web.policy import ASKED_FOR_EACH_TIME
from web.requests import read_date, refuse_ahead
from web.visits.asked import read_seen, read_word, seen_text
from web.visits.data import evidence_data, map_data, places_of
from web.visits.day_rows import (
    STATE_NAMES,
    WorkerRows,
    count_states,
    is_folded,
    main_reasons,
    name_of,
    only_state,
    rows_of_day,
)
from web.visits.evidence import BAR_WIDTH, history_of, moments_of, shares_of, told_check_ins, told_photos, told_reasons
from web.visits.told import decision_told, tags_told, way_told
from web.wiring import wiring

visits = Blueprint("visits", __name__, url_prefix="/visits")

_A_DAY = timedelta(days=1)
_QUEUE_REASONS = 4
_OPENED = "open"


@visits.get("")
def day() -> str:
    """Show the visits of a day beside the plan: everybody's, a team's or a worker's, all or those in one state."""
    today = _today()
    service_on = read_date(request.args.get("on"), otherwise=today)
    team_id, worker_id = _whose()
    is_own = me().access.grants.get(Act.SEE_TRACKS) is Scope.OWN
    with my_rows() as session:
        found = get_day_visits(session, service_on, by=me().access, team_id=team_id, worker_id=worker_id)
        teams = () if is_own else list_teams_within(session, Act.SEE_TRACKS, by=me().access)
    everybody = rows_of_day(found, zone=me().zone, now=wiring().now())
    state = request.args.get("state", "")
    shown = only_state(everybody, state) if state in STATE_NAMES else everybody
    return render_template(
        "visits.html",
        service_on=service_on,
        today=today,
        before=service_on - _A_DAY,
        after=service_on + _A_DAY,
        team_id=team_id,
        worker_id=worker_id,
        is_own=is_own,
        teams=teams,
        workers=shown,
        is_long=is_folded(shown),
        opened=_opened(shown),
        state=state if state in STATE_NAMES else "",
        states=[(key, name, count) for key, name in STATE_NAMES.items() if (count := count_states(everybody)[key])],
        row_count=sum(len(one.rows) for one in everybody),
        may_review=Act.REVIEW_VISITS in me().access.grants,
        visit_map=draw_map(),
        data=inert_json(map_data(spoken(), places=places_of(shown, spoken()))),
    )


@visits.get("/review")
def review() -> str:
    """Show which visits somebody should look at."""
    since = _today() - REVIEWED_BACK
    with my_rows() as session:
        found = get_review(session, since=since, by=me().access, now=wiring().now())
    return render_template(
        "visit_review.html",
        waiting=found.kept,
        workers=found.workers,
        sites=found.sites,
        days=REVIEWED_BACK.days,
        done=request.args.get("done", ""),
        zone=me().zone,
        moments_of=moments_of,
        shares_of=shares_of,
        reasons_of=lambda visit: main_reasons(visit, _QUEUE_REASONS),
        tags_of=lambda visit: tags_told(visit, is_planned=visit.stop is not None),
        name_of=name_of,
        seen_text=lambda kept: seen_text(AsSeen.of(kept)),
        state_names=STATE_NAMES,
        may_see_sites=_may_see_sites(),
        data=inert_json(map_data(spoken())),
    )


@visits.get("/<uuid:visit_id>")
def one(visit_id: UUID) -> str:
    """Show a visit with all there is behind it; the track around it only for what was said, which is written down."""
    with my_rows() as session:
        file = get_visit_file(session, VisitId(visit_id), by=me().access)
        said = _said(file)
        opened = list[WorkerDay]()
        if said is not None and said.is_fresh:
            refuse_ahead()
            whose, by, now = file.kept.visit.worker_id, me().access, wiring().now()
            opened += (get_worker_day(session, whose, day, purpose=said.purpose, by=by, now=now) for day in _days(file))
    data = map_data(spoken(), **evidence_data(file, opened, me().zone))
    return render_template(
        "visit.html",
        **_shown(file),
        said=said if opened else None,
        purpose="" if said is None else said.purpose,
        purposes=purposes(),
        is_track_empty=bool(opened) and not data["tracks"],
        replay_url=None if not opened or said is None else _replay_url(file, said),
        visit_map=draw_map(),
        data=inert_json(data),
    )


@visits.post("/<uuid:visit_id>/look")
def look(visit_id: UUID) -> AnyResponse:
    """Take what the track around a visit is looked at for, and lead to it."""
    with my_rows() as session:
        file = get_visit_file(session, VisitId(visit_id), by=me().access)
    visit = file.kept.visit
    purpose = read_purpose(request.form.get("purpose", ""), is_own=visit.worker_id == me().access.worker_id)
    said = sign_day(visit.worker_id, _days(file)[0], Said.now(purpose or ""))
    return redirect(url_for("visits.one", visit_id=visit_id, said=said), code=303)


@visits.get("/<uuid:visit_id>/photos/<uuid:photo_id>")
def photo(visit_id: UUID, photo_id: UUID) -> Response:
    """Send a photo of a visit with its stamp below it, small where that is asked for; once, until the stamp changes.

    Who looks at the visit's photos is written down.
    """
    refuse_ahead()
    read = read_thumbnail if "small" in request.args else read_display
    with my_rows() as session:
        stamp = look_at_photo(session, VisitId(visit_id), PhotoId(photo_id), by=me().access, now=wiring().now())
        answer = _unchanging(str(photo_id), read.__name__, *stamp_lines(stamp, spoken()))
        if answer.status_code == HTTPStatus.OK:
            copy = read(session, wiring().photos, PhotoId(photo_id), by=me().access)
            answer.data = render_stamped(copy, stamp, spoken())
    return answer


def _unchanging(*parts: str) -> Response:
    """Return an answer that is to be asked for each time, and empty for whoever has what these parts say."""
    answer = Response(mimetype="image/jpeg", headers={"Cache-Control": ASKED_FOR_EACH_TIME})
    tag = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    answer.set_etag(tag)
    if request.if_none_match.contains(tag):
        answer.status_code = HTTPStatus.NOT_MODIFIED
    return answer


@visits.post("/<uuid:visit_id>/decide")
def decide(visit_id: UUID) -> Response:
    """Say of a visit that it took place, that it did not, or of which site it was."""
    word, seen = read_word(request.form), read_seen(request.form.get("seen", ""))
    with my_rows() as session:
        decided = decide_as_seen(session, VisitId(visit_id), word, seen=seen, by=me().access, now=wiring().now())
    if request.form.get("back") == "review":
        return go(url_for("visits.review", done=visit_id))
    return go(url_for("visits.one", visit_id=visit_id, decided=decided.kind.value) + "#history")


def _whose() -> tuple[TeamId | None, WorkerId | None]:
    """Return of whom a day is asked for; whoever may see their own alone sees that."""
    access = me().access
    if access.grants.get(Act.SEE_TRACKS) is Scope.OWN:
        return None, access.worker_id
    team, worker = request.args.get("team"), request.args.get("worker")
    return (TeamId(parse_id(team)) if team else None), (WorkerId(parse_id(worker)) if worker else None)


def _opened(shown: Sequence[WorkerRows]) -> Collection[str]:
    """Return whose rows are to be seen: as the address says once some were folded, else those of a short list."""
    if _OPENED in request.args:
        return request.args.getlist(_OPENED)
    return () if is_folded(shown) else [one.worker.id for one in shown]


def _said(file: VisitFile) -> Said | None:
    """Return what the track around a visit is looked at for; one's own is for nothing in particular."""
    visit = file.kept.visit
    if visit.worker_id == me().access.worker_id:
        return Said.now("")
    return find_said_of_day(request.args.get("said", ""), visit.worker_id, _days(file)[0])


def _days(file: VisitFile) -> tuple[date, ...]:
    """Return the days that the track around a visit is of; what is looked at for a purpose is named by the first."""
    return days_of_visit(file.kept.visit, me().zone)


def _replay_url(file: VisitFile, said: Said) -> str:
    visit = file.kept.visit
    page = day_url(visit.worker_id, _days(file)[0], said)
    site = file.sites.get(visit.site_id)
    return page if site is None else page + at_moment(to_moment(visit.began_us), site.position)


def _shown(file: VisitFile) -> Mapping[str, object]:
    """Return what the page of a visit says."""
    kept, zone = file.kept, me().zone
    visit = kept.visit
    return {
        "file": file,
        "kept": kept,
        "visit": visit,
        "site": name_of(visit.site_id, file.sites),
        "worker": file.worker.name or file.worker.id,
        "state": visit.judgement.verdict.value,
        "state_name": STATE_NAMES[visit.judgement.verdict.value],
        "decision": decision_told(kept.decision),
        "tags": tags_told(visit, is_planned=visit.stop is not None),
        "reasons": told_reasons(visit, zone),
        "bar_width": BAR_WIDTH,
        "moments": moments_of(kept, zone),
        "way": () if file.leg is None else way_told(file.leg),
        "check_ins": told_check_ins(visit, zone),
        "photos": told_photos(visit, zone),
        "shares": shares_of(visit, file.sites),
        "history": history_of(file, zone),
        "seen": seen_text(AsSeen.of(kept)),
        "may_decide": kept.superseded_at is None and _may_review(file),
        "may_see_sites": _may_see_sites(),
        "is_own": visit.worker_id == me().access.worker_id,
    }


def _may_review(file: VisitFile) -> bool:
    whose = Subject(worker_id=file.worker.id, team_id=file.worker.team_id)
    return me().access.allows(Act.REVIEW_VISITS, whose)


def _may_see_sites() -> bool:
    return me().access.grants.get(Act.SEE_SITES) not in {None, Scope.OWN}


def _today() -> date:
    return wiring().now().astimezone(me().zone).date()
