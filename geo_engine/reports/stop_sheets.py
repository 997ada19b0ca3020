"""stops-<worker>.csv: a worker's day as a sheet that opens right in Excel, and its safe file name."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from geo_engine.geometry import Position
from geo_engine.ids import WorkerId
from geo_engine.planning import Route
from geo_engine.planning.day import DayPlan
from geo_engine.reports.names import site_name
from geo_engine.reports.paths import mode_of
from geo_engine.reports.waiting import waiting_s
from geo_engine.tables.csv_sheets import render_sheet
from geo_engine.tables.formulas import inert
from geo_engine.timespan import local_clock
from geo_engine.travel_modes import MODE_WORDS, TravelMode
from geo_engine.words import Language, Message

_MAX_NAME_BYTES = 120
_HEADINGS = (
    Message("No."),
    Message("Kind"),
    Message("Arrival"),
    Message("From"),
    Message("To"),
    Message("Waiting (min)"),
    Message("Travel (min)"),
    Message("Distance (km)"),
    Message("Job"),
    Message("Name"),
    Message("Address"),
    Message("Longitude"),
    Message("Latitude"),
)
_START, _VISIT, _BREAK, _END = Message("Start"), Message("Visit"), Message("Break"), Message("End")

type _Row = tuple[str, ...]


def render_stop_sheet(route: Route, day: DayPlan, language: Language) -> str:
    """Return the CSV of one route: start, visits and breaks by time, and end.

    Notes
    -----
    As `render_sheet` has it. How the worker travels stands at the start where it is not by car. A text that a
    spreadsheet would run as a formula is `inert`; numbers never are. Times of the next day carry ``+1``.
    """
    return render_sheet([[heading.render(language) for heading in _HEADINGS], *_rows(route, day, language)])


def _rows(route: Route, day: DayPlan, language: Language) -> Iterator[_Row]:
    start, pause, end = (kind.render(language) for kind in (_START, _BREAK, _END))
    mode = mode_of(route.worker_id, day)
    goes = "" if mode is TravelMode.CAR else MODE_WORDS[mode].render(language)
    yield _row(kind=start, begins=_clock(route.start_at, day), texts=("", goes, ""), position=route.start)
    timed = [
        (visit.start_at, 1, _visit_row(i, route, day, language)) for i, visit in enumerate(route.planned_visits, 1)
    ]
    for rest in route.breaks:
        begins, ends = _clock(rest.start_at, day), _clock(rest.end_at, day)
        timed.append((rest.start_at, 0, _row(kind=pause, begins=begins, ends=ends)))
    yield from (row for _, _, row in sorted(timed, key=lambda entry: entry[:2]))
    travel_s = route.travel_s - sum(visit.travel_s for visit in route.planned_visits)
    travel_m = route.travel_m - sum(visit.travel_m for visit in route.planned_visits)
    arrival = _clock(route.end_at, day)
    if route.end is not None:
        yield _row(kind=end, arrival=arrival, travel=_travel(travel_s, travel_m), position=route.end)


def _visit_row(sequence: int, route: Route, day: DayPlan, language: Language) -> _Row:
    visit = route.planned_visits[sequence - 1]
    site = day.sites.get(visit.job_id)
    return _row(
        sequence=str(sequence),
        kind=_VISIT.render(language),
        arrival=_clock(visit.arrival_at, day),
        begins=_clock(visit.start_at, day),
        ends=_clock(visit.end_at, day),
        waiting=_minutes(waiting_s(visit, route)),
        travel=_travel(visit.travel_s, visit.travel_m),
        texts=(visit.job_id, site_name(visit.job_id, day), site.address if site else ""),
        position=visit.position,
    )


def _clock(moment: datetime, day: DayPlan) -> str:
    return local_clock(moment, service_on=day.service_on, zone=day.zone)


def _row(
    *,
    kind: str,
    sequence: str = "",
    arrival: str = "",
    begins: str = "",
    ends: str = "",
    waiting: str = "",
    travel: tuple[str, str] = ("", ""),
    texts: tuple[str, str, str] = ("", "", ""),
    position: Position | None = None,
) -> _Row:
    place = ("", "") if position is None else (f"{position.lon:.6f}", f"{position.lat:.6f}")
    return (sequence, kind, arrival, begins, ends, waiting, *travel, *(inert(text) for text in texts), *place)


def _travel(travel_s: int, travel_m: int) -> tuple[str, str]:
    return _minutes(travel_s), f"{travel_m / 1000:.1f}"


def _minutes(duration_s: int) -> str:
    return f"{duration_s / 60:.0f}"


def stop_sheet_names(worker_ids: Iterable[WorkerId]) -> Mapping[WorkerId, str]:
    """Return a distinct file name for each worker that is safe in any folder of any system.

    Notes
    -----
    Letters, digits, ``. _ -`` of any script stay; anything else becomes ``_``. An id that had to be changed,
    or that differs from another only by case, gets ``~`` and eight digits of its SHA-256; ``~`` stays in no id.
    """
    cleaned = {worker_id: _clean(worker_id) for worker_id in worker_ids}
    uses = Counter(name.casefold() for name in cleaned.values())
    return {
        worker_id: f"stops-{name}.csv"
        if name == worker_id and uses[name.casefold()] == 1
        else f"stops-{name}~{hashlib.sha256(worker_id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}.csv"
        for worker_id, name in cleaned.items()
    }


def _clean(text: str) -> str:
    name = re.sub(r"[^\w.-]", "_", unicodedata.normalize("NFC", text)).lstrip(".")
    return name.encode("utf-8", "ignore")[:_MAX_NAME_BYTES].decode("utf-8", "ignore")
