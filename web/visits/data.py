"""What the maps of the pages of visits are told: a day's sites by their state, and what lies around one visit."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from flask import url_for

from geo_engine.geometry import Position
from geo_engine.tracks.flags import usable_indices
from geo_engine.tracks.model import to_microseconds, to_moment
from geo_engine.tracks.worker_days import WorkerDay, WornTrack
from geo_engine.visits.overview import VisitFile
from geo_engine.visits.reviewing import span_of_visit
from geo_engine.words import Language
from web.backgrounds import find_background_url
from web.fences.data import fence_data
from web.visits.day_rows import WorkerRows
from web.visits.evidence import photos_of
from web.visits.page_words import visit_words

AROUND = timedelta(minutes=20)
"""How long before a visit and after it the worker's track is shown."""
MOST_FIXES = 1_500
"""So many fixes of a device are drawn at the most; of more each second one, or fewer."""


def map_data(language: Language, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what a page adds
    """Return what every map of these pages is told, and what a page adds."""
    words = {language.value: visit_words(language)}
    return {"language": language.value, "words": words, "background_url": find_background_url(), **more}


def places_of(workers: Iterable[WorkerRows], language: Language) -> list[dict[str, Any]]:
    """Return where a day's rows are, what is known of each, and where there is more."""
    return [
        {
            **_point(row.place),
            "state": row.state,
            "text": " · ".join(
                part for part in (row.came, row.site, worker.worker.name or worker.worker.id) if part is not None
            ),
            "note": row.state_name.render(language),
            "url": None if row.visit_id is None else url_for("visits.one", visit_id=row.visit_id),
        }
        for worker in workers
        for row in worker.rows
        if row.place is not None
    ]


def evidence_data(file: VisitFile, days: Iterable[WorkerDay], zone: ZoneInfo) -> dict[str, Any]:
    """Return what the map of a visit shows; of the track what the days hold that were opened."""
    visit = file.kept.visit
    site = file.sites.get(visit.site_id)
    return {
        "fence": None if file.fence is None else fence_data(file.fence, may_change=False),
        "site": None if site is None else _point(site.position),
        "check_ins": [
            {**_point(at.position), "accuracy_m": at.accuracy_m, "at": _clock(at.tracked_at, zone)}
            for check_in in visit.check_ins
            for at in check_in.found
        ],
        "photos": [_point(photo.position) for photo in photos_of(visit) if photo.position is not None],
        "tracks": [track for day in days for track in _tracks(file, day, zone)],
    }


def _tracks(file: VisitFile, day: WorkerDay, zone: ZoneInfo) -> list[list[list[Any]]]:
    span = span_of_visit(file.kept.visit)
    from_us, until_us = to_microseconds(span.start_at - AROUND), to_microseconds(span.end_at + AROUND)
    return [found for worn in day.worn if (found := _fixes(worn, from_us, until_us, zone))]


def _fixes(worn: WornTrack, from_us: int, until_us: int, zone: ZoneInfo) -> list[list[Any]]:
    """Return the usable fixes of a span: lon, lat, accuracy in metres or None, clock time, seconds since the first."""
    track, usable = worn.track, usable_indices(worn.flags)
    times_us = track.times_us[usable]
    near = usable[(times_us >= from_us) & (times_us <= until_us)]
    near = near[:: max(1, -(-len(near) // MOST_FIXES))]
    return [_fix(worn, index, from_us, zone) for index in near.tolist()]


def _fix(worn: WornTrack, index: int, from_us: int, zone: ZoneInfo) -> list[Any]:
    track = worn.track
    accuracy_m = float(track.accuracies_m[index])
    return [
        round(float(track.lons_deg[index]), 7),
        round(float(track.lats_deg[index]), 7),
        round(accuracy_m, 1) if np.isfinite(accuracy_m) else None,
        _clock(to_moment(int(track.times_us[index])), zone),
        (int(track.times_us[index]) - from_us) // 1_000_000,
    ]


def _point(position: Position) -> dict[str, Any]:
    return {"lon": position.lon, "lat": position.lat}


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M:%S}"
