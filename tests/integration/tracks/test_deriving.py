"""What is derived follows the fixes, in whatever order, number and delay they come."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text
from support.cluster import connected
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.tracked import HERE, WORKER, Tracked, a_morning, fix_at, give_device

from geo_engine.geometry import Position
from geo_engine.outbox.store import list_undelivered
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Fix, Stop, Track, Trip
from geo_engine.tracks.derived import derive
from geo_engine.tracks.derived_store import Span, claim_devices, list_kept, list_spans, supersede
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.ingest import DERIVE_TASK, Ingest
from geo_engine.tracks.timed_lines import timed_ewkb
from geo_engine.tracks.trajectory_store import list_pieces
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

BEGINS = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
LATER = BEGINS + timedelta(days=3)
EVER = TimeSpan(start_at=NOW, end_at=LATER)
DEGREE_M = 111_195.0


@pytest.fixture
def phone(own: OwnDatabase) -> Callable[[], Tracked]:
    """Give what gives another device of a company that tracks always."""
    tenant_id = add_bare_company(own.app, "alpha")
    with own.app.bound(tenant_id) as session:
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=NOW)
    return lambda: give_device(own.app, tenant_id, worn_from=NOW)


def _report(own: OwnDatabase, tracked: Tracked, fixes: Sequence[Fix]) -> None:
    Ingest(own.app).commit([tracked.arrival(*fixes, received_at=LATER)], now=LATER)
    derive_tracks(own.app, tracked.tenant_id, now=lambda: LATER)


def _spans(own: OwnDatabase, tracked: Tracked, *, at: datetime | None = None) -> list[Span]:
    with own.app.bound(tracked.tenant_id) as session:
        return list_spans(session, tracked.device_id, EVER, at=at)


def _pieces(own: OwnDatabase, tracked: Tracked) -> list[bytes]:
    with own.app.bound(tracked.tenant_id) as session:
        return [timed_ewkb(piece.columns) for piece in list_pieces(session, tracked.device_id, EVER)]


def _days(generator: np.random.Generator) -> list[Fix]:
    """Return the fixes of two days, across a midnight: stays and drives, noise, spikes, and silences."""
    moment, east_m, north_m, fixes = BEGINS, 0.0, 0.0, []
    while moment < BEGINS + timedelta(hours=26):
        for _ in range(int(generator.integers(2, 80))):
            moment += timedelta(seconds=float(generator.integers(20, 40)))
            spike_m = 400.0 if generator.random() < 0.01 else 0.0
            fixes.append(_seen(moment, east_m + spike_m, north_m, generator))
        if generator.random() < 0.2:
            moment += timedelta(minutes=float(generator.integers(12, 200)))
        heading = generator.uniform(0.0, 2 * np.pi)
        for _ in range(int(generator.integers(8, 120))):
            moment += timedelta(seconds=30.0)
            east_m, north_m = east_m + 240.0 * np.cos(heading), north_m + 240.0 * np.sin(heading)
            fixes.append(_seen(moment, east_m, north_m, generator))
    return fixes


def _seen(moment: datetime, east_m: float, north_m: float, generator: np.random.Generator) -> Fix:
    east, north = generator.normal((east_m, north_m), 8.0)
    return fix_at(moment, Position(HERE.lon + east / DEGREE_M / 0.77, HERE.lat + north / DEGREE_M), accuracy_m=12.0)


@pytest.mark.parametrize("seed", range(4))
def test_any_order_number_and_delay_of_the_same_fixes_gives_the_same_rows(
    own: OwnDatabase, phone: Callable[[], Tracked], seed: int
) -> None:
    """Reported at once, little by little, or late, twice and out of order: stops, trips, gaps and trajectory agree.

    They are those of the whole track as well.
    """
    generator = np.random.default_rng(seed)
    fixes = _days(generator)
    at_once, in_turn, late = phone(), phone(), phone()

    _report(own, at_once, fixes)
    for part in np.array_split(np.arange(len(fixes)), 12):
        _report(own, in_turn, [fixes[index] for index in part])
    shuffled = np.concatenate((generator.permutation(len(fixes)), generator.integers(0, len(fixes), 50)))
    for part in np.array_split(shuffled, 5):
        _report(own, late, [fixes[index] for index in part])

    found = _spans(own, at_once)
    whole = derive(Track.of(fixes))
    assert len([one for one in found if isinstance(one, Stop)]) > 5
    assert set(found) == {*whole.stops, *whole.trips, *whole.gaps}
    assert _spans(own, in_turn) == found
    assert _spans(own, late) == found
    assert _pieces(own, in_turn) == _pieces(own, at_once)
    assert _pieces(own, late) == _pieces(own, at_once)


def test_a_late_fix_revises_what_was_believed_and_says_so(own: OwnDatabase, phone: Callable[[], Tracked]) -> None:
    """What was believed before can still be read as it was; nothing is told of what had been open anyway."""
    tracked = phone()
    morning, evening = a_morning(BEGINS), a_morning(BEGINS + timedelta(hours=5))
    missing = morning[24:40]
    _report(own, tracked, [fix for fix in (*morning, *evening) if fix not in missing])
    believed = _spans(own, tracked)
    with own.app.bound(tracked.tenant_id) as session:
        before = list_undelivered(session)

    Ingest(own.app).commit([tracked.arrival(*missing, received_at=LATER)], now=LATER)
    derive_tracks(own.app, tracked.tenant_id, now=lambda: LATER + timedelta(hours=1))

    whole = derive(Track.of([*morning, *evening]))
    assert before == ()
    assert set(_spans(own, tracked)) == {*whole.stops, *whole.trips, *whole.gaps} != set(believed)
    assert _spans(own, tracked, at=LATER) == believed
    with own.app.bound(tracked.tenant_id) as session:
        told = list_undelivered(session)
    assert [(event.topic, event.payload["on"]) for event in told] == [("track.revised", BEGINS.date().isoformat())]


def test_what_was_settled_meanwhile_is_superseded_and_not_lost(own: OwnDatabase, phone: Callable[[], Tracked]) -> None:
    """Read as open, believed for good by the time it no longer holds: it stays on record, what is still open goes."""
    tracked = phone()
    _report(own, tracked, a_morning(BEGINS)[:-1])
    believed = _spans(own, tracked)

    with own.app.bound(tracked.tenant_id) as session:
        kept = list_kept(session, tracked.device_id, from_at=BEGINS)
        with own.app.bound(tracked.tenant_id) as clock:
            clock.execute(text("update trip set is_open = false"))
        superseded = supersede(session, kept, now=LATER + timedelta(hours=1))

    trips = [span for span in believed if isinstance(span, Trip)]
    assert [one.is_open for one in kept if isinstance(one.span, Trip)] == [True]
    assert [span for span in superseded if isinstance(span, Trip)] == trips
    assert _spans(own, tracked) == []
    assert _spans(own, tracked, at=LATER) == sorted(superseded, key=lambda span: span.started_at) != believed


def test_what_two_workers_derive_at_once_is_derived_once(own: OwnDatabase, phone: Callable[[], Tracked]) -> None:
    """Claimed twice, as when somebody died in between: the rows are there once, and nothing is left to do."""
    tracked = phone()
    Ingest(own.app).commit([tracked.arrival(*a_morning(BEGINS), received_at=LATER)], now=LATER)
    with own.app.bound(tracked.tenant_id) as session:
        claim_devices(session, limit=10)

    first = derive_tracks(own.app, tracked.tenant_id, now=lambda: LATER)
    second = derive_tracks(own.app, tracked.tenant_id, now=lambda: LATER)

    whole = derive(Track.of(a_morning(BEGINS)))
    assert (first, second) == (1, 0)
    assert len(_spans(own, tracked)) == len([*whole.stops, *whole.trips, *whole.gaps])


def _waiting(own: OwnDatabase) -> list[str]:
    with connected(own.cluster, database=own.name) as server:
        return [name for (name,) in server.execute("delete from procrastinate_jobs returning task_name")]


def test_a_batch_is_done_at_a_time_the_longest_waiting_first(own: OwnDatabase, phone: Callable[[], Tracked]) -> None:
    """Then it is another company's turn: while more may wait the queue is asked again, also when it is asked later."""
    phones = sorted((phone() for _ in range(3)), key=lambda one: one.device_id, reverse=True)
    for hours, one in enumerate(phones):
        arrival = one.arrival(fix_at(BEGINS + timedelta(hours=hours)), received_at=LATER)
        Ingest(own.app).commit([arrival], now=LATER)
    tenant_id, asked, found = phones[0].tenant_id, [], []

    for _ in range(2):
        assert derive_tracks(own.app, tenant_id, now=lambda: LATER, at_once=2) in {1, 2}
        with own.app.bound(tenant_id) as session:
            derived = set(session.scalars(text("select device_id from track_state")))
        found.append([one.device_id in derived for one in phones])
        asked.append(_waiting(own))

    assert found == [[True, True, False], [True, True, True]]
    assert asked == [[DERIVE_TASK, DERIVE_TASK], []]


def test_a_device_that_cannot_be_derived_keeps_no_other_from_being(
    own: OwnDatabase, phone: Callable[[], Tracked], caplog: pytest.LogCaptureFixture
) -> None:
    """It is told without where it was, asks for nothing by itself, and is derived once it can be."""
    broken, sound = phone(), phone()
    _report(own, broken, a_morning(BEGINS))
    with own.app.bound(broken.tenant_id) as session:
        session.execute(text("update track_state set state = (state::jsonb || '{\"state\": [116.397]}')::json"))
    for one in (broken, sound):
        arrival = one.arrival(*a_morning(BEGINS + timedelta(hours=2)), received_at=LATER)
        Ingest(own.app).commit([arrival], now=LATER)
    _waiting(own)

    counts = [derive_tracks(own.app, sound.tenant_id, now=lambda: LATER, at_once=2) for _ in range(2)]

    assert counts == [1, 0]
    assert _spans(own, sound)
    assert _waiting(own) == [DERIVE_TASK]
    assert caplog.text.count(str(broken.device_id)) == 2
    assert "TypeError at" in caplog.text
    assert "not iterable" not in caplog.text
    with own.app.bound(broken.tenant_id) as session:
        session.execute(text("delete from track_state where state::text like '%116.397%'"))
    assert derive_tracks(own.app, sound.tenant_id, now=lambda: LATER) == 1


def test_what_is_derived_tells_when_it_was_written(own: OwnDatabase, phone: Callable[[], Tracked]) -> None:
    """Each device's rows carry the moment of their own, not that of the batch."""
    phones, moments = [phone(), phone()], iter([LATER, LATER + timedelta(minutes=1)])
    for one in phones:
        Ingest(own.app).commit([one.arrival(*a_morning(BEGINS), received_at=LATER)], now=LATER)

    derive_tracks(own.app, phones[0].tenant_id, now=lambda: next(moments))

    with own.app.bound(phones[0].tenant_id) as session:
        written = session.scalars(text("select distinct derived_at from stop order by 1")).all()
    assert written == [LATER, LATER + timedelta(minutes=1)]
