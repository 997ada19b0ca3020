"""What is doubtful about fixes that keep coming; each verdict is given once, as soon as nothing can change it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from geo_engine.geometry.earth_fixed import UNITS_PER_DEGREE, Place, chord_mm, place_of
from geo_engine.tracks.model import UNUSABLE, Flag
from geo_engine.tracks.params import FlagParams
from geo_engine.tracks.rules import (
    LOOK_AHEAD,
    MM_PER_M,
    UNKNOWN_SPEED,
    accuracy_mm,
    microseconds,
    reach_mm,
    slack_mm,
)
from geo_engine.tracks.twins import twin

_S_PER_DAY = 86_400
# Plain numbers: operations on members of an enum take longer than all the rest.
_FUTURE, _STALE, _MOCK, _ZERO = Flag.FUTURE.value, Flag.STALE.value, Flag.MOCK.value, Flag.ZERO.value
_DUPLICATE, _INACCURATE, _UNUSABLE = Flag.DUPLICATE.value, Flag.INACCURATE.value, UNUSABLE.value


class Report(NamedTuple):
    """A fix as it came; accuracy and speed are NaN where unknown, `received_us` is None when nobody knows."""

    time_us: int
    lon_deg: float
    lat_deg: float
    accuracy_m: float
    speed_mps: float
    is_mock: bool
    received_us: int | None


class Known(NamedTuple):
    """A fix as the derivation goes on with it, and what is doubtful about it so far (bits of `Flag`)."""

    time_us: int
    lon_deg: float
    lat_deg: float
    place: Place
    accuracy_mm: int
    speed_mmps: int
    is_moving: bool
    flags: int

    def flagged(self, flag: Flag) -> "Known":
        """Return it with one more flag."""
        return self._replace(flags=self.flags | flag.value)


@dataclass(slots=True, kw_only=True)
class Run:
    """Fixes each of which can be reached from the one before it; `waiting` are those whose verdict is open."""

    first: Known
    last: Known
    count: int
    recent_us: list[int]
    waiting: list[Known]
    is_kept: bool = False

    def copy(self) -> "Run":
        """Return one that changes on its own."""
        other = twin(self)
        other.recent_us, other.waiting = list(self.recent_us), list(self.waiting)
        return other


@dataclass(slots=True, kw_only=True)
class RunningFlags:
    """Gives verdicts on fixes in order of time.

    Parameters
    ----------
    settled
        What was given a verdict and not yet taken, each fix once.
    usable
        Those of it that count for what is derived, in order of time.
    touched_count
        How many fixes were looked at, one that is looked at again counting again.
    oldest_us, newest_us
        The moments of the first and the latest fix that are not from the future.
    held
        The fixes with the same coordinates as `previous`, all said to be moving, that may prove frozen.
    beside
        The latest two fixes, which wait to be compared with those after them.
    looks_bad
        Whether the fix before `beside`, and the first of them, look like spikes.
    kept
        The last fix of the last run that stays; `runs` are those after it, the last of which may go on.
    unclean_us
        Spans in which a derivation that begins anew may come to other verdicts.
    """

    params: FlagParams
    settled: list[Known] = field(default_factory=list)
    usable: list[Known] = field(default_factory=list)
    touched_count: int = 0
    oldest_us: int | None = None
    newest_us: int | None = None
    previous: Known | None = None
    stretch_us: int = 0
    is_frozen: bool = False
    held: list[Known] = field(default_factory=list)
    beside: list[Known] = field(default_factory=list)
    looks_bad: tuple[bool, bool] = (False, False)
    kept: Known | None = None
    runs: list[Run] = field(default_factory=list)
    unclean_us: list[tuple[int, int]] = field(default_factory=list)

    def copy(self) -> "RunningFlags":
        """Return one that goes on on its own, with nothing to take."""
        other = twin(self)
        other.settled, other.usable, other.touched_count = [], [], 0
        other.held, other.beside = list(self.held), list(self.beside)
        other.runs = [run.copy() for run in self.runs]
        other.unclean_us = list(self.unclean_us)
        return other

    def forget(self, time_us: int) -> None:
        """Forget where one cannot begin anew before a moment."""
        self.unclean_us = [span_us for span_us in self.unclean_us if span_us[1] >= time_us]

    def take(self, reports: Sequence[Report]) -> None:
        """Look at fixes, in order of time and later than all before."""
        at_once: list[Report] = []
        for report in reports:
            flags = self._own_flags(report)
            if not flags & _FUTURE:
                if report.time_us != self.newest_us:
                    at_once = []
                flags |= _DUPLICATE if any(_is_same_place(report, other) for other in at_once) else 0
                at_once.append(report)
                self.newest_us = report.time_us
                self.oldest_us = report.time_us if self.oldest_us is None else self.oldest_us
            self.touched_count += 1
            self._look(_known(report, flags, self.params))

    def finish(self) -> None:
        """Give every verdict as if nothing came any more."""
        self._release_held()
        for k, known in enumerate(self.beside):
            self._judge_spike(known, is_spike=k == 0 and len(self.beside) > 1 and self.looks_bad == (False, True))
        self.beside = []
        self._settle_runs(is_over=True)

    def _own_flags(self, report: Report) -> int:
        params = self.params
        flags = _MOCK if report.is_mock else 0
        if report.lon_deg == 0 and report.lat_deg == 0:
            flags |= _ZERO
        if report.accuracy_m > params.accuracy_limit_m:
            flags |= _INACCURATE
        if report.received_us is not None:
            if report.time_us - report.received_us > microseconds(params.future_tolerance_s):
                flags |= _FUTURE
            if report.received_us - report.time_us > microseconds(params.stale_after_days * _S_PER_DAY):
                flags |= _STALE
        return flags

    def _look(self, known: Known) -> None:
        if known.flags & _UNUSABLE:
            self.settled.append(known)
            return
        previous, self.previous = self.previous, known
        goes_on = previous is not None and previous.is_moving and known.is_moving and _is_same_place(previous, known)
        if not goes_on:
            self._release_held()
            self.stretch_us, self.is_frozen = known.time_us, False
            self._compare(known)
        elif known.time_us - self.stretch_us >= microseconds(self.params.frozen_after_s) or self.is_frozen:
            self.settled += [one.flagged(Flag.FROZEN) for one in (*self.held, known)]
            self.held, self.is_frozen = [], True
        else:
            self.held.append(known)

    def _release_held(self) -> None:
        held, self.held = self.held, []
        for known in held:
            self._compare(known)

    def _compare(self, known: Known) -> None:
        # Who turns on the spot at speed was never there, if neither neighbour looks like that.
        if len(self.beside) < 2:
            self.beside.append(known)
            return
        first, second = self.beside
        is_spike = self._is_spike(first, second, known)
        if is_spike:
            self.unclean_us.append((second.time_us, second.time_us))
        self._judge_spike(first, is_spike=self.looks_bad == (False, True) and not is_spike)
        self.beside, self.looks_bad = [second, known], (self.looks_bad[1], is_spike)

    def _is_spike(self, before: Known, known: Known, after: Known) -> bool:
        self.touched_count += 1
        in_mm, out_mm = chord_mm(before.place, known.place), chord_mm(known.place, after.place)
        if not (self._outruns(before, known, in_mm) and self._outruns(known, after, out_mm)):
            return False
        return 2 * chord_mm(before.place, after.place) < min(in_mm, out_mm)

    def _judge_spike(self, known: Known, *, is_spike: bool) -> None:
        if is_spike:
            self.settled.append(known.flagged(Flag.JUMP))
        else:
            self._reach(known)

    def _reach(self, known: Known) -> None:
        run = self.runs[-1] if self.runs else None
        if run is None or not self._can_follow(run.last, known):
            if run is not None:
                self._break_off(run)
            self.runs.append(Run(first=known, last=known, count=1, recent_us=[known.time_us], waiting=[known]))
        else:
            run.last = known
            run.count += 1
            run.recent_us = [*run.recent_us[-2:], known.time_us]
            (self.usable if run.is_kept else run.waiting).append(known)
            if run.is_kept:
                self.settled.append(known)
                return
        self._settle_runs(is_over=False)

    def _break_off(self, run: Run) -> None:
        short_us = run.last.time_us - microseconds(self.params.jump_longest_s)
        self.unclean_us.append((min(short_us, run.recent_us[0]), run.last.time_us))
        if run.is_kept:
            self.kept = run.last
            self.runs.pop()

    def _settle_runs(self, *, is_over: bool) -> None:
        while self.runs and not self.runs[0].is_kept:
            run = self.runs[0]
            is_long = self._is_long(run)
            if not is_long and not is_over and not self._can_judge():
                return
            stays = is_long or self._stays()
            if stays:
                self.settled += run.waiting
                self.usable += run.waiting
            else:
                self.settled += [known.flagged(Flag.JUMP) for known in run.waiting]
            run.waiting = []
            if is_long and len(self.runs) == 1:
                run.is_kept = True
                return
            self.kept = run.last if stays else self.kept
            self.runs.pop(0)

    def _can_judge(self) -> bool:
        return len(self.runs) > LOOK_AHEAD or any(self._is_long(run) for run in self.runs[1:])

    def _is_long(self, run: Run) -> bool:
        lasted_us = run.last.time_us - run.first.time_us
        return lasted_us > microseconds(self.params.jump_longest_s) and run.count > self.params.jump_fix_count

    def _stays(self) -> bool:
        # The chain from the last kept run that breaks off least, then is the longest, of the runs up to a long one.
        runs = self.runs[:LOOK_AHEAD]
        anchor = next((k for k, run in enumerate(runs) if self._is_long(run)), None)
        chains: list[tuple[int, int, bool]] = []
        for k, run in enumerate(runs if anchor is None else runs[: anchor + 1]):
            self.touched_count += 1 + k
            broken = int(self.kept is not None and not self._can_follow(self.kept, run.first))
            best = (broken, 0, k != 0)
            for before, (before_broken, size, is_without) in zip(runs, chains, strict=False):
                broken = before_broken + (not self._can_follow(before.last, run.first))
                best = min(best, (broken, size, is_without))
            chains.append((best[0], best[1] - run.count, best[2]))
        if anchor is not None:
            return not chains[anchor][2]
        return not min((0, 0, True), *chains)[2]

    def _can_follow(self, first: Known, second: Known) -> bool:
        params, elapsed_us = self.params, second.time_us - first.time_us
        is_silence = elapsed_us > microseconds(params.silence_s)
        mps = params.fastest_after_silence_mps if is_silence else params.fastest_mps
        both_mm = float(first.accuracy_mm + second.accuracy_mm)
        return chord_mm(first.place, second.place) <= reach_mm(float(elapsed_us), mps) + slack_mm(both_mm, params)

    def _outruns(self, first: Known, second: Known, apart_mm: float) -> bool:
        params, both_mm = self.params, float(first.accuracy_mm + second.accuracy_mm)
        elapsed_us = float(second.time_us - first.time_us)
        return apart_mm > reach_mm(elapsed_us, params.turning_mps) + slack_mm(both_mm, params)


def _known(report: Report, flags: int, params: FlagParams) -> Known:
    is_usable = not flags & _UNUSABLE
    return Known(
        time_us=report.time_us,
        lon_deg=report.lon_deg,
        lat_deg=report.lat_deg,
        place=place_of(report.lon_deg, report.lat_deg) if is_usable else Place(0, 0, 0),
        accuracy_mm=accuracy_mm(report.accuracy_m, params) if is_usable else 0,
        speed_mmps=round(report.speed_mps * MM_PER_M) if report.speed_mps >= 0 else UNKNOWN_SPEED,
        is_moving=report.speed_mps >= params.frozen_moving_mps,
        flags=flags,
    )


def _is_same_place(one: Known | Report, other: Known | Report) -> bool:
    return _units(one.lon_deg) == _units(other.lon_deg) and _units(one.lat_deg) == _units(other.lat_deg)


def _units(degrees: float) -> int:
    return round(degrees * UNITS_PER_DEGREE)
