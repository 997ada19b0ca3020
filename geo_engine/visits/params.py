"""What weighs how much in a verdict, and how it was measured.

The weights were chosen on the simulated visits that `tests/benchmarks/verdict_corpus.py` sets apart for it;
`scripts/bench verdicts` measures on other days how often a verdict is true.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictParams:
    """Weights are natural logarithms of odds: +3 makes twenty times as likely what it speaks for.

    Parameters
    ----------
    stayed_most
        For a stay in the fence that the worker's own track shows …
    stayed_unseen, unseen_m, unseen_s
        … but no more than this where the phone told of neither way: the steps that led to it and away from it were both
        longer than this, whatever the accuracy, and took so long. A program that makes a stay up looks the same …
    inside_most, outside_most
        … for having been inside, and against it for having been outside, by the track at the moment of the check-in …
    track_within_s
        … where a fix is no farther from that moment.
    near_m, near_accuracies, near_outside, near_checked_in
        Who seems to be no farther outside than this and so many accuracies may be inside: the track then weighs no more
        than this, and a single position of a check-in no more than that, for people park next door, small fences are
        drawn a little wrong, and phones reach for any position when they are asked for one.
    no_track
        Against a visit on which the worker's phone, on shift, told nothing.
    passed
        Against a visit of which the track shows that the worker was gone before anything could be done …
    passed_after_s, gone_m
        … by being so far outside so soon after having come.
    checked_in_most
        For or against, by where the phone said it was when the worker checked in …
    checked_in_within_s
        … where it found that out no longer before: a phone may answer with what it knew a minute or two ago.
    apart_m, apart_mps
        A check-in is far from the own track when it is farther than this, and nobody gets there at this speed …
    far_from_track
        … which weighs so much, and the place it names then tells nothing for the visit.
    mock
        A program made the position up, and the phone says so.
    leap_m, leap_mps, leap_within_s, leap
        A step no reflection makes and nobody travels, so near in time to the visit …
    unlike_mps, unlike_part, unlike_within_s
        … or one this fast whose ends say that the device was slower by this part, both within so short a time.
    rush_m, rush_mps, rush
        Who comes from this far away and goes as far, both without having been seen on the way and both this fast as the
        crow flies, did not drive there: nobody brakes, parks and walks at that speed.
    rush_once_mps, rush_once
        … and who did one of the two this fast may have had a free road, which is doubtful.
    frozen_s, frozen_count, frozen
        The same coordinates to the last digit for so long, which real receivers of moving phones do not give …
    frozen_leap
        … and more when a leap leads to them or from them.
    frozen_accuracy_s, frozen_accuracy_count, frozen_accuracy
        The same accuracy to the last digit for so long, in so many fixes whose positions differ: that alone is only
        named, for there are phones that always say the same; after a leap or before one it weighs as coordinates do.
    standing_mps, moving_mps, speed_count, speed
        So many fixes in a row that say they stand and move this fast, as far as a leap.
    devices_m, devices
        Another device of the same worker is so far away when something is stated or in the middle of the stay, beyond
        what anybody travels, at `apart_mps`, between the fixes that say so.
    photo_then, photo_then_s
        Taken during the visit, give or take.
    photo_there, photo_there_m
        Taken inside the fence or this near to it, by itself.
    photo_old, photo_old_s
        Taken so long before the visit, or after it.
    photo_elsewhere, photo_elsewhere_m
        Taken so far away.
    photo_reused
        The same picture was shown for another visit.
    stated_most
        What speaks for a visit of check-ins and photos weighs no more than this in all: a phone that makes positions up
        makes up the time and place of pictures as well.
    confirmed_at, likely_at, contradicted_at
        Sums of weights from which, and down to which, a verdict is given …
    doubt
        … but nothing is confirmed that a reason of this weight speaks against …
    decisive
        … and nothing contradicted unless a single reason weighs as much as this.
    """

    stayed_most: float = 4.0
    stayed_unseen: float = 1.0
    unseen_m: float = 1_000.0
    unseen_s: float = 200.0
    inside_most: float = 1.0
    outside_most: float = 4.0
    track_within_s: float = 180.0
    near_m: float = 150.0
    near_accuracies: float = 2.0
    near_outside: float = 1.0
    near_checked_in: float = 0.3
    no_track: float = -1.8
    passed: float = -5.5
    passed_after_s: float = 240.0
    gone_m: float = 350.0
    checked_in_most: float = 2.5
    checked_in_within_s: float = 120.0
    apart_m: float = 350.0
    apart_mps: float = 25.0
    far_from_track: float = -5.0
    mock: float = -5.0
    leap_m: float = 700.0
    leap_mps: float = 60.0
    leap_within_s: float = 1_200.0
    leap: float = -3.0
    unlike_mps: float = 20.0
    unlike_part: float = 0.6
    unlike_within_s: float = 130.0
    rush_m: float = 700.0
    rush_mps: float = 10.0
    rush: float = -3.5
    rush_once_mps: float = 12.0
    rush_once: float = -2.0
    frozen_s: float = 120.0
    frozen_count: int = 4
    frozen: float = -0.25
    frozen_leap: float = -3.0
    frozen_accuracy_s: float = 300.0
    frozen_accuracy_count: int = 10
    frozen_accuracy: float = 0.0
    standing_mps: float = 0.3
    moving_mps: float = 8.0
    speed_count: int = 3
    speed: float = -1.5
    devices_m: float = 1_000.0
    devices: float = -1.5
    photo_then: float = 0.7
    photo_then_s: float = 900.0
    photo_there: float = 1.2
    photo_there_m: float = 150.0
    photo_old: float = -1.5
    photo_old_s: float = 12 * 3600.0
    photo_elsewhere: float = -2.5
    photo_elsewhere_m: float = 1_000.0
    photo_reused: float = -4.0
    stated_most: float = 2.75
    confirmed_at: float = 3.7
    likely_at: float = 1.0
    contradicted_at: float = -3.0
    doubt: float = -1.2
    decisive: float = -2.5
