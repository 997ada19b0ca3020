"""How fences of a file become a company's own: those that are known are changed, the others added."""

from dataclasses import dataclass
from datetime import datetime

from geo_engine.audit.service import record_act
from geo_engine.customers.store import find_teams
from geo_engine.db.session import Session
from geo_engine.geofences import store
from geo_engine.geofences.files.model import FencesRead
from geo_engine.geofences.model import Geofence
from geo_engine.geofences.service import refusal_of
from geo_engine.geofences.versions import is_same, write_versions
from geo_engine.tables.model import RowProblem
from geo_engine.tenancy import Access, Act
from geo_engine.tenancy.store import lock_imports


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedFences:
    """What an import would write, and why it would not write the others.

    Parameters
    ----------
    added, changed
        Each by its id for the first time, or in another version.
    unchanged_count
        Of those that are just so already.
    """

    added: tuple[Geofence, ...]
    changed: tuple[Geofence, ...]
    unchanged_count: int
    problems: tuple[RowProblem, ...]


def sort_fences(session: Session, read: FencesRead, *, file: str, by: Access) -> SortedFences:
    """Return what `import_fences` would write now.

    Parameters
    ----------
    file
        What problems are reported under.

    Raises
    ------
    NotAllowed
        When the actor may change no site at all.
    """
    by.team_limit(Act.CHANGE_SITES)
    before = store.lock_fences(session, (fence.id for fence in read.fences))
    everyones = (*read.fences, *before.values())
    teams = find_teams(session, {fence.site_id for fence in everyones if fence.site_id is not None})
    good: list[Geofence] = []
    problems = list(read.problems)
    for fence, line in zip(read.fences, read.lines, strict=True):
        versions = [one for one in (before.get(fence.id), fence) if one is not None]
        refusals = [reason for one in versions if (reason := refusal_of(one, teams, by=by)) is not None]
        if refusals:
            problems.append(RowProblem(file=file, line=line, column="", reason=refusals[0]))
        else:
            good.append(fence)
    changed = [fence for fence in good if fence.id in before and not is_same(before[fence.id], fence)]
    return SortedFences(
        added=tuple(fence for fence in good if fence.id not in before),
        changed=tuple(changed),
        unchanged_count=sum(fence.id in before for fence in good) - len(changed),
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
    )


def import_fences(
    session: Session, read: FencesRead, *, file: str, by: Access, now: datetime, since_ever: bool = False
) -> SortedFences:
    """Write the fences of a file, valid from now on, and return what was written.

    Parameters
    ----------
    file
        What problems are reported under.
    since_ever
        Whether those that are new and of no site were always valid.

    Raises
    ------
    NotAllowed
        When the actor may change no site at all; a single fence that it may not change is a problem of its row.
    """
    lock_imports(session)
    found = sort_fences(session, read, file=file, by=by)
    if found.added or found.changed:
        fences = (*found.added, *found.changed)
        write_versions(session, fences, maker=by.member_id, now=now, since_ever=since_ever)
        facts = {"added_count": len(found.added), "changed_count": len(found.changed)}
        record_act(session, "import_fences", ("import", "fences"), by=by.member_id, now=now, **facts)
    return found
