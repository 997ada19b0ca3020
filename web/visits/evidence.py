"""All there is behind a visit as its page shows it: reasons with their weights, moments, clocks, and its history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.ids import PhotoId, SiteId
from geo_engine.timespan import local_clock
from geo_engine.tracks.model import to_moment
from geo_engine.visits import CheckIn, CheckInKind, PhotoEvidence, Reason
from geo_engine.visits.day import Visit
from geo_engine.visits.kept import Decision, KeptVisit
from geo_engine.visits.model import Bounds
from geo_engine.visits.overview import VisitFile
from geo_engine.visits.planned_actual import compare_day
from geo_engine.visits.verdict_words import VERDICT_NAMES, lasting_words, reason_words
from geo_engine.words import Message
from web.visits.day_rows import main_reasons, name_of
from web.visits.told import Told, crossing_told, decision_told, late_told, planned_told, stay_told

BAR_WIDTH = 100
"""How long the bar of the weightiest reason is, in the units of its drawing."""
_LONGEST_WEIGHT = 5.5
STRONG_FROM, CLEAR_FROM = 3.0, 1.0
"""From which weight on a reason is called strong, or clear: one that makes a visit 20 times, or 3 times, as likely."""
_STRENGTHS: Mapping[str, tuple[Message, Message, Message]] = {
    "for": (Message("speaks strongly for it"), Message("speaks clearly for it"), Message("speaks slightly for it")),
    "against": (
        Message("speaks strongly against it"),
        Message("speaks clearly against it"),
        Message("speaks slightly against it"),
    ),
}
_ENDS = {CheckInKind.IN: Message("Check-in"), CheckInKind.OUT: Message("Check-out")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReason:
    """A reason in words, how much it counts, its weight as it is written, and how long its bar is.

    Parameters
    ----------
    side
        ``for``, ``against`` or ``plain``, which weighs nothing.
    span
        From when until when the fixes behind it are, by clocks of the company; None where no fix is.
    """

    words: Message
    strength: Message
    weight: str
    side: str
    bar: float
    span: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCheckIn:
    """A statement with what all clocks said, each as the company's clocks write it, with the day where it is another.

    Parameters
    ----------
    stated
        With the phone's clock put right.
    ahead
        How far the phone's clock was wrong; None when it was right.
    """

    kind: Message
    stated: str
    told: str
    sent: str
    received: str
    ahead: Message | None
    place: Message
    is_mock: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPhoto:
    """A photo, and when it was taken by itself."""

    id: PhotoId
    taken: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When somebody came and left, most likely and between which minutes, and how that is beside the plan."""

    came: str
    came_between: str | None
    left: str | None
    left_between: str | None
    stay: Told | None
    planned: Message | None
    planned_stay: Message | None
    late: Told | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something in the history of a visit: what was believed from when until when and why, or what somebody decided.

    Parameters
    ----------
    steps
        When it was worked out anew with the same verdict and site, and what the stay was then; the newest first, and
        none where it was worked out once.
    """

    at: datetime
    when: str
    words: Message
    note: str = ""
    is_decision: bool = False
    reasons: tuple[Message, ...] = ()
    steps: tuple[tuple[str, Moments], ...] = ()


def told_reasons(visit: Visit, zone: ZoneInfo) -> tuple[ToldReason, ...]:
    """Return the reasons of a verdict, the weightiest first."""
    return tuple(_reason(one, zone) for one in visit.judgement.reasons)


def moments_of(kept: KeptVisit, zone: ZoneInfo) -> Moments:
    """Return when somebody came and left; of a visit that did not take place not how late that was."""
    visit, late_s = kept.visit, _late_s(kept)
    presence, stop = visit.presence, visit.stop
    service_on = visit.service_on
    came, came_between = local_clock(to_moment(visit.began_us), service_on=service_on, zone=zone), None
    left: tuple[str | None, str | None] = (None, None)
    if presence is not None:
        came, came_between = crossing_told(presence.entered, service_on, zone)
        left = (None, None) if presence.left is None else crossing_told(presence.left, service_on, zone)
    return Moments(
        came=came,
        came_between=came_between,
        left=left[0],
        left_between=left[1],
        stay=stay_told(visit),
        planned=None if stop is None else planned_told(stop, service_on, zone),
        planned_stay=None if stop is None else lasting_words((stop.end_at - stop.start_at).total_seconds()),
        late=None if late_s is None else late_told(late_s),
    )


def told_check_ins(visit: Visit, zone: ZoneInfo) -> tuple[ToldCheckIn, ...]:
    """Return what was stated of a visit, in order of time."""
    return tuple(
        _check_in(one, visit.service_on, zone) for one in sorted(visit.check_ins, key=lambda one: one.stated_at)
    )


def told_photos(visit: Visit, zone: ZoneInfo) -> tuple[ToldPhoto, ...]:
    """Return the photos of a visit that have arrived."""
    return tuple(_photo(one, zone) for one in photos_of(visit))


def photos_of(visit: Visit) -> tuple[PhotoEvidence, ...]:
    """Return the photos of a visit each once, also where its check-in and its check-out name the same."""
    return tuple({one.id: one for one in visit.photos}.values())


def history_of(file: VisitFile, zone: ZoneInfo) -> tuple[Event, ...]:
    """Return what was believed of a visit and what was decided about it, the newest first.

    While fixes arrive a visit is worked out over and over: what has the same verdict and site is one event, unless
    somebody decided meanwhile.
    """
    events = [_belief(run, file.sites, zone) for run in _runs(file)]
    for one in file.decisions:
        said = decision_told(one)
        if said is not None:
            words = said if one.site_id is None else _of_site(said, name_of(one.site_id, file.sites))
            events.append(
                Event(at=one.decided_at, when=_full(one.decided_at, zone), words=words, note=one.note, is_decision=True)
            )
    return tuple(sorted(events, key=lambda one: (one.at, one.is_decision), reverse=True))


def shares_of(visit: Visit, sites: Mapping[SiteId, Site]) -> tuple[tuple[SiteId, str, int], ...]:
    """Return the sites a stay may have been of: id, name and how likely in percent."""
    return tuple((one.site_id, name_of(one.site_id, sites), round(one.share * 100)) for one in visit.candidates)


def _reason(reason: Reason, zone: ZoneInfo) -> ToldReason:
    weight = round(reason.weight, 1)
    side = "for" if weight > 0 else "against" if weight < 0 else "plain"
    return ToldReason(
        words=reason_words(reason),
        strength=Message("for information") if side == "plain" else _strength(side, abs(weight)),
        weight=f"{weight:+.1f}".replace("-", "−") if weight else "0",
        side=side,
        bar=round(min(abs(weight) / _LONGEST_WEIGHT, 1.0) * BAR_WIDTH, 1),
        span=None if reason.span is None else _span(reason.span.start_at, reason.span.end_at, zone),
    )


def _strength(side: str, weight: float) -> Message:
    strong, clear, slight = _STRENGTHS[side]
    return strong if weight >= STRONG_FROM else clear if weight >= CLEAR_FROM else slight


def _late_s(kept: KeptVisit) -> Bounds | None:
    visit = kept.visit
    if visit.stop is None or not kept.took_place:
        return None
    return compare_day([visit.stop], [visit]).planned[0].late_s


def _check_in(one: CheckIn, service_on: date, zone: ZoneInfo) -> ToldCheckIn:
    ahead_s = one.clock_ahead.total_seconds()
    behind = Message("{duration} behind", {"duration": lasting_words(abs(ahead_s))})
    ahead = Message("{duration} ahead", {"duration": lasting_words(abs(ahead_s))})
    return ToldCheckIn(
        kind=_ENDS[one.kind],
        stated=_moment(one.stated_at, service_on, zone),
        told=_moment(one.told_at, service_on, zone),
        sent=_moment(one.sent_at, service_on, zone),
        received=_moment(one.received_at, service_on, zone),
        ahead=None if not ahead_s else ahead if ahead_s > 0 else behind,
        place=_place(one),
        is_mock=any(position.is_mock for position in one.positions),
        note=one.note,
    )


def _place(check_in: CheckIn) -> Message:
    count = len(check_in.positions)
    if not count:
        return Message("without a position")
    accuracies_m = [one.accuracy_m for one in check_in.positions if one.accuracy_m is not None]
    places = Message("1 position") if count == 1 else Message("{n} positions", {"n": count})
    if not accuracies_m:
        return places
    return Message("{positions}, accurate to ± {m} m", {"positions": places, "m": round(min(accuracies_m))})


def _photo(one: PhotoEvidence, zone: ZoneInfo) -> ToldPhoto:
    return ToldPhoto(id=one.id, taken=None if one.taken_at is None else _full(one.taken_at, zone))


def _runs(file: VisitFile) -> Sequence[Sequence[KeptVisit]]:
    """Return what was believed one after the other with the same verdict and site, and nobody's word between."""
    runs: list[list[KeptVisit]] = []
    for one in file.history:
        if runs and _is_alike(one, runs[-1][-1], file.decisions):
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _is_alike(older: KeptVisit, newer: KeptVisit, decisions: Iterable[Decision]) -> bool:
    verdicts, sites = (
        {one.visit.judgement.verdict for one in (older, newer)},
        {older.visit.site_id, newer.visit.site_id},
    )
    is_decided = any(older.derived_at < one.decided_at <= newer.derived_at for one in decisions)
    return len(verdicts) == len(sites) == 1 and not is_decided


def _belief(run: Sequence[KeptVisit], sites: Mapping[SiteId, Site], zone: ZoneInfo) -> Event:
    newest, since_at = run[0], run[-1].derived_at
    facts = {"verdict": VERDICT_NAMES[newest.visit.judgement.verdict], "site": name_of(newest.visit.site_id, sites)}
    event = Event(
        at=since_at,
        when=_full(since_at, zone),
        words=Message("Believed until now: {site}, {verdict}", facts),
        steps=tuple((_full(one.derived_at, zone), moments_of(one, zone)) for one in run) if run[1:] else (),
    )
    if newest.superseded_at is None:
        return event
    until = {"until": _full(newest.superseded_at, zone)}
    words = Message("Believed until {until}: {site}, {verdict}", {**facts, **until})
    return replace(event, words=words, reasons=main_reasons(newest.visit))


def _of_site(said: Message, site: str) -> Message:
    return Message("{decision}: {site}", {"decision": said, "site": site})


def _span(start_at: datetime, end_at: datetime, zone: ZoneInfo) -> str:
    return "–".join(dict.fromkeys(f"{moment.astimezone(zone):%H:%M:%S}" for moment in (start_at, end_at)))


def _moment(moment: datetime, service_on: date, zone: ZoneInfo) -> str:
    """Return a moment to the second, with its day where that is another than the visit's."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M:%S}" if local.date() == service_on else f"{local:%Y-%m-%d %H:%M:%S}"


def _full(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
