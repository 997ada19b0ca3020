"""The columns, or properties, a fence has in a file, and how a row becomes a fence."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import inf

from geo_engine.errors import InvalidInput
from geo_engine.geofences.files.model import FencesRead
from geo_engine.geofences.model import Geofence, Schedule
from geo_engine.geofences.shapes import Drawn, shape_of
from geo_engine.geometry.crs import Crs
from geo_engine.ids import GeofenceId, SiteId, parse_id, parse_name
from geo_engine.tables.fields import Layout, RowReader, all_problems, read_ids, row_readers
from geo_engine.tables.model import Table
from geo_engine.tables.parsers import parse_number, parse_whole, parse_windows, parse_words
from geo_engine.timespan import DAY_S
from geo_engine.words import Message

NAMED: Sequence[Sequence[str]] = (("id",), ("name",))
DRAWN: Sequence[Sequence[str]] = (("wkt",), ("area",))
"""The columns of which a file needs one."""
LAYOUT = Layout(
    aliases={
        **dict.fromkeys(("编号", "围栏编号", "fence_id", "geofence_id"), "id"),
        **dict.fromkeys(("名称", "围栏名称", "title"), "name"),
        **dict.fromkeys(("几何", "范围", "geometry", "geom", "the_geom"), "wkt"),
        **dict.fromkeys(("area",), "area"),
        **dict.fromkeys(("半径", "radius"), "radius_m"),
        **dict.fromkeys(("宽度", "width"), "width_m"),
        **dict.fromkeys(("buffer", "polylinedistance"), "buffer_m"),
        **dict.fromkeys(("网点", "网点编号", "site"), "site_id"),
        **dict.fromkeys(("时间窗", "生效时间", "hours", "schedule", "window"), "windows"),
        **dict.fromkeys(("星期", "生效星期", "days"), "weekdays"),
        **dict.fromkeys(("停留秒数", "dwell"), "dwell_s"),
    },
    lists=frozenset({"windows", "weekdays"}),
    needed=(),
)
_DAYS = re.compile(r"([1-7])(?:[-–]([1-7]))?")


def read_rows(
    table: Table,
    needed: Sequence[Sequence[Sequence[str]]],
    drawn: Callable[[RowReader], Drawn],
    *,
    crs: Crs,
    repairs: bool,
) -> FencesRead:
    """Return the fences that rows describe.

    Parameters
    ----------
    needed
        Of which columns the table has to have one each.
    drawn
        Gives the geometry of a row, or raises InvalidInput.

    Raises
    ------
    InvalidInput
        When a needed column is missing or two columns mean the same.
    """
    layout = replace(LAYOUT, needed=needed)
    readers = row_readers(table, layout)
    ids = read_ids(readers, otherwise="name")
    found = [_fence(reader, one, drawn, crs=crs, repairs=repairs) for reader, one in zip(readers, ids, strict=True)]
    kept = [(fence, reader.line) for fence, reader in zip(found, readers, strict=True) if fence is not None]
    return FencesRead(
        fences=tuple(fence for fence, _ in kept),
        lines=tuple(line for _, line in kept),
        problems=all_problems(table, layout, readers),
    )


def parse_weekdays(text: str) -> frozenset[int]:
    """Return the days of the week that a text lists, 1 (Monday) to 7.

    Raises
    ------
    InvalidInput
        When it lists anything else.

    Examples
    --------
    >>> sorted(parse_weekdays("1-5;7"))
    [1, 2, 3, 4, 5, 7]
    """
    days: set[int] = set()
    for word in parse_words(text):
        found = _DAYS.fullmatch(word)
        if found is None or int(found[2] or found[1]) < int(found[1]):
            raise InvalidInput(
                Message("“{text}” does not list days of the week such as 1-5 or 6;7: 1 is Monday.", {"text": text})
            )
        days |= set(range(int(found[1]), int(found[2] or found[1]) + 1))
    return frozenset(days)


def _fence(
    reader: RowReader, fence_id: str, drawn: Callable[[RowReader], Drawn], *, crs: Crs, repairs: bool
) -> Geofence | None:
    try:
        shape = shape_of(_sized(reader, drawn(reader)), crs=crs, repairs=repairs)
        schedule = Schedule(windows=reader.read("windows", parse_windows, ()), **_weekdays(reader))
    except InvalidInput as error:
        reader.fail("", error.message)
        return None
    fence = Geofence(
        id=GeofenceId(fence_id),
        name=reader.read("name", parse_name, "") or fence_id,
        shape=shape,
        site_id=reader.read("site_id", lambda text: SiteId(parse_id(text)), None),
        schedule=schedule,
        dwell_s=reader.read("dwell_s", partial(parse_whole, at_most=DAY_S), None),
    )
    return None if reader.problems else fence


def _sized(reader: RowReader, drawn: Drawn) -> Drawn:
    """Return what is drawn with the sizes the row says; what stands in the geometry's own text goes first."""
    parse_length = partial(parse_number, at_least=0, at_most=inf)
    radius_m, width_m, buffer_m = (
        reader.read(column, parse_length, None) for column in ("radius_m", "width_m", "buffer_m")
    )
    wide_m = 2 * buffer_m if width_m is None and buffer_m is not None else width_m
    return Drawn(
        geometry=drawn.geometry,
        radius_m=radius_m if drawn.radius_m is None else drawn.radius_m,
        width_m=wide_m if drawn.width_m is None else drawn.width_m,
    )


def _weekdays(reader: RowReader) -> dict[str, frozenset[int]]:
    days = reader.read("weekdays", parse_weekdays, None)
    return {} if days is None else {"weekdays": days}
