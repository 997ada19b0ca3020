"""What decides about flags, stops, trips and gaps, and how it was measured.

The defaults were chosen on the simulated days that `tests/benchmarks/stop_corpus.py` sets apart for it, and on the
hard cases of `tests/unit/tracks/test_stops.py`; `scripts/bench stops` measures them on other days.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagParams:
    """When a fix is doubtful.

    Parameters
    ----------
    future_tolerance_s
        A fix may be later than its reception by so much. Clocks differ, and a stop told two minutes late is worth
        more than the day of a phone that is thought to be in the future.
    stale_after_days
        Older at reception than any known client keeps its fixes (Traccar Client 9: a day; others: until sent).
    accuracy_limit_m
        A worse one says which quarter of the town, not which street. Indoors 100 to 200 m are usual, and such
        fixes still tell where somebody stays: they weigh less instead.
    unknown_accuracy_m
        What is assumed of a fix whose accuracy is unknown.
    fastest_mps
        Nobody is faster between two fixes, however short the time …
    fastest_after_silence_mps, silence_s
        … but after so long a silence an aeroplane may have carried the device.
    slack_m, slack_accuracies
        A step may be longer than its speed allows by so much, and by so many times both accuracies.
    turning_mps
        Nobody goes out and back on their own tracks at this speed between three fixes.
    jump_longest_s, jump_fix_count
        A run of fixes is bad only when it is as short as one of these: who stays elsewhere longer is there.
    frozen_after_s, frozen_moving_mps
        The same coordinates for so long, each fix of them at this speed or faster.
    """

    future_tolerance_s: float = 120.0
    stale_after_days: float = 30.0
    accuracy_limit_m: float = 300.0
    unknown_accuracy_m: float = 25.0
    fastest_mps: float = 70.0
    fastest_after_silence_mps: float = 340.0
    silence_s: float = 600.0
    slack_m: float = 60.0
    slack_accuracies: float = 1.5
    turning_mps: float = 20.0
    jump_longest_s: float = 120.0
    jump_fix_count: int = 3
    frozen_after_s: float = 60.0
    frozen_moving_mps: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StopParams:
    """What a stop is. The defaults are measured: see `tests/benchmarks/track_stops.py`.

    Parameters
    ----------
    least_s
        A shorter stay is part of the trip: lights and jams end sooner.
    epoch_s
        Fixes are looked at in epochs of this length on the clock of UTC; within one they are averaged.
    seed_s, inside_percent
        A stay is looked for wherever so long a window has so large a part of its epochs at one place.
    radius_m, accuracy_factor
        How far from the middle a worker still stays (half of a yard's diagonal), and how many accuracies are added
        to it, as the root of a sum of squares.
    settle_s
        A middle is as wrong as one fix at first, since errors last for minutes; from this age of the stay on its
        error shrinks with time.
    zigzag_m
        Fixes that go to and fro by up to this are wrong by as much, whatever they say of their accuracy.
    leave_s
        Who was outside for so long without coming back has left.
    far_m, far_weight
        Reflected signals do not lead further astray; beyond this an epoch counts so many times.
    standing_mps, standing_weight
        A device that says it is slower may be inside although it looks outside, to this part.
    moving_mps, moving_weight
        A device that says it is faster is on its way although it looks inside, to this part at least.
    most_s
        No epoch counts for longer than this: a silence is no proof.
    back_s
        A stay begins no longer than this before the window it was found by.
    core_s
        A stay is observed for as long as this, or known by a silence …
    sparse_s
        … or seen twice, where so much time is to spare between what was seen before it and after it.
    silent_s, silent_m
        A phone that falls silent has parked when the silence leaves so much time to spare, and it wakes up nearer
        than this …
    stood_silent_s, stood_silent_m
        … or so, if it stood before it fell silent.
    silent_mps, waking_s
        How slowly one may have left, and how long a phone may take to wake up, before time is to spare.
    regular_s
        Intervals up to this are a way of sampling and no silence.
    travel_mps
        How fast people come and go between two fixes, as the crow flies …
    outage_s, outage_m
        … unless they are so far apart in time and in space that nobody knows when they went.
    """

    least_s: float = 240.0
    epoch_s: float = 15.0
    seed_s: float = 150.0
    inside_percent: int = 70
    radius_m: float = 60.0
    accuracy_factor: float = 1.2
    settle_s: float = 300.0
    zigzag_m: float = 60.0
    leave_s: float = 180.0
    far_m: float = 350.0
    far_weight: float = 3.0
    standing_mps: float = 0.6
    standing_weight: float = 0.8
    moving_mps: float = 3.0
    moving_weight: float = 0.5
    most_s: float = 60.0
    back_s: float = 600.0
    core_s: float = 100.0
    sparse_s: float = 160.0
    silent_s: float = 200.0
    silent_m: float = 1_000.0
    stood_silent_s: float = 150.0
    stood_silent_m: float = 2_000.0
    silent_mps: float = 3.0
    waking_s: float = 30.0
    regular_s: float = 600.0
    travel_mps: float = 6.0
    outage_s: float = 1_300.0
    outage_m: float = 2_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueParams:
    """What looks like a stay and is a queue: who moves on all the time.

    Parameters
    ----------
    least_s, longest_s, epoch_count
        Only stays of such a length and with so many epochs are looked at: nobody queues longer within one place.
    mps, accuracies
        The way from the first third of a stay to its last, at this speed and longer than so many accuracies of the
        less exact of the two, is a queue's …
    creeping_mps, creeping_accuracies, still_mps, still_percent
        … or this way, when it is known that less than this part of the epochs was slower than this.
    resting_percent, resting_accuracies
        When it is known that so many of them were, the way has to be longer by so many accuracies.
    foot_mps
        Who came or went faster than this was not on foot.
    pace_m, pace_accuracies
        Who is on foot goes on at the pace from the look before to the look after: where that pace leads further from
        the first third to the last than this and so many accuracies of the less exact of the two, as the root of a sum
        of squares, …
    pace_part, pace_count
        … and so large a part of that way was gone, times the looks beyond two, up to so many: the fewer there are, the
        less they tell.
    pace_mps, standing_rooms, standing_part
        Where the device is known to have been slower than this on average, it has to be so many times as far, and this
        part of it gone: some say that they stand whatever they do.
    """

    least_s: float = 170.0
    longest_s: float = 600.0
    epoch_count: int = 4
    mps: float = 0.3
    accuracies: float = 1.0
    creeping_mps: float = 0.25
    creeping_accuracies: float = 0.5
    still_mps: float = 0.4
    still_percent: int = 25
    resting_percent: int = 50
    resting_accuracies: float = 1.0
    foot_mps: float = 3.0
    pace_m: float = 60.0
    pace_accuracies: float = 0.7
    pace_mps: float = 0.45
    standing_rooms: float = 2.0
    standing_part: float = 0.8
    pace_part: float = 0.1
    pace_count: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeParams:
    """When two stays are one, or one of them is none.

    Parameters
    ----------
    within_s
        No longer way lies between them; a silence may be as long as it likes.
    apart_m, errors
        Their middles are as near as this, plus so many times what both may be wrong.
    at_once_s, at_once_accuracies
        With less than this between them nobody has walked: they may be apart by so many accuracies more.
    silent_m
        Of two with a silence between them, one of which is short, the short one belongs to the other as near as this:
        the phone woke up inside, or was led astray where it looks seldom.
    coming_m, coming_s
        A single epoch before a silence no longer than this is no stay when the next thing known is a stay as near as
        this: the device was on its way there, and sparse or lost fixes do not tell when it came.
    """

    within_s: float = 600.0
    apart_m: float = 60.0
    errors: float = 2.0
    at_once_s: float = 40.0
    at_once_accuracies: float = 1.5
    silent_m: float = 350.0
    coming_m: float = 2_000.0
    coming_s: float = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TripParams:
    """What one trip is, and how far.

    Parameters
    ----------
    step_m, step_accuracies
        A step counts when it is longer than this and than so many accuracies of its end: less is jitter.
    parting_s
        A longer silence on the way is nobody's: one trip ends with the last fix before it, and another begins with the
        first behind it. Tunnels, ferries, car parks and places without a network are over sooner; the free hours of a
        split shift and nights are not. As long as `MergeParams.coming_s`: what is not taken to be on its way to the
        next stop any more has no way there either.
    """

    step_m: float = 15.0
    step_accuracies: float = 1.3
    parting_s: float = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GapParams:
    """What a gap is.

    Parameters
    ----------
    least_s
        A silence is a gap when it is longer; phones that sample every five minutes lose single fixes.
    empty_percent
        What a battery has left when it may have ended what follows.
    play_s
        By so much a shift may begin later and end earlier than it may be tracked.
    """

    least_s: float = 600.0
    empty_percent: float = 5.0
    play_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveParams:
    """Everything that decides what is derived from fixes."""

    flags: FlagParams = FlagParams()
    stops: StopParams = StopParams()
    queues: QueueParams = QueueParams()
    merging: MergeParams = MergeParams()
    trips: TripParams = TripParams()
    gaps: GapParams = GapParams()
