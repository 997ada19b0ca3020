"""Fences that people draw, change and take away, and what there was when."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import shapely
from support.companies import NORTH, NOW, Company, add_bare_company
from support.databases import OwnDatabase
from support.fences import HERE, circle
from support.waiting import outcome_meanwhile

from geo_engine.customers.model import SiteUnknown
from geo_engine.errors import GeoEngineError
from geo_engine.geofences import Corridor, Geofence, Polygon, Schedule
from geo_engine.geofences.service import (
    FenceChanged,
    FenceExists,
    FenceNotFound,
    FenceOfItself,
    add_fence,
    change_fence,
    find_changeable,
    list_fence_versions,
    list_fences,
    list_fences_near,
    remove_fence,
)
from geo_engine.geofences.store import list_fences_at, list_fences_during
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, SiteId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, Access, NotAllowed
from geo_engine.timespan import ClockWindow, TimeSpan

HOUR = timedelta(hours=1)
WIDE, NARROW = circle("gate", radius_m=300.0), circle("gate", radius_m=30.0)
SQUARE = shapely.box(116.4, 39.9, 116.5, 40.0)
HOLED = shapely.MultiPolygon([SQUARE.difference(shapely.box(116.43, 39.93, 116.44, 39.94)), shapely.box(1, 2, 3, 4)])
ODD = 116.4000000000000341


def _said(fence: Geofence) -> tuple[int, object, object, object]:
    return fence.version, fence.shape, fence.valid_from, fence.valid_until


@pytest.mark.parametrize(
    "shape",
    [
        circle("a", Position(ODD, 39.9), radius_m=80.123456789).shape,
        Polygon(areas=HOLED),
        Corridor(lines=shapely.MultiLineString([[(ODD, 39.9), (116.5, 40.0)], [(1, 2), (3, 4)]]), width_m=30.1),
    ],
    ids=["circle", "polygon", "corridor"],
)
def test_a_fence_is_kept_to_the_last_bit(own: OwnDatabase, shape: Polygon | Corridor) -> None:
    """What was drawn is read back the same, with its hours, its days and its dwell."""
    hours = Schedule(windows=(ClockWindow(earliest_s=28_800, latest_s=90_000),), weekdays=frozenset({1, 7}))
    drawn = replace(circle("a"), shape=shape, schedule=hours, dwell_s=90, name="大门")
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        kept = add_fence(session, drawn, by=OPERATOR, now=NOW)
        read = list_fences(session, by=OPERATOR, at=NOW)

    assert read == (kept,) == (replace(drawn, valid_from=NOW),)


def test_every_version_stays_as_it_was(own: OwnDatabase) -> None:
    """A change is another version; at a moment one is valid, during a span all that were; removed, none is."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        add_fence(session, circle("gate"), by=OPERATOR, now=NOW)
        change_fence(session, WIDE, seen=1, by=OPERATOR, now=NOW + HOUR)
        remove_fence(session, WIDE.id, seen=2, by=OPERATOR, now=NOW + 2 * HOUR)
        add_fence(session, WIDE, by=OPERATOR, now=NOW + 4 * HOUR)

        at = {hours: [fence.version for fence in list_fences_at(session, NOW + hours * HOUR)] for hours in range(-1, 5)}
        during = list_fences_during(session, TimeSpan(start_at=NOW + HOUR / 2, end_at=NOW + 3 * HOUR))
        versions = list_fence_versions(session, WIDE.id, by=OPERATOR)

    assert at == {-1: [], 0: [1], 1: [2], 2: [], 3: [], 4: [3]}
    assert [_said(fence) for fence in during] == [
        (1, circle("gate").shape, NOW, NOW + HOUR),
        (2, WIDE.shape, NOW + HOUR, NOW + 2 * HOUR),
    ]
    assert [one.fence.version for one in versions] == [3, 2, 1]


def test_what_stays_the_same_makes_no_version(own: OwnDatabase) -> None:
    """Saving a fence as it is changes nothing."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        added = add_fence(session, circle("gate"), by=OPERATOR, now=NOW)
        saved = change_fence(session, circle("gate"), seen=1, by=OPERATOR, now=NOW + HOUR)

    assert saved == added


def test_the_second_of_two_who_change_a_fence_is_told(own: OwnDatabase) -> None:
    """Nothing is overwritten that was not seen, nor taken away."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        add_fence(session, circle("gate"), by=OPERATOR, now=NOW)
        change_fence(session, WIDE, seen=1, by=OPERATOR, now=NOW + HOUR)

        with pytest.raises(FenceChanged):
            change_fence(session, circle("gate"), seen=1, by=OPERATOR, now=NOW + HOUR)
        with pytest.raises(FenceChanged):
            remove_fence(session, WIDE.id, seen=1, by=OPERATOR, now=NOW + HOUR)


MEANWHILE = {
    "both-change": (
        partial(change_fence, fence=WIDE, seen=1),
        partial(change_fence, fence=NARROW, seen=1),
        FenceChanged,
    ),
    "changed-and-removed": (
        partial(change_fence, fence=WIDE, seen=1),
        partial(remove_fence, fence_id=WIDE.id, seen=1),
        FenceChanged,
    ),
    "removed-and-changed": (
        partial(remove_fence, fence_id=WIDE.id, seen=1),
        partial(change_fence, fence=WIDE, seen=1),
        FenceNotFound,
    ),
    "both-add": (partial(add_fence, fence=circle("new")), partial(add_fence, fence=circle("new")), FenceExists),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_whoever_comes_while_a_change_is_under_way_is_told(own: OwnDatabase, name: str) -> None:
    """It waits for the other's commit, and then it is as if it had come later."""
    first, second, refusal = MEANWHILE[name]
    tenant_id = add_bare_company(own.app, "alpha")
    with own.app.bound(tenant_id) as session:
        add_fence(session, circle("gate"), by=OPERATOR, now=NOW)

    outcome = outcome_meanwhile(
        own, tenant_id, lambda s: first(s, by=OPERATOR, now=NOW), lambda s: second(s, by=OPERATOR, now=NOW)
    )

    assert isinstance(outcome, refusal)


def test_a_clock_that_is_behind_makes_no_version_before_the_last(own: OwnDatabase) -> None:
    """Changed by a machine whose clock is late, a fence has its next version from where the last one began."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        add_fence(session, circle("gate"), by=OPERATOR, now=NOW)
        kept = change_fence(session, WIDE, seen=1, by=OPERATOR, now=NOW - HOUR)

    assert kept.valid_from == NOW


@pytest.mark.parametrize(
    ("fence", "refusal"),
    [
        (circle("gate"), FenceExists),
        (circle("site/S1"), FenceOfItself),
        (circle("b", site_id="nowhere"), SiteUnknown),
    ],
    ids=["known", "called-as-of-a-site", "of-no-site"],
)
def test_a_fence_that_cannot_be_is_refused(own: OwnDatabase, fence: Geofence, refusal: type[GeoEngineError]) -> None:
    """It is told why."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        add_fence(session, circle("gate"), by=OPERATOR, now=NOW)
        with pytest.raises(refusal):
            add_fence(session, fence, by=OPERATOR, now=NOW)


def test_what_is_not_there_cannot_be_changed(own: OwnDatabase) -> None:
    """Neither a fence that was taken away nor one that never was."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        with pytest.raises(FenceNotFound):
            change_fence(session, WIDE, seen=1, by=OPERATOR, now=NOW)
        with pytest.raises(FenceNotFound):
            list_fence_versions(session, WIDE.id, by=OPERATOR)


def test_a_new_fence_may_have_been_there_always(own: OwnDatabase) -> None:
    """Said so, it is valid since ever; drawn again it is valid from then on."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        first = add_fence(session, WIDE, by=OPERATOR, now=NOW, since_ever=True)
        remove_fence(session, WIDE.id, seen=None, by=OPERATOR, now=NOW)
        again = add_fence(session, WIDE, by=OPERATOR, now=NOW + HOUR, since_ever=True)
        long_ago = list_fences_at(session, NOW - 9_000 * HOUR)

    assert (first.valid_from, again.valid_from) == (None, NOW + HOUR)
    assert [fence.id for fence in long_ago] == ["gate"]


def test_fences_near_a_place_are_those_within_reach_of_their_edge(own: OwnDatabase) -> None:
    """Of a circle, a corridor and an area the distance to the edge counts, and inside is near."""
    tenant_id = add_bare_company(own.app, "alpha")
    line = shapely.MultiLineString([[(116.41, 39.9), (116.41, 40.0)]])
    fences = [
        circle("circle", radius_m=80.0),
        replace(circle("corridor"), shape=Corridor(lines=line, width_m=40.0)),
        replace(circle("area"), shape=Polygon(areas=shapely.MultiPolygon([shapely.box(116.39, 39.8, 116.399, 40.0)]))),
    ]
    asked = {60: {"circle"}, 100: {"circle", "area"}, 900: {"circle", "area", "corridor"}}

    with own.app.bound(tenant_id) as session:
        for fence in fences:
            add_fence(session, fence, by=OPERATOR, now=NOW)
        found = {
            within_m: {
                fence.id for fence in list_fences_near(session, HERE, within_m=float(within_m), by=OPERATOR, at=NOW)
            }
            for within_m in asked
        }

    assert found == asked


def test_a_dispatcher_sees_and_changes_the_fences_of_the_own_teams_sites(company: Company) -> None:
    """Of other teams' sites none is seen; what belongs to no site is seen, and changed by whoever may change all."""
    by = Access(member_id=None, grants=DEFAULT_GRANTS["dispatcher"], team_ids=frozenset({NORTH}))  # type: ignore[index]
    elsewhere = circle("south", site_id="S002")

    with company.database.bound(company.tenant_id) as session:
        add_fence(session, circle("common"), by=OPERATOR, now=NOW)
        add_fence(session, elsewhere, by=OPERATOR, now=NOW)
        seen = list_fences(session, by=by, at=NOW)
        changeable = find_changeable(session, seen, by=by)
        with pytest.raises(FenceNotFound):
            list_fence_versions(session, elsewhere.id, by=by)
        with pytest.raises(NotAllowed):
            remove_fence(session, GeofenceId("common"), seen=None, by=by, now=NOW)

    assert {fence.id for fence in seen} == {"common", "yard", "site/S003", "site/S005", "site/S007"}
    assert changeable == {"yard"}


def test_an_administrator_draws_a_fence_for_a_site_and_takes_it_away(company: Company) -> None:
    """The site's own circle ends as the other begins, and is back, as another version, when that is gone."""
    with company.database.bound(company.tenant_id) as session:
        add_fence(session, circle("door", site_id="S002"), by=OPERATOR, now=NOW + HOUR)
        remove_fence(session, GeofenceId("door"), seen=1, by=OPERATOR, now=NOW + 2 * HOUR)
        versions = list_fence_versions(session, GeofenceId("site/S002"), by=OPERATOR)

    spans = [(one.fence.version, one.fence.valid_from, one.fence.valid_until) for one in versions]
    assert spans[0] == (2 + len(spans) - 2, NOW + 2 * HOUR, None)
    assert spans[1][2] == NOW + HOUR
    assert spans[-1][1] is None
    assert all(one.fence.site_id == SiteId("S002") for one in versions)
