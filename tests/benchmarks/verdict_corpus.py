"""Which simulated visits verdicts are measured on, honest ones and spoofed ones. Fixed before the first measurement.

The days are those of `arrival_corpus`, with other seeds; each has one phone in one of its surroundings and samplings.
`REPORTED` seeds are for the figures that are published: no weight was chosen, and no failure looked into, on any of
their days. (Those from 883,000 and from 893,000 on were reported once before: of the visits of the latter that were
confirmed 98.90 % were true, before stays that nobody saw anybody come to weighed less.)

An honest worker checks in at each stay, as people do: late, offline, with a wrong clock, without a position, with a
phone that holds its position while it lies still, or with the tracking off. A dishonest one claims a visit to a place
at least 1.5 km away in one of the ways of `Trick`, or claims to have stayed where it was driven by; states it once,
with an end, or again and again; and may show photos: with made-up time and place in them, an older one of that place,
one that was taken elsewhere, or one that was shown for another visit of the day.

Claims are what arrives: clocks are as wrong as they are, whoever judges has to put them right.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import numpy as np
from arrival_corpus import SHORTEST_ARRIVAL_S, Case, TrueFence, fences_of
from stop_corpus import SURROUNDINGS, Surroundings

from geo_engine.geofences import Circle, Geofence
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesics_m
from geo_engine.ids import CheckInId, PhotoId, SiteId, WorkerId
from geo_engine.simulation.metres import moved_deg
from geo_engine.simulation.observing import observe
from geo_engine.simulation.truth import Truth
from geo_engine.tracks import Track
from geo_engine.tracks.model import MICROSECONDS_PER_S, select_fixes, to_microseconds, to_moment
from geo_engine.visits.model import CheckIn, CheckInKind, CheckInPosition, PhotoEvidence

TUNED = range(43_000, 43_150)
REPORTED = range(903_000, 903_200)
SAMPLINGS_S = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
APART_M = 1_500.0


class Trick(StrEnum):
    """How a visit is claimed that was none."""

    FROM_AFAR = "from afar"
    """Checks in from where the worker is."""
    DECLARED_MOCK = "declared mock"
    """A program makes positions up for a while, and the phone says so."""
    HIDDEN_FROZEN = "hidden, frozen"
    """It hides that, and always says the same."""
    HIDDEN_NOISY = "hidden, noisy"
    """It hides that, and adds noise."""
    ONLY_THE_FORM = "only the form"
    """The check-in is made up, the tracker tells the truth."""
    DRIVE_BY = "drive-by"
    """Checks in while driving past, and claims to have stayed."""
    TRACKER_OFF = "tracker off"
    """Makes the check-in up, with the tracking off."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claim:
    """A visit that is claimed, the track of the phone at hand, and what is true.

    Parameters
    ----------
    trick
        None of an honest visit.
    accuracy_m
        Median accuracy of the phone's fixes around the claim.
    """

    fence: Geofence
    radius_m: float
    accuracy_m: float
    check_ins: tuple[CheckIn, ...]
    photos: tuple[PhotoEvidence, ...]
    track: Track
    trick: Trick | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Phone:
    """A day's phone: what its tracker reports, and what it would know at any moment."""

    truth: Truth
    track: Track
    ready: Track
    ahead: timedelta
    is_holding: bool


def claims_of(truth: Truth, seed: int) -> Iterator[Claim]:
    """Yield the visits that are claimed on a day."""
    generator = np.random.default_rng([seed, 11])
    surroundings = SURROUNDINGS[generator.integers(len(SURROUNDINGS))]
    phone = _phone(truth, seed, surroundings, float(generator.choice(SAMPLINGS_S)), generator)
    fences = fences_of(truth, seed)
    honest = list(_honest_ones(phone, fences, generator))
    yield from honest
    shown = tuple(photo for claim in honest for photo in claim.photos)
    for trick in generator.choice(list(Trick), size=len(truth.stays)).tolist():
        claim = _spoofed(phone, Trick(trick), fences, generator)
        if claim is not None:
            yield replace(claim, photos=_deceiving(phone, claim, shown, generator))


def _honest_ones(phone: _Phone, fences: list[TrueFence], generator: np.random.Generator) -> Iterator[Claim]:
    for fence in fences:
        longest = max(fence.insides_us, key=lambda span: span[1] - span[0], default=(0, 0))
        if fence.case is Case.VISIT and longest[1] - longest[0] >= SHORTEST_ARRIVAL_S * MICROSECONDS_PER_S:
            yield _honest(phone, fence, longest, generator)


def _phone(
    truth: Truth, seed: int, surroundings: Surroundings, sampling_s: float, generator: np.random.Generator
) -> _Phone:
    noise = surroundings.params()
    track, ready = (
        observe(truth, noise, sampling_s=every_s, generator=np.random.default_rng([seed, 1]))
        for every_s in (sampling_s, 5.0)
    )
    ahead_s = (
        float(generator.choice([-1.0, 1.0]) * generator.uniform(120.0, 2400.0)) if generator.random() < 0.1 else 0.0
    )
    is_holding = generator.random() < 0.2
    track = _held(track, truth) if is_holding else track
    return _Phone(truth=truth, track=track, ready=ready, ahead=timedelta(seconds=round(ahead_s)), is_holding=is_holding)


def _held(track: Track, truth: Truth) -> Track:
    """Return a track of a phone that says where it was first as long as it lies still."""
    lons_deg, lats_deg, accuracies_m = track.lons_deg.copy(), track.lats_deg.copy(), track.accuracies_m.copy()
    for stay in truth.stays:
        first, end = np.searchsorted(
            track.times_us, [to_microseconds(stay.started_at) + 60 * MICROSECONDS_PER_S, to_microseconds(stay.ended_at)]
        )
        for column in (lons_deg, lats_deg, accuracies_m):
            column[first:end] = column[first : first + 1]
    return replace(track, lons_deg=lons_deg, lats_deg=lats_deg, accuracies_m=accuracies_m)


# ---- honest ----------------------------------------------------------------------------------------------------------


def _honest(phone: _Phone, fence: TrueFence, inside_us: tuple[int, int], generator: np.random.Generator) -> Claim:
    length_us = inside_us[1] - inside_us[0]
    in_us = inside_us[0] + min(round(generator.uniform(15.0, 240.0) * MICROSECONDS_PER_S), length_us // 3)
    check_ins = [_check_in(phone, CheckInKind.IN, in_us, _known(phone, in_us, generator), generator)]
    if generator.random() < 0.5:
        out_us = inside_us[1] - round(generator.uniform(0.0, 60.0) * MICROSECONDS_PER_S)
        check_ins.append(_check_in(phone, CheckInKind.OUT, out_us, _known(phone, out_us, generator), generator))
    photos = ()
    if generator.random() < 0.6:
        shot_us = in_us + round(generator.uniform(0.0, 0.6) * (inside_us[1] - in_us))
        photos = (_photo(phone, shot_us, generator),)
    track = phone.track
    if generator.random() < 0.08:
        track = _without(track, inside_us[0] - 1_800_000_000, inside_us[1] + 1_800_000_000)
    return _claim(phone, fence, check_ins, photos, track, inside_us, None)


def _known(phone: _Phone, at_us: int, generator: np.random.Generator) -> tuple[CheckInPosition, ...]:
    """Return what a phone found out in the last 20 s."""
    first, end = np.searchsorted(phone.ready.times_us, [at_us - 20_000_000, at_us + 1])
    return tuple(_position(phone.ready, at) for at in range(first, end))[-3:]


def _position(track: Track, at: int) -> CheckInPosition:
    accuracy_m = float(track.accuracies_m[at])
    return CheckInPosition(
        tracked_at=to_moment(int(track.times_us[at])),
        position=Position(float(track.lons_deg[at]), float(track.lats_deg[at])),
        accuracy_m=accuracy_m if accuracy_m > 0.0 else None,
    )


def _photo(phone: _Phone, at_us: int, generator: np.random.Generator) -> PhotoEvidence:
    known = _known(phone, at_us, generator)
    position = known[-1].position if known and generator.random() < 0.4 else None
    return PhotoEvidence(
        id=PhotoId(UUID(int=int(generator.integers(2**62)))),
        taken_at=to_moment(at_us) + phone.ahead,
        position=position,
    )


# ---- spoofed ---------------------------------------------------------------------------------------------------------


def _spoofed(phone: _Phone, trick: Trick, fences: list[TrueFence], generator: np.random.Generator) -> Claim | None:
    if trick is Trick.DRIVE_BY:
        return _driven_by(phone, fences, generator)
    times_us = phone.truth.times_us
    at_us = int(times_us[generator.integers(len(times_us) // 10, len(times_us) * 9 // 10)])
    fence = _elsewhere(phone.truth, at_us, generator)
    if fence is None:
        return None
    span_us = (at_us - _some_minutes_us(generator), at_us + _some_minutes_us(generator))
    track = phone.track
    if trick in {Trick.DECLARED_MOCK, Trick.HIDDEN_FROZEN, Trick.HIDDEN_NOISY}:
        track = _replaced(track, fence, span_us, trick, generator)
    if trick is Trick.TRACKER_OFF:
        track = _without(track, at_us - 1_800_000_000, at_us + 1_800_000_000)

    def find(moment_us: int) -> tuple[CheckInPosition, ...]:
        if trick is Trick.FROM_AFAR:
            return _known(phone, moment_us, generator)
        return (_made_up(fence, moment_us, trick, generator),)

    check_ins = _stated(phone, (at_us, span_us[1]), find, generator)
    return _claim(phone, fence, check_ins, (), track, (at_us - 300_000_000, at_us + 300_000_000), trick)


def _some_minutes_us(generator: np.random.Generator) -> int:
    return round(generator.uniform(120.0, 900.0) * MICROSECONDS_PER_S)


def _stated(
    phone: _Phone,
    span_us: tuple[int, int],
    find: Callable[[int], tuple[CheckInPosition, ...]],
    generator: np.random.Generator,
) -> list[CheckIn]:
    """Return what is stated in a span: to have come; to have come and to leave; or to have come several times as well.

    `find` gives the positions that are sent at a moment.
    """
    again_count = int(generator.choice([0, 1, 2, 3], p=[0.5, 0.3, 0.1, 0.1]))
    later_us = np.sort(generator.uniform(*span_us, size=again_count)).astype(np.int64).tolist()
    kinds = [CheckInKind.IN] * again_count + [CheckInKind.OUT if again_count else CheckInKind.IN]
    return [
        _check_in(phone, kind, at_us, find(at_us), generator)
        for kind, at_us in zip(kinds, [span_us[0], *later_us], strict=True)
    ]


def _driven_by(phone: _Phone, fences: list[TrueFence], generator: np.random.Generator) -> Claim | None:
    passes = [
        (fence, span)
        for fence in fences
        if fence.case is Case.DRIVE_BY
        for span in fence.insides_us
        if max(one[1] - one[0] for one in fence.insides_us) < 60 * MICROSECONDS_PER_S
    ]
    if not passes:
        return None
    fence, span = passes[generator.integers(len(passes))]
    at_us = (span[0] + span[1]) // 2
    stated_us = (at_us, at_us + _some_minutes_us(generator))
    check_ins = _stated(phone, stated_us, lambda moment_us: _known(phone, moment_us, generator), generator)
    return _claim(phone, fence, check_ins, (), phone.track, (at_us - 300_000_000, at_us + 300_000_000), Trick.DRIVE_BY)


def _deceiving(
    phone: _Phone, claim: Claim, shown: Sequence[PhotoEvidence], generator: np.random.Generator
) -> tuple[PhotoEvidence, ...]:
    """Return up to three photos that are to prove what never was, or none.

    Parameters
    ----------
    shown
        The photos of other visits.
    """
    count = int(generator.choice([0, 1, 2, 3], p=[0.5, 0.3, 0.1, 0.1]))
    return tuple(_deceit(phone, claim, shown, generator) for _ in range(count))


def _deceit(
    phone: _Phone, claim: Claim, shown: Sequence[PhotoEvidence], generator: np.random.Generator
) -> PhotoEvidence:
    way, at_us = generator.random(), to_microseconds(claim.check_ins[0].told_at - phone.ahead)
    if way < 0.15 and shown:
        again = shown[generator.integers(len(shown))]
        return replace(again, shown_before={check_in.id: again.id for check_in in claim.check_ins})
    if way < 0.35:
        return _photo(phone, at_us, generator)
    ago = timedelta(days=generator.uniform(1.0, 60.0)) if way < 0.5 else timedelta()
    return PhotoEvidence(
        id=PhotoId(UUID(int=int(generator.integers(2**62)))),
        taken_at=to_moment(at_us + round(generator.uniform(0.0, 300.0) * MICROSECONDS_PER_S)) - ago,
        position=_place_in(claim.fence, claim.radius_m, generator),
    )


def _elsewhere(truth: Truth, at_us: int, generator: np.random.Generator) -> TrueFence | None:
    """Return a fence far from where the worker is for half an hour around a moment."""
    first, end = np.searchsorted(truth.times_us, [at_us - 900_000_000, at_us + 900_000_000])
    here = int(np.searchsorted(truth.times_us, at_us))
    away_m, angle = generator.uniform(APART_M, 8_000.0), generator.uniform(0.0, 2.0 * np.pi)
    lons, lats = moved_deg(
        truth.lons_deg[here : here + 1],
        truth.lats_deg[here : here + 1],
        east_m=np.array([away_m * np.sin(angle)]),
        north_m=np.array([away_m * np.cos(angle)]),
    )
    centre, radius_m = (
        Position(float(lons[0]), float(lats[0])),
        float(np.exp(generator.uniform(np.log(30.0), np.log(300.0)))),
    )
    count = end - first
    ways_m = geodesics_m(
        np.full(count, centre.lon), np.full(count, centre.lat), truth.lons_deg[first:end], truth.lats_deg[first:end]
    )
    if ways_m.min() < APART_M - 500.0:
        return None
    fence = Geofence(id="claimed", name="claimed", shape=Circle(centre=centre, radius_m=radius_m))
    return TrueFence(case=Case.VISIT, number=0, fence=fence, radius_m=radius_m, insides_us=(), crossings_us=())


def _place_in(fence: Geofence, radius_m: float, generator: np.random.Generator) -> Position:
    east_m, north_m = generator.normal(0.0, radius_m / 4.0, (2, 1))
    centre = fence.shape.centre
    lons, lats = moved_deg(np.array([centre.lon]), np.array([centre.lat]), east_m=east_m, north_m=north_m)
    return Position(float(lons[0]), float(lats[0]))


def _made_up(fence: TrueFence, at_us: int, trick: Trick, generator: np.random.Generator) -> CheckInPosition:
    return CheckInPosition(
        tracked_at=to_moment(at_us - 2_000_000),
        position=_place_in(fence.fence, fence.radius_m, generator),
        accuracy_m=float(generator.choice([1.0, 5.0, 10.0, 20.0])),
        is_mock=trick is Trick.DECLARED_MOCK,
    )


def _replaced(
    track: Track, fence: TrueFence, span_us: tuple[int, int], trick: Trick, generator: np.random.Generator
) -> Track:
    """Return a track that a program makes up for some minutes."""
    chosen = np.flatnonzero((track.times_us >= span_us[0]) & (track.times_us <= span_us[1]))
    told = _made_up(fence, span_us[0], trick, generator)
    count = len(chosen)
    noise_m = generator.normal(0.0, generator.uniform(2.0, 8.0), (2, count)) * (trick is Trick.HIDDEN_NOISY)
    lons, lats = moved_deg(
        np.full(count, told.position.lon), np.full(count, told.position.lat), east_m=noise_m[0], north_m=noise_m[1]
    )
    columns = {name: getattr(track, name).copy() for name in Track.__slots__}
    columns["lons_deg"][chosen], columns["lats_deg"][chosen] = lons, lats
    is_noisy = trick is Trick.HIDDEN_NOISY
    columns["accuracies_m"][chosen] = generator.uniform(3.0, 15.0, count) if is_noisy else told.accuracy_m
    columns["speeds_mps"][chosen] = 0.0
    columns["mocks"][chosen] = trick is Trick.DECLARED_MOCK
    return Track(**columns)


# ---- both ------------------------------------------------------------------------------------------------------------


def _check_in(
    phone: _Phone, kind: CheckInKind, at_us: int, known: tuple[CheckInPosition, ...], generator: np.random.Generator
) -> CheckIn:
    at: datetime = to_moment(at_us)
    late = timedelta(seconds=2.0 if generator.random() < 0.85 else generator.uniform(600.0, 6 * 3600.0))
    return CheckIn(
        id=CheckInId(UUID(int=int(generator.integers(2**62)))),
        kind=kind,
        worker_id=WorkerId("w"),
        site_id=SiteId("s"),
        told_at=at + phone.ahead,
        sent_at=at + late + phone.ahead,
        received_at=at + late + timedelta(seconds=1),
        positions=known,
    )


def _claim(  # noqa: PLR0917
    phone: _Phone,
    fence: TrueFence,
    check_ins: list[CheckIn],
    photos: tuple[PhotoEvidence, ...],
    track: Track,
    span_us: tuple[int, int],
    trick: Trick | None,
) -> Claim:
    within = slice(*np.searchsorted(phone.track.times_us, span_us))
    known_m = phone.track.accuracies_m[within]
    known_m = (
        known_m[known_m > 0.0] if (known_m > 0.0).any() else phone.track.accuracies_m[phone.track.accuracies_m > 0.0]
    )
    return Claim(
        fence=fence.fence,
        radius_m=fence.radius_m,
        accuracy_m=float(np.median(known_m)) if len(known_m) else 25.0,
        check_ins=tuple(check_ins),
        photos=photos,
        track=track,
        trick=trick,
    )


def _without(track: Track, from_us: int, until_us: int) -> Track:
    return select_fixes(track, (track.times_us < from_us) | (track.times_us > until_us))
