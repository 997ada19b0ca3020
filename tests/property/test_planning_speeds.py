"""Laws of travel by the hour: who leaves later never arrives sooner, and the latest departure is the latest."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from support.problems import MIDNIGHT

from geo_engine.planning.driving import latest_departure_s, soonest_drive
from geo_engine.planning.problem import BreakSlot
from geo_engine.planning.travel.speeds import HourlySpeeds, Speeds

LEAVES = st.integers(0, 86_400)
LEGS = st.integers(0, 20_000)


@st.composite
def some_speeds(draw: st.DrawFn) -> Speeds:
    """Draw a day's speeds; one hour at least is not at full speed."""
    percents = draw(st.lists(st.integers(10, 300), min_size=24, max_size=24).filter(lambda some: set(some) != {100}))
    zone = ZoneInfo(draw(st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu"])))
    found = HourlySpeeds(percents=tuple(percents), zone=zone).since(MIDNIGHT, 86_400)
    assert found is not None
    return found


@st.composite
def some_breaks(draw: st.DrawFn) -> list[BreakSlot]:
    """Draw up to two breaks."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        first = draw(st.integers(0, 86_400))
        last = first + draw(st.integers(0, 7_200))
        found.append(BreakSlot(duration_s=draw(st.integers(1, 3_600)), earliest_s=first, latest_s=last))
    return found


@given(speeds=some_speeds(), leaves_s=LEAVES, later_s=st.integers(0, 7_200), leg_s=LEGS)
def test_who_leaves_later_never_arrives_sooner(speeds: Speeds, leaves_s: int, later_s: int, leg_s: int) -> None:
    """FIFO holds to the second, and no second of the way is lost or won by rounding in between."""
    arrives_s = speeds.arrives_s(leaves_s, leg_s)

    assert leaves_s <= arrives_s <= speeds.arrives_s(leaves_s + later_s, leg_s)
    assert speeds.done(arrives_s) >= speeds.done(leaves_s) + 100 * leg_s
    assert leg_s == 0 or speeds.done(arrives_s - 1) < speeds.done(leaves_s) + 100 * leg_s


@given(speeds=some_speeds(), by_s=LEAVES, leg_s=LEGS)
def test_the_latest_departure_is_the_last_that_is_in_time(speeds: Speeds, by_s: int, leg_s: int) -> None:
    """Leaving then one is there by the moment, a second later one is not."""
    leaves_s = speeds.leaves_by_s(by_s, leg_s)

    assert speeds.arrives_s(leaves_s, leg_s) <= by_s < speeds.arrives_s(leaves_s + 1, leg_s)


@given(speeds=some_speeds(), slots=some_breaks(), leaves_s=LEAVES, later_s=st.integers(0, 7_200), leg_s=LEGS)
def test_with_breaks_too_who_leaves_later_is_never_done_sooner(
    speeds: Speeds, slots: list[BreakSlot], leaves_s: int, later_s: int, leg_s: int
) -> None:
    """And what cannot be kept leaving early cannot be kept leaving late."""
    early = soonest_drive(speeds, slots, leaves_s, leg_s)
    late = soonest_drive(speeds, slots, leaves_s + later_s, leg_s)

    assert late is None or (early is not None and early.ready_s <= late.ready_s)


@given(speeds=some_speeds(), slots=some_breaks(), leaves_s=LEAVES, leg_s=LEGS, spare_s=st.integers(0, 7_200))
def test_with_breaks_too_the_latest_departure_is_the_last_that_is_in_time(
    speeds: Speeds, slots: list[BreakSlot], leaves_s: int, leg_s: int, spare_s: int
) -> None:
    """It keeps every break's window and the moment; a second later one of them is missed."""
    early = soonest_drive(speeds, slots, leaves_s, leg_s)
    if early is None:
        return
    by_s = early.ready_s + spare_s

    latest_s = latest_departure_s(speeds, slots, leg_s, leaves_s=leaves_s, ready_by_s=by_s)

    kept, lost = (soonest_drive(speeds, slots, latest_s + more_s, leg_s) for more_s in (0, 1))
    assert kept is not None
    assert kept.ready_s <= by_s
    assert lost is None or lost.ready_s > by_s
