"""Looks and passes as people read them: names, clock times of the company, links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from geo_engine.geometry import Position
from geo_engine.tracks.looking import WorkerPass
from geo_engine.tracks.looks import ToldLook
from web.auditor.links import at_moment, day_url
from web.auditor.tokens import Said
from web.people import me


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """Looks of one person at one thing for one purpose that followed each other.

    Parameters
    ----------
    look
        The last of them.
    first_at
        When the first was.
    """

    look: ToldLook
    first_at: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPass:
    """A pass, by the clocks of the company, and where its moment is replayed."""

    found: WorkerPass
    started_at: datetime
    ended_at: datetime
    url: str


def told_rows(looks: Iterable[ToldLook]) -> list[ToldRow]:
    """Return looks, newest first; those that differ in their moment alone, as a page opened again does, are one."""
    rows = []
    for _, same in groupby(looks, key=_what):
        group = list(same)
        rows.append(ToldRow(look=group[0], first_at=group[-1].happened_at, count=len(group)))
    return rows


def found_passes(passes: Sequence[WorkerPass], place: Position, said: Said) -> list[FoundPass]:
    """Return passes with links to their moments, for what they were looked for."""
    return [_found_pass(one, place, said) for one in passes]


def _found_pass(found: WorkerPass, place: Position, said: Said) -> FoundPass:
    started_at, ended_at = (moment.astimezone(me().zone) for moment in (found.near.started_at, found.near.ended_at))
    page = day_url(found.worker_id, started_at.date(), said, device_id=found.device_id)
    return FoundPass(
        found=found, started_at=started_at, ended_at=ended_at, url=page + at_moment(found.near.started_at, place)
    )


def _what(look: ToldLook) -> tuple[ToldLook, str]:
    day = look.happened_at.astimezone(me().zone).date()
    return replace(look, happened_at=datetime.min), day.isoformat()  # noqa: DTZ901 - stands for any moment
