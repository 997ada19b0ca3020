"""What really happened on a worker's day, and what of it was planned."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.traces import MORNING, ORIGIN_LAT, ORIGIN_LON, Move, Phone, Rest, course, seen, taken

from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.geofences.sightings import sightings_of
from geo_engine.geofences.transitions import detect_presences
from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, GeofenceId, JobId, SiteId, VisitId, WorkerId
from geo_engine.tracks import Track
from geo_engine.tracks.derived import derive
from geo_engine.tracks.model import concatenate, select_fixes
from geo_engine.visits import CheckIn, CheckInKind, Verdict
from geo_engine.visits.attribution import planned_of
from geo_engine.visits.building import build_visits
from geo_engine.visits.day import Assignment, DayEvidence, PlannedStop, Seen, Visit
from geo_engine.visits.model import CheckInPosition, DeviceTrack
from geo_engine.visits.planned_actual import compare_day

PARAMS = TransitionParams()
START_S = round(MORNING.timestamp())
A, B, C, D = (SiteId(one) for one in "abcd")
DRIVE = Move(east_m=3000, north_m=0, speed_mps=10)
COURSE = (Rest(lasting_s=900), DRIVE, Rest(lasting_s=1800), DRIVE, Rest(lasting_s=1200), DRIVE, Rest(lasting_s=900))


def place(east_m: float, north_m: float = 0.0) -> Position:
    """Return a place so many metres from where the day begins."""
    return Position(ORIGIN_LON + east_m / 83_880.0, ORIGIN_LAT + north_m / 111_060.0)


def fence(site_id: SiteId, east_m: float, radius_m: float = 100.0) -> Geofence:
    """Return the fence of a site."""
    shape = Circle(centre=place(east_m), radius_m=radius_m)
    return Geofence(id=GeofenceId(f"site/{site_id}"), name=site_id, shape=shape, site_id=site_id)


FENCES = (fence(A, 3000), fence(B, 6000), fence(C, 9000), fence(D, 20_000))


def moment(after_s: float) -> datetime:
    """Return a moment of the day."""
    return datetime.fromtimestamp(START_S + after_s, tz=UTC)


def stated(
    site_id: SiteId, after_s: float, kind: CheckInKind = CheckInKind.IN, *, at: Position | None = None
) -> CheckIn:
    """Return what a worker states at once."""
    now = moment(after_s)
    return CheckIn(
        id=CheckInId(UUID(int=round(after_s) * 10 + (kind is CheckInKind.OUT))),
        kind=kind,
        worker_id=WorkerId("w"),
        site_id=site_id,
        told_at=now,
        sent_at=now,
        received_at=now + timedelta(seconds=1),
        positions=() if at is None else (CheckInPosition(tracked_at=now, position=at, accuracy_m=10.0),),
    )


def planned(*site_ids: SiteId) -> tuple[PlannedStop, ...]:
    """Return a plan that is at the sites one after the other, half an hour each."""
    return tuple(
        PlannedStop(
            number=number,
            job_id=JobId(site_id),
            site_id=site_id,
            arrival_at=moment(1800 * number),
            start_at=moment(1800 * number),
            end_at=moment(1800 * number + 1200),
        )
        for number, site_id in enumerate(site_ids, start=1)
    )


def evidence(
    track: Track | None = None,
    *,
    fences: Sequence[Geofence] = FENCES,
    check_ins: Sequence[CheckIn] = (),
    stops: Sequence[PlannedStop] = (),
    assignments: Sequence[Assignment] = (),
) -> DayEvidence:
    """Return what is known of the day."""
    track = day_track() if track is None else track
    derived = derive(track)
    device = DeviceTrack(track=track, flags=derived.flags, stops=derived.stops)
    index = FenceIndex(fences)
    sightings = sightings_of(track, derived.flags, derived.stops, PARAMS)
    presences = detect_presences(index, sightings, zone=ZoneInfo("UTC"))
    found = (
        Seen(presence=one, fence=fences[one.fence], site_id=fences[one.fence].site_id or A, device=0)
        for one in presences
    )
    return DayEvidence(
        worker_id=WorkerId("w"),
        service_on=date(2026, 3, 10),
        tracks=(device,),
        seen=tuple(found),
        fences={one.site_id: one for one in fences if one.site_id is not None},
        stops=tuple(stops),
        check_ins=tuple(check_ins),
        assignments=tuple(assignments),
    )


def day_track() -> Track:
    """Return a day at three sites, seen every 15 s."""
    generator = np.random.default_rng(6)
    return seen(course(COURSE, generator=generator), Phone(every_s=15), generator=generator)


def sites(visits: Sequence[Visit]) -> list[SiteId]:
    """Return where somebody was, in order."""
    return [visit.site_id for visit in visits]


def test_each_stay_at_a_site_is_a_visit() -> None:
    """In order of time, with how long it was at least, most likely and at most."""
    visits = build_visits(evidence())

    assert sites(visits) == [A, B, C]
    assert visits[0].dwell_s is not None
    least_s, likely_s, most_s = visits[0].dwell_s
    assert least_s <= likely_s <= most_s
    assert abs(likely_s - 1820) < 20
    assert {visit.judgement.verdict for visit in visits} == {Verdict.CONFIRMED}


def test_a_plan_is_held_against_what_happened() -> None:
    """Kept, missed, late, out of order, and what came besides."""
    stops = planned(B, A, D)
    visits = build_visits(evidence(stops=stops))

    day = compare_day(stops, visits)

    assert [one.stop.site_id for one in day.missed] == [D]
    assert sites(day.extra) == [C]
    by_site = {one.stop.site_id: one for one in day.planned}
    assert sum(one.is_out_of_order for one in day.planned) == 1
    late_s = by_site[B].late_s
    assert late_s is not None
    assert late_s.least <= late_s.likely <= late_s.most
    assert abs(late_s.likely - (900 + 300 + 1800 + 300 - 10 - 1800)) < 30


def test_nobody_is_late_who_comes_while_the_plan_waits() -> None:
    """A plan that is there before a site opens is not kept worse by coming when it opens; earlier is early."""
    (visit,) = (visit for visit in build_visits(evidence()) if visit.site_id == A)
    came_s = visit.began_us / 1e6 - START_S

    def late_s(arrival_s: float, start_s: float) -> float:
        (stop,) = planned(A)
        stop = replace(stop, arrival_at=moment(arrival_s), start_at=moment(start_s), end_at=moment(start_s + 1200))
        (one,) = compare_day([stop], [replace(visit, stop=stop)]).planned
        assert one.late_s is not None
        return round(one.late_s.likely)

    assert late_s(came_s - 900, came_s + 900) == 0
    assert late_s(came_s - 900, came_s - 300) == 300
    assert late_s(came_s + 600, came_s + 900) == -600


def test_a_statement_that_nothing_bears_out_is_a_visit_for_review() -> None:
    """Checked in at a site 11 km from where the track was."""
    visits = build_visits(evidence(check_ins=[stated(D, 1500, at=place(20_000))]))

    (claimed,) = [visit for visit in visits if visit.site_id == D]
    assert claimed.presence is None
    assert claimed.judgement.verdict is Verdict.CONTRADICTED
    assert len(visits) == 4


def test_a_stay_just_outside_of_the_site_that_was_stated_is_no_extra_visit() -> None:
    """Checked in at a door whose fence was missed by metres: that the stay is in the neighbour's tells nothing."""
    doors = (fence(A, 3000, 60.0), fence(D, 3140, 60.0), *FENCES[1:3])

    visits = build_visits(evidence(fences=doors, check_ins=[stated(D, 1500)]))
    others = build_visits(evidence(fences=doors, check_ins=[stated(D, 1500, at=place(9000))]))

    assert sites(visits) == [D, B, C]
    assert sites(others) == [A, D, B, C]


def test_a_tower_holds_several_customers() -> None:
    """Two sites in one place: nobody knows which, unless one was planned or somebody says so."""
    tower = (fence(A, 3000), fence(B, 3040), *FENCES[2:])
    unknown, by_plan = (build_visits(evidence(fences=tower, stops=stops))[0] for stops in ((), planned(B)))
    both = build_visits(evidence(fences=tower, check_ins=[stated(A, 1500), stated(B, 2400)]))

    assert unknown.is_ambiguous
    assert {one.site_id for one in unknown.candidates} == {A, B}
    assert by_plan.site_id == B
    assert by_plan.candidates[0].share > 0.8
    assert not by_plan.is_ambiguous
    assert sites(both)[:2] == [A, B]


def test_neighbours_share_a_stay_and_do_not_both_have_all_of_it() -> None:
    """What the worker said at their doors parts it; where nothing does, both may have all."""
    doors = (fence(A, 3000), fence(B, 3040), *FENCES[2:])
    one_after_the_other = [
        stated(A, 1300),
        stated(A, 2000, CheckInKind.OUT),
        stated(B, 2300),
        stated(B, 2950, CheckInKind.OUT),
    ]
    at_once = [stated(A, 1300), stated(B, 1400), stated(A, 2900, CheckInKind.OUT), stated(B, 2950, CheckInKind.OUT)]

    parted, shared = (
        build_visits(evidence(fences=doors, check_ins=said))[:2] for said in (one_after_the_other, at_once)
    )

    (first, second), both = [visit.dwell_s for visit in parted], [visit.dwell_s for visit in shared]
    assert first is not None
    assert second is not None
    assert first[1] == pytest.approx(2000 - 1200, abs=30)
    assert second[1] == pytest.approx(3000 - 2300, abs=30)
    assert first[2] - first[0] > 250 < second[2] - second[0]
    assert all(dwell_s is not None and dwell_s[1] == pytest.approx(1820, abs=30) for dwell_s in both)
    assert sites(parted) == sites(shared) == [A, B]


def test_a_persons_word_outlives_what_is_derived_anew() -> None:
    """The stay is of the site a person said, also when more fixes moved its ends."""
    tower = (fence(A, 3000), fence(B, 3040), *FENCES[2:])
    word = Assignment(
        visit_id=VisitId(UUID(int=7)),
        from_us=(START_S + 1250) * 1_000_000,
        until_us=(START_S + 2900) * 1_000_000,
        site_id=A,
    )

    for track in (day_track(), taken(day_track(), np.arange(0, len(day_track()), 4))):
        first = build_visits(evidence(track, fences=tower, stops=planned(B), assignments=[word]))[0]

        assert first.site_id == A
        assert first.is_assigned
        assert not first.is_ambiguous


def test_coming_back_is_another_visit() -> None:
    """A check-out ends a visit; who checks in again begins the next."""
    there_and_back = (Rest(lasting_s=900), DRIVE, Rest(lasting_s=1200), DRIVE, Rest(lasting_s=900))
    back = (Move(east_m=-3000, north_m=0, speed_mps=10), Rest(lasting_s=1200))
    generator = np.random.default_rng(1)
    track = seen(course((*there_and_back, *back), generator=generator), Phone(every_s=15), generator=generator)
    check_ins = [stated(A, 1300), stated(A, 2300, CheckInKind.OUT), stated(A, 4000)]

    visits = [one for one in build_visits(evidence(track, check_ins=check_ins)) if one.site_id == A]

    assert [len(visit.check_ins) for visit in visits] == [2, 1]
    assert len({visit.id for visit in visits}) == 2


def test_what_was_planned_once_makes_one_stay_likelier() -> None:
    """Twice at a tower of two customers, one of whom was planned once: of which the second stay was nobody knows."""
    back = (Move(east_m=-3000, north_m=0, speed_mps=10), Rest(lasting_s=1800))
    generator = np.random.default_rng(1)
    track = seen(course((*COURSE[:5], *back), generator=generator), Phone(every_s=15), generator=generator)
    tower = (fence(A, 3000), fence(B, 3040), fence(C, 6000))

    first, between, second = build_visits(evidence(track, fences=tower, stops=planned(B)))

    assert (first.site_id, first.is_ambiguous, between.site_id) == (B, False, C)
    assert (second.is_ambiguous, second.stop) == (True, None)


CHECK_INS = (
    stated(A, 1260, at=place(3010)),
    stated(A, 2990, CheckInKind.OUT),
    stated(B, 3400),
    stated(D, 3900, at=place(20_000)),
)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_repetition_and_delay_change_nothing(seed: int) -> None:
    """Fixes and statements in any order, some of them twice, some of them received later, give identical visits."""
    generator = np.random.default_rng(seed)
    track, stops = day_track(), planned(A, B, C)
    expected = build_visits(evidence(track, check_ins=CHECK_INS, stops=stops))
    again = select_fixes(track, np.sort(generator.integers(0, len(track), 60)))
    shuffled = concatenate([track, again])
    mixed = select_fixes(shuffled, np.argsort(shuffled.times_us, kind="stable"))
    order = generator.permutation(len(CHECK_INS))
    late = timedelta(hours=float(generator.integers(0, 5)))
    delayed = [replace(CHECK_INS[at], received_at=CHECK_INS[at].received_at + (at == 2) * late) for at in order]

    visits = build_visits(evidence(mixed, check_ins=delayed, stops=tuple(generator.permuted(np.array(stops)))))

    assert [_told(visit) for visit in visits] == [_told(visit) for visit in expected]


def _told(visit: Visit) -> tuple[object, ...]:
    check_ins = tuple(check_in.id for check_in in visit.check_ins)
    return visit.id, visit.site_id, visit.stop, visit.presence, visit.candidates, check_ins, visit.judgement


def test_two_phones_make_no_visit_twice() -> None:
    """Whichever of them saw more, and however their moments differ; statements are of the one stay there was."""
    for seed in range(4):
        generator = np.random.default_rng(seed)
        moved = course(COURSE, generator=generator)
        tracks = [seen(moved, Phone(every_s=every_s), generator=generator) for every_s in (15, 20)]
        days = [evidence(track) for track in tracks]
        both = replace(
            days[0],
            tracks=tuple(day.tracks[0] for day in days),
            seen=tuple(replace(one, device=device) for device, day in enumerate(days) for one in day.seen),
            check_ins=(stated(A, 1500), stated(B, 3600), stated(C, 5400)),
        )

        visits = build_visits(both)

        assert sites(visits) == [A, B, C]
        assert all(len(visit.check_ins) == 1 and visit.presence is not None for visit in visits)


def test_a_stay_is_one_visit_however_often_somebody_says_to_have_left() -> None:
    """In, out, in, out: the track shows one stay, which lasts once."""
    said = [
        stated(A, 1300),
        stated(A, 1800, CheckInKind.OUT),
        stated(A, 2200),
        stated(A, 2900, CheckInKind.OUT),
    ]

    visits = build_visits(evidence(check_ins=said))

    assert sites(visits) == [A, B, C]
    assert len(visits[0].check_ins) == 4


def test_a_site_planned_twice_is_visited_twice() -> None:
    """Each visit is the planned one it is nearest to; the one that never was is missed, whichever it is."""
    twice = (Rest(lasting_s=900), DRIVE, Rest(lasting_s=1800), replace(DRIVE, east_m=-3000), Rest(lasting_s=3600))
    back = (*twice, DRIVE, Rest(lasting_s=1800), replace(DRIVE, east_m=-3000), Rest(lasting_s=900))
    generator = np.random.default_rng(6)
    track = seen(course(back, generator=generator), Phone(every_s=15), generator=generator)
    first, second = 1200, 1200 + 1800 + 300 + 3600 + 300
    stops = tuple(
        replace(stop, job_id=JobId(f"{stop.job_id}/{stop.number}"), arrival_at=moment(at_s))
        for stop, at_s in zip(planned(A, B, A), (first, first + 3000, second), strict=True)
    )
    swapped = tuple(replace(stop, number=4 - stop.number) for stop in stops)

    both, once = (build_visits(evidence(one, stops=stops)) for one in (track, day_track()))
    day = compare_day(swapped, both)

    assert [visit.stop and visit.stop.number for visit in both] == [1, 3]
    assert [visit.stop and visit.stop.number for visit in once] == [1, 2, None]
    assert {one.stop.job_id: one.visit and one.visit.began_us for one in day.planned} == {
        JobId("a/1"): both[0].began_us,
        JobId("b/2"): None,
        JobId("a/3"): both[1].began_us,
    }


def test_a_word_is_about_the_part_of_a_stay_it_was_said_of() -> None:
    """Of two customers next door to each other the other one keeps its own; a stay that was stated is counted once."""
    doors = (fence(A, 3000), fence(B, 3040), *FENCES[2:])
    said = [stated(A, 1300), stated(A, 2000, CheckInKind.OUT), stated(B, 2300), stated(B, 2950, CheckInKind.OUT)]

    def word(from_s: float, until_s: float, site_id: SiteId = D) -> Assignment:
        from_us, until_us = ((START_S + round(one)) * 1_000_000 for one in (from_s, until_s))
        return Assignment(visit_id=VisitId(UUID(int=7)), from_us=from_us, until_us=until_us, site_id=site_id)

    before = build_visits(evidence(fences=doors, check_ins=said))
    tower = build_visits(evidence(fences=doors, check_ins=said, assignments=[word(2250, 3020)]))
    next_door = build_visits(evidence(fences=doors, check_ins=said, assignments=[word(2250, 3020, A)]))
    alone = build_visits(evidence(check_ins=said[:2], assignments=[word(1190, 3010)]))

    assert sites(tower) == [A, D, C]
    assert (tower[0].dwell_s, tower[1].dwell_s) == (before[0].dwell_s, before[1].dwell_s)
    assert len(tower[1].check_ins) == 2
    assert sites(next_door) == [A, A, C]
    assert [one.dwell_s for one in next_door] == [one.dwell_s for one in before]
    assert sites(alone) == [D, B, C]
    assert len(alone[0].check_ins) == 2


def test_a_word_about_a_pass_is_not_of_the_stay_around_it() -> None:
    """Of a check-in on the way past somebody said where it was; the visit whose hours it fell into stays as it is."""
    passing = fence(D, 3150, 20.0)
    stay = Seen(presence=evidence().seen[0].presence, fence=FENCES[0], site_id=A, device=0)
    came_us = stay.presence.entered.at_us + 600_000_000
    crossing = stay.presence.entered._replace(at_us=came_us, earliest_us=came_us, latest_us=came_us)
    gone = crossing._replace(at_us=came_us + 60_000_000, earliest_us=came_us, latest_us=came_us + 60_000_000)
    past = replace(stay.presence, entered=crossing, left=gone, seen_until_us=gone.at_us)
    told = [stated(A, 1300), stated(D, came_us / 1e6 - START_S + 30)]
    both = evidence(check_ins=told, fences=(*FENCES[:3], passing))
    both = replace(both, seen=(stay, Seen(presence=past, fence=passing, site_id=D, device=0)))
    (visit,) = [one for one in build_visits(both) if one.site_id == D]
    word = Assignment(visit_id=visit.id, from_us=past.entered.at_us, until_us=gone.at_us, site_id=C)

    visits = build_visits(replace(both, assignments=(word,)))

    assert {(one.site_id, one.is_assigned, one.check_ins) for one in visits} == {
        (A, False, (told[0],)),
        (C, True, (told[1],)),
    }


def test_a_stay_that_a_person_gives_to_another_site_is_not_judged_by_the_old_ones_fence() -> None:
    """What the machine would say of it is about another place; what was stated at the new one is part of it."""
    word = Assignment(
        visit_id=VisitId(UUID(int=7)),
        from_us=(START_S + 1250) * 1_000_000,
        until_us=(START_S + 2900) * 1_000_000,
        site_id=D,
    )

    first, *others = build_visits(evidence(check_ins=[stated(D, 1500, at=place(3000))], assignments=[word]))

    assert first.site_id == D
    assert (first.fence_id, first.judgement.reasons) == (None, ())
    assert len(first.check_ins) == 1
    assert sites(others) == [B, C]


def test_the_planned_visit_is_what_the_worker_stated_when_it_was_due() -> None:
    """Nobody planned to be there in the morning, next door to home; a claim that is contradicted takes no plan."""
    (stop,) = planned(A)
    late = replace(stop, arrival_at=moment(30_000), start_at=moment(30_000), end_at=moment(31_000))
    soon = replace(planned(C)[0], arrival_at=moment(1_100), start_at=moment(1_100), end_at=moment(1_600))

    due = build_visits(evidence(check_ins=[stated(A, 30_100)], stops=[late]))
    made_up = build_visits(evidence(check_ins=[stated(C, 1_000, at=place(9000))], stops=[soon]))

    assert [visit.stop is not None for visit in due] == [False, False, False, True]
    assert [visit.stop is not None for visit in made_up] == [False, False, False, True]
    assert made_up[0].judgement.verdict is Verdict.CONTRADICTED


def test_who_checks_out_ends_what_was_begun_though_the_track_shows_its_ends_alone() -> None:
    """The phone told of a place next door in between, and was at the site only as if it passed, twice."""
    generator = np.random.default_rng(6)
    there, back = (Move(east_m=east_m, north_m=0, speed_mps=10) for east_m in (3250, -3250))
    parts = (Rest(lasting_s=900), there, Rest(lasting_s=1500), back, Rest(lasting_s=900))
    track = seen(course(parts, generator=generator), Phone(every_s=15), generator=generator)
    told = [stated(A, 1200), stated(A, 2750, CheckInKind.OUT)]
    both = evidence(track, check_ins=told)

    visits = build_visits(both)

    assert len([one for one in both.seen if one.site_id == A]) == 2
    assert [[one.kind for one in visit.check_ins] for visit in visits] == [[CheckInKind.IN, CheckInKind.OUT]]
    assert len(build_visits(replace(both, check_ins=(told[0], replace(told[1], kind=CheckInKind.IN))))) == 2


def test_check_ins_at_another_stay_are_of_another_visit_though_nobody_checked_out() -> None:
    """Two stays at one site; a statement in between that nothing bears out is of neither."""
    back, away = replace(DRIVE, east_m=-3000), Rest(lasting_s=9000)
    generator = np.random.default_rng(6)
    moves = course((*COURSE[:3], back, away, DRIVE, Rest(lasting_s=1800), DRIVE, COURSE[0]), generator=generator)
    track = seen(moves, Phone(every_s=15), generator=generator)
    said = [stated(A, 1260), stated(A, 7800, at=place(0)), stated(A, 1200 + 1800 + 300 + 9000 + 300 + 60)]

    visits = build_visits(evidence(track, check_ins=said))

    told = [(visit.presence is not None, len(visit.check_ins)) for visit in visits]
    assert told[:3] == [(True, 1), (False, 1), (True, 1)]
    assert [visit.judgement.verdict is Verdict.CONTRADICTED for visit in visits[:3]] == [False, True, False]


def test_what_two_devices_tell_at_once_of_one_fence_is_one_visit() -> None:
    """One was switched on late, the other off early: it is the stay that is seen the longest, not two; later it is."""

    def stay(device: int, from_s: float, until_s: float) -> Seen:
        came, left = (Crossing(*[round(moment(one).timestamp() * 1e6)] * 3) for one in (from_s, until_s))
        presence = Presence(device=device, fence=0, entered=came, seen_until_us=left.at_us, left=left, evidence=4.0)
        return Seen(presence=presence, fence=FENCES[0], site_id=A, device=device)

    one, other, later = stay(0, 0, 3600), stay(1, 3000, 9000), stay(1, 9600, 12_000)
    day = replace(evidence(), tracks=evidence().tracks * 2, seen=(one, other, later))

    assert [visit.presence for visit in build_visits(day)] == [other.presence, later.presence]


@pytest.mark.parametrize(("hours", "is_it"), [(1.5, True), (2.5, False)])
@pytest.mark.parametrize(
    "said", [{"check_ins": (stated(A, 7_200),)}, {"is_assigned": True}], ids=["by the worker", "by a person"]
)
def test_what_was_said_is_what_was_planned_rather_than_what_was_only_seen(
    said: dict[str, Any], hours: float, *, is_it: bool
) -> None:
    """Seen there when it was due, and said to be there later: for two hours that is what was planned."""
    (stop,) = planned(A)
    (visit,) = (one for one in build_visits(evidence()) if one.site_id == A)
    assert visit.presence is not None

    def come(after_s: float) -> Visit:
        entered = Crossing(*[round(moment(after_s).timestamp() * 1e6)] * 3)
        return replace(visit, presence=replace(visit.presence, entered=entered))

    seen_then, said_later = come(1800), replace(come(1800 + 3600 * hours), **said)

    assert planned_of([stop], [seen_then, said_later]) == {int(is_it): stop}
