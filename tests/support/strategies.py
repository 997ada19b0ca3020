"""Sites and workers as files may describe them, with every field, for laws about what is kept."""

from hypothesis import strategies as st

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import CustomerId, SiteId, WorkerId
from geo_engine.timespan import ClockWindow
from geo_engine.workforce import BreakRule, Worker

# What the readers let through: no control character, no half of a surrogate pair.
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
SKILL_SETS = st.frozensets(st.sampled_from(["gas", "power", "冷链"]))
POSITIONS = st.builds(Position, st.floats(116.2, 116.6), st.floats(39.8, 40.1))


@st.composite
def clock_windows(draw: st.DrawFn) -> ClockWindow:
    """Return a window that begins in the day and may reach into the next."""
    earliest_s = draw(st.integers(0, 23 * 3600))
    return ClockWindow(earliest_s=earliest_s, latest_s=earliest_s + draw(st.integers(0, 8 * 3600)))


@st.composite
def site_lists(draw: st.DrawFn) -> list[Site]:
    """Return up to six sites with distinct ids."""
    ids = draw(st.lists(TEXTS, min_size=1, max_size=6, unique=True))
    return [
        Site(
            id=SiteId(one),
            name=draw(TEXTS),
            position=draw(POSITIONS),
            address=draw(TEXTS),
            phone=draw(st.just("") | TEXTS),
            notes=draw(st.just("") | TEXTS),
            service_s=draw(st.integers(0, 7200)),
            windows=tuple(sorted(draw(st.lists(clock_windows(), max_size=2)))),
            skills=draw(SKILL_SETS),
            priority=draw(st.integers(0, 100)),
            penalty=draw(st.none() | st.integers(0, 10**10)),
            required=draw(st.booleans()),
            worker_ids=frozenset({WorkerId(draw(TEXTS))}) if draw(st.integers(0, 5)) == 0 else frozenset(),
            amounts=tuple(draw(st.lists(st.integers(0, 1000), max_size=2))),
            customer_id=draw(st.none() | st.builds(CustomerId, TEXTS)),
        )
        for one in ids
    ]


@st.composite
def worker_lists(draw: st.DrawFn) -> list[Worker]:
    """Return up to three workers with distinct ids."""
    return [_worker(draw, one) for one in draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True))]


def _worker(draw: st.DrawFn, worker_id: str) -> Worker:
    begins_s = draw(st.integers(6, 22)) * 3600
    shift = ClockWindow(earliest_s=begins_s, latest_s=begins_s + 3600 * draw(st.integers(2, 10)))
    lunch = BreakRule(duration_s=1800, window=draw(clock_windows()))
    start = draw(POSITIONS)
    return Worker(
        id=WorkerId(worker_id),
        name=draw(TEXTS),
        start=start,
        end=draw(st.none() | st.just(start) | POSITIONS),
        shift=shift,
        breaks=(lunch,) if draw(st.booleans()) else (),
        skills=draw(SKILL_SETS),
        max_visits=draw(st.none() | st.integers(0, 5)),
        max_driving_s=draw(st.none() | st.integers(0, 20_000)),
        capacity=tuple(draw(st.lists(st.integers(0, 2000), max_size=2))),
        cost_fixed=draw(st.floats(0, 10_000)),
        cost_per_hour=draw(st.floats(0, 10_000)),
        cost_per_km=draw(st.floats(0, 100)),
    )
