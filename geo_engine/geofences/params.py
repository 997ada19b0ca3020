"""What decides whether a device was inside a fence, and how it was measured.

The defaults were chosen on the simulated days that `tests/benchmarks/arrival_corpus.py` sets apart for it;
`scripts/bench arrivals` measures them on other days.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionParams:
    """When a device counts as inside. Evidence is in natural logarithms of odds.

    Parameters
    ----------
    unknown_accuracy_m, least_accuracy_m
        What is assumed of a fix that does not say how exact it is, and of one that says it is better than this.
    settle_s
        The middle of a stay is as wrong as one fix at first, since errors last for minutes; from this age of the stay
        on its error shrinks with time …
    site_m
        … to this, at best: people walk about, and houses bend signals always the same way.
    lasting_s, lasting_m
        Errors of two fixes are alike when little time and way is between them: after so much of one or the other a fix
        tells something new to 63 %.
    reflected_m
        Reflections lead astray by less than this: up to there somebody who stayed may only seem to have moved, and
        only time tells.
    look_most
        No fix on the way tells more than this: reflections do not say that they are …
    away_most
        … unless it is farther from the last stay than they lead.
    outside_least, way_most, stay_most
        How sure one may be that it is outside, that it is inside on the way, and that it is inside for having stayed:
        each is what has to be outweighed.
    enter_at, exit_at
        From which evidence on it is inside, and from which outside again.
    dwell_s
        Who stays for so long has not just passed, unless the fence has a time of its own.
    travel_mps
        How fast people come and go, as the crow flies, where nobody saw them for longer than that takes …
    spare_s
        … by so much.
    pass_s, astray_part
        Up to this between two fixes the straight way tells of what is between them; it may be off by so large a part of
        how far the nearer of them is.
    detour_most
        Who is seen inside on such a way came through when the way by there is at most so many times as long as the
        straight one: a reflection leads there and back.
    """

    unknown_accuracy_m: float = 25.0
    least_accuracy_m: float = 5.0
    settle_s: float = 300.0
    site_m: float = 10.0
    lasting_s: float = 60.0
    lasting_m: float = 60.0
    reflected_m: float = 350.0
    look_most: float = 3.0
    away_most: float = 6.0
    outside_least: float = 2.0
    way_most: float = 3.0
    stay_most: float = 4.0
    enter_at: float = 0.3
    exit_at: float = -0.6
    dwell_s: float = 180.0
    travel_mps: float = 8.0
    spare_s: float = 60.0
    pass_s: float = 90.0
    astray_part: float = 0.3
    detour_most: float = 1.5
