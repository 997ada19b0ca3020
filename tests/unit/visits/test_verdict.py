"""How far a visit can be believed, and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from support.traces import MORNING, ORIGIN_LAT, ORIGIN_LON, Move, Phone, Rest, course, seen, silenced

from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.sightings import sightings_of
from geo_engine.geofences.transitions import detect_presences
from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, GeofenceId, PhotoId, SiteId, WorkerId
from geo_engine.tracks import Track
from geo_engine.tracks.derived import derive
from geo_engine.tracks.model import select_fixes
from geo_engine.visits import CheckIn, CheckInKind, Evidence, Judgement, PhotoEvidence, ReasonKind, Verdict
from geo_engine.visits.attribution import presence_of
from geo_engine.visits.clocks import put_right
from geo_engine.visits.model import CheckInPosition, DeviceTrack, UnusableCheckIn
from geo_engine.visits.verdict import judge_visit

PARAMS = TransitionParams()
START_S = round(MORNING.timestamp())
THERE = Move(east_m=3000, north_m=0, speed_mps=10)
VISIT = (Rest(lasting_s=900), THERE, Rest(lasting_s=1800), THERE, Rest(lasting_s=900))
ARRIVED_S, LEFT_S = 1200, 3000


def place(east_m: float, north_m: float = 0.0) -> Position:
    """Return a place so many metres from where courses begin."""
    return Position(ORIGIN_LON + east_m / 83_880.0, ORIGIN_LAT + north_m / 111_060.0)


SITE = Geofence(id=GeofenceId("site"), name="Site", shape=Circle(centre=place(3000), radius_m=100.0))


def track_of(*parts: Move | Rest, phone: Phone | None = None) -> Track:
    """Return what a phone reports of a course."""
    generator = np.random.default_rng(2)
    return seen(course(parts, generator=generator), phone or Phone(every_s=15), generator=generator)


def moment(after_s: float) -> datetime:
    """Return a moment so long after the course began."""
    return datetime.fromtimestamp(START_S + after_s, tz=UTC)


def check_in(after_s: float = ARRIVED_S + 60, *, at: Position | None = None, **rest: object) -> CheckIn:
    """Return a check-in that is sent at once, from a place that the phone knows to 10 m; None: it knows none."""
    told_at = moment(after_s)
    positions = () if at is None else (CheckInPosition(tracked_at=told_at, position=at, accuracy_m=10.0),)
    told = CheckIn(
        id=CheckInId(UUID(int=round(after_s))),
        kind=CheckInKind.IN,
        worker_id=WorkerId("w"),
        site_id=SiteId("site"),
        told_at=told_at,
        sent_at=told_at,
        received_at=told_at + timedelta(seconds=1),
        positions=positions,
    )
    return replace(told, **rest)  # type: ignore[arg-type]


def judged(
    *check_ins: CheckIn, track: Track | None = None, photos: Sequence[PhotoEvidence] = (), others: Sequence[Track] = ()
) -> Judgement:
    """Return how a visit to the site is judged."""
    tracks = [track_of(*VISIT) if track is None else track, *others]
    devices = []
    for one in tracks:
        derived = derive(one)
        devices.append(DeviceTrack(track=one, flags=derived.flags, stops=derived.stops))
    main = devices[0]
    sightings = sightings_of(main.track, main.flags, main.stops, PARAMS)
    presences = detect_presences(FenceIndex([SITE]), sightings, zone=ZoneInfo("UTC"))
    presence = presence_of(check_ins, presences, least_s=PARAMS.dwell_s) if check_ins else presences[0]
    return judge_visit(
        Evidence(fence=SITE, presence=presence, check_ins=check_ins, photos=tuple(photos), tracks=tuple(devices))
    )


def kinds(judgement: Judgement) -> set[ReasonKind]:
    """Return what is named."""
    return {reason.kind for reason in judgement.reasons}


def moved(track: Track, from_s: float, until_s: float, to: Position, **columns: float) -> Track:
    """Return a track that says it was elsewhere for a while."""
    chosen = (track.times_us >= (START_S + from_s) * 1e6) & (track.times_us < (START_S + until_s) * 1e6)
    track.lons_deg[chosen], track.lats_deg[chosen] = to.lon, to.lat
    for name, value in columns.items():
        getattr(track, name)[chosen] = value
    return track


def test_a_visit_that_the_own_track_shows_is_confirmed() -> None:
    """A stay weighs most; the moments of the fixes behind it are named."""
    judgement = judged(check_in(at=place(3010)))

    (stayed,) = [reason for reason in judgement.reasons if reason.kind is ReasonKind.STAYED]
    assert judgement.verdict is Verdict.CONFIRMED
    assert stayed.weight > 3.0
    assert stayed.span is not None
    assert stayed.span.start_at.timestamp() - START_S == pytest.approx(ARRIVED_S - 10, abs=20)
    assert judgement.odds == pytest.approx(sum(reason.weight for reason in judgement.reasons), abs=0.001)


def test_a_stay_alone_is_enough() -> None:
    """Who forgot to check in was there none the less."""
    assert judged().verdict is Verdict.CONFIRMED


def test_checking_in_from_afar_is_contradicted() -> None:
    """The phone says it is 2 km away, and so does the track."""
    judgement = judged(check_in(600, at=place(1000)), track=track_of(Rest(lasting_s=4000)))

    assert judgement.verdict is Verdict.CONTRADICTED
    assert {ReasonKind.TRACK_OUTSIDE} < kinds(judgement)


def test_a_made_up_check_in_is_contradicted_by_the_own_track() -> None:
    """The phone says it is at the site; the tracker says it is 3 km away at the same moment."""
    judgement = judged(check_in(600, at=place(3000)), track=track_of(Rest(lasting_s=4000)))

    assert judgement.verdict is Verdict.CONTRADICTED
    assert ReasonKind.FAR_FROM_TRACK in kinds(judgement)


@pytest.mark.parametrize("every_s", [5, 15, 60])
def test_positions_a_program_made_up_are_contradicted(every_s: int) -> None:
    """The tracker leaps to the site, says the same there to the last digit, and leaps back."""
    track = track_of(Rest(lasting_s=4000), phone=Phone(every_s=every_s))
    track = moved(track, 1500, 2400, place(3000), accuracies_m=5.0, speeds_mps=0.0)

    judgement = judged(check_in(1600, at=place(3000)), track=track)

    assert judgement.verdict is Verdict.CONTRADICTED
    assert kinds(judgement) & {ReasonKind.LEAP, ReasonKind.RUSH}
    assert all(reason.weight == 0.0 for reason in judgement.reasons if reason.kind is ReasonKind.STAYED)


UNSEEN = Phone(every_s=300)


def test_a_stay_to_which_nobody_was_seen_coming_is_not_enough_by_itself() -> None:
    """One fix every five minutes, far away before and after: a program that makes the stay up looks the same."""
    judgement = judged(check_in(at=place(3000)), track=track_of(*VISIT, phone=UNSEEN))

    (stayed,) = [reason for reason in judgement.reasons if reason.kind is ReasonKind.STAYED]
    assert (stayed.weight, stayed.facts["is_unseen"]) == (1.0, 1)
    assert judgement.verdict is Verdict.LIKELY


@pytest.mark.parametrize(
    "course",
    [
        (
            Rest(lasting_s=900),
            THERE,
            Rest(lasting_s=1800),
            Move(east_m=400, north_m=0, speed_mps=1),
            Rest(lasting_s=900),
        ),
        (Rest(lasting_s=900), THERE, Rest(lasting_s=1800)),
    ],
    ids=["seen leaving", "still there"],
)
def test_a_stay_that_was_seen_to_begin_or_to_end_counts_in_full(course: Sequence[Move | Rest]) -> None:
    """Who was seen near by before or after, or is there still, came by some way."""
    judgement = judged(check_in(at=place(3000)), track=track_of(*course, phone=UNSEEN))

    (stayed,) = [reason for reason in judgement.reasons if reason.kind is ReasonKind.STAYED]
    assert (stayed.weight > 2.0, stayed.facts["is_unseen"]) == (True, 0)


def test_a_phone_that_says_so_itself_is_contradicted() -> None:
    """Positions are declared as made up."""
    track = track_of(*VISIT)
    track.mocks[:] = True

    assert judged(check_in(at=place(3000)), track=track).verdict is Verdict.CONTRADICTED


def test_a_stay_is_none_the_less_for_a_check_in_from_elsewhere() -> None:
    """Checked in on the way, with a position at the site; then really there: to be looked at, not accused."""
    early = judged(check_in(ARRIVED_S - 900, at=place(3000)))

    assert {ReasonKind.FAR_FROM_TRACK, ReasonKind.STAYED} <= kinds(early)
    assert early.verdict is Verdict.INSUFFICIENT


def test_driving_past_is_no_visit() -> None:
    """Checked in inside, and gone before anything could be done."""
    judgement = judged(check_in(900 + 300, at=place(3000)), track=track_of(Rest(lasting_s=900), THERE, THERE, THERE))

    assert judgement.verdict is Verdict.CONTRADICTED
    assert ReasonKind.PASSED in kinds(judgement)


def test_who_is_seen_only_while_leaving_has_not_passed() -> None:
    """Silent in the building, seen again at its edge for seconds: who checked in long before is not contradicted."""
    track = track_of(*VISIT)
    after_s = track.times_us / 1e6 - START_S
    known = select_fixes(track, (after_s < ARRIVED_S - 5) | (after_s > LEFT_S))

    judgement = judged(check_in(ARRIVED_S + 40), check_in(LEFT_S - 60, kind=CheckInKind.OUT), track=known)

    assert ReasonKind.PASSED not in kinds(judgement)
    assert judgement.verdict is not Verdict.CONTRADICTED


def test_without_a_track_a_check_in_is_not_enough() -> None:
    """The phone, on shift, told nothing: neither believed nor contradicted."""
    track = silenced(track_of(*VISIT), START_S + 300, START_S + 4000)

    judgement = judged(check_in(at=place(3000)), track=track)

    assert judgement.verdict is Verdict.INSUFFICIENT
    assert ReasonKind.NO_TRACK in kinds(judgement)


def test_what_a_worker_states_and_shows_is_not_enough_without_a_track() -> None:
    """With the tracking off a made-up check-in and a photo with made-up time and place wait for somebody to look."""
    track = silenced(track_of(*VISIT), START_S + 300, START_S + 4000)

    judgement = judged(check_in(at=place(3000)), track=track, photos=[photo()])

    assert judgement.verdict is Verdict.INSUFFICIENT
    assert {ReasonKind.CHECKED_IN_INSIDE, ReasonKind.PHOTO_THEN, ReasonKind.PHOTO_THERE} < kinds(judgement)
    assert judgement.odds == pytest.approx(sum(reason.weight for reason in judgement.reasons), abs=0.001)


def test_a_position_of_hours_ago_tells_nothing() -> None:
    """A phone that answers with where it was this morning is told as such, and neither believed nor contradicted."""
    track = silenced(track_of(*VISIT), START_S + 300, START_S + 4000)
    (fresh,) = check_in(at=place(3000)).positions
    old = replace(fresh, tracked_at=moment(ARRIVED_S - 27_000))

    judgement = judged(check_in(positions=(old,)), track=track)

    (told,) = [one for one in judgement.reasons if one.kind is ReasonKind.CHECKED_IN_BEFORE]
    assert (told.weight, told.facts["seconds"]) == (0.0, 27_060)
    assert judgement.odds == judged(check_in(), track=track).odds
    assert ReasonKind.CHECKED_IN_INSIDE in kinds(judged(check_in(positions=(old, fresh)), track=track))


@pytest.mark.parametrize("age_s", [0, 100])
def test_a_position_of_a_minute_or_two_ago_counts(age_s: int) -> None:
    """Phones keep what they found out for a while."""
    (fresh,) = check_in(at=place(3000)).positions
    kept = replace(fresh, tracked_at=fresh.tracked_at - timedelta(seconds=age_s))

    assert ReasonKind.CHECKED_IN_INSIDE in kinds(judged(check_in(positions=(kept,))))


@pytest.mark.parametrize("is_shown", [False, True], ids=["stated", "shown"])
def test_what_is_told_again_weighs_no_more(*, is_shown: bool) -> None:
    """Three made-up check-ins, or photos, with the tracking off are worth what one is; all are named."""
    track = silenced(track_of(*VISIT), START_S + 300, START_S + 4000)
    check_ins = [check_in(ARRIVED_S + 60 * k, at=place(3000)) for k in (1, 2, 3)]
    shown = [photo(id=PhotoId(UUID(int=k))) for k in (1, 2, 3)]

    once = judged(check_ins[0], track=track, photos=shown[:1] * is_shown)
    again = judged(*check_ins, track=track, photos=shown * is_shown)

    told = [reason for reason in again.reasons if reason.kind is ReasonKind.CHECKED_IN_INSIDE]
    assert (again.odds, again.verdict) == (once.odds, once.verdict)
    assert sorted(reason.weight > 0.0 for reason in told) == [False, False, True]


@pytest.mark.parametrize(
    ("phone", "at"),
    [
        (Phone(every_s=15, sigma_m=30, reflections_per_hour=6), place(3180)),
        (Phone(every_s=60, sigma_m=30, accuracy_m=float("nan")), None),
        (Phone(every_s=300), None),
    ],
    ids=["reflected", "says no accuracy", "seldom"],
)
def test_bad_reception_is_no_contradiction(phone: Phone, at: Position | None) -> None:
    """An honest visit with a bad phone is never contradicted."""
    assert judged(check_in(at=at), track=track_of(*VISIT, phone=phone)).verdict is not Verdict.CONTRADICTED


@pytest.mark.parametrize("ahead_s", [-1500, 900])
def test_a_wrong_clock_is_put_right_and_named(ahead_s: int) -> None:
    """What was received before it was sent, or stated before it was found, shows how far a clock is wrong."""
    wrong = timedelta(seconds=ahead_s)
    told = check_in(at=place(3000))
    told = replace(told, told_at=told.told_at + wrong, sent_at=told.sent_at + wrong)

    (right,) = put_right([told])
    judgement = judged(right)

    assert right.stated_at == pytest.approx(told.told_at - wrong, abs=timedelta(seconds=2))
    assert judgement.verdict is Verdict.CONFIRMED
    assert ReasonKind.CLOCK in kinds(judgement)


def test_a_clock_that_is_right_is_left_alone() -> None:
    """A check-in that was sent hours later says nothing about the clock when others were sent at once."""
    late = check_in(3000, received_at=moment(9000), sent_at=moment(8999))

    assert [one.clock_ahead for one in put_right([check_in(), late])] == [timedelta(), timedelta()]


@pytest.mark.parametrize(
    "wrong",
    [timedelta(hours=40), timedelta(hours=24), timedelta(days=-2300)],
    ids=["days ahead", "a day ahead", "reset to another year"],
)
@pytest.mark.parametrize("is_found", [True, False])
def test_a_clock_of_another_day_is_put_right(wrong: timedelta, *, is_found: bool) -> None:
    """Also when it stamps positions and sent hours later, and whatever the phone states once the clock was set."""
    at = place(3000) if is_found else None
    told, usual = check_in(at=at), check_in(4000, at=at)
    shifted = replace(told, told_at=told.told_at + wrong, sent_at=moment(9000) + wrong, received_at=moment(9001))
    shifted = replace(shifted, positions=tuple(replace(one, tracked_at=shifted.told_at) for one in told.positions))

    right, unchanged = put_right([shifted, usual])

    assert abs(right.stated_at - told.stated_at) <= timedelta(seconds=2)
    assert unchanged.stated_at == usual.told_at


@pytest.mark.parametrize("waited_s", [0, 5400], ids=["at once", "an hour and a half later"])
@pytest.mark.parametrize("wrong", [timedelta(minutes=25), timedelta(days=2)], ids=["minutes", "days"])
def test_what_is_stated_in_the_future_is_held_against_the_present(wrong: timedelta, waited_s: int) -> None:
    """Nothing is stated after it came: its clock is called wrong, and where it was found counts as of then."""
    at = {"sent_at": moment(ARRIVED_S + 60 + waited_s), "received_at": moment(ARRIVED_S + 61 + waited_s)}
    there, away = (check_in(at=place(east_m), **at) for east_m in (3000, 9000))
    usual = check_in(4000)

    for told, expected in ((there, ReasonKind.CHECKED_IN_INSIDE), (away, ReasonKind.FAR_FROM_TRACK)):
        positions = tuple(replace(one, tracked_at=one.tracked_at + wrong) for one in told.positions)
        stated = replace(told, told_at=told.told_at + wrong, sent_at=told.sent_at + wrong, positions=positions)
        right, _ = put_right([stated, usual])
        judgement = judged(right)

        assert right.stated_at <= right.received_at
        assert {expected, ReasonKind.CLOCK} <= kinds(judgement)
        (clock,) = [one for one in judgement.reasons if one.kind is ReasonKind.CLOCK]
        assert clock.facts["seconds"] == pytest.approx(wrong.total_seconds(), abs=2)


def test_what_was_told_before_a_clock_was_set_back_is_not_later_than_it_came() -> None:
    """The clock was right again when it was sent: it was stated by then, and no later than its position."""
    told = check_in(at=None, sent_at=moment(9000), received_at=moment(9001))

    (right,) = put_right([replace(told, told_at=told.told_at + timedelta(days=2))])

    assert right.stated_at == moment(9001)


def photo(**rest: object) -> PhotoEvidence:
    """Return a photo that was taken at the visit, at the site."""
    taken = PhotoEvidence(id=PhotoId(UUID(int=1)), taken_at=moment(ARRIVED_S + 600), position=place(3000))
    return replace(taken, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "kind", "sign"),
    [
        (photo(position=None), ReasonKind.PHOTO_THEN, 1),
        (photo(taken_at=None), ReasonKind.PHOTO_THERE, 1),
        (photo(taken_at=moment(-90_000)), ReasonKind.PHOTO_OTHER_TIME, -1),
        (photo(position=place(9000)), ReasonKind.PHOTO_ELSEWHERE, -1),
        (photo(shown_before={check_in().id: PhotoId(UUID(int=9))}), ReasonKind.PHOTO_REUSED, -1),
        (photo(shown_before={check_in(1).id: PhotoId(UUID(int=1))}), ReasonKind.PHOTO_THERE, 1),
    ],
    ids=["then", "there", "long ago", "elsewhere", "reused", "reused by another visit"],
)
def test_a_photo_speaks_for_a_visit_or_against_it(shown: PhotoEvidence, kind: ReasonKind, sign: int) -> None:
    """By when and where it was taken, and whether it was shown before."""
    judgement = judged(check_in(), photos=[shown])

    (reason,) = [one for one in judgement.reasons if one.kind is kind]
    assert reason.weight * sign > 0.0


def test_two_devices_of_one_worker_far_apart_are_doubtful() -> None:
    """One phone is at the site, the other 3 km away."""
    judgement = judged(check_in(at=place(3000)), others=[track_of(Rest(lasting_s=6000))])

    assert ReasonKind.DEVICES_APART in kinds(judgement)
    assert judgement.verdict is not Verdict.CONFIRMED


def test_two_devices_far_apart_are_doubtful_where_no_stay_was_seen() -> None:
    """Neither was ever inside; when the worker checked in they were 5 km apart."""
    here, there = track_of(Rest(lasting_s=3000)), moved(track_of(Rest(lasting_s=3000)), 0, 3000, place(-5000))

    judgement = judged(check_in(600), track=here, others=[there])

    (apart,) = [reason for reason in judgement.reasons if reason.kind is ReasonKind.DEVICES_APART]
    assert apart.facts["distance_m"] == pytest.approx(5000, abs=50)
    assert apart.span is not None
    assert apart.span.start_at.timestamp() - START_S == pytest.approx(600, abs=15)


def test_two_devices_far_apart_when_the_worker_checked_in_are_doubtful() -> None:
    """Together in the middle of the stay is not together all the time."""
    other = moved(track_of(*VISIT), ARRIVED_S - 200, ARRIVED_S + 400, place(9000))

    assert ReasonKind.DEVICES_APART in kinds(judged(check_in(at=place(3000)), others=[other]))


def test_two_devices_in_one_car_are_not_apart() -> None:
    """One reports every five minutes: by its last fix the car was 1.5 km back, which it drove since."""
    other = track_of(*VISIT, phone=Phone(every_s=300))

    assert ReasonKind.DEVICES_APART not in kinds(judged(check_in(1045), check_in(at=place(3000)), others=[other]))


def test_an_accuracy_that_never_changes_is_named_and_is_no_proof() -> None:
    """Programs say the same accuracy of every position they make up; so do some phones."""
    frozen = judged(check_in(at=place(3000)), track=track_of(*VISIT, phone=Phone(every_s=15, accuracy_m=5.0)))

    assert ReasonKind.FROZEN_ACCURACY in kinds(frozen)
    assert frozen.verdict is Verdict.CONFIRMED
    assert ReasonKind.FROZEN_ACCURACY not in kinds(judged(check_in(at=place(3000))))


def test_an_accuracy_that_is_the_same_from_leap_to_leap_is_doubtful() -> None:
    """A program adds noise to the positions it makes up, and forgets the accuracy."""
    track = moved(track_of(Rest(lasting_s=4000)), 1500, 2400, place(3000), accuracies_m=5.0)
    track.lons_deg[:] += np.random.default_rng(3).normal(0.0, 5e-5, len(track))

    (reason,) = [one for one in judged(check_in(1600), track=track).reasons if one.kind is ReasonKind.FROZEN_ACCURACY]

    assert reason.weight < -1.0


def test_positions_that_differ_in_the_eighth_decimal_are_the_same() -> None:
    """A millimetre is nothing that a phone knows."""
    track = moved(track_of(*VISIT), ARRIVED_S + 60, LEFT_S, place(3004, 3))
    track.lons_deg[:] += np.linspace(0.0, 4e-8, len(track))

    assert ReasonKind.FROZEN in kinds(judged(check_in(at=place(3000)), track=track))


def test_a_phone_that_holds_its_position_is_no_spoof() -> None:
    """Many phones repeat the last position while they lie still."""
    track = track_of(*VISIT)
    track = moved(track, ARRIVED_S + 60, LEFT_S, place(3004, 3))

    judgement = judged(check_in(at=place(3000)), track=track)

    assert ReasonKind.FROZEN in kinds(judgement)
    assert ReasonKind.FROZEN_ACCURACY not in kinds(judgement)
    assert judgement.verdict is Verdict.CONFIRMED


def test_a_check_in_has_limits() -> None:
    """Nobody sends a track as a check-in, or a book as a note."""
    at = check_in(at=place(0)).positions[0]

    with pytest.raises(UnusableCheckIn):
        check_in(positions=(at,) * 21)
    with pytest.raises(UnusableCheckIn):
        check_in(note="x" * 2001)
