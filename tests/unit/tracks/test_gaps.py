"""What was missed of a shift, why, and which silences nobody was to break."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from geo_engine.geometry import Position
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.flags import flag_fixes
from geo_engine.tracks.gaps import detect_gaps, explain_gaps
from geo_engine.tracks.model import Fix, Gap, GapCause, Track

MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)
LEAST = 10
"""Minutes: what is longer is a gap."""
MINUTES = st.integers(min_value=0, max_value=180)


def _at(minute: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def _span(start: float, end: float) -> TimeSpan:
    return TimeSpan(start_at=_at(start), end_at=_at(end))


SPANS = st.tuples(MINUTES, MINUTES).filter(lambda ends: ends[0] < ends[1])


def _heard(*minutes: float, battery_percent: float | None = None) -> Track:
    return Track.in_order(
        [
            Fix(
                device=None,
                tracked_at=_at(minute),
                position=Position(7.42, 43.73 + minute / 1e4),
                battery_percent=battery_percent,
            )
            for minute in sorted(minutes)
        ]
    )


def _told(track: Track, *, span: TimeSpan, on_shift: list[TimeSpan]) -> list[tuple[float, float, GapCause]]:
    flags = flag_fixes(track)
    gaps: tuple[Gap, ...] = explain_gaps(track, flags, detect_gaps(track, flags), span=span, on_shift=on_shift)
    return [
        ((gap.started_at - MIDNIGHT).total_seconds() / 60, (gap.ended_at - MIDNIGHT).total_seconds() / 60, gap.cause)
        for gap in gaps
    ]


def test_a_shift_is_missed_before_the_first_fix_between_two_and_after_the_last() -> None:
    """At its ends a quarter of an hour is nobody's."""
    track = _heard(70, 75, 100, 105)

    gaps = _told(track, span=_span(0, 180), on_shift=[_span(30, 150)])
    hardly = _told(_heard(50, 59, 68, 77), span=_span(0, 180), on_shift=[_span(30, 101)])

    assert gaps == [(45, 70, GapCause.UNKNOWN), (75, 100, GapCause.UNKNOWN), (105, 135, GapCause.UNKNOWN)]
    assert hardly == []


def test_nothing_is_missed_where_the_day_cuts_a_shift() -> None:
    """Whoever is tracked always has no shift to begin late, and a night goes on behind midnight."""
    assert _told(_heard(70, 75), span=_span(0, 180), on_shift=[_span(-60, 240)]) == []


def test_a_shift_without_any_fix_is_a_gap() -> None:
    """Nothing was heard: the whole shift is missing."""
    assert _told(_heard(), span=_span(0, 180), on_shift=[_span(30, 150)]) == [(45, 135, GapCause.UNKNOWN)]


def test_nobody_was_to_be_heard_between_two_shifts() -> None:
    """The silence of a lunch break is told as what it is, and only what reaches into the shifts as missed."""
    track = _heard(0, 5, 115, 120)

    gaps = _told(track, span=_span(0, 120), on_shift=[_span(0, 40), _span(90, 180)])

    assert gaps == [(5, 40, GapCause.UNKNOWN), (40, 90, GapCause.OFF_SHIFT), (90, 115, GapCause.UNKNOWN)]


def test_what_was_recorded_before_a_late_clock_in_is_not_said_to_lie_off_shift() -> None:
    """The plan had it recorded: fixes stand on both sides, and the page would contradict itself."""
    gaps = _told(_heard(0, 5, 25, 30, 60, 65), span=_span(0, 120), on_shift=[_span(58, 66)])

    assert gaps == [(5, 25, GapCause.UNKNOWN), (30, 58, GapCause.OFF_SHIFT)]


def test_a_silence_from_the_end_of_one_shift_to_the_begin_of_the_next_is_off_shift() -> None:
    """The last fix was the gate's last moment, and so was the first its first; also where midnight cuts the night."""
    on_shift = [_span(0, 40), _span(120, 180)]

    night = _told(_heard(30, 40, 120, 130), span=_span(0, 180), on_shift=on_shift)
    evening, morning = (
        _told(_heard(30, 40, 120, 130), span=span, on_shift=on_shift) for span in (_span(0, 80), _span(80, 180))
    )

    assert night == [(40, 120, GapCause.OFF_SHIFT)]
    assert evening == [(40, 80, GapCause.OFF_SHIFT)]
    assert morning == [(80, 120, GapCause.OFF_SHIFT)]


def test_an_almost_empty_battery_explains_what_follows() -> None:
    """With three percent the phone went out; with sixty nobody knows."""
    on_shift = [_span(0, 60)]

    empty = _told(_heard(0, 5, 10, battery_percent=3), span=_span(0, 90), on_shift=on_shift)
    full = _told(_heard(0, 5, 10, battery_percent=60), span=_span(0, 90), on_shift=on_shift)

    assert (empty, full) == ([(10, 45, GapCause.BATTERY)], [(10, 45, GapCause.UNKNOWN)])


@given(fixes=st.sets(MINUTES), shifts=st.lists(SPANS, max_size=4), span=SPANS)
def test_each_minute_between_fixes_is_told_as_a_count_of_minutes_tells_it(
    fixes: set[int], shifts: list[tuple[int, int]], span: tuple[int, int]
) -> None:
    """Overlapping shifts and fixes outside change nothing: minute by minute it is on shift or not, silent or not."""
    here = sorted(minute for minute in fixes if span[0] <= minute < span[1])

    gaps = _told(_heard(*here), span=_span(*span), on_shift=[_span(*shift) for shift in shifts])

    told = [(minute, cause) for start, end, cause in gaps for minute in range(int(start), int(end))]
    assert Counter(one for one in told if here and here[0] <= one[0] < here[-1]) == Counter(_counted(here, shifts))
    assert all(_is_in(minute, shifts) for minute, _ in told if not (here and here[0] <= minute < here[-1]))


def _is_in(minute: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= minute < end for start, end in spans)


def _counted(fixes: list[int], shifts: list[tuple[int, int]]) -> list[tuple[int, GapCause]]:
    found = []
    for start, end in pairwise(fixes):
        for is_on, run in groupby(range(start, end), lambda minute: _is_in(minute, shifts)):
            minutes = list(run)
            if end - start > LEAST and len(minutes) > LEAST:
                is_off = not is_on and any(first <= end and start <= last for first, last in shifts)
                found += [(minute, GapCause.OFF_SHIFT if is_off else GapCause.UNKNOWN) for minute in minutes]
    return found
