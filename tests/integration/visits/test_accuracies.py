"""How exact fixes are at fences: known from the days that are derived, once, as long as it may be, and where it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.companies import NOW, SERVICE_ON, Company
from support.databases import OwnDatabase
from support.photographed import photo_files
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, ON_SHIFT, WORKER, a_morning, give_device
from support.visited import FAR_AWAY, STAYED_AT, TWINS, tell_a_day

from geo_engine.customers import Site
from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.accuracies import SEEN_DAYS, forget_accuracies, list_outlooks
from geo_engine.geofences.accuracy_store import find_seen
from geo_engine.geofences.detectability import WANTED_SHARE
from geo_engine.geofences.service import add_fence
from geo_engine.geofences.store import list_fences_at
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, TenantId
from geo_engine.imports.model import FileRead, ImportKind
from geo_engine.imports.service import write_rows
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.ingest import Ingest
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.erasing import erase_visits
from geo_engine.visits.visit_store import claim_day

STAYED = "site/stayed"


@pytest.fixture
def tenant_id(own: OwnDatabase, company: Company) -> TenantId:
    """Give a company whose worker stayed at a site for twelve minutes and where two are, seen to eight metres."""
    tell_a_day(own.app, company.tenant_id)
    return company.tenant_id


def _derive(own: OwnDatabase, tenant_id: TenantId) -> None:
    with own.app.bound(tenant_id) as session:
        claim_day(session, WORKER, SERVICE_ON, now=OFF_SHIFT)
    derive_visits(own.app, tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT)


def _counts(own: OwnDatabase, tenant_id: TenantId) -> dict[str, int]:
    """Return how many accuracies were seen at the fences of the day."""
    with own.app.bound(tenant_id) as session:
        fences = [one for one in list_fences_at(session, OFF_SHIFT) if one.site_id in {STAYED_AT, *TWINS, "far"}]
        seen = find_seen(session, fences, since=SERVICE_ON, until=SERVICE_ON)
    return {fence_id: one.count for fence_id, one in seen.items()}


def test_what_was_seen_is_counted_once_however_often_a_day_is_derived(own: OwnDatabase, tenant_id: TenantId) -> None:
    """A minute is one; where nobody stayed nothing is known; fixes that come later count with the others, once."""
    first = _counts(own, tenant_id)
    _derive(own, tenant_id)
    again = _counts(own, tenant_id)
    with own.app.bound(tenant_id) as session:
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=NOW)
    late = give_device(own.app, tenant_id, worn_from=NOW, name="tracker")
    Ingest(own.app).commit([late.arrival(*a_morning(ON_SHIFT), received_at=OFF_SHIFT)], now=OFF_SHIFT)
    derive_tracks(own.app, tenant_id, now=lambda: OFF_SHIFT)
    _derive(own, tenant_id)

    assert first == again == {STAYED: 12, "site/twin-1": 13, "site/twin-2": 13}
    assert _counts(own, tenant_id) == {fence_id: 2 * count for fence_id, count in first.items()}


def test_a_fence_is_expected_to_do_what_it_does_at_the_accuracies_seen_there(
    own: OwnDatabase, tenant_id: TenantId
) -> None:
    """Fixes right to eight metres find visits to a narrow fence that usual ones would not; elsewhere usual is told."""
    narrow = Geofence(id=GeofenceId("narrow"), name="n", shape=Circle(centre=HERE, radius_m=45.0), site_id=STAYED_AT)
    with own.app.bound(tenant_id) as session:
        before = replace(narrow, shape=Circle(centre=FAR_AWAY, radius_m=45.0))
        drawn = [
            add_fence(session, replace(one, id=GeofenceId(name)), by=OPERATOR, now=OFF_SHIFT)
            for name, one in (("here", narrow), ("away", before))
        ]
        here, away = list_outlooks(session, drawn, at=OFF_SHIFT)

    assert (here.is_measured, away.is_measured) == (True, False)
    assert 7.0 <= here.seeing.accuracy_m <= 10.0
    assert away.seeing.accuracy_m == 25.0
    assert here.share >= WANTED_SHARE > away.share + 0.04
    assert here.least_width_m is None
    assert away.least_width_m == pytest.approx(118.0, abs=1.0)


def test_a_site_that_moved_begins_anew(own: OwnDatabase, tenant_id: TenantId) -> None:
    """What was seen where it was says nothing of where it is; a new name changes nothing."""
    sites = [
        Site(id=STAYED_AT, name="elsewhere", position=Position(HERE.lon, HERE.lat + 1.0)),
        Site(id=TWINS[0], name="renamed", position=Position(HERE.lon + 0.024, HERE.lat)),
    ]
    with own.app.bound(tenant_id) as session:
        read = FileRead(kind=ImportKind.SITES, file="f", rows=sites, problems=(), doubtful=(), placed=(), written=())
        write_rows(session, read, source=RowSource(file="f"), due_on=None, by=OPERATOR, now=OFF_SHIFT)

    assert _counts(own, tenant_id) == {"site/twin-1": 13, "site/twin-2": 13}


def test_what_was_seen_of_a_worker_is_erased_with_the_visits(own: OwnDatabase, tenant_id: TenantId) -> None:
    """It tells who was where on which day."""
    with own.app.bound(tenant_id) as session:
        erase_visits(session, WORKER, by=OPERATOR, now=OFF_SHIFT)

    assert _counts(own, tenant_id) == {}


@pytest.mark.parametrize("kept_days", [30, 365])
def test_what_was_seen_goes_in_time(own: OwnDatabase, tenant_id: TenantId, kept_days: int) -> None:
    """After as many days as are looked at, or sooner, as the company keeps its fixes."""
    with own.app.bound(tenant_id) as session:
        rule = TrackingRule(gate=TrackingGate.ALWAYS, retention_days=kept_days)
        set_tracking(session, rule, by=OPERATOR, now=NOW)
    lasts = timedelta(days=min(kept_days, SEEN_DAYS))

    forget_accuracies(own.app, now=OFF_SHIFT + lasts)
    before = _counts(own, tenant_id)
    forget_accuracies(own.app, now=OFF_SHIFT + lasts + timedelta(days=1))

    assert before.keys() == {STAYED, "site/twin-1", "site/twin-2"}
    assert _counts(own, tenant_id) == {}
