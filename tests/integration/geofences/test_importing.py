"""Files of fences that become a company's own."""

from dataclasses import replace
from datetime import timedelta

from support.companies import NORTH, NOW, Company
from support.fences import HERE, circle

from geo_engine.geofences import Geofence
from geo_engine.geofences.files import FencesRead
from geo_engine.geofences.importing import SortedFences, import_fences
from geo_engine.geofences.service import add_fence, list_fences
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, Access

LATER = NOW + timedelta(hours=1)


def _read(*fences: Geofence) -> FencesRead:
    return FencesRead(fences=fences, lines=tuple(range(1, len(fences) + 1)), problems=())


def _told(found: SortedFences) -> list[tuple[int, str]]:
    return [(problem.line, problem.reason.template) for problem in found.problems]


def test_known_fences_are_changed_new_ones_added_and_the_rest_left_alone(company: Company) -> None:
    """What is just so makes no version, however often the file is imported; a fence the file lacks stays."""
    file = _read(circle("a"), circle("b", radius_m=90.0), circle("c"))

    with company.database.bound(company.tenant_id) as session:
        for fence in (circle("a"), circle("b")):
            add_fence(session, fence, by=OPERATOR, now=NOW)
        first, second = (import_fences(session, file, file="f", by=OPERATOR, now=LATER) for _ in range(2))
        kept = {fence.id: fence.version for fence in list_fences(session, by=OPERATOR, at=LATER)}

    assert [fence.id for fence in first.added] == ["c"]
    assert [fence.id for fence in first.changed] == ["b"]
    assert first.unchanged_count == 1
    assert (second.added, second.changed, second.unchanged_count) == ((), (), 3)
    assert {one: kept[one] for one in ("a", "b", "c", "yard")} == {"a": 1, "b": 2, "c": 1, "yard": 1}  # type: ignore[index]


def test_what_may_not_be_written_is_a_problem_of_its_row(company: Company) -> None:
    """A dispatcher's file may hold fences of others; the dispatcher's own are written."""
    by = Access(member_id=None, grants=DEFAULT_GRANTS["dispatcher"], team_ids=frozenset({NORTH}))  # type: ignore[index]
    file = _read(
        circle("mine", site_id="S003"),
        circle("theirs", site_id="S002"),
        circle("company's"),
        circle("lost", site_id="S404"),
        circle("site/S003"),
    )

    with company.database.bound(company.tenant_id) as session:
        found = import_fences(session, file, file="f", by=by, now=LATER)

    assert [fence.id for fence in found.added] == ["mine"]
    assert _told(found) == [
        (2, "Your role does not allow changing this fence."),
        (3, "Your role does not allow changing this fence."),
        (4, "There is no site {id}."),
        (5, "{id} is the fence that a site has of itself: draw one of your own for the site instead."),
    ]


def test_imported_fences_may_have_been_there_always(company: Company) -> None:
    """So that what was tracked before is judged by them."""
    with company.database.bound(company.tenant_id) as session:
        import_fences(session, _read(circle("a")), file="f", by=OPERATOR, now=NOW, since_ever=True)
        changed = _read(replace(circle("a", HERE, radius_m=90.0)))
        import_fences(session, changed, file="f", by=OPERATOR, now=LATER, since_ever=True)
        versions = [fence.valid_from for fence in list_fences(session, by=OPERATOR, at=LATER) if fence.id == "a"]
        before = [fence.version for fence in list_fences(session, by=OPERATOR, at=NOW - timedelta(days=99))]

    assert versions == [LATER]
    assert 1 in before
