"""Use cases of who is visited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from geo_engine.audit.service import record_act
from geo_engine.customers import store
from geo_engine.customers.model import Site
from geo_engine.db.session import Session
from geo_engine.geometry.zones import zone_at
from geo_engine.ids import SiteId
from geo_engine.tables.model import RowProblem
from geo_engine.tenancy import Access, Act
from geo_engine.tenancy.imports import RowSource, place_in_teams
from geo_engine.tenancy.service import set_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSites:
    """What an import of sites wrote, and the rows it could not."""

    site_ids: tuple[SiteId, ...]
    problems: tuple[RowProblem, ...]


def import_sites(
    session: Session, sites: Sequence[Site], *, source: RowSource, due_on: date | None, by: Access, now: datetime
) -> ImportedSites:
    """Write sites read from a file, new or known, and their customers where these are new.

    A known site keeps its team and its customer where the file names none.

    Parameters
    ----------
    due_on
        The day on which all of them are to be visited; None marks no visit as due.

    Raises
    ------
    NotAllowed
        When the actor may change no team's sites, or not one of the teams', or not a known site of another team.
    """
    good, problems = place_in_teams(session, sites, store.find_teams, source=source, by=by, act=Act.CHANGE_SITES)
    if not good:
        return ImportedSites(site_ids=(), problems=problems)

    store.add_missing_customers(session, (site.customer_id for site in good if site.customer_id is not None))
    store.save_sites(session, good)
    if due_on is not None:
        store.add_due_visits(session, (site.id for site in good), due_on)
    set_zone(session, zone_at([site.position for site in good]))
    due = None if due_on is None else due_on.isoformat()
    record_act(session, "import_sites", ("import", "sites"), by=by.member_id, now=now, count=len(good), due_on=due)
    return ImportedSites(site_ids=tuple(site.id for site in good), problems=problems)


def list_sites(session: Session, *, by: Access) -> tuple[Site, ...]:
    """Return the sites the actor may see, by id.

    Raises
    ------
    NotAllowed
        When the actor may see none but single ones.
    """
    return store.list_sites(session, team_ids=by.team_limit(Act.SEE_SITES))


def find_sites(session: Session, text: str, *, by: Access, limit: int = 20) -> tuple[Site, ...]:
    """Return the sites the actor may see whose id or name holds a text, in any case; whose begins with it, first.

    Raises
    ------
    NotAllowed
        When the actor may see none but single ones.

    Notes
    -----
    O(n) in the company's sites: no index serves a text within a name under row-level security. 10,000 take about 30 ms.
    """
    wanted = text.strip().casefold()
    ranked = [
        (rank, site_id)
        for site_id, name in store.list_names(session, team_ids=by.team_limit(Act.SEE_SITES))
        if (rank := _rank(wanted, site_id.casefold(), name.casefold())) is not None
    ]
    best = [site_id for _, site_id in sorted(ranked)[:limit]]
    found = {site.id: site for site in store.get_sites(session, best)}
    return tuple(found[site_id] for site_id in best if site_id in found)


def _rank(wanted: str, *texts: str) -> int | None:
    """Return how well texts fit what is wanted, 0 best; None when it is in none of them."""
    ranks = [0 if text == wanted else 1 if text.startswith(wanted) else 2 for text in texts if wanted in text]
    return min(ranks, default=None)
