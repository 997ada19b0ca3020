"""What belongs together when a file has a list of positions, a list of times, and lists of all else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo_engine.tracks.files.cells import Cells
from geo_engine.tracks.files.columns import GEOMETRY, Column
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.words import Message

_TIME = Column("tracked_at", 1.0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Lists whose n-th values tell of one fix.

    Parameters
    ----------
    line
        Where the lists stand, as `RowProblem` counts.
    positions
        Columns of `GEOMETRY`.
    heading, times
        What the file calls the times, and they; None when it has none.
    columns, cells
        What the other lists tell, and they, by the file's own name.
    lines
        Where each fix stands, when the lists do not stand in one line.
    """

    line: int
    positions: Mapping[str, Cells]
    heading: str
    times: Sequence[object] | None
    columns: Mapping[str, Column] = field(default_factory=dict)
    cells: Mapping[str, Sequence[object]] = field(default_factory=dict)
    lines: Sequence[int] | None = None


def add_series(series: Series, track: int, gatherer: Gatherer) -> None:
    """Hand over the fixes of a series.

    Notes
    -----
    Times or positions that have no partner are left out; of another list that is too short the last values are
    unknown. Each mismatch is a problem.
    """
    position_count = len(next(iter(series.positions.values()), ()))
    times = [None] * position_count if series.times is None else series.times
    count = min(len(times), position_count)
    if len(times) != position_count:
        facts = {"count": len(times), "position_count": position_count}
        reason = Message("There are {count} times for {position_count} positions; the rest is left out.", facts)
        gatherer.fail(series.line, series.heading, reason)
    cells: dict[str, Cells] = {name: values[:count] for name, values in series.positions.items()}
    cells[series.heading] = times[:count]
    for name in series.columns:
        values = series.cells[name]
        cells[name] = [*values[:count], *[None] * (count - len(values))]
        if len(values) != position_count:
            facts = {"count": len(values), "position_count": position_count}
            gatherer.fail(series.line, name, Message("There are {count} values for {position_count} positions.", facts))
    gatherer.add(
        RawFixes(
            lines=[series.line] * count if series.lines is None else series.lines[:count],
            columns={series.heading: _TIME, **series.columns, **{name: GEOMETRY[name] for name in series.positions}},
            cells=cells,
            tracks=[track] * count,
            places=[f"[{at}]" for at in range(count)] if series.lines is None else None,
        )
    )
