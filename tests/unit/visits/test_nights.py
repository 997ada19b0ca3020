"""Stays that go on when a day ends: each is one visit, of the day it began on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.traces import MORNING, ORIGIN_LAT, ORIGIN_LON, Move, Phone, Rest, course, seen

from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, GeofenceId, PhotoId, SiteId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.derived import derive
from geo_engine.tracks.model import select_fixes, to_microseconds
from geo_engine.visits import CheckIn, CheckInKind
from geo_engine.visits.building import build_day, build_visits
from geo_engine.visits.day import DayEvidence, DerivedDay, Seen, Visit
from geo_engine.visits.gathering import find_seen
from geo_engine.visits.model import DeviceTrack, PhotoEvidence
from geo_engine.visits.service_days import looked_at, turn_at
from geo_engine.visits.stays import part_long_stays
from geo_engine.visits.turning import are_hours_others, is_before_other

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A, B, C = (SiteId(one) for one in "abc")
DRIVE = Move(east_m=3000, north_m=0, speed_mps=10)
COURSE = (
    Rest(lasting_s=7_200),
    DRIVE,
    Rest(lasting_s=3_000),
    DRIVE,
    Rest(lasting_s=14_400),
    DRIVE,
    Rest(lasting_s=36_000, yard_m=60.0),
    replace(DRIVE, east_m=-3000),
    Rest(lasting_s=5_400),
    replace(DRIVE, east_m=-3000),
    Rest(lasting_s=9_000),
    replace(DRIVE, east_m=-3000),
    Rest(lasting_s=3_600),
)
"""A stay at home, at A, B, C, B, A, and at home again: a day and a half."""
LEFT_A_S, CAME_TO_B_S = 7_200 + 300 + 3_000, 7_200 + 300 + 3_000 + 300


def fence(site_id: SiteId, east_m: float) -> Geofence:
    """Return the fence of a site."""
    place = Position(ORIGIN_LON + east_m / 83_880.0, ORIGIN_LAT)
    shape = Circle(centre=place, radius_m=120.0)
    return Geofence(id=GeofenceId(f"site/{site_id}"), name=site_id, shape=shape, site_id=site_id)


FENCES = (fence(A, 3000), fence(B, 6000), fence(C, 9000))


@cache
def told() -> DeviceTrack:
    """Return what a phone tells of all of it, once a minute."""
    generator = np.random.default_rng(3)
    track = seen(course(COURSE, generator=generator), Phone(every_s=60), generator=generator)
    derived = derive(track)
    return DeviceTrack(track=track, flags=derived.flags, stops=derived.stops)


def stated(site_id: SiteId, after_s: float, kind: CheckInKind = CheckInKind.IN) -> CheckIn:
    """Return what the worker states at once, without a position."""
    now = MORNING + timedelta(seconds=after_s)
    return CheckIn(
        id=CheckInId(UUID(int=round(after_s))),
        kind=kind,
        worker_id=WorkerId("w"),
        site_id=site_id,
        told_at=now,
        sent_at=now,
        received_at=now,
        positions=(),
    )


STATED = (
    stated(A, 7_600),
    stated(A, LEFT_A_S + 120, CheckInKind.OUT),
    stated(B, CAME_TO_B_S - 60),
    stated(C, CAME_TO_B_S + 7_000),
    stated(B, CAME_TO_B_S + 14_000, CheckInKind.OUT),
)
"""In and out at A, the latter two minutes after leaving; in at B before coming and out of it; C from elsewhere."""


def within(device: DeviceTrack, span: TimeSpan) -> DeviceTrack:
    """Return what a device told in a span, its stops cut."""
    times_us = device.track.times_us
    chosen = (times_us >= to_microseconds(span.start_at)) & (times_us < to_microseconds(span.end_at))
    stops = (
        replace(one, started_at=max(one.started_at, span.start_at), ended_at=min(one.ended_at, span.end_at))
        for one in device.stops
        if one.started_at < span.end_at and one.ended_at > span.start_at
    )
    return DeviceTrack(track=select_fixes(device.track, chosen), flags=device.flags[chosen], stops=tuple(stops))


def evidence(device: DeviceTrack, day: TimeSpan | None, check_ins: Sequence[CheckIn] = STATED) -> DayEvidence:
    """Return what is known of a day, or of all there is."""
    if day is not None:
        device = within(device, looked_at(day))
    found = find_seen([device], FenceIndex(FENCES), ZoneInfo("UTC"))
    own = [one for one in check_ins if day is None or day.start_at <= one.stated_at < day.end_at]
    return DayEvidence(
        worker_id=WorkerId("w"),
        service_on=date(2026, 3, 10),
        tracks=(device,),
        seen=found if day is None else tuple(part_long_stays(found, day)),
        fences={one.site_id: one for one in FENCES if one.site_id is not None},
        check_ins=tuple(own),
        span=day,
        stated_around=tuple(one for one in check_ins if one not in own),
    )


def days_around(midnight_at: datetime) -> list[TimeSpan]:
    """Return the days around a midnight."""
    return [TimeSpan(start_at=midnight_at + n * DAY, end_at=midnight_at + (n + 1) * DAY) for n in (-2, -1, 0, 1)]


def gist(visit: Visit) -> tuple[object, ...]:
    """Return what of a visit has to be the same whatever day it is of."""
    stay = None if visit.presence is None else (visit.presence.entered, visit.presence.left)
    return visit.site_id, stay, tuple(one.id for one in visit.check_ins), visit.judgement.verdict


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 86_399))
def test_visits_are_the_same_wherever_midnight_falls(midnight_s: int) -> None:
    """Each day derived by itself, all have together the visits that there are: none is parted, doubled or lost."""
    whole = build_visits(evidence(told(), None))

    found = [
        visit
        for day in days_around(MORNING + timedelta(seconds=midnight_s))
        for visit in build_visits(evidence(told(), day))
    ]

    assert [visit.site_id for visit in whole if visit.presence is not None] == [A, B, C, B, A]
    assert sorted(map(gist, found), key=str) == sorted(map(gist, whole), key=str)


def test_a_day_knows_the_stays_of_the_day_before_that_went_on_into_it() -> None:
    """So that the day before can be derived anew where it does not know that; those of its own are not among them."""
    during_c = MORNING + timedelta(seconds=CAME_TO_B_S + 14_400 + 300 + 20_000)
    before, day = days_around(during_c)[1:3]

    derived = [build_day(evidence(told(), one)) for one in (before, day)]

    assert [[visit.site_id for visit in one.going_on] for one in derived] == [[], [C]]
    assert derived[1].going_on[0].presence == derived[0].visits[-1].presence


def test_a_stay_that_goes_on_for_too_long_is_parted() -> None:
    """Who stays for days is seen each day: from noon to noon, without a moment lost."""
    night = days_around(MORNING)[1]
    presence = Presence(
        device=0,
        fence=0,
        entered=Crossing(*[to_microseconds(night.start_at - HOUR)] * 3),
        seen_until_us=to_microseconds(night.end_at + 13 * HOUR),
        left=None,
        evidence=5.0,
    )
    long = Seen(presence=presence, fence=FENCES[0], site_id=A, device=0)

    before, own, behind = (one.presence for one in part_long_stays([long], night))
    short = replace(long, presence=replace(presence, seen_until_us=to_microseconds(night.start_at + 12 * HOUR)))

    assert before.left == own.entered == Crossing(*[to_microseconds(night.start_at + 12 * HOUR)] * 3)
    assert own.left == behind.entered == Crossing(*[to_microseconds(night.end_at + 12 * HOUR)] * 3)
    assert (before.entered, behind.seen_until_us) == (presence.entered, presence.seen_until_us)
    assert list(part_long_stays([short], night)) == [short]


def test_a_shift_that_goes_past_midnight_keeps_its_day() -> None:
    """Until two hours after it, unless the next begins sooner; one right after midnight has its day begin before."""
    midnight_at = datetime(2026, 3, 10, tzinfo=UTC)

    def shift(from_h: float, until_h: float) -> TimeSpan:
        return TimeSpan(start_at=midnight_at + from_h * HOUR, end_at=midnight_at + until_h * HOUR)

    def hour(before: TimeSpan | None, behind: TimeSpan | None) -> float:
        return (turn_at(midnight_at, before, behind) - midnight_at) / HOUR

    assert hour(shift(-16, -6), shift(8, 18)) == 0
    assert hour(shift(-2, 6), shift(22, 30)) == 8
    assert hour(shift(-2, 6), shift(7, 15)) == 7
    assert hour(shift(-9, -1), None) == 1
    assert hour(None, shift(0, 8)) == -1
    assert hour(shift(-24, 0), shift(0, 24)) == 0
    assert hour(shift(-1, 23), None) == 20


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24)), min_size=3, max_size=3))
def test_each_day_begins_before_it_ends(shifts: list[tuple[int, int]]) -> None:
    """Whatever the shifts: the days of a worker follow each other."""
    midnight_at = datetime(2026, 3, 10, tzinfo=UTC)
    before, own, behind = (
        TimeSpan(
            start_at=midnight_at + n * DAY + from_h * HOUR, end_at=midnight_at + n * DAY + (from_h + long_h) * HOUR
        )
        for n, (from_h, long_h) in zip((-1, 0, 1), shifts, strict=True)
    )

    begins_at = turn_at(midnight_at, before, own)
    ends_at = turn_at(midnight_at + DAY, own, behind)

    assert begins_at < ends_at


NIGHT = days_around(MORNING + DAY)[2]
LATE = stated(A, (NIGHT.start_at - MORNING).total_seconds() - 120)
"""Stated two minutes before a day begins."""
LONG = Presence(
    device=0,
    fence=0,
    entered=Crossing(*[to_microseconds(NIGHT.start_at - HOUR)] * 3),
    seen_until_us=to_microseconds(NIGHT.start_at + HOUR),
    left=Crossing(*[to_microseconds(NIGHT.start_at + HOUR)] * 3),
    evidence=5.0,
)
"""From an hour before a day begins until an hour behind."""
PHOTO = PhotoEvidence(id=PhotoId(UUID(int=1)))


def told_by(*check_ins: CheckIn) -> tuple[Visit, ...]:
    """Return a visit that is only stated."""
    if not check_ins:
        return ()
    return build_visits(DayEvidence(worker_id=WorkerId("w"), service_on=date(2026, 3, 10), check_ins=check_ins))


@pytest.mark.parametrize(
    ("own", "before", "is_other"),
    [((LATE,), (), False), ((), (LATE,), False), ((LATE,), (LATE,), True), ((), (), True)],
    ids=["of the day", "of the one before", "of both", "of neither"],
)
def test_what_is_stated_is_of_one_of_two_days(
    own: tuple[CheckIn, ...], before: tuple[CheckIn, ...], *, is_other: bool
) -> None:
    """Of a visit of the day or of one of the day before: of both, or of none, the day before is not as it should be."""
    known = DayEvidence(worker_id=WorkerId("w"), service_on=date(2026, 3, 10), stated_around=(LATE,))

    assert is_before_other(NIGHT, known, DerivedDay(visits=told_by(*own)), told_by(*before)) is is_other


def test_only_what_was_stated_before_a_day_can_be_of_the_one_before() -> None:
    """What is stated on the day behind is no matter of the day before."""
    behind = stated(A, (NIGHT.end_at - MORNING).total_seconds() + 120)
    known = DayEvidence(worker_id=WorkerId("w"), service_on=date(2026, 3, 10), stated_around=(behind,))

    assert not is_before_other(NIGHT, known, DerivedDay(visits=()), ())


def test_a_clock_that_a_whole_day_puts_right_moves_no_visit_to_another_day() -> None:
    """Two days would ask each other for ever: a visit that is only stated is of the day that its statement came to."""
    (visit,) = told_by(LATE)
    put_right_later = replace(visit, check_ins=(replace(LATE, clock_ahead=-timedelta(minutes=1)),))
    before = TimeSpan(start_at=NIGHT.start_at - DAY, end_at=NIGHT.start_at)
    moved = replace(visit, check_ins=(replace(LATE, clock_ahead=timedelta(minutes=-9), received_at=NIGHT.end_at),))

    assert are_hours_others(NIGHT, [visit], [], before)
    assert are_hours_others(before, [], [put_right_later], NIGHT)
    assert not are_hours_others(NIGHT, [], [moved], before)


@pytest.mark.parametrize(
    "changed",
    [
        {"photos": (replace(PHOTO, shown_before={LATE.id: PhotoId(UUID(int=2))}),)},
        {"photos": ()},
        {"check_ins": (LATE,)},
        {"presence": replace(LONG, left=None)},
        {"presence": replace(LONG, left=Crossing(*[LONG.seen_until_us + 1] * 3))},
        {"presence": None},
    ],
    ids=["shown again", "a photo", "nothing stated behind", "still there", "left later", "not seen"],
)
def test_the_day_before_is_other_where_a_visit_that_goes_on_is(changed: dict[str, Any]) -> None:
    """In how long it was, whether it is over, and what is stated and shown of it; else it is as it should be."""
    behind = replace(LATE, id=CheckInId(UUID(int=3)), told_at=NIGHT.start_at, received_at=NIGHT.end_at)
    (visit,) = told_by(LATE)
    visit = replace(visit, presence=LONG, check_ins=(LATE, behind), photos=(PHOTO,))
    known = DayEvidence(worker_id=WorkerId("w"), service_on=date(2026, 3, 10), stated_around=(LATE,))
    going_on = DerivedDay(visits=(), going_on=(visit,))

    assert not is_before_other(NIGHT, known, going_on, (visit,))
    assert is_before_other(NIGHT, known, going_on, (replace(visit, **changed),))
