"""What a verdict and its reasons are called: what was measured, in words that accuse nobody."""

from collections.abc import Callable, Mapping

from geo_engine.visits.model import CheckInKind, Reason, ReasonKind, Verdict
from geo_engine.words import Message

VERDICT_NAMES: Mapping[Verdict, Message] = {
    Verdict.CONFIRMED: Message("Confirmed"),
    Verdict.LIKELY: Message("Likely"),
    Verdict.INSUFFICIENT: Message("Not enough evidence"),
    Verdict.CONTRADICTED: Message("Contradicted"),
}
_A_MINUTE_S, _AN_HOUR_S, _A_DAY_S, _DAYS_FROM_S = 60, 3_600, 86_400, 172_800
_KM_FROM_M = 1_000
_SURE_STAY_FROM = 2.0
"""From which weight on nobody has to be told why a stay that was seen weighs no more."""


def reason_words(reason: Reason) -> Message:
    """Return what a reason says."""
    return _WORDS[reason.kind](reason)


def lasting_words(seconds: float) -> Message:
    """Return how long something lasts, as exactly as people say it."""
    whole_s, minutes = round(seconds), round(seconds / _A_MINUTE_S)
    if whole_s < _A_MINUTE_S:
        return Message("{n} s", {"n": whole_s})
    if whole_s >= _DAYS_FROM_S:
        return Message("{n} days", {"n": round(seconds / _A_DAY_S)})
    if minutes * _A_MINUTE_S < _AN_HOUR_S:
        return Message("{n} min", {"n": minutes})
    return Message("{hours} h {minutes} min", {"hours": minutes // 60, "minutes": f"{minutes % 60:02d}"})


def length_words(length_m: float) -> Message:
    """Return how far something is, as exactly as people say it."""
    if round(length_m) < _KM_FROM_M:
        return Message("{n} m", {"n": round(length_m)})
    return Message("{km} km", {"km": f"{length_m / _KM_FROM_M:.1f}"})


def _figure(reason: Reason, name: str) -> float:
    return float(reason.facts.get(name, 0.0))


def _lasting(reason: Reason) -> Message:
    return lasting_words(abs(_figure(reason, "seconds")))


def _length(reason: Reason, name: str = "distance_m") -> Message:
    return length_words(_figure(reason, name))


def _is_out(reason: Reason) -> bool:
    return reason.facts.get("end") == CheckInKind.OUT


def _statement(reason: Reason) -> Message:
    return Message("check-out") if _is_out(reason) else Message("check-in")


def _stayed(reason: Reason) -> Message:
    facts = {"duration": _lasting(reason)}
    if _figure(reason, "is_unseen"):
        return Message(
            "Stayed {duration} inside the fence, by the phone's own track; neither the way there nor the way back was "
            "seen.",
            facts,
        )
    if reason.weight < _SURE_STAY_FROM:
        return Message(
            "Stayed {duration} inside the fence, by the phone's own track; it was near the fence's edge or its "
            "positions were rough.",
            facts,
        )
    return Message("Stayed {duration} inside the fence, by the phone's own track.", facts)


def _track_inside(reason: Reason) -> Message:
    if _figure(reason, "distance_m"):
        facts = {"distance": _length(reason)}
        return Message("The phone's track was {distance} from the fence then: near enough to be inside.", facts)
    return Message("The phone's track was inside the fence then.")


def _track_outside(reason: Reason) -> Message:
    if not _figure(reason, "distance_m"):
        return Message("The phone's track was at the fence's edge then: it may have been inside or outside.")
    return Message("The phone's track was {distance} outside the fence then.", {"distance": _length(reason)})


def _passed(reason: Reason) -> Message:
    if not _figure(reason, "seconds"):
        return Message("The phone's track was already far from the fence soon after.")
    facts = {"duration": _lasting(reason)}
    return Message("The phone's track was inside the fence for {duration} and far away soon after.", facts)


def _checked_in_inside(reason: Reason) -> Message:
    facts = {"accuracy": _length(reason, "accuracy_m"), "distance": _length(reason)}
    if _figure(reason, "distance_m"):
        if _is_out(reason):
            return Message("Checked out {distance} from the fence, within the position's ± {accuracy}.", facts)
        return Message("Checked in {distance} from the fence, within the position's ± {accuracy}.", facts)
    if _is_out(reason):
        return Message("Checked out inside the fence (± {accuracy}).", facts)
    return Message("Checked in inside the fence (± {accuracy}).", facts)


def _checked_in_outside(reason: Reason) -> Message:
    facts = {"accuracy": _length(reason, "accuracy_m"), "distance": _length(reason)}
    if not _figure(reason, "distance_m"):
        facts["statement"] = _statement(reason)
        return Message("The {statement}'s position (± {accuracy}) is too rough to tell whether it was inside.", facts)
    if _is_out(reason):
        return Message("Checked out {distance} outside the fence (± {accuracy}).", facts)
    return Message("Checked in {distance} outside the fence (± {accuracy}).", facts)


def _checked_in_nowhere(reason: Reason) -> Message:
    return Message("The {statement} came without a position.", {"statement": _statement(reason)})


def _checked_in_before(reason: Reason) -> Message:
    facts = {"duration": _lasting(reason), "statement": _statement(reason)}
    if _figure(reason, "seconds") < 0:
        return Message("The {statement}'s position is {duration} newer than the {statement}; it tells nothing.", facts)
    return Message("The {statement}'s position is {duration} older than the {statement}; it tells nothing.", facts)


def _far_from_track(reason: Reason) -> Message:
    facts = {"distance": _length(reason), "statement": _statement(reason)}
    return Message("The {statement} names a place {distance} from where the phone's track was at that moment.", facts)


def _mock(reason: Reason) -> Message:
    count = round(_figure(reason, "count"))
    if count == 1:
        return Message("The phone marked a position as set by an app, not measured.")
    return Message("The phone marked {n} positions as set by an app, not measured.", {"n": count})


def _leap(reason: Reason) -> Message:
    facts = {"distance": _length(reason, "way_m"), "duration": _lasting(reason)}
    return Message("The track moves {distance} in {duration}, faster than anybody travels.", facts)


def _rush(reason: Reason) -> Message:
    facts = {"distance": _length(reason, "way_m"), "duration": _lasting(reason)}
    return Message("The track covers {distance} in {duration} right before or after, faster than driving there.", facts)


def _frozen(reason: Reason) -> Message:
    return Message("For {duration} the position stayed the same to the last digit.", {"duration": _lasting(reason)})


def _frozen_accuracy(reason: Reason) -> Message:
    facts = {"duration": _lasting(reason)}
    return Message("For {duration} the accuracy stayed the same to the last digit while the position changed.", facts)


def _speed(reason: Reason) -> Message:
    facts = {"n": round(_figure(reason, "count"))}
    return Message("The phone reported standing still in {n} steps in which its position moved.", facts)


def _clock(reason: Reason) -> Message:
    facts = {"duration": _lasting(reason)}
    if _figure(reason, "seconds") < 0:
        return Message("The phone's clock was {duration} behind; moments were put right.", facts)
    return Message("The phone's clock was {duration} ahead; moments were put right.", facts)


def _devices_apart(reason: Reason) -> Message:
    return Message("Another device of the same worker was {distance} away then.", {"distance": _length(reason)})


def _photo_other_time(reason: Reason) -> Message:
    facts = {"duration": _lasting(reason)}
    return Message("By its own clock a photo was taken {duration} before or after the visit.", facts)


def _photo_elsewhere(reason: Reason) -> Message:
    return Message("By its own position a photo was taken {distance} from the fence.", {"distance": _length(reason)})


_WORDS: Mapping[ReasonKind, Callable[[Reason], Message]] = {
    ReasonKind.STAYED: _stayed,
    ReasonKind.TRACK_INSIDE: _track_inside,
    ReasonKind.TRACK_OUTSIDE: _track_outside,
    ReasonKind.NO_TRACK: lambda _: Message("The phone's track has no position near that moment."),
    ReasonKind.PASSED: _passed,
    ReasonKind.CHECKED_IN_INSIDE: _checked_in_inside,
    ReasonKind.CHECKED_IN_OUTSIDE: _checked_in_outside,
    ReasonKind.CHECKED_IN_NOWHERE: _checked_in_nowhere,
    ReasonKind.CHECKED_IN_BEFORE: _checked_in_before,
    ReasonKind.FAR_FROM_TRACK: _far_from_track,
    ReasonKind.MOCK: _mock,
    ReasonKind.LEAP: _leap,
    ReasonKind.RUSH: _rush,
    ReasonKind.FROZEN: _frozen,
    ReasonKind.FROZEN_ACCURACY: _frozen_accuracy,
    ReasonKind.SPEED: _speed,
    ReasonKind.CLOCK: _clock,
    ReasonKind.DEVICES_APART: _devices_apart,
    ReasonKind.PHOTO_THEN: lambda _: Message("By its own clock a photo was taken during the visit."),
    ReasonKind.PHOTO_THERE: lambda _: Message("By its own position a photo was taken at the site."),
    ReasonKind.PHOTO_OTHER_TIME: _photo_other_time,
    ReasonKind.PHOTO_ELSEWHERE: _photo_elsewhere,
    ReasonKind.PHOTO_REUSED: lambda _: Message("The same picture was shown for another visit before."),
}
