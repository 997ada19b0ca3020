"""Whether a route can be kept, by living through every minute of it; shares no idea with the planner.

Only for problems whose every time is a whole minute.
"""

from collections.abc import Sequence

from geo_engine.planning.problem import Problem

type Moment = tuple[int, int, int, frozenset[int]]  # minute, stops behind, minutes of travel left, breaks behind


def can_live_through(problem: Problem, shift: int, order: Sequence[int], legs_s: Sequence[int]) -> bool:
    """Return whether some way of spending each minute keeps every window, every break and the shift.

    Each minute one drives on, waits, begins a service or begins a break. Breaks whose window lies before
    the departure are void, and at the end those whose window is still open, but none that is always taken.
    """
    opens, closes = (seconds // 60 for seconds in problem.spans[shift])
    rests = [(rest.duration_s // 60, rest.earliest_s // 60, rest.latest_s // 60) for rest in problem.breaks[shift]]
    voidable = [not rest.is_always_taken for rest in problem.breaks[shift]]
    legs = [leg_s // 60 for leg_s in legs_s]
    open_now = [
        (leaves, 0, legs[0], frozenset(n for n, (_, _, latest) in enumerate(rests) if latest < leaves and voidable[n]))
        for leaves in range(opens, closes + 1)
    ]
    seen: set[Moment] = set(open_now)
    while open_now:
        now, stops, left, behind = open_now.pop()
        if now > closes:
            continue
        missed = [n for n in range(len(rests)) if n not in behind]
        if stops == len(order) and left == 0 and all(voidable[n] and now <= rests[n][2] for n in missed):
            return True
        following: list[Moment] = [(now + 1, stops, max(0, left - 1), behind), (now + 1, stops, left, behind)]
        for number, (duration, earliest, latest) in enumerate(rests):
            if number not in behind and earliest <= now <= latest:
                following.append((now + duration, stops, left, behind | {number}))
        if stops < len(order) and left == 0:
            job = order[stops]
            if any(earliest <= 60 * now <= latest for earliest, latest in problem.windows[job]):
                following.append((now + problem.jobs[job].service_s // 60, stops + 1, legs[stops + 1], behind))
        fresh = [moment for moment in following if moment not in seen]
        seen.update(fresh)
        open_now += fresh
    return False
