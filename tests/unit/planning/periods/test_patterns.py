"""The cheapest days that keep a rule, against trying all of them."""

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from geo_engine.planning.periods.patterns import LATE_PRICE, MISSED_PRICE, NEVER, Beat, Cycle, cheapest, late_days


@st.composite
def beats(draw: st.DrawFn) -> Beat:
    """Draw a rule of up to three short cycles over some of their days."""
    length, count = draw(st.integers(3, 5)), draw(st.integers(1, 3))
    days = draw(st.lists(st.integers(0, length * count - 1), max_size=8, unique=True).map(sorted))
    due = draw(st.integers(1, 2))
    least = draw(st.integers(1, 4))
    return Beat(
        days=tuple(days),
        min_gap=least,
        max_gap=draw(st.integers(least, 9)),
        last=draw(st.none() | st.integers(-6, -1)),
        cycles=tuple(
            Cycle(first=length * n, last=length * (n + 1) - 1, due=due, most=draw(st.integers(due, 2)))
            for n in range(count)
        ),
        next_day=length * count,
    )


def _price(beat: Beat, days: tuple[int, ...], costs: list[float]) -> float:
    """Say what a pattern costs, straight from the words of a rule."""
    known = [*([] if beat.last is None else [beat.last]), *days]
    counts = [sum(cycle.first <= day <= cycle.last for day in days) for cycle in beat.cycles]
    if any(after - before < beat.min_gap for before, after in pairwise(known)):
        return NEVER
    if any(count > cycle.most for count, cycle in zip(counts, beat.cycles, strict=True)):
        return NEVER
    late = sum(max(0, after - before - beat.max_gap) for before, after in pairwise([*known, beat.next_day]))
    missed = sum(max(0, cycle.due - count) for count, cycle in zip(counts, beat.cycles, strict=True))
    return sum(costs[day] for day in days) + late * LATE_PRICE + missed * MISSED_PRICE


@given(beats(), st.lists(st.integers(-50, 200) | st.just(NEVER), min_size=15, max_size=15))
def test_the_pattern_found_is_the_cheapest_of_all(beat: Beat, costs: list[float]) -> None:
    """No other choice of days costs less, what is missed and late included; the price of that is told."""
    found = cheapest(beat, costs)

    every = [days for count in range(len(beat.days) + 1) for days in combinations(beat.days, count)]
    best = min(_price(beat, days, costs) for days in every)
    assert found.cost == best == _price(beat, found.days, costs)
    assert found.penalty == found.cost - sum(costs[day] for day in found.days)


def test_what_comes_late_says_by_when_it_was_due() -> None:
    """A gap beyond the most days is told with the day before which the visit was due."""
    beat = Beat(days=(0, 9), min_gap=1, max_gap=4, last=-1, cycles=(), next_day=20)

    assert list(late_days(beat, (0, 9))) == [(4, 9), (13, None)]
