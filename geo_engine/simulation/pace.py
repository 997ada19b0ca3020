"""How a simulated day passes: from its start so many times as fast as the clock, until it has caught up with it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What the simulated clock shows when; it is never ahead of the real one, so that no fix is of the future.

    Parameters
    ----------
    day_s
        What the simulated clock shows first, seconds since 1970.
    begun_s
        What the real clock showed then.
    speed
        Simulated seconds a second until the real clock is caught up with; from then on one. 0: caught up with at once.

    Examples
    --------
    >>> pace = Pace(day_s=0.0, begun_s=600.0, speed=60.0)
    >>> pace.shown_s(605.0), pace.shown_s(615.0)
    (300.0, 615.0)
    >>> pace.wait_s(300.0, now_s=600.0), pace.wait_s(620.0, now_s=615.0)
    (5.0, 5.0)
    """

    day_s: float
    begun_s: float
    speed: float

    def shown_s(self, now_s: float) -> float:
        """Return what the simulated clock shows when the real one shows `now_s`, seconds since 1970."""
        if self.speed == 0.0:
            return now_s
        return min(self.day_s + self.speed * (now_s - self.begun_s), now_s)

    def wait_s(self, due_s: float, *, now_s: float) -> float:
        """Return for how long to wait until the simulated clock shows `due_s`; 0 when it has shown it."""
        at_s = due_s if self.speed == 0.0 else max(due_s, self.begun_s + (due_s - self.day_s) / self.speed)
        return max(0.0, at_s - now_s)
