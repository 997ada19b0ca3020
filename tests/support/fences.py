"""Fences as files may describe them, with every field, for laws about what is kept."""

import math

import shapely
from hypothesis import strategies as st

from geo_engine.geofences import Circle, Corridor, Geofence, Polygon, Schedule, Shape
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, SiteId, parse_id, parse_name
from geo_engine.tables.csv_text import without_controls
from geo_engine.timespan import ClockWindow

HERE = Position(116.4, 39.9)
# What every format lets through: nothing unseen, no half of a character.
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), min_size=1, max_size=12).map(
    lambda text: without_controls(text).strip()
).filter(bool) | st.sampled_from(["=1+1", "'-x", "<b>", 'a"b,c;d', "西湖区 一号"])
IDS = TEXTS.map(parse_id)
LENGTHS_M = st.integers(5_000, 100_000_000).map(lambda length_mm: length_mm / 1000)


def _degrees(most: int) -> st.SearchStrategy[float]:
    """Return degrees to a centimetre."""
    return st.integers(-most * 10**7, most * 10**7).map(lambda value: value / 10**7)


PLACES = st.tuples(_degrees(179), _degrees(89))
_CORNERS = (st.integers(3, 12), st.floats(1e-4, 0.4))


@st.composite
def areas(draw: st.DrawFn) -> shapely.MultiPolygon:
    """Return one to three stars apart, some with a hole."""
    west, south = draw(_degrees(165)), draw(_degrees(85))
    return shapely.MultiPolygon([_star(draw, west + 1.5 * at, south) for at in range(draw(st.integers(1, 3)))])


def _star(draw: st.DrawFn, lon: float, lat: float) -> shapely.Polygon:
    count, radius_deg = (draw(one) for one in _CORNERS)
    turns = [math.tau * at / count for at in range(count)]
    shell = [(lon + radius_deg * math.cos(turn), lat + radius_deg * math.sin(turn)) for turn in turns]
    hole = [(lon + radius_deg * (x - lon) / 4, lat + radius_deg * (y - lat) / 4) for x, y in shell]
    return shapely.Polygon(shell, [hole] if draw(st.booleans()) and radius_deg > 0.01 else [])


@st.composite
def lines(draw: st.DrawFn) -> shapely.LineString:
    """Return a line of up to six corners in a box of two degrees."""
    west, south = draw(_degrees(165)), draw(_degrees(85))
    corners = draw(st.lists(st.tuples(_degrees(1), _degrees(1)), min_size=2, max_size=6, unique=True))
    return shapely.LineString([(west + lon, south + lat) for lon, lat in corners])


SHAPES: st.SearchStrategy[Shape] = (
    st.builds(Circle, centre=PLACES.map(lambda place: Position(*place)), radius_m=LENGTHS_M)
    | areas().map(lambda found: Polygon(areas=found))
    | st.builds(Corridor, lines=lines().map(lambda found: shapely.MultiLineString([found])), width_m=LENGTHS_M)
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Return up to two windows that do not touch, the later one perhaps past midnight, on some days."""
    minutes = sorted(draw(st.lists(st.integers(0, 23 * 60), min_size=4, max_size=4, unique=True)))
    windows = [(minutes[0], minutes[1]), (minutes[2], minutes[3] + draw(st.sampled_from([0, 120])))]
    return Schedule(
        windows=tuple(
            ClockWindow(earliest_s=earliest * 60, latest_s=latest * 60)
            for earliest, latest in windows[: draw(st.integers(0, 2))]
        ),
        weekdays=draw(st.frozensets(st.integers(1, 7), min_size=1)),
    )


@st.composite
def fence_lists(draw: st.DrawFn) -> list[Geofence]:
    """Return up to four fences with distinct ids."""
    return [
        Geofence(
            id=GeofenceId(one),
            name=parse_name(draw(TEXTS)),
            shape=draw(SHAPES),
            site_id=draw(st.none() | IDS.map(SiteId)),
            schedule=draw(schedules()),
            dwell_s=draw(st.none() | st.integers(0, 86_400)),
        )
        for one in draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    ]


def circle(fence_id: str, position: Position = HERE, *, radius_m: float = 80.0, site_id: str | None = None) -> Geofence:
    """Return a circle around a place, called by its id."""
    return Geofence(
        id=GeofenceId(fence_id),
        name=fence_id,
        shape=Circle(centre=position, radius_m=radius_m),
        site_id=None if site_id is None else SiteId(site_id),
    )
