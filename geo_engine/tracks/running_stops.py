"""Stops and trips from epochs that keep coming; each row is given once, as soon as nothing can change it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from geo_engine.geometry.earth_fixed import Place, chord_mm, place_of, position_of
from geo_engine.tracks.insides import Insides
from geo_engine.tracks.model import Stop, Trip, to_moment
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.rules import (
    MM_PER_M,
    is_coming,
    is_parting,
    meeting_us,
    merge_room_mm,
    microseconds,
    radius_m,
    step_mm,
)
from geo_engine.tracks.running_epochs import Epoch, sight_of
from geo_engine.tracks.running_stays import Growth, RunningStays
from geo_engine.tracks.twins import twin


class Stretch(NamedTuple):
    """A part of a way that a long silence has ended; `started_us` as that of the way."""

    started_us: int | None
    ended_us: int
    total_mm: float
    fix_count: int


@dataclass(slots=True, kw_only=True)
class Way:
    """The way from a stop, from the begin of the track or from behind a long silence, as far as it was measured.

    Parameters
    ----------
    started_us
        None as long as it is open when the stop before it ended.
    first_number, next_number
        The first epoch after that stop, and the first one that was not measured yet.
    fixes_before
        How many usable fixes came before it.
    at
        The last mark that counted.
    seen_us
        The end of the last epoch that was measured; None before the first.
    parted
        What long silences have ended of it since the stop.
    """

    started_us: int | None
    first_number: int
    next_number: int
    fixes_before: int
    at: Place | None
    total_mm: float = 0.0
    seen_us: int | None = None
    parted: tuple[Stretch, ...] = ()

    def set_off(self, left_us: int) -> None:
        """Note when the stop before it ended."""
        if not self.parted:
            self.started_us = left_us if self.started_us is None else self.started_us
        elif self.parted[0].started_us is None:
            self.parted = self.parted[0]._replace(started_us=left_us), *self.parted[1:]

    def part(self, *, started_us: int, fixes_before: int) -> None:
        """End it with the last epoch, if there was one since the stop, and have another begin."""
        if self.seen_us is not None and self.started_us != self.seen_us:
            ended = Stretch(self.started_us, self.seen_us, self.total_mm, fixes_before - self.fixes_before)
            self.parted = *self.parted, ended
        self.started_us, self.fixes_before, self.at, self.total_mm = started_us, fixes_before, None, 0.0


@dataclass(slots=True, kw_only=True)
class Pending:
    """A stop that may be one with the next, or on the way there.

    Parameters
    ----------
    trip, passing
        The way to it, and that through it when it may prove to be none.
    came_us, left_us
        Known where another stop is right beside it.
    """

    insides: Insides
    trip: Way
    passing: Way | None
    restart_us: int | None
    came_us: int | None
    left_us: int | None = None


@dataclass(slots=True, kw_only=True)
class RunningStops:
    """Derives stops and trips; `stops` and `trips` hold what became final and was not yet taken.

    Parameters
    ----------
    restart_us
        Whoever reads the fixes from this moment on finds all stops and trips that are not final.
    final_until_us
        When the last final stop ended.
    """

    params: DeriveParams
    stays: RunningStays
    way: Way | None = None
    pending: Pending | None = None
    restart_us: int | None = None
    final_until_us: int | None = None
    stops: list[Stop] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)

    def copy(self) -> "RunningStops":
        """Return one that goes on on its own, with nothing to take."""
        other = twin(self)
        other.stays, other.stops, other.trips = self.stays.copy(), [], []
        other.way = None if self.way is None else twin(self.way)
        if self.pending is not None:
            other.pending = twin(self.pending)
            other.pending.insides, other.pending.trip = self.pending.insides.copy(), twin(self.pending.trip)
            other.pending.passing = None if self.pending.passing is None else twin(self.pending.passing)
        return other

    def add(self, epoch: Epoch) -> None:
        """Add an epoch."""
        if self.way is None:
            self.way = Way(started_us=epoch.first_us, first_number=0, next_number=0, fixes_before=0, at=None)
        self.stays.sights.append(sight_of(epoch, self.params.stops))
        self._go_on(is_over=False)

    def finish(self) -> None:
        """Give all rows as if no epoch came any more."""
        if self.way is None:
            return
        self._go_on(is_over=True)
        if self.pending is not None:
            self.way.set_off(self._give(self.pending))
        end = self.stays.end
        self._walk(self.way, end)
        if self.way.first_number < end:
            last = self.stays.epoch(end - 1)
            self._give_trips(self.way, ended_us=last.last_us, fixes_before=last.fixes_through, stop=None)

    def _go_on(self, *, is_over: bool) -> None:
        while (growth := self.stays.next_stay(is_over=is_over)) is not None:
            self._take(growth)
        if not is_over:
            self._settle()
            self._forget()

    def _take(self, growth: Growth) -> None:
        stay, pending, way = growth.best, self.pending, self.way
        if way is None:
            return
        if pending is not None and self._are_one(pending.insides, growth):
            pending.insides.join(stay)
            pending.passing = None
        elif pending is not None and pending.passing is not None and self._is_coming(pending.insides, stay):
            self._await(growth, way=pending.passing, came_us=None)
        else:
            self._walk(way, stay.first)
            came_us = None
            if pending is not None:
                came_us = self._meet(pending, stay)
                way.set_off(self._give(pending))
            self._await(growth, way=way, came_us=came_us)
        self._set_out()

    def _await(self, growth: Growth, *, way: Way, came_us: int | None) -> None:
        stay, passing = growth.best, None
        if stay.first == stay.last and came_us is None:
            passing = twin(way)
            self._walk(passing, stay.last + 1)
        self.pending = Pending(insides=stay, trip=way, passing=passing, restart_us=growth.restart_us, came_us=came_us)

    def _is_coming(self, before: Insides, after: Insides) -> bool:
        one, other = before.facts(self.params.stops), after.facts(self.params.stops)
        return after.first == before.last + 1 and is_coming(one, other, self.params.merging)

    def _set_out(self) -> None:
        # A new way begins at the stop that may yet be one with the next: then it begins again.
        if self.pending is not None:
            insides = self.pending.insides
            position = position_of(insides.middle())
            self.way = Way(
                started_us=None,
                first_number=insides.last + 1,
                next_number=insides.last + 1,
                fixes_before=insides.fixes_through,
                at=place_of(position.lon, position.lat),
            )

    def _are_one(self, before: Insides, growth: Growth) -> bool:
        params, after = self.params, growth.best
        one, other = before.facts(params.stops), after.facts(params.stops)
        is_next = after.first == before.last + 1
        if not is_next and other.first_us - one.last_us > microseconds(params.merging.within_s):
            return False
        if chord_mm(one.middle, other.middle) > merge_room_mm(one, other, params, is_next=is_next):
            return False
        return self._is_near_between(before, growth)

    def _is_near_between(self, before: Insides, growth: Growth) -> bool:
        if growth.is_joined is None:
            middle, far_mm = before.middle(), self.params.stops.far_m * MM_PER_M
            between = range(before.last + 1, growth.best.first)
            self.stays.touched_count += len(between)
            growth.is_joined = all(chord_mm(self.stays.epoch(number).place, middle) <= far_mm for number in between)
        return growth.is_joined

    def _meet(self, pending: Pending, stay: Insides) -> int | None:
        before, params = pending.insides, self.params.stops
        if stay.first != before.last + 1:
            return None
        left_us = before.span_us(before.middle(), params)[1]
        pending.left_us, came_us = meeting_us(before.last_us, stay.first_us, left_us, params)
        return came_us

    def _settle(self) -> None:
        pending = self.pending
        if pending is not None and self.way is not None and self._stands_alone(pending.insides):
            self.way.set_off(self._give(pending))
            self.pending = None

    def _stands_alone(self, insides: Insides) -> bool:
        # Whether no stay that is found from now on can be one with it, or follow it at once.
        stays, params = self.stays, self.params
        growth, seed = stays.growth, stays.seed if stays.growth is None else stays.growth.seed
        if growth is not None and growth.is_sure(params):
            earliest_us = growth.best.first_us
        elif seed < stays.end:
            back_us = stays.epoch(seed).first_us - microseconds(params.stops.back_s)
            earliest_us = max(stays.epoch(stays.earliest()).first_us, back_us)
        else:
            return False
        is_later = insides.after is not None and earliest_us > insides.after.first_us
        return is_later and earliest_us - insides.last_us > microseconds(params.merging.within_s)

    def _forget(self) -> None:
        stays, growth, pending, way = self.stays, self.stays.growth, self.pending, self.way
        if way is None:
            return
        if growth is not None and growth.is_sure(self.params):
            self._walk(way, growth.best.first)
            if pending is not None:
                self._is_near_between(pending.insides, growth)
            stays.forget(growth.best.last - 1)
            return
        earliest = stays.earliest()
        self._walk(way, earliest)
        stays.forget(earliest - 2 if pending is None else min(earliest - 2, pending.insides.last))

    def _walk(self, way: Way, end: int) -> None:
        for number in range(way.next_number, end):
            epoch = self.stays.epoch(number)
            if is_parting(epoch.first_us - self._known_us(way), self.params.trips):
                way.part(started_us=epoch.first_us, fixes_before=epoch.fixes_before)
            way.seen_us = epoch.last_us
            for mark in epoch.marks:
                self.stays.touched_count += 1
                apart_mm = 0.0 if way.at is None else chord_mm(way.at, mark.place)
                if way.at is None or apart_mm > step_mm(mark.accuracy_mm, self.params.trips):
                    way.total_mm += apart_mm
                    way.at = mark.place
        way.next_number = max(way.next_number, end)

    def _known_us(self, way: Way) -> int:
        # Until when the device is known: up to the last epoch of the way, or to when it left the stop before.
        if way.seen_us is not None:
            return way.seen_us
        if way.started_us is None and self.pending is not None:
            insides = self.pending.insides
            return insides.span_us(insides.middle(), self.params.stops)[1]
        return way.started_us or 0

    def _give(self, pending: Pending) -> int:
        """Give a stop and the trip before it, and return when the stop ended."""
        insides, middle = pending.insides, pending.insides.middle()
        began_us, end_us = insides.span_us(middle, self.params.stops)
        began_us = began_us if pending.came_us is None else pending.came_us
        end_us = end_us if pending.left_us is None else pending.left_us
        stop = Stop(
            started_at=to_moment(began_us),
            ended_at=to_moment(end_us),
            position=position_of(middle),
            radius_m=radius_m(insides.squares_about(middle), insides.count),
            fix_count=insides.fixes_through - insides.fixes_before,
        )
        is_first = insides.first == 0
        if not is_first:
            self._give_trips(pending.trip, ended_us=began_us, fixes_before=insides.fixes_before, stop=stop)
        self.stops.append(stop)
        self.final_until_us = end_us
        self.restart_us = self.restart_us if pending.restart_us is None else pending.restart_us
        return end_us

    def _give_trips(self, way: Way, *, ended_us: int, fixes_before: int, stop: Stop | None) -> None:
        if is_parting(ended_us - self._known_us(way), self.params.trips):
            way.part(started_us=ended_us, fixes_before=fixes_before)
        total_mm = way.total_mm
        if stop is not None and way.at is not None:
            total_mm += chord_mm(way.at, place_of(stop.position.lon, stop.position.lat))
        last = Stretch(way.started_us, ended_us, total_mm, fixes_before - way.fixes_before)
        self.trips += [
            Trip(
                started_at=to_moment(stretch.started_us),
                ended_at=to_moment(stretch.ended_us),
                distance_m=round(stretch.total_mm / MM_PER_M, 1),
                fix_count=stretch.fix_count,
            )
            for stretch in (*way.parted, last)
            if stretch.started_us is not None and stretch.started_us != stretch.ended_us
        ]
