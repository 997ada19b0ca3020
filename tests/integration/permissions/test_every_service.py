"""Every use case that somebody acts in × every built-in role × whose things: what the table of permissions says."""

import inspect
import pkgutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from support.companies import NOW, PASSWORD, QUICK, SERVICE_ON, add_bare_company, ask_for_plan, work_off
from support.databases import Databases
from support.photographed import add_some_photo, photo_files, sent_photo, some_developed
from support.tracked import OFF_SHIFT, fix_at
from support.visited import check_in_at, keep_stated_visit

import geo_engine
from geo_engine.audit.vault import Vault
from geo_engine.customers import Site
from geo_engine.customers import service as customers
from geo_engine.customers import store as sites
from geo_engine.db.session import Database, Session
from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.files import FencesRead
from geo_engine.geofences.importing import import_fences, sort_fences
from geo_engine.geofences.service import (
    FenceNotFound,
    add_fence,
    change_fence,
    find_changeable,
    list_fence_versions,
    list_fences,
    list_fences_near,
    refusal_of,
    remove_fence,
)
from geo_engine.geofences.site_fences import set_site_radius
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.ids import (
    DeviceId,
    GeofenceId,
    ImportId,
    JobId,
    MemberId,
    PeriodId,
    PlanId,
    PlanRequestId,
    RoleId,
    SiteId,
    TeamId,
    TenantId,
    VisitId,
    WorkerId,
)
from geo_engine.imports import service as imports
from geo_engine.imports import store as drafts
from geo_engine.imports.model import FileRead, ImportChoices, ImportDraft, ImportKind
from geo_engine.imports.seen import digest_of
from geo_engine.photos import service as photos
from geo_engine.photos.erasing import erase_photos
from geo_engine.planning import service as planning
from geo_engine.planning.changes.readings import list_readers
from geo_engine.planning.changes.unread import acknowledge_change, find_day_news
from geo_engine.planning.edits import add_next, move_visit, require_newest, restore_plan
from geo_engine.planning.overview import get_overview
from geo_engine.planning.periods import service as periods
from geo_engine.planning.periods.kept import PeriodAsk, PeriodNotPlanned
from geo_engine.planning.periods.model import VisitingRule
from geo_engine.planning.replan.from_now import Reach
from geo_engine.planning.replan.progress import Lock
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
from geo_engine.planning.versions import store as plans
from geo_engine.planning.versions.model import Notice, PlanScope
from geo_engine.roads import STRAIGHT_ROADS, RoadChoice
from geo_engine.roads import service as roads
from geo_engine.roads.straight import StraightRouter
from geo_engine.tables import TableFile
from geo_engine.tables.places import UnsureAddress
from geo_engine.tenancy import OPERATOR, Access, Act, Role, Scope, Team, Tenant, sign_in
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.imports import RowSource, place_in_teams, sort_rows
from geo_engine.tenancy.model import NewMember, TrackingRule
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, NotAllowed
from geo_engine.tenancy.travel_prices import ModePrice
from geo_engine.timespan import ClockWindow, TimeSpan
from geo_engine.tracks import Fix, Track, looking, looks, shifts
from geo_engine.tracks.erasing import erase_tracks
from geo_engine.tracks.files import NamedTrack
from geo_engine.tracks.ingest_store import LiveFixes, save_live
from geo_engine.tracks.live import find_moved
from geo_engine.tracks.reporting import list_reports
from geo_engine.tracks.track_imports import import_tracks
from geo_engine.tracks.trajectories import TrajectoryPiece
from geo_engine.tracks.trajectory_store import renew_pieces
from geo_engine.visits import overview, reviewing
from geo_engine.visits.check_ins import state_check_in, take_photo
from geo_engine.visits.erasing import count_left, erase_visits
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.learned import learn_times, look_back
from geo_engine.visits.packs import build_pack, verify_pack
from geo_engine.visits.standings import list_standings
from geo_engine.workforce import Worker, WorkerShift, attendance, devices
from geo_engine.workforce import service as workforce


class Whose(StrEnum):
    """Whose thing an act is about, nearest to the actor first."""

    MINE = "mine"
    OWN_TEAM = "own team's"
    OTHER_TEAM = "other team's"
    COMPANY = "company's"


# The narrowest scope that reaches the thing.
NEEDED = {
    Whose.MINE: Scope.OWN,
    Whose.OWN_TEAM: Scope.TEAM,
    Whose.OTHER_TEAM: Scope.ALL,
    Whose.COMPANY: Scope.ALL,
}
TEAMS_AND_COMPANY = (Whose.OWN_TEAM, Whose.OTHER_TEAM, Whose.COMPANY)
COMPANY_ONLY = (Whose.COMPANY,)
TEAMS = (Whose.OWN_TEAM, Whose.OTHER_TEAM)
NORTH, SOUTH, ME = TeamId("north"), TeamId("south"), WorkerId("W-mine")
TEAM_OF = {Whose.MINE: NORTH, Whose.OWN_TEAM: NORTH, Whose.OTHER_TEAM: SOUTH, Whose.COMPANY: None}
OPEN_ON = SERVICE_ON - timedelta(days=1)
HERE = Position(116.4, 39.9)
AN_HOUR = TimeSpan(start_at=NOW - timedelta(hours=1), end_at=NOW)
HOURS = ClockWindow(earliest_s=8 * 3600, latest_s=12 * 3600)
FILE = RowSource(file="f")


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What there is of a team, or of the company itself: a worker, a site, and a day planned twice, once published."""

    database: Database
    tenant_id: TenantId
    team_id: TeamId | None
    worker_id: WorkerId
    site_id: SiteId
    member_id: MemberId
    scope: PlanScope
    published_id: PlanId
    newer_id: PlanId
    planned_request_id: PlanRequestId
    open_request_id: PlanRequestId

    @property
    def fence(self) -> Geofence:
        """What was drawn around its site."""
        shape = Circle(centre=HERE, radius_m=80.0)
        return Geofence(id=GeofenceId(f"F-{self.site_id}"), name="n", shape=shape, site_id=self.site_id)


@dataclass(frozen=True, kw_only=True)
class World:
    """A company and its things."""

    database: Database
    tenant_id: TenantId
    things: Mapping[Whose, Thing]


@dataclass(frozen=True, kw_only=True)
class Case:
    """How a use case is called about a thing, and which act it then asks for; False is as good as a refusal."""

    act: Act
    call: Callable[[Session, Thing, Access], object]
    about: tuple[Whose, ...] = TEAMS_AND_COMPANY


def _add_tenant(_: Session, thing: Thing, by: Access) -> None:
    tenant = Tenant(id=TenantId(uuid.uuid4()), code="other", name="n", zone=None)
    with thing.database.bound(tenant.id) as session:
        tenancy.add_tenant(session, tenant, by=by, now=NOW)
        session.rollback()


def _list_fences_near(session: Session, thing: Thing, by: Access) -> bool:
    found = list_fences_near(session, HERE, within_m=10.0, by=by, at=NOW)
    return thing.fence.id in {fence.id for fence in found}


def _list_fence_versions(session: Session, thing: Thing, by: Access) -> bool:
    try:
        return bool(list_fence_versions(session, thing.fence.id, by=by))
    except FenceNotFound:
        return False


def _refusal_of(session: Session, thing: Thing, by: Access) -> bool:
    return refusal_of(thing.fence, sites.find_teams(session, [thing.site_id]), by=by) is None


def _fences_read(thing: Thing) -> FencesRead:
    return FencesRead(fences=(replace(thing.fence, name="m"),), lines=(1,), problems=())


def _save_team(session: Session, _: Thing, by: Access) -> None:
    tenancy.save_team(session, Team(id=TeamId("new"), name="n"), by=by, now=NOW)


def _save_role(session: Session, _: Thing, by: Access) -> None:
    role = Role(id=RoleId("new"), name="n", grants={Act.SEE_SITES: Scope.OWN})
    tenancy.save_role(session, role, by=by, now=NOW)


def _add_member(session: Session, thing: Thing, by: Access) -> None:
    new = NewMember(login="new", name="n", role_id=RoleId("worker"), team_id=thing.team_id)
    tenancy.add_member(session, new, member_id=uuid.uuid4(), by=by, now=NOW)


def _import_sites(session: Session, thing: Thing, by: Access) -> None:
    site = Site(id=SiteId("new"), name="n", position=HERE, team_id=thing.team_id)
    customers.import_sites(session, [site], source=FILE, due_on=None, by=by, now=NOW)


def _list_sites(session: Session, thing: Thing, by: Access) -> bool:
    return thing.site_id in {site.id for site in customers.list_sites(session, by=by)}


def _import_workers(session: Session, thing: Thing, by: Access) -> None:
    worker = Worker(id=WorkerId("new"), name="n", start=HERE, team_id=thing.team_id)
    workforce.import_workers(session, [worker], source=FILE, by=by, now=NOW)


def _draft(session: Session, thing: Thing, by: Access) -> tuple[ImportDraft, FileRead]:
    """Return a file of one site of the thing's team, kept for the actor, and what it holds."""
    _add_author(session, by)
    draft = ImportDraft(
        id=ImportId(uuid.uuid4()),
        file_name="f",
        choices=ImportChoices(kind=ImportKind.SITES, team_id=thing.team_id),
        made_by=by.member_id,  # type: ignore[arg-type]
        made_at=NOW,
    )
    drafts.add_draft(session, draft, b"")
    site = Site(id=SiteId("new"), name="n", position=HERE, team_id=thing.team_id, line=2)
    address = UnsureAddress(line=2, column="address", heading="address", name="n", address="a", position=HERE)
    return draft, FileRead(
        kind=ImportKind.SITES, file="f", rows=(site,), problems=(), doubtful=(), placed=(address,), written=()
    )


def _add_author(session: Session, by: Access) -> None:
    author = NewMember(login="author", name="n", role_id=RoleId("worker"))
    tenancy.add_member(session, author, member_id=by.member_id, by=OPERATOR, now=NOW)  # type: ignore[arg-type]


def _write_rows(session: Session, thing: Thing, by: Access) -> None:
    _, read = _draft(session, thing, by)
    imports.write_rows(session, read, source=FILE, due_on=None, by=by, now=NOW)


def _make_draft(session: Session, thing: Thing, by: Access) -> None:
    _add_author(session, by)
    choices = ImportChoices(kind=ImportKind.SITES, team_id=thing.team_id)
    imports.make_draft(session, TableFile(name="f", content=b""), choices, by=by, now=NOW)


def _preview_draft(session: Session, thing: Thing, by: Access) -> bool:
    return bool(imports.preview_draft(session, *_draft(session, thing, by), by=by).rows)


def _place_address(session: Session, thing: Thing, by: Access) -> None:
    draft, read = _draft(session, thing, by)
    imports.place_address(session, draft, read, (2, "address"), None, by=by)


def _change_crs(session: Session, thing: Thing, by: Access) -> None:
    imports.change_crs(session, _draft(session, thing, by)[0], Crs.GCJ02, by=by)


def _confirm_draft(session: Session, thing: Thing, by: Access) -> None:
    draft, read = _draft(session, thing, by)
    seen = digest_of(imports.preview_draft(session, draft, read, by=OPERATOR))
    imports.confirm_draft(session, draft, read, seen=seen, by=by, now=NOW)


def _set_shifts(session: Session, thing: Thing, by: Access) -> None:
    shift = WorkerShift(service_on=SERVICE_ON, worker_id=thing.worker_id, hours=HOURS)
    workforce.set_shifts(session, [shift], by=by, now=NOW)


def _link_member(session: Session, thing: Thing, by: Access) -> None:
    workforce.link_member(session, thing.worker_id, thing.member_id, by=by, now=NOW)


def _add_device(session: Session, thing: Thing, by: Access) -> DeviceId:
    device, _ = devices.add_device(
        session, worker_id=thing.worker_id, protocol="batch", name="n", by=by, now=NOW - timedelta(hours=1)
    )
    return device.id


def _hand_over(session: Session, thing: Thing, by: Access) -> None:
    devices.hand_over(session, _add_device(session, thing, OPERATOR), thing.worker_id, by=by, at=NOW)


def _clock_in(session: Session, thing: Thing, by: Access) -> None:
    attendance.clock_in(session, thing.worker_id, at=NOW, by=by, now=NOW)


def _clock_out(session: Session, thing: Thing, by: Access) -> None:
    attendance.clock_in(session, thing.worker_id, at=NOW - timedelta(hours=1), by=OPERATOR, now=NOW)
    attendance.clock_out(session, thing.worker_id, at=NOW, by=by, now=NOW)


def _end_shift(session: Session, thing: Thing, by: Access) -> None:
    attendance.clock_in(session, thing.worker_id, at=NOW - timedelta(hours=1), by=OPERATOR, now=NOW)
    shifts.end_shift(session, thing.worker_id, by=by, now=NOW)


def _find_recording(session: Session, thing: Thing, by: Access) -> bool:
    _add_device(session, thing, OPERATOR)
    within = TimeSpan(start_at=NOW, end_at=NOW + timedelta(days=1))
    return shifts.find_recording(session, thing.worker_id, within=within, by=by, now=NOW) is not None


def _find_moved(session: Session, thing: Thing, by: Access) -> bool:
    device_id = _add_device(session, thing, OPERATOR)
    track = Track.of([fix_at(NOW, HERE)])
    ids = np.frombuffer(device_id.bytes, dtype="V16")
    times_us = track.times_us
    newest = LiveFixes.of(track, np.array([0]), device_ids=ids, received_us=times_us, newest_us=times_us)
    save_live(session, newest, underived_from=NOW)
    view = find_moved(session, since=None, by=by, now=NOW)
    return view is not None and device_id in {one.device_id for one in view.positions}


def _import_tracks(_: Session, thing: Thing, by: Access) -> None:
    track = Track.of([Fix(device=None, tracked_at=NOW, position=HERE)])
    named = NamedTrack(device="n", name="n", track=track)
    import_tracks(thing.database, thing.tenant_id, [(thing.worker_id, named)], is_gated=True, by=by, now=NOW)


def _list_passes(session: Session, thing: Thing, by: Access) -> bool:
    device_id = _add_device(session, thing, OPERATOR)
    moments = [int((NOW - timedelta(minutes=minutes)).timestamp() * 1e6) for minutes in (9, 1)]
    stay = TrajectoryPiece(times_us=np.array(moments), lons_deg=np.full(2, HERE.lon), lats_deg=np.full(2, HERE.lat))
    renew_pieces(session, device_id, [stay], from_at=NOW - timedelta(hours=1))
    passes = looking.list_passes(session, HERE, radius_m=50.0, span=AN_HOUR, purpose="p", by=by, now=NOW)
    return thing.worker_id in {one.worker_id for one in passes}


def _get_opened_day(session: Session, thing: Thing, by: Access) -> None:
    look = looks.Look(member_id=by.member_id, worker_id=thing.worker_id, service_on=SERVICE_ON, began_at=NOW)
    looking.get_opened_day(session, look, _add_device(session, thing, OPERATOR), by=by, now=NOW)


def _add_photo(session: Session, thing: Thing, by: Access) -> None:
    member = replace(by, member_id=thing.member_id)
    photos.add_photo(session, photo_files(), sent_photo(thing.worker_id, some_developed()), by=member, now=NOW)


def _take_photo(session: Session, thing: Thing, by: Access) -> None:
    member = replace(by, member_id=thing.member_id)
    take_photo(session, photo_files(), sent_photo(thing.worker_id, some_developed()), by=member, now=NOW)


def _state_check_in(session: Session, thing: Thing, by: Access) -> None:
    state_check_in(session, check_in_at(thing.site_id, worker_id=thing.worker_id), by=by, now=NOW)


def _add_visit(session: Session, thing: Thing) -> VisitId:
    return keep_stated_visit(session, thing.worker_id, thing.site_id, service_on=SERVICE_ON)


def _verify_pack(session: Session, thing: Thing, by: Access) -> None:
    with TemporaryDirectory() as folder:
        vault = Vault(state_dir=Path(folder), given_key="k" * 40)
        content = build_pack(session, photo_files(), _add_visit(session, thing), purpose="p", by=OPERATOR, now=NOW)
        verify_pack(session, content, vault, by=by)


def _decide_visit(session: Session, thing: Thing, by: Access) -> None:
    reviewing.decide_visit(session, _add_visit(session, thing), DecisionKind.ACCEPTED, by=by, now=NOW)


def _read_original(session: Session, thing: Thing, by: Access) -> None:
    photo = add_some_photo(session, thing.worker_id)
    photos.read_original(session, photo_files(), photo.id, by=by, now=NOW)


def _get_day_visits(session: Session, thing: Thing, by: Access) -> bool:
    visit_id = _add_visit(session, thing)
    found = overview.get_day_visits(session, SERVICE_ON, by=by)
    return visit_id in {one for worker in found.workers for one in worker.kept}


def _get_review(session: Session, thing: Thing, by: Access) -> bool:
    visit_id = _add_visit(session, thing)
    return visit_id in {
        one.visit.id for one in overview.get_review(session, since=SERVICE_ON, by=by, now=OFF_SHIFT).kept
    }


def _decide_as_seen(session: Session, thing: Thing, by: Access) -> None:
    visit_id = _add_visit(session, thing)
    seen = overview.AsSeen.of(overview.get_visit_file(session, visit_id, by=OPERATOR).kept)
    word = overview.Word(kind=DecisionKind.ACCEPTED)
    overview.decide_as_seen(session, visit_id, word, seen=seen, by=by, now=NOW)


def _look_at_photo(session: Session, thing: Thing, by: Access) -> None:
    photo_id = add_some_photo(session, thing.worker_id).id
    visit_id = keep_stated_visit(session, thing.worker_id, thing.site_id, service_on=SERVICE_ON, photo_id=photo_id)
    overview.look_at_photo(session, visit_id, photo_id, by=by, now=NOW)


def _use_roads(session: Session, _: Thing, by: Access) -> None:
    roads.use_roads(session, RoadChoice(key=STRAIGHT_ROADS), by=by, now=NOW)


def _request_plan(session: Session, thing: Thing, by: Access) -> None:
    planning.request_plan(session, thing.scope, QUICK, by=by, now=NOW)


def _request_plan_once(session: Session, thing: Thing, by: Access) -> None:
    planning.request_plan_once(session, thing.scope, QUICK, by=by, now=NOW)


def _request_period(session: Session, thing: Thing, by: Access) -> PeriodId:
    ask = PeriodAsk(team_id=thing.team_id, first_on=SERVICE_ON, week_count=1, today_on=SERVICE_ON)
    rule = VisitingRule(site_id=thing.site_id, visits=1, weeks=1, min_gap_days=1, max_gap_days=9)
    periods.set_rules(session, [rule], by=OPERATOR, now=NOW)
    return periods.request_period(session, ask, by=by, now=NOW)


def _of_period(act: Callable[..., object], **facts: object) -> Callable[[Session, Thing, Access], object]:
    """Return what acts on a period of a thing's team that somebody else has asked for."""
    return lambda session, thing, by: act(session, _request_period(session, thing, OPERATOR), by=by, **facts)


def _adopt_period(session: Session, thing: Thing, by: Access) -> None:
    with suppress(PeriodNotPlanned):
        periods.adopt_period(session, _request_period(session, thing, OPERATOR), by=by, now=NOW)


def _list_periods(session: Session, thing: Thing, by: Access) -> bool:
    period_id = _request_period(session, thing, OPERATOR)
    return period_id in {period.id for period in periods.list_periods(session, by=by)}


def _import_rules(session: Session, thing: Thing, by: Access) -> None:
    file = TableFile(name="rules.csv", content=b"level,visits\nA,1\n")
    periods.import_rules(session, file, by=by, now=NOW)


def _publish_plan(session: Session, thing: Thing, by: Access) -> None:
    planning.publish_plan(session, thing.newer_id, instead_of=thing.published_id, by=by, now=NOW)


def _acknowledge_change(session: Session, thing: Thing, by: Access) -> None:
    notice = Notice(plan_id=thing.published_id, number=1, is_end=False)
    member = replace(by, member_id=thing.member_id)
    acknowledge_change(session, thing.scope.service_on, notice, by=member, now=NOW)


def _list_published_workers(session: Session, thing: Thing, by: Access) -> bool:
    return thing.worker_id in planning.list_published_workers(session, thing.scope.service_on, by=by)


def _move_visit(session: Session, thing: Thing, by: Access) -> None:
    job_id, router = JobId(thing.site_id), StraightRouter()
    move_visit(
        lambda: nullcontext(session),
        thing.newer_id,
        job_id,
        worker_id=thing.worker_id,
        number=None,
        router_of=lambda _: router,
        by=by,
        now=NOW,
    )


def _request_replan(session: Session, thing: Thing, by: Access) -> None:
    budget = Budget(time_limit_s=1.0)
    request_replan(session, thing.newer_id, stops={}, reach=Reach.LOCAL, budget=budget, by=by, now=NOW)


def _find_fits(session: Session, thing: Thing, by: Access) -> None:
    find_fits(
        lambda: nullcontext(session),
        thing.newer_id,
        JobId(thing.site_id),
        stops_of=lambda *_: {},
        router_of=lambda _: StraightRouter(),
        by=by,
        now=NOW,
    )


def _insert_visit(session: Session, thing: Thing, by: Access) -> None:
    insert_visit(
        lambda: nullcontext(session),
        thing.newer_id,
        JobId(thing.site_id),
        Place(worker_id=thing.worker_id, before_id=None),
        stops_of=lambda *_: {},
        router_of=lambda _: StraightRouter(),
        by=by,
        now=NOW,
    )


def _move_from_now(session: Session, thing: Thing, by: Access) -> None:
    move_from_now(
        lambda: nullcontext(session),
        thing.newer_id,
        JobId(thing.site_id),
        worker_id=thing.worker_id,
        number=None,
        stops_of=lambda *_: {},
        router_of=lambda _: StraightRouter(),
        by=by,
        now=NOW,
    )


def _lock_stop(session: Session, thing: Thing, by: Access) -> None:
    lock_stop(session, thing.published_id, JobId(thing.site_id), {Lock.WORKER}, by=by, now=NOW)


def _list_stop_locks(session: Session, thing: Thing, by: Access) -> None:
    list_stop_locks(session, plans.get_plan(session, thing.published_id), by=by)


def _list_standings(session: Session, thing: Thing, by: Access) -> None:
    list_standings(session, plans.get_plan(session, thing.published_id), by=by, now=NOW)


def _set_price(session: Session, _: Thing, by: Access) -> None:
    tenancy.set_price(session, ModePrice(per_km=0.8), currency="CNY", by=by, now=NOW)


def _set_speeds(session: Session, _: Thing, by: Access) -> None:
    tenancy.set_speeds(session, {"car": (100,) * 7 + (60,) * 2 + (100,) * 15}, by=by, now=NOW)


def _list_teams_within(session: Session, thing: Thing, by: Access) -> bool:
    return thing.team_id in {team.id for team in tenancy.list_teams_within(session, Act.SEE_PLANS, by=by)}


CASES: dict[Callable[..., object], Case] = {
    tenancy.add_tenant: Case(act=Act.CHANGE_TENANT, call=_add_tenant, about=COMPANY_ONLY),
    tenancy.save_team: Case(act=Act.CHANGE_TENANT, call=_save_team, about=COMPANY_ONLY),
    tenancy.save_role: Case(act=Act.CHANGE_TENANT, call=_save_role, about=COMPANY_ONLY),
    tenancy.add_member: Case(act=Act.CHANGE_MEMBERS, call=_add_member),
    tenancy.set_price: Case(act=Act.CHANGE_TENANT, call=_set_price, about=COMPANY_ONLY),
    tenancy.set_uses_learned: Case(
        act=Act.CHANGE_TENANT,
        call=lambda s, _, by: tenancy.set_uses_learned(s, uses_learned=False, by=by, now=NOW),
        about=COMPANY_ONLY,
    ),
    learn_times: Case(act=Act.PLAN_DAY, call=lambda s, _, by: learn_times(s, by=by, now=NOW), about=COMPANY_ONLY),
    look_back: Case(act=Act.SEE_PLANS, call=lambda s, _, by: look_back(s, by=by, now=NOW), about=COMPANY_ONLY),
    tenancy.set_speeds: Case(act=Act.CHANGE_TENANT, call=_set_speeds, about=COMPANY_ONLY),
    tenancy.list_teams_within: Case(act=Act.SEE_PLANS, call=_list_teams_within, about=TEAMS),
    sign_in.set_password: Case(
        act=Act.CHANGE_MEMBERS,
        call=lambda s, thing, by: sign_in.set_password(s, thing.member_id, PASSWORD, by=by, now=NOW),
        about=COMPANY_ONLY,
    ),
    sign_in.set_password_of: Case(
        act=Act.CHANGE_MEMBERS,
        call=lambda s, _, by: sign_in.set_password_of(s, Whose.COMPANY, PASSWORD, by=by, now=NOW),
        about=COMPANY_ONLY,
    ),
    tenancy.set_tracking: Case(
        act=Act.CHANGE_TENANT,
        call=lambda s, _, by: tenancy.set_tracking(s, TrackingRule(), by=by, now=NOW),
        about=COMPANY_ONLY,
    ),
    devices.add_device: Case(act=Act.CHANGE_WORKERS, call=_add_device, about=tuple(Whose)),
    devices.get_device: Case(
        act=Act.CHANGE_WORKERS,
        call=lambda s, thing, by: devices.get_device(s, _add_device(s, thing, OPERATOR), by=by),
        about=tuple(Whose),
    ),
    devices.list_devices: Case(
        act=Act.SEE_WORKERS,
        call=lambda s, thing, by: _add_device(s, thing, OPERATOR) in {one.id for one in devices.list_devices(s, by=by)},
    ),
    devices.hand_over: Case(act=Act.CHANGE_WORKERS, call=_hand_over, about=tuple(Whose)),
    devices.rotate_key: Case(
        act=Act.CHANGE_WORKERS,
        call=lambda s, thing, by: devices.rotate_key(s, _add_device(s, thing, OPERATOR), by=by, now=NOW),
        about=tuple(Whose),
    ),
    devices.revoke_keys: Case(
        act=Act.CHANGE_WORKERS,
        call=lambda s, thing, by: devices.revoke_keys(s, _add_device(s, thing, OPERATOR), by=by, now=NOW),
        about=tuple(Whose),
    ),
    attendance.clock_in: Case(act=Act.CHANGE_WORKERS, call=_clock_in, about=TEAMS_AND_COMPANY),
    attendance.clock_out: Case(act=Act.CHANGE_WORKERS, call=_clock_out, about=TEAMS_AND_COMPANY),
    attendance.find_clocked_in_at: Case(
        act=Act.SEE_WORKERS,
        call=lambda s, thing, by: attendance.find_clocked_in_at(s, thing.worker_id, by=by, now=NOW),
        about=tuple(Whose),
    ),
    list_reports: Case(
        act=Act.SEE_WORKERS,
        call=lambda s, thing, by: (
            _add_device(s, thing, OPERATOR) in {one.device.id for one in list_reports(s, by=by, now=NOW)}
        ),
    ),
    find_moved: Case(act=Act.SEE_TRACKS, call=_find_moved),
    looking.get_worker_day: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: looking.get_worker_day(s, thing.worker_id, SERVICE_ON, purpose="p", by=by, now=NOW),
        about=tuple(Whose),
    ),
    looking.open_worker_day: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: looking.open_worker_day(s, thing.worker_id, SERVICE_ON, purpose="p", by=by, now=NOW),
        about=tuple(Whose),
    ),
    looking.get_opened_day: Case(act=Act.SEE_TRACKS, call=_get_opened_day, about=tuple(Whose)),
    looks.get_watched: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: looks.get_watched(s, thing.worker_id, by=by),
        about=tuple(Whose),
    ),
    looks.list_watched: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: thing.worker_id in {one.id for one in looks.list_watched(s, by=by)},
    ),
    looks.list_looks: Case(act=Act.SEE_AUDIT, call=lambda s, thing, by: looks.list_looks(s, thing.worker_id, by=by)),
    looking.require_searchable: Case(
        act=Act.SEE_TRACKS,
        call=lambda _s, _thing, by: looking.require_searchable(50.0, AN_HOUR, by=by),
        about=(Whose.OWN_TEAM,),
    ),
    looking.find_whereabouts: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: looking.find_whereabouts(s, thing.worker_id, NOW, purpose="p", by=by, now=NOW),
        about=tuple(Whose),
    ),
    erase_tracks: Case(
        act=Act.CHANGE_TENANT,
        call=lambda _s, thing, by: erase_tracks(thing.database, thing.tenant_id, thing.worker_id, by=by, now=NOW),
        about=COMPANY_ONLY,
    ),
    photos.add_photo: Case(act=Act.CHANGE_WORKERS, call=_add_photo),
    photos.give_photo: Case(
        act=Act.CHANGE_WORKERS,
        call=lambda s, thing, by: photos.give_photo(
            s,
            add_some_photo(s, thing.worker_id).id,
            thing.worker_id,
            by=replace(by, member_id=thing.member_id),
            now=NOW,
        ),
    ),
    photos.get_photo: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: photos.get_photo(s, add_some_photo(s, thing.worker_id).id, by=by),
        about=tuple(Whose),
    ),
    photos.read_display: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: photos.read_display(s, photo_files(), add_some_photo(s, thing.worker_id).id, by=by),
        about=tuple(Whose),
    ),
    photos.read_thumbnail: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: photos.read_thumbnail(s, photo_files(), add_some_photo(s, thing.worker_id).id, by=by),
        about=tuple(Whose),
    ),
    photos.read_original: Case(act=Act.SEE_AUDIT, call=_read_original, about=tuple(Whose)),
    erase_photos: Case(
        act=Act.CHANGE_TENANT,
        call=lambda _s, thing, by: erase_photos(
            thing.database, photo_files(), thing.tenant_id, thing.worker_id, by=by, now=NOW
        ),
        about=COMPANY_ONLY,
    ),
    build_pack: Case(
        act=Act.SEE_AUDIT,
        call=lambda s, thing, by: build_pack(s, photo_files(), _add_visit(s, thing), purpose="p", by=by, now=NOW),
        about=tuple(Whose),
    ),
    verify_pack: Case(act=Act.SEE_AUDIT, call=_verify_pack, about=COMPANY_ONLY),
    erase_visits: Case(
        act=Act.CHANGE_TENANT,
        call=lambda s, thing, by: erase_visits(s, thing.worker_id, by=by, now=NOW),
        about=COMPANY_ONLY,
    ),
    count_left: Case(
        act=Act.CHANGE_TENANT,
        call=lambda s, thing, by: count_left(s, thing.worker_id, by=by),
        about=COMPANY_ONLY,
    ),
    take_photo: Case(act=Act.CHANGE_WORKERS, call=_take_photo),
    state_check_in: Case(act=Act.CHECK_IN, call=_state_check_in, about=tuple(Whose)),
    reviewing.list_visits: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: (
            _add_visit(s, thing) in {one.visit.id for one in reviewing.list_visits(s, SERVICE_ON, by=by)}
        ),
    ),
    reviewing.list_worker_visits: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: reviewing.list_worker_visits(s, thing.worker_id, SERVICE_ON, by=by),
        about=tuple(Whose),
    ),
    reviewing.list_review_queue: Case(
        act=Act.REVIEW_VISITS,
        call=lambda s, thing, by: (
            _add_visit(s, thing)
            in {one.visit.id for one in reviewing.list_review_queue(s, since=SERVICE_ON, by=by, now=OFF_SHIFT)}
        ),
    ),
    reviewing.get_visit: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: reviewing.get_visit(s, _add_visit(s, thing), by=by),
        about=tuple(Whose),
    ),
    reviewing.decide_visit: Case(act=Act.REVIEW_VISITS, call=_decide_visit, about=TEAMS_AND_COMPANY),
    import_tracks: Case(act=Act.CHANGE_WORKERS, call=_import_tracks, about=tuple(Whose)),
    looking.list_passes: Case(act=Act.SEE_TRACKS, call=_list_passes),
    shifts.start_shift: Case(
        act=Act.CHANGE_WORKERS,
        call=lambda s, thing, by: shifts.start_shift(s, thing.worker_id, at=NOW, by=by, now=NOW),
        about=TEAMS_AND_COMPANY,
    ),
    shifts.end_shift: Case(act=Act.CHANGE_WORKERS, call=_end_shift, about=TEAMS_AND_COMPANY),
    shifts.find_recording: Case(act=Act.SEE_TRACKS, call=_find_recording, about=tuple(Whose)),
    imports.write_rows: Case(act=Act.CHANGE_SITES, call=_write_rows),
    imports.make_draft: Case(act=Act.CHANGE_SITES, call=_make_draft, about=TEAMS),
    imports.get_draft: Case(
        act=Act.CHANGE_SITES,
        call=lambda s, thing, by: imports.get_draft(s, _draft(s, thing, by)[0].id, by=by, now=NOW),
        about=TEAMS,
    ),
    imports.get_file: Case(
        act=Act.CHANGE_SITES,
        call=lambda s, thing, by: imports.get_file(s, _draft(s, thing, by)[0], by=by),
        about=TEAMS,
    ),
    imports.preview_draft: Case(act=Act.CHANGE_SITES, call=_preview_draft),
    imports.place_address: Case(act=Act.CHANGE_SITES, call=_place_address, about=TEAMS),
    imports.change_crs: Case(act=Act.CHANGE_SITES, call=_change_crs, about=TEAMS),
    imports.confirm_draft: Case(
        act=Act.CHANGE_SITES,
        call=_confirm_draft,
        about=TEAMS,
    ),
    list_fences: Case(
        act=Act.SEE_SITES,
        call=lambda s, thing, by: thing.fence.id in {one.id for one in list_fences(s, by=by, at=NOW)},
    ),
    list_fences_near: Case(act=Act.SEE_SITES, call=_list_fences_near),
    list_fence_versions: Case(act=Act.SEE_SITES, call=_list_fence_versions),
    find_changeable: Case(
        act=Act.CHANGE_SITES, call=lambda s, thing, by: bool(find_changeable(s, [thing.fence], by=by))
    ),
    add_fence: Case(
        act=Act.CHANGE_SITES,
        call=lambda s, thing, by: add_fence(s, replace(thing.fence, id=GeofenceId("new")), by=by, now=NOW),
    ),
    change_fence: Case(
        act=Act.CHANGE_SITES,
        call=lambda s, thing, by: change_fence(s, replace(thing.fence, name="m"), seen=1, by=by, now=NOW),
    ),
    remove_fence: Case(
        act=Act.CHANGE_SITES, call=lambda s, thing, by: remove_fence(s, thing.fence.id, seen=1, by=by, now=NOW)
    ),
    refusal_of: Case(act=Act.CHANGE_SITES, call=_refusal_of),
    sort_fences: Case(
        act=Act.CHANGE_SITES,
        call=lambda s, thing, by: not sort_fences(s, _fences_read(thing), file="f", by=by).problems,
    ),
    import_fences: Case(
        act=Act.CHANGE_SITES,
        call=lambda s, thing, by: not import_fences(s, _fences_read(thing), file="f", by=by, now=NOW).problems,
    ),
    set_site_radius: Case(
        act=Act.CHANGE_TENANT,
        call=lambda s, _, by: set_site_radius(s, 60.0, by=by, now=NOW),
        about=COMPANY_ONLY,
    ),
    workforce.import_workers: Case(act=Act.CHANGE_WORKERS, call=_import_workers),
    workforce.list_workers: Case(
        act=Act.SEE_WORKERS,
        call=lambda s, thing, by: thing.worker_id in {one.id for one in workforce.list_workers(s, by=by)},
    ),
    workforce.set_shifts: Case(act=Act.CHANGE_WORKERS, call=_set_shifts, about=tuple(Whose)),
    workforce.link_member: Case(act=Act.CHANGE_MEMBERS, call=_link_member, about=COMPANY_ONLY),
    customers.import_sites: Case(act=Act.CHANGE_SITES, call=_import_sites),
    customers.list_sites: Case(act=Act.SEE_SITES, call=_list_sites),
    customers.find_sites: Case(
        act=Act.SEE_SITES,
        call=lambda s, thing, by: thing.site_id in {site.id for site in customers.find_sites(s, thing.site_id, by=by)},
    ),
    roads.use_roads: Case(act=Act.CHANGE_TENANT, call=_use_roads, about=COMPANY_ONLY),
    planning.request_plan: Case(act=Act.PLAN_DAY, call=_request_plan),
    planning.request_plan_once: Case(act=Act.PLAN_DAY, call=_request_plan_once),
    planning.get_request: Case(
        act=Act.SEE_PLANS, call=lambda s, thing, by: planning.get_request(s, thing.open_request_id, by=by)
    ),
    planning.stop_planning: Case(
        act=Act.PLAN_DAY, call=lambda s, thing, by: planning.stop_planning(s, thing.open_request_id, by=by, now=NOW)
    ),
    periods.set_rules: Case(
        act=Act.CHANGE_SITES,
        call=lambda s, _, by: periods.set_rules(s, [], by=by, now=NOW),
        about=COMPANY_ONLY,
    ),
    periods.import_rules: Case(act=Act.CHANGE_SITES, call=_import_rules, about=COMPANY_ONLY),
    periods.list_rules: Case(
        act=Act.SEE_SITES, call=lambda s, _, by: periods.list_rules(s, by=by), about=(Whose.OWN_TEAM,)
    ),
    periods.get_learning: Case(
        act=Act.SEE_PLANS, call=lambda s, _, by: periods.get_learning(s, by=by), about=(Whose.OWN_TEAM,)
    ),
    periods.request_period: Case(act=Act.PLAN_DAY, call=_request_period),
    periods.get_period: Case(act=Act.SEE_PLANS, call=_of_period(periods.get_period)),
    periods.get_calendar: Case(act=Act.SEE_PLANS, call=_of_period(periods.get_calendar)),
    periods.get_asked_again: Case(act=Act.PLAN_DAY, call=_of_period(periods.get_asked_again, today=SERVICE_ON)),
    periods.list_periods: Case(act=Act.SEE_PLANS, call=_list_periods),
    periods.stop_period: Case(act=Act.PLAN_DAY, call=_of_period(periods.stop_period, now=NOW)),
    periods.adopt_period: Case(act=Act.PLAN_DAY, call=_adopt_period),
    planning.get_plan: Case(act=Act.SEE_PLANS, call=lambda s, thing, by: planning.get_plan(s, thing.scope, by=by)),
    planning.get_planned: Case(
        act=Act.SEE_PLANS, call=lambda s, thing, by: planning.get_planned(s, thing.planned_request_id, by=by)
    ),
    planning.find_published_id: Case(
        act=Act.SEE_PLANS, call=lambda s, thing, by: planning.find_published_id(s, thing.scope, by=by)
    ),
    get_overview: Case(act=Act.SEE_PLANS, call=lambda s, thing, by: get_overview(s, thing.scope, by=by)),
    overview.get_day_visits: Case(act=Act.SEE_TRACKS, call=_get_day_visits),
    overview.get_visit_file: Case(
        act=Act.SEE_TRACKS,
        call=lambda s, thing, by: overview.get_visit_file(s, _add_visit(s, thing), by=by),
        about=tuple(Whose),
    ),
    overview.get_review: Case(act=Act.REVIEW_VISITS, call=_get_review),
    overview.decide_as_seen: Case(act=Act.REVIEW_VISITS, call=_decide_as_seen, about=TEAMS_AND_COMPANY),
    overview.look_at_photo: Case(act=Act.SEE_TRACKS, call=_look_at_photo, about=tuple(Whose)),
    move_visit: Case(act=Act.PLAN_DAY, call=_move_visit),
    planning.get_plan_by_id: Case(
        act=Act.SEE_PLANS, call=lambda s, thing, by: planning.get_plan_by_id(s, thing.published_id, by=by)
    ),
    request_replan: Case(act=Act.PLAN_DAY, call=_request_replan),
    find_fits: Case(act=Act.PLAN_DAY, call=_find_fits),
    insert_visit: Case(act=Act.PLAN_DAY, call=_insert_visit),
    move_from_now: Case(act=Act.PLAN_DAY, call=_move_from_now),
    lock_stop: Case(act=Act.PLAN_DAY, call=_lock_stop),
    list_stop_locks: Case(act=Act.SEE_PLANS, call=_list_stop_locks),
    list_standings: Case(act=Act.PLAN_DAY, call=_list_standings),
    restore_plan: Case(
        act=Act.PLAN_DAY,
        call=lambda s, thing, by: restore_plan(s, thing.published_id, instead_of=thing.newer_id, by=by, now=NOW),
    ),
    planning.publish_plan: Case(act=Act.PUBLISH_PLAN, call=_publish_plan),
    planning.withdraw_plan: Case(
        act=Act.PUBLISH_PLAN, call=lambda s, thing, by: planning.withdraw_plan(s, thing.published_id, by=by, now=NOW)
    ),
    list_readers: Case(act=Act.PUBLISH_PLAN, call=lambda s, thing, by: list_readers(s, thing.scope, by=by)),
    planning.list_published_workers: Case(act=Act.SEE_PLANS, call=_list_published_workers, about=tuple(Whose)),
    find_day_news: Case(
        act=Act.SEE_PLANS,
        call=lambda s, thing, by: find_day_news(s, thing.scope.service_on, by=by),
        about=(Whose.MINE,),
    ),
    acknowledge_change: Case(act=Act.SEE_PLANS, call=_acknowledge_change, about=(Whose.MINE,)),
    planning.get_worker_day: Case(
        act=Act.SEE_PLANS,
        call=lambda s, thing, by: planning.get_worker_day(s, thing.worker_id, thing.scope.service_on, by=by),
        about=tuple(Whose),
    ),
    planning.find_next_day: Case(
        act=Act.SEE_PLANS,
        call=lambda s, thing, by: planning.find_next_day(s, thing.worker_id, thing.scope.service_on, by=by),
        about=tuple(Whose),
    ),
}
# What is no use case of its own, as each of its callers has a case, and what concerns the actor alone.
PARTS = {
    add_next,
    require_newest,
    place_in_teams,
    sort_rows,
    tenancy.set_language,
    imports.list_my_drafts,
    imports.discard_draft,
}


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    """Give a company of two teams, with a thing of each and of nobody in particular."""
    with databases.clone() as own:
        tenant_id = add_bare_company(own.app, "alpha")
        workers = {whose: ME if whose is Whose.MINE else WorkerId(f"W-{whose.name}") for whose in Whose}
        days = {whose: SERVICE_ON + timedelta(days=number) for number, whose in enumerate(TEAMS_AND_COMPANY)}
        members = {whose: MemberId(uuid.uuid4()) for whose in Whose}
        with own.app.bound(tenant_id) as session:
            for team_id in (NORTH, SOUTH):
                tenancy.save_team(session, Team(id=team_id, name=team_id), by=OPERATOR, now=NOW)
            _fill(session, workers, members, days)
        made = {
            whose: _plan(own.app, tenant_id, PlanScope(service_on=days[whose], team_id=TEAM_OF[whose]))
            for whose in days
        }
        things = {
            whose: Thing(
                database=own.app,
                tenant_id=tenant_id,
                team_id=TEAM_OF[whose],
                worker_id=workers[whose],
                site_id=SiteId(f"S-{whose.name}"),
                member_id=members[whose],
                **made[Whose.OWN_TEAM if whose is Whose.MINE else whose],
            )
            for whose in Whose
        }
        with own.app.bound(tenant_id) as session:
            for whose in TEAMS_AND_COMPANY:
                add_fence(session, things[whose].fence, by=OPERATOR, now=NOW)
        yield World(database=own.app, tenant_id=tenant_id, things=things)


def _fill(
    session: Session,
    workers: Mapping[Whose, WorkerId],
    members: Mapping[Whose, MemberId],
    days: Mapping[Whose, date],
) -> None:
    """Write workers, members and sites; only its own worker may go to a site, so everybody gets a route."""
    people = [
        Worker(id=worker_id, name="n", start=HERE, team_id=TEAM_OF[whose]) for whose, worker_id in workers.items()
    ]
    workforce.import_workers(session, people, source=FILE, by=OPERATOR, now=NOW)
    for whose, member_id in members.items():
        new = NewMember(login=whose, name="n", role_id=RoleId("worker"))
        tenancy.add_member(session, new, member_id=member_id, by=OPERATOR, now=NOW)
    sites = [
        Site(
            id=SiteId(f"S-{whose.name}"),
            name="n",
            position=Position(116.41, 39.91),
            team_id=TEAM_OF[whose],
            worker_ids=frozenset({worker_id}),
        )
        for whose, worker_id in workers.items()
    ]
    for day in (*days.values(), OPEN_ON):
        customers.import_sites(session, sites, source=FILE, due_on=day, by=OPERATOR, now=NOW)


def _plan(database: Database, tenant_id: TenantId, scope: PlanScope) -> dict[str, object]:
    """Plan a scope, publish it, plan it once more, and ask for a plan of another day."""
    versions, requests = [], []
    for _ in range(2):
        request_id = ask_for_plan(database, tenant_id, scope)
        work_off(database, tenant_id, request_id)
        with database.bound(tenant_id) as session:
            versions.append(planning.get_planned(session, request_id, by=OPERATOR).id)
            if len(versions) == 1:
                planning.publish_plan(session, versions[0], instead_of=None, by=OPERATOR, now=NOW)
        requests.append(request_id)
    return {
        "scope": scope,
        "published_id": versions[0],
        "newer_id": versions[1],
        "planned_request_id": requests[1],
        "open_request_id": ask_for_plan(database, tenant_id, replace(scope, service_on=OPEN_ON)),
    }


def test_every_use_case_that_somebody_acts_in_has_a_case() -> None:
    """Whoever writes one says here which act it asks for, and how it is called."""
    found = {
        function
        for module in pkgutil.walk_packages(geo_engine.__path__, "geo_engine.")
        for name, function in inspect.getmembers(import_module(module.name), inspect.isfunction)
        if function.__module__ == module.name and not name.startswith("_") and _is_acted_in(function)
    }

    assert found - PARTS == set(CASES)


def _is_acted_in(function: Callable[..., object]) -> bool:
    by = inspect.signature(function).parameters.get("by")
    return by is not None and by.annotation is Access


ASKED = [
    (function, role_id, whose) for function, case in CASES.items() for role_id in DEFAULT_GRANTS for whose in case.about
]


def _name(value: object) -> str:
    return getattr(value, "__qualname__", str(value))


@pytest.mark.parametrize(("function", "role_id", "whose"), ASKED, ids=_name)
def test_a_role_reaches_what_the_table_says(
    world: World, function: Callable[..., object], role_id: RoleId, whose: Whose
) -> None:
    """A use case does what it is asked for exactly when the role's scope of its act reaches the thing."""
    case = CASES[function]
    by = Access(
        member_id=MemberId(uuid.uuid4()),
        grants=DEFAULT_GRANTS[role_id],
        worker_id=ME,
        team_ids=frozenset({NORTH}),
    )

    assert _is_done(world, case, whose, by) is _is_granted(role_id, case.act, whose)


def _is_done(world: World, case: Case, whose: Whose, by: Access) -> bool:
    with world.database.bound(world.tenant_id) as session:
        try:
            return case.call(session, world.things[whose], by) is not False
        except NotAllowed:
            return False
        finally:
            session.rollback()


def _is_granted(role_id: RoleId, act: Act, whose: Whose) -> bool:
    widths = list(Scope)
    granted = DEFAULT_GRANTS[role_id].get(act)
    return granted is not None and widths.index(granted) >= widths.index(NEEDED[whose])
