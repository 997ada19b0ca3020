"""Whether every query of the stores is served by an index as the app role, and finds what a plain search finds."""

import inspect
import pkgutil
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.sql import SQL, Literal
from sqlalchemy import event, select
from support.cluster import connected
from support.companies import NOW
from support.crowds import FIRST_DUE_ON, fill_sites, fill_work
from support.databases import Databases, OwnDatabase
from support.visited import A_LEG, check_in_at

import geo_engine
from geo_engine.audit import link_store as links
from geo_engine.audit import store as audit
from geo_engine.audit.model import AuditEvent
from geo_engine.customers import store as customers
from geo_engine.db.session import Session
from geo_engine.geofences import accuracy_store as accuracies
from geo_engine.geofences import store as fences
from geo_engine.geofences.accuracy_store import SeenAt
from geo_engine.geofences.detectability import AccuraciesSeen
from geo_engine.geometry import Box, Position
from geo_engine.ids import (
    CheckInId,
    DecisionId,
    DeviceId,
    GeofenceId,
    ImportId,
    JobId,
    MemberId,
    PeriodId,
    PhotoId,
    PlanId,
    PlanRequestId,
    RoleId,
    SiteId,
    TeamId,
    TenantId,
    VisitId,
    WorkerId,
)
from geo_engine.imports import store as imports
from geo_engine.imports.model import KEPT_FOR
from geo_engine.outbox import store as outbox
from geo_engine.photos import store as photos
from geo_engine.planning.periods import store as periods
from geo_engine.planning.periods.kept import PeriodNotFound
from geo_engine.planning.periods.model import PeriodPlan
from geo_engine.planning.replan.progress import Lock
from geo_engine.planning.requests import store as requests
from geo_engine.planning.requests.attempt_store import AttemptStore
from geo_engine.planning.travel.learned import LearnedTimes, Learning
from geo_engine.planning.versions import learned_store as learned
from geo_engine.planning.versions import left_out_store as left_out
from geo_engine.planning.versions import lock_store as locks
from geo_engine.planning.versions import publication_store as publications
from geo_engine.planning.versions import store as plans
from geo_engine.planning.versions.inputs import Names
from geo_engine.planning.versions.model import PlanScope, RequestState
from geo_engine.roads import STRAIGHT_ROADS
from geo_engine.roads import store as roads
from geo_engine.tenancy import Team, speed_store
from geo_engine.tenancy import company_store as companies
from geo_engine.tenancy import credential_store as credentials
from geo_engine.tenancy import price_store as prices
from geo_engine.tenancy import store as tenancy
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import derived_store as derived
from geo_engine.tracks import driving_store as driving
from geo_engine.tracks import erasing_store as erasing
from geo_engine.tracks import fix_store as fixes
from geo_engine.tracks import grounds_store as grounds
from geo_engine.tracks import keeping_store as keeping
from geo_engine.tracks import live_store as live
from geo_engine.tracks import reporting_store as reporting
from geo_engine.tracks import trajectory_store as trajectories
from geo_engine.tracks.driven import DrivenTrip
from geo_engine.visits import CheckIn
from geo_engine.visits import check_in_store as check_ins
from geo_engine.visits import learning_store as stays
from geo_engine.visits import leg_store as legs
from geo_engine.visits import visit_store as visits
from geo_engine.visits.kept import Decision, DecisionKind
from geo_engine.workforce import device_store as devices
from geo_engine.workforce import store as workforce
from geo_engine.workforce.device_model import ShiftRecord

SITES, TENANTS = 100_000, 20
AN_EVENT = AuditEvent(act="look", subject=("site", "S3"), member_id=None, happened_at=NOW)
A_VISIT_ON = date(2026, 11, 5)
MANY_ROWS = 1_000
BOX = Box(west=116.38, south=39.88, east=116.42, north=39.92)
HERE = Position(116.40, 39.90)
TEAM, WORKER = TeamId("team-3"), WorkerId("W3")
SCOPE = PlanScope(service_on=FIRST_DUE_ON, team_id=TEAM)
SENT_SINCE = NOW - KEPT_FOR
RECORD = ShiftRecord(clocked_in_at=NOW, clocked_out_at=None)
AN_HOUR_AGO = NOW - timedelta(hours=1)
A_MONTH_AGO = NOW - timedelta(days=30)
AN_HOUR = TimeSpan(start_at=AN_HOUR_AGO, end_at=NOW)
A_STATE = derived.DayState(derived_on=FIRST_DUE_ON, restart_at=NOW, final_until=NOW, newest_at=NOW)
A_TRIP = DrivenTrip(driven_m=1.0, confidence=1.0, ways=())
SPATIAL_INDEX = "ix_site_tenant_id_geom"
LEAKPROOF = "alter function geometry_overlaps(geometry, geometry) {}leakproof"
# Rows that are only added are found by the unique key that they may not contradict.
ADDING = ("add_", "append_", "save_", "stage_", "keep_staged", "seal_staged")
# One row a device: an index on what changes with every fix would make each fix dear.
READ_WHOLE = {"device_live"}

type Plan = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Known:
    """Rows of one company that queries by id ask for."""

    member_id: MemberId
    request_id: PlanRequestId
    open_request_id: PlanRequestId
    plan_id: PlanId
    worker_id: WorkerId
    site_ids: list[SiteId]
    draft_id: ImportId
    device_id: DeviceId
    photo_id: PhotoId
    check_in_id: CheckInId
    visit_id: VisitId


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """A database of 100,000 sites of twenty companies, and one of these."""

    own: OwnDatabase
    tenant_id: TenantId
    known: Known


type Case = Callable[[Session, Known], object]

NO_WEEKS = PeriodPlan(
    days=(),
    missed=(),
    late=(),
    coverage=(),
    workloads=(),
    unruled=(),
    kept_count=0,
    moved_count=0,
    road_source="straight",
    is_estimate=True,
)
NOTHING_LEARNED = Learning(since=FIRST_DUE_ON, before=FIRST_DUE_ON, times=LearnedTimes(), held_out=())


def _get_no_period(session: Session, known: Any) -> None:  # noqa: ANN401 - what there is
    with suppress(PeriodNotFound):
        periods.get_period(session, PeriodId(known.request_id))


def _of_both(ask: Callable[[Session, AttemptStore, uuid.UUID], object]) -> list[Case]:
    """Return how something is asked of requests to plan and of periods."""
    return [
        lambda s, known: ask(s, requests.ATTEMPTS, known.open_request_id),
        lambda s, known: ask(s, periods.ATTEMPTS, PeriodId(known.request_id)),
    ]


CASES: dict[Callable[..., object], Sequence[Case]] = {
    audit.is_written: [lambda s, _: audit.is_written(s, AN_EVENT, since=NOW)],
    audit.list_events: [lambda s, _: audit.list_events(s)],
    audit.list_events_about: [
        lambda s, _: audit.list_events_about(s, ("site", "S3"), ["look", "change"], limit=200),
    ],
    links.find_head: [lambda s, _: links.find_head(s), lambda s, _: links.find_head(s, until=500)],
    links.find_last_number: [lambda s, _: links.find_last_number(s)],
    links.find_numbered: [lambda s, _: links.find_numbered(s, [3, 5])],
    links.find_until: [lambda s, _: links.find_until(s, after=100, limit=100)],
    links.get_clock: [lambda s, _: links.get_clock(s)],
    links.list_about: [lambda s, _: links.list_about(s, ("site", "S3"), after=0, limit=100)],
    links.list_erasable: [
        lambda s, _: links.list_erasable(s, ("site", "S3"), ["site"], after=100, until=900),
    ],
    links.list_linked: [lambda s, _: links.list_linked(s, after=100, until=900, limit=100)],
    links.list_recorded_erasures: [lambda s, _: links.list_recorded_erasures(s, [3, 5])],
    links.list_unlinked: [lambda s, _: links.list_unlinked(s, after=900, limit=100)],
    links.list_writers: [lambda s, _: links.list_writers(s)],
    links.lock_linking: [lambda s, _: links.lock_linking(s)],
    links.erase: [lambda s, _: links.erase(s, {3: b"c"}, by=None)],
    outbox.list_undelivered: [lambda s, _: outbox.list_undelivered(s)],
    roads.find_choice: [lambda s, _: roads.find_choice(s)],
    roads.find_graph: [lambda s, _: roads.find_graph(s, STRAIGHT_ROADS)],
    roads.get_graph: [lambda s, _: roads.get_graph(s, STRAIGHT_ROADS)],
    customers.sites_in_box: [lambda s, _: s.execute(customers.sites_in_box(BOX, limit=100))],
    customers.nearest_by_degrees: [lambda s, _: s.execute(customers.nearest_by_degrees(HERE, count=10))],
    customers.nearest_in_box: [lambda s, _: s.execute(customers.nearest_in_box(HERE, BOX, count=10))],
    customers.sites_due: [
        lambda s, _: s.execute(customers.sites_due(FIRST_DUE_ON, [TEAM])),
        lambda s, _: s.execute(customers.sites_due(FIRST_DUE_ON, None)),
    ],
    customers.list_sites_in_box: [lambda s, _: customers.list_sites_in_box(s, BOX)],
    customers.list_sites_near: [lambda s, _: customers.list_sites_near(s, HERE)],
    customers.list_sites_due: [lambda s, _: customers.list_sites_due(s, FIRST_DUE_ON, team_ids=[TEAM])],
    customers.list_sites: [
        lambda s, _: customers.list_sites(s, team_ids=[TEAM]),
        lambda s, _: customers.list_sites(s),
    ],
    customers.list_names: [
        lambda s, _: customers.list_names(s, team_ids=[TEAM]),
        lambda s, _: customers.list_names(s),
    ],
    customers.list_due_workers: [lambda s, _: customers.list_due_workers(s, FIRST_DUE_ON, FIRST_DUE_ON)],
    customers.replace_due_visits: [
        lambda s, _: customers.replace_due_visits(s, [], from_on=FIRST_DUE_ON, until_on=FIRST_DUE_ON, team_ids=[TEAM])
    ],
    customers.get_sites: [lambda s, known: customers.get_sites(s, known.site_ids)],
    customers.find_teams: [lambda s, known: customers.find_teams(s, known.site_ids)],
    imports.get_draft: [
        lambda s, known: imports.get_draft(s, known.draft_id, author=known.member_id, since=SENT_SINCE)
    ],
    imports.get_file: [lambda s, known: imports.get_file(s, known.draft_id, author=known.member_id)],
    imports.list_drafts: [lambda s, known: imports.list_drafts(s, author=known.member_id, since=SENT_SINCE)],
    imports.lock_decisions: [lambda s, known: imports.lock_decisions(s, known.draft_id, author=known.member_id)],
    imports.delete_draft: [lambda s, known: imports.delete_draft(s, known.draft_id, author=known.member_id)],
    imports.delete_older_drafts: [lambda s, _: imports.delete_older_drafts(s, SENT_SINCE)],
    devices.lock_device: [lambda s, known: devices.lock_device(s, known.device_id)],
    devices.list_devices: [lambda s, _: devices.list_devices(s)],
    devices.find_named: [lambda s, _: devices.find_named(s, "batch", ["W1"], now=NOW)],
    devices.find_holding: [lambda s, known: devices.find_holding(s, [known.device_id], now=NOW)],
    devices.find_names: [lambda s, known: devices.find_names(s, [known.device_id])],
    devices.end_keys: [lambda s, known: devices.end_keys(s, known.device_id, ends_at=NOW, is_revoked=True)],
    devices.find_keys: [lambda s, _: devices.find_keys(s, [b"0"], now=NOW)],
    devices.find_wearer: [lambda s, known: devices.find_wearer(s, known.device_id)],
    devices.end_wearing: [lambda s, known: devices.end_wearing(s, known.device_id, at=NOW)],
    devices.list_wearings: [
        lambda s, _: devices.list_wearings(s, earliest_at=AN_HOUR_AGO, latest_at=NOW, worker_ids=[WORKER]),
        lambda s, known: devices.list_wearings(s, earliest_at=AN_HOUR_AGO, latest_at=NOW, device_ids=[known.device_id]),
    ],
    devices.delete_wearings: [lambda s, _: devices.delete_wearings(s, WORKER)],
    devices.delete_unworn_devices: [lambda s, known: devices.delete_unworn_devices(s, [known.device_id])],
    keeping.tidy: [lambda s, _: keeping.tidy(s)],
    prices.find_said_prices: [lambda s, _: prices.find_said_prices(s, "CNY")],
    companies.list_companies: [lambda s, _: companies.list_companies(s)],
    keeping.settle_trips: [lambda s, _: keeping.settle_trips(s, ended_before=AN_HOUR_AGO)],
    keeping.is_waiting: [lambda s, _: keeping.is_waiting(s, received_before=AN_HOUR_AGO)],
    keeping.drop_expired: [lambda s, _: keeping.drop_expired(s)],
    keeping.list_days: [lambda s, _: keeping.list_days(s, retention_days=90, limit=10)],
    keeping.move_some: [lambda s, _: keeping.move_some(s, retention_days=90, limit=10, now=NOW)],
    erasing.erase_span: [lambda s, known: erasing.erase_span(s, _span_of(known))],
    erasing.release_live: [lambda s, known: erasing.release_live(s, _span_of(known))],
    erasing.count_span: [lambda s, known: erasing.count_span(s, _span_of(known))],
    erasing.lock_devices: [lambda s, known: erasing.lock_devices(s, [known.device_id])],
    devices.find_last_record: [lambda s, _: devices.find_last_record(s, WORKER, before=NOW)],
    devices.move_clock_in: [
        lambda s, _: devices.move_clock_in(s, WORKER, RECORD, at=NOW - timedelta(hours=1), service_on=NOW.date())
    ],
    devices.find_open_record: [lambda s, _: devices.find_open_record(s, WORKER)],
    fixes.get_track: [lambda s, known: s.connection().exec_driver_sql(fixes.FIXES_OF_DEVICE, _an_hour_of(known))],
    derived.claim_devices: [lambda s, _: derived.claim_devices(s, limit=10)],
    derived.lock_deriving: [lambda s, known: derived.lock_deriving(s, known.device_id)],
    derived.lock_claim: [lambda s, known: derived.lock_claim(s, known.device_id)],
    derived.end_claim: [lambda s, known: derived.end_claim(s, _claim_of(known))],
    derived.find_state: [
        lambda s, known: derived.find_state(s, known.device_id, rules="1"),
        lambda s, known: derived.find_state(s, known.device_id, rules="1", before=FIRST_DUE_ON),
    ],
    derived.replace_states: [lambda s, known: derived.replace_states(s, known.device_id, [A_STATE], rules="1")],
    derived.list_kept: [lambda s, known: derived.list_kept(s, known.device_id, from_at=AN_HOUR_AGO)],
    derived.settle: [lambda s, known: derived.settle(s, derived.list_kept(s, known.device_id, from_at=A_MONTH_AGO))],
    derived.supersede: [
        lambda s, known: derived.supersede(s, derived.list_kept(s, known.device_id, from_at=A_MONTH_AGO), now=NOW)
    ],
    derived.list_spans: [
        lambda s, known: derived.list_spans(s, known.device_id, AN_HOUR),
        lambda s, known: derived.list_spans(s, known.device_id, AN_HOUR, at=NOW),
    ],
    driving.list_unmatched: [lambda s, _: driving.list_unmatched(s, limit=100)],
    driving.save_driven: [lambda s, known: driving.save_driven(s, known.device_id, A_TRIP)],
    driving.find_driven: [lambda s, known: driving.find_driven(s, known.device_id, AN_HOUR)],
    trajectories.renew_pieces: [
        lambda s, known: trajectories.renew_pieces(s, known.device_id, [], from_at=AN_HOUR_AGO)
    ],
    trajectories.list_pieces: [lambda s, known: trajectories.list_pieces(s, known.device_id, AN_HOUR)],
    trajectories.stream_pieces_in_box: [
        lambda s, _: list(trajectories.stream_pieces_in_box(s, BOX, AN_HOUR)),
        lambda s, known: list(trajectories.stream_pieces_in_box(s, BOX, AN_HOUR, device_ids=[known.device_id])),
    ],
    fixes.count_fixes: [
        lambda s, known: fixes.count_fixes(s, known.device_id, from_at=AN_HOUR_AGO, until_at=NOW),
    ],
    fixes.find_first: [lambda s, known: fixes.find_first(s, known.device_id, from_at=AN_HOUR_AGO)],
    fixes.find_before: [lambda s, known: fixes.find_before(s, known.device_id, until_at=NOW, count=10)],
    fixes.release_sealed: [lambda s, _: fixes.release_sealed(s)],
    grounds.find_grounds: [
        lambda s, known: s.connection().exec_driver_sql(
            grounds.GROUNDS,
            {"hashes": [b"0"], "now": NOW, "devices": [known.device_id], "firsts": [AN_HOUR_AGO], "lasts": [NOW]},
        ),
    ],
    live.find_oldest_open: [lambda s, _: live.find_oldest_open(s)],
    live.list_live: [
        lambda s, _: live.list_live(s, changed_since=0, tracked_since=A_MONTH_AGO, team_ids=[TEAM], now=NOW),
        lambda s, _: live.list_live(s, changed_since=0, tracked_since=A_MONTH_AGO, team_ids=None, now=NOW),
    ],
    live.list_shift_spans: [
        lambda s, _: live.list_shift_spans(s, WORKER, earliest_at=AN_HOUR_AGO, latest_at=NOW),
    ],
    live.mark_changed: [lambda s, _: live.mark_changed(s, WORKER)],
    reporting.find_last: [lambda s, _: reporting.find_last(s)],
    reporting.find_not_kept: [lambda s, _: reporting.find_not_kept(s, FIRST_DUE_ON)],
    reporting.find_reasons: [lambda s, _: reporting.find_reasons(s, since=NOW)],
    photos.get_photo: [lambda s, known: photos.get_photo(s, known.photo_id)],
    photos.get_photos: [lambda s, known: photos.get_photos(s, [known.photo_id])],
    photos.list_same_files: [lambda s, known: photos.list_same_files(s, "0" * 64, except_id=known.photo_id)],
    photos.get_fingerprints: [lambda s, _: s.connection().exec_driver_sql(photos.FINGERPRINTS)],
    photos.list_worker_photo_ids: [lambda s, _: photos.list_worker_photo_ids(s, WORKER, limit=100)],
    photos.count_photos: [lambda s, _: photos.count_photos(s, WORKER)],
    photos.save_worker: [lambda s, known: photos.save_worker(s, known.photo_id, WORKER, sent_by=None)],
    photos.delete_photos: [lambda s, known: photos.delete_photos(s, [known.photo_id])],
    visits.lock_visit: [lambda s, known: visits.lock_visit(s, known.visit_id)],
    photos.lock_files: [lambda s, _: photos.lock_files(s, is_shared=True)],
    check_ins.add_check_in: [lambda s, known: check_ins.add_check_in(s, _new_check_in(known), by=None)],
    check_ins.find_check_ins: [lambda s, known: check_ins.find_check_ins(s, [known.check_in_id])],
    check_ins.list_check_ins: [lambda s, _: check_ins.list_check_ins(s, WORKER, AN_HOUR)],
    check_ins.list_moments_naming: [lambda s, known: check_ins.list_moments_naming(s, [known.photo_id])],
    check_ins.list_naming: [lambda s, known: check_ins.list_naming(s, known.photo_id)],
    check_ins.count_check_ins: [lambda s, _: check_ins.count_check_ins(s, WORKER)],
    check_ins.list_showing: [lambda s, known: check_ins.list_showing(s, [known.photo_id])],
    check_ins.delete_check_ins: [lambda s, _: check_ins.delete_check_ins(s, WORKER)],
    visits.replace_day: [lambda s, _: visits.replace_day(s, WORKER, A_VISIT_ON, [], rules="1", now=NOW)],
    visits.list_day: [
        lambda s, _: visits.list_day(s, A_VISIT_ON, team_ids=[TEAM]),
        lambda s, _: visits.list_day(s, A_VISIT_ON, team_ids=None),
    ],
    visits.list_open: [lambda s, _: visits.list_open(s, A_VISIT_ON, before=NOW, team_ids=[TEAM], limit=200)],
    visits.list_made: [lambda s, _: visits.list_made(s, since=A_VISIT_ON, before=A_VISIT_ON + timedelta(days=1))],
    visits.list_worker_day: [lambda s, _: visits.list_worker_day(s, WORKER, A_VISIT_ON)],
    visits.list_known: [lambda s, _: visits.list_known(s, WORKER, [A_VISIT_ON])],
    visits.list_history: [lambda s, known: visits.list_history(s, known.visit_id)],
    visits.add_decision: [lambda s, known: visits.add_decision(s, _new_decision(known))],
    visits.list_decisions: [lambda s, _: visits.list_decisions(s, [(WORKER, A_VISIT_ON)])],
    visits.claim_day: [lambda s, _: visits.claim_day(s, WORKER, FIRST_DUE_ON, now=NOW)],
    visits.claim_each: [lambda s, _: visits.claim_each(s, [(WORKER, FIRST_DUE_ON)], now=NOW)],
    visits.list_claims: [lambda s, _: visits.list_claims(s, limit=50)],
    visits.lock_claim: [lambda s, _: visits.lock_claim(s, WORKER, A_VISIT_ON)],
    visits.lock_deriving: [lambda s, _: visits.lock_deriving(s, WORKER)],
    visits.count_visits: [lambda s, _: visits.count_visits(s, WORKER)],
    visits.postpone_claim: [lambda s, _: visits.postpone_claim(s, WORKER, A_VISIT_ON, now=NOW)],
    visits.end_claim: [lambda s, _: visits.end_claim(s, WORKER, A_VISIT_ON, 1)],
    visits.lock_reuses: [lambda s, _: visits.lock_reuses(s)],
    visits.add_reuse: [lambda s, known: visits.add_reuse(s, known.photo_id, [], now=NOW)],
    visits.replace_reuse: [lambda s, known: visits.replace_reuse(s, known.photo_id, [], now=NOW)],
    visits.find_reuses: [lambda s, known: visits.find_reuses(s, [known.photo_id])],
    legs.replace_legs: [
        lambda s, _: legs.replace_legs(s, WORKER, A_VISIT_ON, [A_LEG]),
        lambda s, _: legs.replace_legs(s, WORKER, A_VISIT_ON, []),
    ],
    legs.list_mean_driven_m: [lambda s, _: legs.list_mean_driven_m(s, A_VISIT_ON - timedelta(days=29), A_VISIT_ON)],
    legs.list_legs: [lambda s, _: legs.list_legs(s, A_VISIT_ON, [WORKER])],
    visits.delete_visits: [lambda s, _: visits.delete_visits(s, WORKER)],
    workforce.lock_references: [lambda s, _: workforce.lock_references(s, WORKER)],
    workforce.lock_worker: [lambda s, _: workforce.lock_worker(s, WORKER)],
    workforce.workers_of: [
        lambda s, _: s.execute(workforce.workers_of([TEAM])),
        lambda s, _: s.execute(workforce.workers_of(None)),
    ],
    workforce.list_workers: [lambda s, _: workforce.list_workers(s, team_ids=[TEAM])],
    workforce.get_workers: [lambda s, _: workforce.get_workers(s, [WORKER])],
    workforce.find_shifts: [lambda s, _: workforce.find_shifts(s, FIRST_DUE_ON)],
    workforce.find_shift_modes: [lambda s, _: workforce.find_shift_modes(s, FIRST_DUE_ON)],
    workforce.find_hours: [lambda s, _: workforce.find_hours(s, WORKER, [FIRST_DUE_ON])],
    workforce.find_worker_id: [lambda s, known: workforce.find_worker_id(s, known.member_id)],
    workforce.find_members: [lambda s, _: workforce.find_members(s, [WORKER])],
    workforce.find_teams: [lambda s, _: workforce.find_teams(s, [WORKER])],
    workforce.save_member: [lambda s, known: workforce.save_member(s, WORKER, known.member_id)],
    plans.get_newest_version: [lambda s, _: plans.get_newest_version(s, SCOPE)],
    plans.get_plan: [lambda s, known: plans.get_plan(s, known.plan_id)],
    left_out.list_left_out: [lambda s, known: left_out.list_left_out(s, known.plan_id, Names(sites={}, workers={}))],
    plans.get_scope: [lambda s, known: plans.get_scope(s, known.plan_id)],
    plans.find_plan_id: [lambda s, _: plans.find_plan_id(s, SCOPE), lambda s, _: plans.find_plan_id(s, SCOPE, 1)],
    plans.list_versions: [lambda s, _: plans.list_versions(s, SCOPE)],
    plans.find_worker_day: [lambda s, _: plans.find_worker_day(s, WORKER, FIRST_DUE_ON)],
    plans.list_ordered_visits: [lambda s, _: plans.list_ordered_visits(s, FIRST_DUE_ON, [WORKER])],
    plans.list_travel_m: [lambda s, _: plans.list_travel_m(s, FIRST_DUE_ON, [WORKER])],
    plans.get_worker_day: [lambda s, known: plans.get_worker_day(s, known.plan_id, known.worker_id)],
    publications.find_next_day: [lambda s, _: publications.find_next_day(s, WORKER, FIRST_DUE_ON)],
    plans.list_beginnings: [lambda s, known: plans.list_beginnings(s, [known.plan_id], [known.worker_id])],
    publications.list_worker_publications: [
        lambda s, known: publications.list_worker_publications(s, WORKER, FIRST_DUE_ON, member_id=known.member_id)
    ],
    publications.list_day_publications: [
        lambda s, known: publications.list_day_publications(s, FIRST_DUE_ON, {WORKER: known.member_id})
    ],
    publications.list_given_workers: [
        lambda s, _: publications.list_given_workers(s, SCOPE),
        lambda s, _: publications.list_given_workers(s, PlanScope(service_on=FIRST_DUE_ON)),
    ],
    publications.lock_day: [lambda s, _: publications.lock_day(s, FIRST_DUE_ON)],
    publications.find_overlapping: [
        lambda s, known: publications.find_overlapping(s, known.plan_id, PlanScope(service_on=FIRST_DUE_ON)),
        lambda s, known: publications.find_overlapping(s, known.plan_id, SCOPE),
    ],
    publications.find_published_id: [lambda s, _: publications.find_published_id(s, SCOPE)],
    publications.find_publication: [lambda s, known: publications.find_publication(s, known.plan_id)],
    publications.end_publication: [lambda s, known: publications.end_publication(s, known.plan_id, by=None, now=NOW)],
    publications.add_publication: [
        lambda s, known: (
            publications.end_publication(s, known.plan_id, by=None, now=NOW),
            publications.add_publication(s, known.plan_id, by=None, now=NOW),
        )
    ],
    publications.published_routes: [lambda s, _: s.execute(publications.published_routes(FIRST_DUE_ON))],
    publications.list_published_workers: [lambda s, _: publications.list_published_workers(s, FIRST_DUE_ON)],
    periods.list_rules: [lambda s, _: periods.list_rules(s)],
    periods.replace_rules: [lambda s, _: periods.replace_rules(s, [])],
    periods.get_period: [_get_no_period],
    periods.list_adopted: [lambda s, _: periods.list_adopted(s, limit=10)],
    periods.list_periods: [lambda s, _: periods.list_periods(s, limit=10)],
    periods.end_planned: [lambda s, known: periods.end_planned(s, PeriodId(known.request_id), 1, NO_WEEKS, now=NOW)],
    periods.list_visits: [lambda s, known: periods.list_visits(s, PeriodId(known.request_id))],
    requests.get_request: [lambda s, known: requests.get_request(s, known.request_id)],
    requests.find_open_request: [lambda s, _: requests.find_open_request(s, SCOPE)],
    requests.lock_scope: [lambda s, _: requests.lock_scope(s, SCOPE)],
    locks.list_locks: [lambda s, _: locks.list_locks(s, FIRST_DUE_ON)],
    locks.put_lock: [
        lambda s, _: locks.put_lock(s, FIRST_DUE_ON, JobId("S3"), [Lock.TIME], by=None, now=NOW),
        lambda s, _: locks.put_lock(s, FIRST_DUE_ON, JobId("S3"), [], by=None, now=NOW),
    ],
    learned.lock_learning: [lambda s, _: learned.lock_learning(s)],
    learned.replace_learning: [lambda s, _: learned.replace_learning(s, NOTHING_LEARNED, now=NOW)],
    learned.find_learning: [
        lambda s, _: learned.find_learning(s, [SiteId("S3")]),
        lambda s, _: learned.find_learning(s),
    ],
    learned.find_learned_at: [lambda s, _: learned.find_learned_at(s)],
    learned.list_planned_legs: [
        lambda s, _: learned.list_planned_legs(s, since=FIRST_DUE_ON, before=FIRST_DUE_ON + timedelta(days=2))
    ],
    stays.list_stays: [lambda s, _: stays.list_stays(s, since=A_VISIT_ON, before=A_VISIT_ON + timedelta(days=2))],
    AttemptStore.begin: _of_both(lambda s, store, key: store.begin(s, key)),
    AttemptStore.save_progress: _of_both(lambda s, store, key: store.save_progress(s, key, 1, state="solving")),
    AttemptStore.ask_to_stop: _of_both(lambda s, store, key: store.ask_to_stop(s, key, now=NOW)),
    AttemptStore.end: _of_both(lambda s, store, key: store.end(s, key, 1, RequestState.FAILED, now=NOW)),
    credentials.lock_credential: [lambda s, _: credentials.lock_credential(s, "m3")],
    credentials.find_by_session_key: [lambda s, _: credentials.find_by_session_key(s, uuid.uuid4())],
    accuracies.replace_day: [
        lambda s, known: accuracies.replace_day(
            s, WORKER, FIRST_DUE_ON, {_fence_of(known): SeenAt(1, AccuraciesSeen())}
        )
    ],
    accuracies.find_seen: [
        lambda s, _: accuracies.find_seen(
            s, fences.list_fences_in_box(s, BOX, NOW), since=FIRST_DUE_ON, until=NOW.date()
        )
    ],
    accuracies.delete_before: [lambda s, _: accuracies.delete_before(s, FIRST_DUE_ON)],
    accuracies.delete_worker: [lambda s, _: accuracies.delete_worker(s, WORKER)],
    fences.fences_at: [lambda s, _: s.execute(fences.fences_at(NOW))],
    fences.list_fences_at: [lambda s, _: fences.list_fences_at(s, NOW)],
    fences.list_fences_during: [lambda s, _: fences.list_fences_during(s, AN_HOUR)],
    fences.list_fences_in_box: [lambda s, _: fences.list_fences_in_box(s, BOX, NOW)],
    fences.list_versions: [lambda s, known: fences.list_versions(s, _fence_of(known))],
    fences.lock_fences: [lambda s, known: fences.lock_fences(s, [_fence_of(known)])],
    fences.find_last_versions: [lambda s, known: fences.find_last_versions(s, [_fence_of(known)])],
    fences.end_fences: [lambda s, known: fences.end_fences(s, [_fence_of(known)], at=NOW)],
    fences.find_comers: [lambda s, known: fences.find_comers(s, known.site_ids, since=A_MONTH_AGO)],
    fences.find_site_radius_m: [lambda s, _: fences.find_site_radius_m(s)],
    fences.end_site_fences: [lambda s, _: fences.end_site_fences(s, 100.0, at=NOW)],
    tenancy.find_member_id: [lambda s, _: tenancy.find_member_id(s, "m3")],
    tenancy.find_tenant_id: [lambda s, _: tenancy.find_tenant_id(s, "company-3")],
    tenancy.find_sign_ins: [lambda s, _: tenancy.find_sign_ins(s, "m3")],
    tenancy.get_tenant: [lambda s, _: tenancy.get_tenant(s)],
    tenancy.lock_tenant: [lambda s, _: tenancy.lock_tenant(s)],
    tenancy.lock_imports: [lambda s, _: tenancy.lock_imports(s)],
    tenancy.save_zone: [lambda s, _: tenancy.save_zone(s, ZoneInfo("Asia/Shanghai"))],
    speed_store.get_speeds: [lambda s, _: speed_store.get_speeds(s)],
    speed_store.save_speeds: [lambda s, _: speed_store.save_speeds(s, {"car": (60,) * 24})],
    tenancy.list_teams: [lambda s, _: tenancy.list_teams(s)],
    tenancy.list_team_ids_below: [lambda s, _: tenancy.list_team_ids_below(s, TEAM)],
    tenancy.list_roles: [lambda s, _: tenancy.list_roles(s)],
    tenancy.find_names: [lambda s, known: tenancy.find_names(s, [known.member_id])],
    tenancy.get_member: [lambda s, known: tenancy.get_member(s, known.member_id)],
    tenancy.require_teams: [lambda s, _: tenancy.require_teams(s, [TEAM])],
    tenancy.get_role: [lambda s, _: tenancy.get_role(s, RoleId("worker"))],
    tenancy.lock_code: [lambda s, _: tenancy.lock_code(s, "company-3")],
    tenancy.lock_member: [lambda s, known: tenancy.lock_member(s, known.member_id)],
    tenancy.require_no_cycle: [lambda s, _: tenancy.require_no_cycle(s, Team(id=TEAM, name="3"))],
}


SPATIAL = [customers.sites_in_box, customers.nearest_by_degrees, customers.nearest_in_box]


def _an_hour_of(known: Known) -> dict[str, object]:
    return {"device_id": known.device_id, "from_at": AN_HOUR_AGO, "until_at": NOW}


def _span_of(known: Known) -> erasing.WornSpan:
    return erasing.WornSpan(device_id=known.device_id, from_at=AN_HOUR_AGO, until_at=NOW)


def _claim_of(known: Known) -> derived.Claim:
    return derived.Claim(device_id=known.device_id, from_at=AN_HOUR_AGO, newest_at=NOW, number=1)


def _fence_of(known: Known) -> GeofenceId:
    return GeofenceId(f"site/{known.site_ids[0]}")


def _name(function: Callable[..., object]) -> str:
    return f"{function.__module__.removeprefix('geo_engine.')}.{function.__qualname__}"


@pytest.fixture(scope="module")
def crowd(databases: Databases) -> Iterator[Crowd]:
    """Give a large installation; queries are asked for the fifth largest company."""
    with databases.clone() as own:
        with connected(own.cluster, database=own.name) as server:
            tenant_id = fill_sites(server, tenant_count=TENANTS, site_count=SITES)[4]
            fill_work(server)
            ids = {name: server.execute(query, [tenant_id]).fetchone()[0] for name, query in _KNOWN.items()}
        yield Crowd(own=own, tenant_id=tenant_id, known=Known(**ids))


def _functions_of(module: ModuleType) -> Iterator[tuple[str, Callable[..., object]]]:
    """Return the functions of a module, and those of its classes that are given a session."""
    yield from inspect.getmembers(module, inspect.isfunction)
    for _, one in inspect.getmembers(module, inspect.isclass):
        for name, function in inspect.getmembers(one, inspect.isfunction):
            if "session" in inspect.signature(function).parameters:
                yield name, function


def test_every_query_of_a_store_has_a_case() -> None:
    """Whoever writes a new query says here how it is asked."""
    found = {
        function
        for module in pkgutil.walk_packages(geo_engine.__path__, "geo_engine.")
        if module.name.endswith("store")
        for name, function in _functions_of(import_module(module.name))
        if function.__module__ == module.name and not name.startswith("_")
    }

    unasked = {_name(function) for function in found - set(CASES) if not function.__name__.startswith(ADDING)}

    assert unasked == set()
    assert set(CASES) <= found


@pytest.mark.parametrize("function", CASES, ids=_name)
def test_a_query_is_served_by_an_index(crowd: Crowd, function: Callable[..., object]) -> None:
    """As the app role it reads no large table from end to end, nor all rows of its company only to drop some.

    The planner may know the values asked for or not: a statement that is asked often is planned without them.
    """
    for case in CASES[function]:
        assert list(_searches(crowd, case)) == []


def test_a_query_without_an_index_is_noticed(crowd: Crowd) -> None:
    """What no index serves is told, with its statement."""
    query = select(customers.SiteRow.id).where(customers.SiteRow.priority == 3)

    told = list(_searches(crowd, lambda session, _: session.execute(query)))

    assert {table for table, _ in told} == {"site"}


def test_the_search_of_logins_before_sign_in_is_served_by_an_index(crowd: Crowd) -> None:
    """The body of the function that the app may call reads one login's rows of the directory, not all."""
    with connected(crowd.own.cluster, database=crowd.own.name) as server:
        (body,) = server.execute("select prosrc from pg_proc where proname = 'find_sign_ins'").fetchone()
        found = server.execute(f"explain (format json) {body.replace('asked_login', chr(39) + 'm3' + chr(39))}")

        plan = found.fetchone()[0][0]["Plan"]

    assert [node["Index Name"] for node in _nodes(plan) if "Index Name" in node] == ["pk_sign_in_directory"]


@pytest.mark.parametrize("function", SPATIAL, ids=_name)
def test_the_spatial_index_serves_both_company_and_place(crowd: Crowd, function: Callable[..., object]) -> None:
    """One index answers for the company and the area at once, or for the company in the order of nearness."""
    plans = [plan for case in CASES[function] for _, both in _asked(crowd, case) for plan in both]

    assert plans
    assert all(_is_spatial(plan) for plan in plans)


@pytest.mark.parametrize("function", [customers.sites_in_box, customers.nearest_in_box], ids=_name)
def test_without_leakproofness_the_area_is_not_searched_by_index(crowd: Crowd, function: Callable[..., object]) -> None:
    """What `db up` provides is needed, and the test of the spatial index can fail."""
    with connected(crowd.own.cluster, database=crowd.own.name) as server:
        server.execute(LEAKPROOF.format("not ").encode())
        try:
            plans = [plan for case in CASES[function] for _, both in _asked(crowd, case) for plan in both]
        finally:
            server.execute(LEAKPROOF.format("").encode())

    assert plans
    assert not any(_is_spatial(plan) for plan in plans)


def _new_check_in(known: Known) -> CheckIn:
    return replace(check_in_at(SiteId("S1")), worker_id=WORKER, photo_ids=(known.photo_id,))


def _new_decision(known: Known) -> Decision:
    return Decision(
        id=DecisionId(uuid.uuid4()),
        visit_id=known.visit_id,
        worker_id=WORKER,
        service_on=A_VISIT_ON,
        kind=DecisionKind.ACCEPTED,
        span=AN_HOUR,
        decided_at=NOW,
    )


_KNOWN: dict[str, LiteralString] = {
    "member_id": "select id from member where tenant_id = %s and login = 'm3'",
    "request_id": "select id from plan_request where tenant_id = %s and state = 'planned' limit 1",
    "open_request_id": "select id from plan_request where tenant_id = %s and state = 'solving' limit 1",
    "plan_id": "select plan_id from publication where tenant_id = %s and ended_at is null limit 1",
    "worker_id": "select worker_id from route where tenant_id = %s and plan_id = ("
    "select plan_id from publication where tenant_id = route.tenant_id and ended_at is null limit 1) limit 1",
    "draft_id": "select d.id from import_draft as d join member as m on m.tenant_id = d.tenant_id and m.id = d.made_by "
    "where d.tenant_id = %s and login = 'm3'",
    "device_id": "select id from device where tenant_id = %s limit 1",
    "photo_id": "select photo_id as id from check_in_photo where tenant_id = %s limit 1",
    "check_in_id": "select check_in_id from check_in_photo where tenant_id = %s limit 1",
    "visit_id": "select id from visit where tenant_id = %s and superseded_at is null limit 1",
    "site_ids": "select (array_agg(id))[:3] from site where tenant_id = %s",
}


def _searches(crowd: Crowd, case: Case) -> Iterator[tuple[str, str]]:
    """Return each table of which a query reads more than an index finds, with the statement."""
    large = _large_tables(crowd)
    for statement, both in _asked(crowd, case):
        for node in (node for plan in both for node in _nodes(plan)):
            if node.get("Relation Name") in large - READ_WHOLE and (
                node["Node Type"] == "Seq Scan" or _drops_rows(node)
            ):
                yield node["Relation Name"], statement


def _drops_rows(node: Plan) -> bool:
    """Return whether a scan takes all rows of the company from an index and leaves the choice to a filter."""
    conditions = [found.get("Index Cond", "") + found.get("Order By", "") for found in _nodes(node)]
    return "Filter" in node and not any(re.search(r"\b(?!tenant_id)\w+ (=|<|>|&&)", text) for text in conditions)


def _is_spatial(plan: Plan) -> bool:
    conditions = [
        (node["Index Cond"], node.get("Order By", ""))
        for node in _nodes(plan)
        if node.get("Index Name") == SPATIAL_INDEX and "Index Cond" in node
    ]
    return any("tenant_id" in found and "geom" in found + order for found, order in conditions)


def _large_tables(crowd: Crowd) -> set[str]:
    with connected(crowd.own.cluster, database=crowd.own.name) as server:
        query = "select relname from pg_class where relrowsecurity and reltuples > %s"
        return {name for (name,) in server.execute(query, [MANY_ROWS])}


def _nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _asked(crowd: Crowd, case: Case) -> list[tuple[str, tuple[Plan, Plan]]]:
    """Return every statement that a query sends, with how it is planned when its values are known and when not."""
    asked: list[tuple[str, Mapping[str, object]]] = []

    def note(*sent: Any) -> None:  # noqa: ANN401 - connection, cursor, statement, parameters, and how
        asked.append((sent[2], sent[3]))

    with crowd.own.app.bound(crowd.tenant_id) as session:
        driver = session.connection().connection.driver_connection
        event.listen(crowd.own.app.engine, "before_cursor_execute", note)
        try:
            case(session, crowd.known)
        finally:
            event.remove(crowd.own.app.engine, "before_cursor_execute", note)
        plans = [(one[0], (_plan(driver, *one), _generic_plan(driver, *one))) for one in asked]
        session.rollback()
    assert plans, "the query sends nothing"
    return plans


def _plan(driver: psycopg.Connection, statement: str, parameters: Mapping[str, object]) -> Plan:
    return driver.execute(f"explain (format json) {statement}".encode(), parameters).fetchone()[0][0]["Plan"]


def _generic_plan(driver: psycopg.Connection, statement: str, parameters: Mapping[str, object]) -> Plan:
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    text = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement).replace("%%", "%")
    values = SQL(", ").join(Literal(parameters[name]) for name in names)
    driver.execute("set local plan_cache_mode = force_generic_plan")
    driver.execute(f"prepare asked as {text}".encode())
    execute = SQL("explain (format json) execute asked({})") if names else SQL("explain (format json) execute asked")
    plan = driver.execute(execute.format(values)).fetchone()[0][0]["Plan"]
    driver.execute("deallocate asked")
    return plan
