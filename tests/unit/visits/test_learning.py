"""What is learned of visits and ways, from which of them, and how well it tells the days behind."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stays import stay_at, stayed

from geo_engine.customers import Site
from geo_engine.geofences.presences import Presence
from geo_engine.geometry import Position
from geo_engine.ids import JobId, SiteId, WorkerId
from geo_engine.planning.model import Shift
from geo_engine.planning.travel.learned import (
    LearnedHour,
    LearnedService,
    LearnedTimes,
    LearnedTravel,
    also_learned,
    paced,
    with_learned,
)
from geo_engine.planning.versions.learned_store import PlannedLeg
from geo_engine.timespan import ClockWindow, TimeSpan
from geo_engine.travel_modes import TravelMode
from geo_engine.visits.day import PlannedStop
from geo_engine.visits.learning import LearnParams, LegSeen, ServiceSeen, hold_out, learn, learn_services, learn_travel
from geo_engine.visits.learning_store import Stay
from geo_engine.visits.seen_times import SeenParams, legs_seen, services_seen
from geo_engine.visits.shrinking import ShrinkParams

ZONE = ZoneInfo("Asia/Shanghai")
SHRINK, PARAMS = ShrinkParams(), LearnParams()
FIRST = date(2026, 10, 1)
NINE = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)  # in the morning, where the company is
W1 = WorkerId("W1")
SHOP = Site(id=SiteId("shop"), name="shop", position=Position(116.4, 39.9), service_s=1_200)
SITES = {SHOP.id: SHOP}


def _seen(day: int, took_s: float, *, site: str = "shop", hour: int = 9) -> ServiceSeen:
    on = FIRST + timedelta(days=day)
    return ServiceSeen(service_on=on, site_id=SiteId(site), hour=hour, took_s=took_s, given_s=1_200)


def _leg(day: int, took_s: float, *, hour: int = 9) -> LegSeen:
    return LegSeen(service_on=FIRST + timedelta(days=day), hour=hour, took_s=took_s, matrix_s=600.0)


visits = st.builds(
    _seen, st.integers(0, 20), st.floats(60.0, 9_000.0), site=st.sampled_from(["a", "b", "c"]), hour=st.integers(8, 18)
)
legs = st.builds(_leg, st.integers(0, 20), st.floats(200.0, 2_000.0), hour=st.integers(8, 18))


@given(st.lists(visits, max_size=30), st.lists(legs, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_visits_changes_nothing(
    services: list[ServiceSeen], ways: list[LegSeen], chance: random.Random
) -> None:
    """Visits and ways told in any order give the same times and the same errors."""
    until = FIRST + timedelta(days=30)

    one = learn(services, ways, since=FIRST, before=until, params=PARAMS)
    other = learn(
        chance.sample(services, len(services)), chance.sample(ways, len(ways)), since=FIRST, before=until, params=PARAMS
    )

    assert one == other


def test_nothing_seen_is_nothing_learned() -> None:
    """Without visits there are no times, no factor and no errors; planned is what was given."""
    learned = learn([], [], since=FIRST, before=FIRST, params=PARAMS)
    sites, used = with_learned([SHOP], learned.times)

    assert learned.times == LearnedTimes()
    assert [one.given_off_s for one in learned.held_out] == [None] * 4
    assert sites == (SHOP,)
    assert used.is_empty


def test_hours_are_learned_where_they_differ() -> None:
    """A site that takes twice as long from noon on is told so by the hour, on both sides of the day's."""
    seen = [_seen(day, 2_400.0 if day % 2 else 1_200.0, hour=12 if day % 2 else 9) for day in range(40)]

    shop = learn_services(seen, SHRINK)[SHOP.id]

    by_hour = {one.hour: one.value for one in shop.hours}
    assert by_hour[9] < shop.service_s < by_hour[12]
    assert by_hour[12] == pytest.approx(2_400.0, rel=0.15)
    assert shop.within([ClockWindow(earliest_s=12 * 3600, latest_s=13 * 3600)]) == round(by_hour[12])
    assert shop.within([]) == shop.service_s


def test_travel_is_learned_as_a_factor() -> None:
    """Ways that take 1.3 times what the matrix says, a few of them ten times, slow shifts down by that."""
    ways = [_leg(day, 6_000.0 if day % 10 == 0 else 780.0) for day in range(60)]

    travel = learn_travel(ways, SHRINK)

    assert travel is not None
    assert travel.factor == pytest.approx(1.3, rel=0.02)
    shift = Shift(worker_id=W1, span=TimeSpan(start_at=NINE, end_at=NINE + timedelta(hours=8)), start=SHOP.position)
    (slower,) = paced([shift], LearnedTimes(travel=travel))
    assert slower.speed_factor == pytest.approx(1.0 / travel.factor)
    assert paced([shift], None) == [shift]
    rider = replace(shift, mode=TravelMode.EBIKE.value)
    assert paced([rider], LearnedTimes(travel=travel)) == [rider]


def test_what_was_learned_tells_the_last_days_better() -> None:
    """Held out are the last fifth of the days: never learned from, and told within 1 min where the given 14 are off."""
    seen = [_seen(day, 2_040.0 + 20.0 * (day % 3), site=f"s{site}") for day in range(20) for site in range(10)]

    service, *_ = hold_out(seen, [], PARAMS)

    assert (service.learned_count, service.count) == (160, 40)
    assert service.given_off_s == pytest.approx(860.0, abs=20.0)
    assert service.learned_off_s is not None
    assert service.learned_off_s < 60.0


def test_held_out_days_are_not_learned_from() -> None:
    """However much of the last day there is, it is told by what the days before it tell alone."""
    early, late = [_seen(day, 1_500.0) for day in range(4)], [_seen(4, 3_000.0) for _ in range(20)]
    slow, slower = [_leg(day, 780.0) for day in range(4)], [_leg(4, 1_200.0) for _ in range(20)]

    service, service_by_hour, travel, _ = hold_out([*early, *late], [*slow, *slower], PARAMS)

    known, factor = learn_services(early, SHRINK)[SiteId("shop")], learn_travel(slow, SHRINK)
    assert (service.learned_count, service.count, travel.learned_count, travel.count) == (4, 20, 4, 20)
    assert service.learned_off_s == pytest.approx(3_000.0 - known.service_s)
    assert service_by_hour.learned_off_s == pytest.approx(3_000.0 - known.hours[0].value)
    assert factor is not None
    assert travel.learned_off_s == pytest.approx(1_200.0 - 600.0 * factor.factor, abs=0.1)


def test_another_given_time_is_not_overruled() -> None:
    """Who corrects a site's time today plans with that until it is learned anew."""
    learned = LearnedTimes(services={SHOP.id: LearnedService(given_s=1_200, service_s=2_000, visit_count=9)})

    (as_it_was,), used = with_learned([SHOP], learned)
    (corrected,), unused = with_learned([replace(SHOP, service_s=3_600)], learned)

    assert (as_it_was.service_s, used.given_s([as_it_was])) == (2_000, 1_200)
    assert (corrected.service_s, unused.is_empty) == (3_600, True)


def test_a_site_that_is_no_more_as_the_plan_had_it_keeps_nothing_of_what_was_learned() -> None:
    """In a replanned day what was learned stays with sites as they were, and goes where the time is another by now."""
    before = LearnedTimes(services={SHOP.id: LearnedService(given_s=1_200, service_s=2_000, visit_count=9)})
    as_planned, corrected = replace(SHOP, service_s=2_000), replace(SHOP, service_s=3_600)

    kept, gone = (also_learned(LearnedTimes(), before, [site]) for site in (as_planned, corrected))

    assert kept == before
    assert gone == LearnedTimes()
    assert also_learned(None, before, [as_planned]) is None


@given(st.integers(0, 47 * 3600), st.integers(0, 47 * 3600))
def test_what_any_window_takes_lies_among_the_hours(one_s: int, other_s: int) -> None:
    """The mean of a window's hours is within what hours take, also past midnight and for a moment alone."""
    hours = tuple(LearnedHour(hour=hour, value=600.0 + 10.0 * hour, count=3) for hour in range(24))
    service = LearnedService(given_s=600, service_s=700, visit_count=72, hours=hours)

    found = service.within([ClockWindow(earliest_s=min(one_s, other_s), latest_s=max(one_s, other_s))])

    assert 600 <= found <= 830


# ---- what is learned from --------------------------------------------------------------------------------------------


def _stay(presence: Presence | None, *, stop: PlannedStop | None = None, is_believed: bool = True) -> Stay:
    visit = stay_at(W1, SHOP.id, FIRST, presence, stop=stop)
    return Stay(
        service_on=FIRST, worker_id=W1, site_id=visit.site_id, stop=stop, presence=presence, is_believed=is_believed
    )


def _services(*stays: Stay, site: Site = SHOP) -> list[tuple[int, float]]:
    return [(one.hour, one.took_s) for one in services_seen(stays, {site.id: site}, ZONE, SeenParams())]


def test_a_stay_is_learned_from_when_both_ends_are_known() -> None:
    """Not one that goes on, nor one with ten minutes of room, nor one nobody believes, nor a statement."""
    whole = stayed(NINE, 1_500.0)

    assert _services(_stay(whole)) == [(9, 1_500.0)]
    assert _services(_stay(replace(whole, left=None))) == []
    assert _services(_stay(stayed(NINE, 1_500.0, room_s=400.0))) == []
    assert _services(_stay(whole, is_believed=False)) == []
    assert _services(_stay(None)) == []


def test_room_is_no_matter_where_a_stay_is_long() -> None:
    """Ten minutes of room in a stay of four hours are a twenty-fourth of it."""
    assert _services(_stay(stayed(NINE, 14_400.0, room_s=300.0))) == [(9, 14_400.0)]


def test_waiting_for_the_doors_to_open_is_no_service() -> None:
    """Who comes at nine where service begins at half past serves from then; who comes later is not waiting."""
    opens = replace(SHOP, windows=(ClockWindow(earliest_s=9 * 3600 + 1800, latest_s=12 * 3600),))

    assert _services(_stay(stayed(NINE, 3_000.0)), site=opens) == [(9, 1_200.0)]
    assert _services(_stay(stayed(NINE + timedelta(hours=1), 3_000.0)), site=opens) == [(10, 3_000.0)]


def _stop(number: int) -> PlannedStop:
    return PlannedStop(
        number=number, job_id=JobId(f"J{number}"), site_id=SHOP.id, arrival_at=NINE, start_at=NINE, end_at=NINE
    )


def _planned(*, matrix_s: float = 600.0, has_break: bool = False) -> PlannedLeg:
    return PlannedLeg(
        service_on=FIRST,
        worker_id=W1,
        from_job_id=JobId("J1"),
        to_job_id=JobId("J2"),
        matrix_s=matrix_s,
        has_break=has_break,
        is_estimate=False,
    )


def _legs(*stays: Stay, planned: PlannedLeg | None = None) -> list[float]:
    return [one.took_s for one in legs_seen(stays, [planned or _planned()], ZONE, SeenParams())]


def test_a_way_is_learned_from_when_it_was_gone_as_planned() -> None:
    """From one planned stop straight to the next: none with a break, a visit or an hour's errand in between."""
    one = _stay(stayed(NINE, 1_200.0), stop=_stop(1))
    next_at = NINE + timedelta(seconds=1_200 + 780)
    other = _stay(stayed(next_at, 900.0), stop=_stop(2))
    between = _stay(stayed(NINE + timedelta(seconds=1_500), 100.0))
    late = _stay(stayed(next_at + timedelta(hours=1), 900.0), stop=_stop(2))

    assert _legs(one, other) == [780.0]
    assert _legs(one, between, other) == []
    assert _legs(one, late) == []
    assert _legs(one, other, planned=_planned(has_break=True)) == []
    assert _legs(one, other, planned=_planned(matrix_s=60.0)) == []
    assert _legs(one, replace(other, is_believed=False)) == []


def test_travel_learned_is_of_all_ways() -> None:
    """The factor is of the company: a single way is hardly believed, many are."""
    few, many = learn_travel([_leg(0, 1_200.0)], SHRINK), learn_travel([_leg(0, 1_200.0)] * 200, SHRINK)

    assert isinstance(few, LearnedTravel)
    assert isinstance(many, LearnedTravel)
    assert 1.0 < few.factor < many.factor <= 2.0
