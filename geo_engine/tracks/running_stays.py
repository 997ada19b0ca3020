"""Stays in epochs that keep coming: found one after the other, each as soon as it is over."""

from dataclasses import dataclass, field

from geo_engine.geometry.earth_fixed import Place, chord_mm
from geo_engine.tracks.insides import Insides
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.queues import Seen, Thirds, moves_on
from geo_engine.tracks.rules import (
    BACK_COUNT,
    DOUBT_COUNT,
    MM_PER_M,
    SCORE_PER_S,
    UNKNOWN_SPEED,
    microseconds,
    next_began_us,
    round_size,
    spare_us,
    zigzag_mm2,
)
from geo_engine.tracks.running_epochs import Epoch, Sight
from geo_engine.tracks.sights import apart_mm2, middle_of, pair_middle, scored, seen_of
from geo_engine.tracks.twins import twin


@dataclass(slots=True, kw_only=True)
class Growth:
    """A stay that may go on.

    Parameters
    ----------
    seed
        At which epoch the window begins that showed it.
    best
        Its epochs up to where the sum of scores was highest.
    since
        Numbers of the epochs after that which were inside.
    next_number, count, total, best_total, best_count
        The next epoch to look at; how many were, their sum of scores, how high it was at best, and after how many.
    round_left, middle, wider_mm2
        For how many more epochs the middle is kept, the middle, and how much wider than an epoch's own the room is.
    restart_us
        From which fix on one can begin anew and find the same stay; None when from none of the last ones.
    is_joined
        Whether it may be one stay with the one before it, as far as the epochs between them tell; None: not looked.
    """

    seed: int
    best: Insides
    next_number: int
    middle: Place
    wider_mm2: float
    since: list[int] = field(default_factory=list)
    count: int = 0
    total: int = 0
    best_total: int = 0
    best_count: int = 0
    round_left: int = 0
    restart_us: int | None = None
    is_joined: bool | None = None

    def is_sure(self, params: DeriveParams) -> bool:
        """Return whether it is a stay for certain, however it goes on."""
        return self.best.last_us - self.best.first_us > microseconds(
            max(params.queues.longest_s, params.stops.least_s, params.stops.core_s)
        )

    def copy(self) -> "Growth":
        """Return one that grows on its own."""
        other = twin(self)
        other.best, other.since = self.best.copy(), list(self.since)
        return other


@dataclass(slots=True, kw_only=True)
class RunningStays:
    """Looks for stays in epochs as they come.

    Parameters
    ----------
    sights, base
        The latest epochs, and the number of the first of them.
    seed, free, is_alone
        The next epoch at which a window begins, the first one that may belong to a stay, and whether the stay before
        that is a lone look.
    reach
        The end of the latest window.
    refused
        For each stay that was none since `free`: where its window began, and where it did.
    """

    params: DeriveParams
    sights: list[Sight] = field(default_factory=list)
    base: int = 0
    seed: int = 0
    free: int = 0
    is_alone: bool = False
    reach: int = 0
    growth: Growth | None = None
    refused: list[tuple[int, int]] = field(default_factory=list)
    unclean_us: list[tuple[int, int]] = field(default_factory=list)
    touched_count: int = 0

    def copy(self) -> "RunningStays":
        """Return one that goes on on its own."""
        other = twin(self)
        other.sights, other.refused, other.touched_count = list(self.sights), list(self.refused), 0
        other.growth = None if self.growth is None else self.growth.copy()
        return other

    @property
    def end(self) -> int:
        """The number of the epoch that will come next."""
        return self.base + len(self.sights)

    def epoch(self, number: int) -> Epoch:
        """Return an epoch that is still remembered."""
        return self.sights[number - self.base].epoch

    def earliest(self) -> int:
        """Return the first epoch that may belong to the next stay."""
        seed = self.seed if self.growth is None else self.growth.seed
        return max(self.free, seed - BACK_COUNT)

    def next_stay(self, *, is_over: bool) -> Growth | None:
        """Return the next stay that is over; None when that takes epochs which have not come yet.

        Parameters
        ----------
        is_over
            Whether none will come, so that what goes on ends here.
        """
        while True:
            if self.growth is None and not self._look(is_over=is_over):
                return None
            growth = self.growth
            if growth is None or not (self._grow(growth) or is_over):
                return None
            self.growth = None
            if self._is_stay(growth.best):
                self.free = self.seed = growth.best.last + 1
                self.is_alone = growth.best.count == 1
                self.refused = []
                return growth
            self.refused.append((growth.seed, growth.best.first))
            self.seed = growth.seed + 1

    def forget(self, number: int) -> None:
        """Forget the epochs before one."""
        if number > self.base:
            del self.sights[: number - self.base]
            self.base = number
            self.refused = [(seed, first) for seed, first in self.refused if seed >= number]

    def _look(self, *, is_over: bool) -> bool:
        # Begins to grow a stay at the next window that shows one; False when no window is whole any more, or, when
        # all is over, none is left.
        span_us = microseconds(self.params.stops.seed_s)
        while True:
            self.reach = max(self.reach, self.seed)
            while self.reach < self.end and self.epoch(self.reach).last_us < self.epoch(self.seed).first_us + span_us:
                self.reach += 1
            if self.seed >= self.end or (self.reach >= self.end and not is_over):
                return False
            found = self._seen(self.seed, min(self.reach, self.end - 1))
            if found is not None:
                self._begin(*found)
                return True
            self.seed += 1

    def _seen(self, seed: int, end: int) -> tuple[list[int], Place, float] | None:
        # Which epochs of a window are at one place, where that is, and by how much its room is wider.
        seen = self.sights[seed - self.base : end - self.base + 1]
        self.touched_count += len(seen)
        params = self.params.stops
        turns_mm2 = self.epoch(end).turn_sum_mm2 - self.epoch(min(seed + 1, end)).turn_sum_mm2
        wider_mm2 = zigzag_mm2(turns_mm2, end - seed - 1, params)
        rank = (len(seen) - 1) // 2
        places = [sight.epoch.place for sight in seen]
        median = Place(*(sorted(axis)[rank] for axis in zip(*places, strict=True)))
        near = [
            sight
            for sight in seen
            if not sight.moves and apart_mm2(sight.epoch.place, median) < sight.room_mm2 + wider_mm2
        ]
        if near:
            middle = middle_of(near)
            insides = [
                seed + k
                for k, sight in enumerate(seen)
                if not sight.moves and apart_mm2(sight.epoch.place, middle) < sight.room_mm2 + wider_mm2
            ]
            if len(insides) >= 2 and len(insides) * 100 >= params.inside_percent * len(seen):
                return insides, middle, wider_mm2
        is_pause = len(seen) == 2 and self._is_silent(seed) and not self._is_waking(seed + 1)
        if is_pause or self._is_waking(seed):
            return [seed], places[0], wider_mm2
        pair = pair_middle(self.epoch(seed - 1), seen, params) if seed > 0 else None
        return None if pair is None else ([seed, seed + 1], pair, wider_mm2)

    def _begin(self, insides: list[int], middle: Place, wider_mm2: float) -> None:
        insides = [*self._before(insides[0], middle, wider_mm2), *insides]
        first = insides[0]
        epoch = self.epoch(first)
        best = Insides(
            first=first,
            first_us=epoch.first_us,
            before=self.epoch(first - 1) if first > 0 else None,
            fixes_before=epoch.fixes_before,
            turn_start_mm2=self.epoch(min(first + 1, self.end - 1)).turn_sum_mm2,
            origin=epoch.place,
        )
        for number in insides:
            self._add(best, number)
        self.growth = Growth(
            seed=self.seed,
            best=best,
            next_number=best.last + 1,
            middle=middle,
            wider_mm2=wider_mm2,
            restart_us=self._restart_us(first),
        )

    def _before(self, end: int, middle: Place, wider_mm2: float) -> list[int]:
        earliest_us = self.epoch(end).first_us - microseconds(self.params.stops.back_s)
        found: list[int] = []
        total = best = best_count = 0
        low = max(self.free, end - BACK_COUNT)
        for count, number in enumerate(range(end - 1, low - 1, -1), start=1):
            sight = self.sights[number - self.base]
            if sight.epoch.first_us < earliest_us:
                break
            self.touched_count += 1
            score = scored(sight, middle, wider_mm2, self.params.stops)
            total += score
            if score > 0:
                found.append(number)
            if total > best:
                best, best_count = total, count
            elif self._is_lost(best - total, count - best_count):
                break
        return [number for number in reversed(found) if number >= end - best_count]

    def _grow(self, growth: Growth) -> bool:
        # Goes through the epochs that have come; True when the stay is over.
        while growth.next_number < self.end:
            if not growth.round_left:
                self._begin_round(growth)
            number = growth.next_number
            sight = self.sights[number - self.base]
            self.touched_count += 1
            score = scored(sight, growth.middle, growth.wider_mm2, self.params.stops)
            growth.next_number += 1
            growth.round_left -= 1
            growth.count += 1
            growth.total += score
            if score > 0:
                growth.since.append(number)
            if growth.total > growth.best_total:
                growth.best_total, growth.best_count = growth.total, growth.count
                for inside in growth.since:
                    self._add(growth.best, inside)
                growth.since = []
            elif self._is_lost(growth.best_total - growth.total, growth.count - growth.best_count):
                return True
        return False

    def _begin_round(self, growth: Growth) -> None:
        all_insides = growth.best.copy()
        for number in growth.since:
            all_insides.add(number, self.sights[number - self.base])
        growth.round_left = round_size(all_insides.count)
        growth.middle = all_insides.middle()
        growth.wider_mm2 = all_insides.error_mm2(self.params.stops)

    def _add(self, insides: Insides, number: int) -> None:
        insides.add(number, self.sights[number - self.base])
        if insides.last_us - insides.first_us > microseconds(self.params.queues.longest_s):
            insides.early = []

    def _is_lost(self, fallen: int, count: int) -> bool:
        return fallen > self.params.stops.leave_s * SCORE_PER_S or count > DOUBT_COUNT

    def _is_silent(self, number: int) -> bool:
        if number + 1 >= self.end:
            return False
        epoch, after, params = self.epoch(number), self.epoch(number + 1), self.params.stops
        apart_mm = chord_mm(epoch.place, after.place)
        rest_us = spare_us(float(after.first_us - epoch.last_us), apart_mm, params)
        if rest_us >= microseconds(params.silent_s) and apart_mm <= params.silent_m * MM_PER_M:
            return True
        may_be_parked = rest_us >= microseconds(params.stood_silent_s) and apart_mm <= params.stood_silent_m * MM_PER_M
        return may_be_parked and self._stood(number)

    def _is_waking(self, number: int) -> bool:
        if number == 0 or number >= self.end:
            return False
        before, sight = self.sights[number - self.base - 1 : number - self.base + 1]
        rests = sight.epoch.speed_mmps != UNKNOWN_SPEED and not sight.moves
        return rests and before.moves and self._is_silent(number - 1)

    def _stood(self, number: int) -> bool:
        epoch = self.epoch(number)
        if epoch.speed_mmps != UNKNOWN_SPEED:
            return epoch.speed_mmps < 500
        if number == 0:
            return False
        before = self.epoch(number - 1)
        apart_mm = chord_mm(before.place, epoch.place)
        return epoch.first_us - before.last_us < 120e6 and apart_mm < 15_000.0 + 0.5 * epoch.accuracy_mm

    def _is_stay(self, insides: Insides) -> bool:
        insides.after = self.epoch(insides.last + 1) if insides.last + 1 < self.end else None
        return self._lasts(insides) and not self._moves_on(insides)

    def _lasts(self, insides: Insides) -> bool:
        params, observed_us = self.params.stops, insides.last_us - insides.first_us
        is_observed = observed_us >= microseconds(params.core_s)
        if not is_observed and not (
            self._is_silent(insides.last) or self._is_waking(insides.first) or insides.is_sparse(params)
        ):
            return False
        began_us, end_us = insides.span_us(insides.middle(), params)
        # A lone look before it may prove to be none of its own, and the silence in between this one's.
        is_next = insides.first == self.free > 0 and not (self.is_alone and insides.count > 1)
        if insides.before is not None and is_next:
            began_us = next_began_us(insides.before.last_us, insides.first_us, began_us, params)
        return end_us - began_us >= microseconds(params.least_s)

    def _moves_on(self, insides: Insides) -> bool:
        params, lasted_us = self.params.queues, insides.last_us - insides.first_us
        if lasted_us > microseconds(params.longest_s):
            return False
        sights = [self.sights[number - self.base] for number in insides.early]
        self.touched_count += len(sights)
        early = [sight for sight in sights if 3 * (sight.epoch.first_us - insides.first_us) <= lasted_us]
        late = [sight for sight in sights if 3 * (sight.epoch.first_us - insides.first_us) >= 2 * lasted_us]
        if not late:
            return False
        known_mmps = [sight.epoch.speed_mmps for sight in sights if sight.epoch.speed_mmps != UNKNOWN_SPEED]
        thirds = Thirds(
            lasted_us=lasted_us,
            early=seen_of(early),
            late=seen_of(late),
            before=self._seen_at(insides.first - 1),
            after=self._seen_at(insides.last + 1),
            count=len(sights),
            known_count=len(known_mmps),
            still_count=sum(speed_mmps < params.still_mps * MM_PER_M for speed_mmps in known_mmps),
            speeds_mmps=sum(known_mmps),
        )
        return moves_on(thirds, params)

    def _seen_at(self, number: int) -> Seen | None:
        return seen_of([self.sights[number - self.base]]) if 0 <= number < self.end else None

    def _restart_us(self, first: int) -> int | None:
        # The latest epoch before a stay from which the same verdicts and the same stay are found.
        newest = self.epoch(self.end - 1)
        latest = min(first - 1, self.seed)
        for number in range(latest, max(self.free, first - BACK_COUNT, self.base) - 1, -1):
            epoch = self.epoch(number)
            is_clean = not any(start <= epoch.first_us <= end for start, end in self.unclean_us)
            is_known = newest.fixes_through - epoch.fixes_before > self.params.flags.jump_fix_count and (
                newest.last_us - epoch.first_us > microseconds(self.params.flags.jump_longest_s)
            )
            is_apart = all(began > number for seed, began in self.refused if seed >= number)
            if is_clean and is_known and is_apart:
                return epoch.first_us
        return None
