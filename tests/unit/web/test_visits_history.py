"""The history of a visit: what was worked out anew without another verdict, site or word is one event."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.geometry import Position
from geo_engine.ids import DecisionId, SiteId, VisitId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits import Judgement, Verdict
from geo_engine.visits.day import Visit
from geo_engine.visits.kept import Decision, DecisionKind, KeptVisit
from geo_engine.visits.overview import VisitFile
from geo_engine.words import Language
from geo_engine.workforce import Worker
from web.visits.evidence import history_of

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
HERE, THERE = SiteId("here"), SiteId("there")
AT_US = to_microseconds(AT)
ENTERED = Crossing(at_us=AT_US, earliest_us=AT_US, latest_us=AT_US)
A_VISIT = Visit(
    id=VisitId(uuid4()),
    worker_id=WorkerId("w"),
    service_on=date(2026, 11, 25),
    site_id=HERE,
    stop=None,
    presence=Presence(device=0, fence=0, entered=ENTERED, seen_until_us=AT_US, left=None, evidence=4.0),
    fence_id=None,
    fence_version=None,
    candidates=(),
    check_ins=(),
    photos=(),
    judgement=Judgement(verdict=Verdict.LIKELY, odds=0.0, reasons=()),
)


def _file(*beliefs: tuple[Verdict, SiteId], decided_after: int | None = None) -> VisitFile:
    """Return what is kept of a visit believed otherwise each minute, decided so many minutes and a half after."""
    moments = [AT + timedelta(minutes=number) for number in range(len(beliefs))]
    kept = [
        KeptVisit(
            visit=replace(A_VISIT, site_id=site_id, judgement=replace(A_VISIT.judgement, verdict=verdict)),
            derived_at=at,
            superseded_at=until,
        )
        for (verdict, site_id), at, until in zip(beliefs, moments, [*moments[1:], None], strict=True)
    ]
    decided = ()
    if decided_after is not None:
        decided = (
            Decision(
                id=DecisionId(uuid4()),
                visit_id=A_VISIT.id,
                worker_id=A_VISIT.worker_id,
                service_on=A_VISIT.service_on,
                kind=DecisionKind.ACCEPTED,
                span=TimeSpan(start_at=AT, end_at=AT + timedelta(hours=1)),
                decided_at=AT + timedelta(minutes=decided_after + 0.5),
            ),
        )
    return VisitFile(
        history=tuple(reversed(kept)),
        worker=Worker(id=A_VISIT.worker_id, name="Li", start=Position(7.42, 43.73)),
        sites={},
        fence=None,
        decisions=decided,
        leg=None,
    )


def _told(file: VisitFile) -> Sequence[tuple[str, str, int]]:
    return [(one.when[-5:], one.words.render(Language.EN), len(one.steps)) for one in history_of(file, ZONE)]


def test_what_changes_nothing_is_one_event() -> None:
    """From when it was believed first until it was believed last, with each time it was worked out within."""
    unsure, sure = (Verdict.INSUFFICIENT, HERE), (Verdict.CONFIRMED, HERE)

    told = _told(_file(unsure, unsure, sure, sure, sure))

    assert told == [
        ("10:02", "Believed until now: here, Confirmed", 3),
        ("10:00", "Believed until 2026-11-25 10:02: here, Not enough evidence", 2),
    ]


def test_another_verdict_or_site_is_told() -> None:
    """Also where it is as it was before."""
    told = _told(_file((Verdict.LIKELY, HERE), (Verdict.LIKELY, THERE), (Verdict.LIKELY, HERE)))

    assert [(words.rpartition(": ")[2], steps) for _, words, steps in told] == [
        ("here, Likely", 0),
        ("there, Likely", 0),
        ("here, Likely", 0),
    ]


def test_a_word_stands_between_what_was_believed_before_and_after() -> None:
    """Of the same verdict and site as it may be: whoever reads it sees what was known then."""
    likely = (Verdict.LIKELY, HERE)

    told = _told(_file(likely, likely, likely, decided_after=1))

    assert [(when, words) for when, words, _ in told] == [
        ("10:02", "Believed until now: here, Likely"),
        ("10:01", "Accepted"),
        ("10:00", "Believed until 2026-11-25 10:02: here, Likely"),
    ]
