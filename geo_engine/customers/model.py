"""A site as a company describes one: where it is and what a visit there needs."""

from dataclasses import dataclass

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.ids import CustomerId, SiteId, TeamId, WorkerId
from geo_engine.timespan import ClockWindow
from geo_engine.words import Message

DEFAULT_SERVICE_S = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place that is visited.

    Parameters
    ----------
    position
        WGS 84; for a row with only an address, what the address was resolved to.
    windows
        When service may begin, local time; none means at any time.
    priority
        0 (first to be left out) to 100 (last).
    penalty
        What leaving the visit out costs, in the unit of a plan's cost; None takes the default of the
        priority, which is dearer than any route.
    worker_ids
        Only these workers may go; empty means anyone.
    amounts
        What the visit takes of a worker's capacity, one number per dimension.
    phone, notes
        What whoever goes there may call, as written, and is to know; lines of notes are kept.
    customer_id
        Whose site it is; None when the site stands for itself.
    team_id
        The team that visits it; None is the company's.
    level
        What visiting rules know it by, such as ``A``; as written.
    line
        The row of the file the site was read from; 0 when from elsewhere.
    """

    id: SiteId
    name: str
    position: Position
    address: str = ""
    phone: str = ""
    notes: str = ""
    service_s: int = DEFAULT_SERVICE_S
    windows: tuple[ClockWindow, ...] = ()
    skills: frozenset[str] = frozenset()
    priority: int = 0
    penalty: int | None = None
    required: bool = False
    worker_ids: frozenset[WorkerId] = frozenset()
    amounts: tuple[int, ...] = ()
    customer_id: CustomerId | None = None
    team_id: TeamId | None = None
    level: str = ""
    line: int = 0


class SiteUnknown(InvalidInput):
    """There is no such site."""

    def __init__(self, site_id: SiteId) -> None:
        super().__init__(Message("There is no site {id}.", {"id": site_id}))
