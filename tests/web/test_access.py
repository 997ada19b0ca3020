"""Every route × every role × one's own and another company: who is answered, and with what."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from support.companies import NOW, PASSWORD, SERVICE_ON, Company, quickly_hashed
from support.pages import ROLES, Pages, Person, login_of

from geo_engine.ids import RoleId
from geo_engine.tenancy import OPERATOR, Act, Role, Scope
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.permissions import DEFAULT_GRANTS
from geo_engine.tenancy.service import add_member, save_role
from geo_engine.tenancy.sign_in import set_password_of
from geo_engine.words import Language
from web.access import CLOSED, MEMBERS, PUBLIC, ROUTES, acts_of

ANSWERED = frozenset({200, 302, 303})
NOT_ALLOWED, NOT_THERE = 403, 404


@dataclass(frozen=True, kw_only=True)
class Call:
    """How a route is reached, about a company's things.

    Parameters
    ----------
    form
        What is posted; None opens a page.
    names_things
        Whether it names rows by their ids, so that another company's can be asked for.
    """

    path: Callable[[Company], str]
    form: Callable[[Company], dict[str, object]] | None = None
    names_things: bool = False
    own: frozenset[int] = field(default=ANSWERED)

    def by(self, person: Person, company: Company) -> int:
        """Return what a person is answered."""
        path = self.path(company)
        return (person.get(path) if self.form is None else person.post(path, **self.form(company))).status_code


def _day(company: Company) -> dict[str, object]:
    return {"date": SERVICE_ON.isoformat(), "team": "", "time_limit_s": "5"}


def _plan(company: Company) -> dict[str, object]:
    return {"plan_id": str(company.plan_id), "instead_of": str(company.plan_id)}


def _notice(company: Company) -> dict[str, object]:
    return {"date": SERVICE_ON.isoformat(), "plan_id": str(company.plan_id), "number": "1", "is_end": "no"}


def _visit(company: Company) -> dict[str, object]:
    return {"plan_id": str(company.plan_id), "job_id": "S001", "worker_id": "W1"}


def _replan(company: Company) -> dict[str, object]:
    return {"plan_id": str(company.plan_id), "reach": "local", "time_limit_s": "5"}


def _file(_: Company) -> dict[str, object]:
    return {"kind": "sites", "crs": "wgs84", "file": (BytesIO(b"id,lon,lat\nX,116.4,39.9\n"), "sites.csv")}


def _fence(_: Company) -> dict[str, object]:
    place = '{"type": "Point", "coordinates": [116.4, 39.9]}'
    return {"name": "gate", "geometry": place, "radius_m": "80", "weekday": ["1", "2"]}


def _fence_file(_: Company) -> dict[str, object]:
    return {"crs": "wgs84", "file": (BytesIO(b"id,wkt,radius_m\nX,POINT (116.4 39.9),80\n"), "fences.csv")}


def _track(_: Company) -> dict[str, object]:
    return {"worker": "W1", "date": SERVICE_ON.isoformat(), "purpose": "complaint"}


def _search(_: Company) -> dict[str, object]:
    ends = {"from": f"{SERVICE_ON}T08:00", "until": f"{SERVICE_ON}T18:00"}
    return {"lon": "116.397", "lat": "39.908", "radius_m": "100", "purpose": "complaint", **ends}


def _address(_: Company) -> dict[str, object]:
    return {"line": "2", "column": "address", "lon": "116.4", "lat": "39.9"}


def _draft(act: str, form: Callable[[Company], dict[str, object]] | None = None) -> Call:
    """Return how a draft is reached that another member has made: nobody is shown it, whatever the role."""
    return Call(
        path=lambda one: f"/imports/{one.draft_id}{act}", form=form, names_things=True, own=frozenset({NOT_THERE})
    )


def _no_visit(act: str, form: Callable[[Company], dict[str, object]] | None = None) -> Call:
    """Return how a visit is reached that there never was: whoever may see visits is told so, whatever the role."""
    return Call(path=lambda _: f"/visits/{uuid.uuid4()}{act}", form=form, own=frozenset({NOT_THERE}))


def _rules(_: Company) -> dict[str, object]:
    return {"file": (BytesIO(b"site,visits\nS001,1\n"), "rules.csv")}


def _weeks(_: Company) -> dict[str, object]:
    return {"first_on": "2026-11-30", "weeks": "4", "team": ""}


def _no_period(act: str, form: Callable[[Company], dict[str, object]] | None) -> Call:
    """Return how a period is reached that there never was."""
    return Call(path=lambda _: f"/periods/{uuid.uuid4()}{act}", form=form, own=frozenset({NOT_THERE}))


CALLS = {
    "home": Call(path=lambda _: "/"),
    "dispatch.day": Call(path=lambda _: f"/dispatch?date={SERVICE_ON}"),
    "dispatch.plan": Call(path=lambda _: "/dispatch/plan", form=_day),
    "dispatch.progress": Call(path=lambda one: f"/dispatch/requests/{one.failed_request_id}", names_things=True),
    "dispatch.stop": Call(
        path=lambda one: f"/dispatch/requests/{one.failed_request_id}/stop", form=lambda _: {}, names_things=True
    ),
    "dispatch.publish": Call(path=lambda _: "/dispatch/publish", form=_plan, names_things=True),
    "dispatch.withdraw": Call(
        path=lambda _: "/dispatch/withdraw", form=_plan, names_things=True, own=ANSWERED | {409}
    ),  # a second time there is nothing to take back
    "dispatch.move": Call(
        path=lambda _: "/dispatch/move", form=_visit, names_things=True, own=ANSWERED | {409}
    ),  # once the day was asked to be planned, nothing is moved
    "dispatch.restore": Call(
        path=lambda _: "/dispatch/restore", form=_plan, names_things=True, own=ANSWERED | {409}
    ),  # nor is anything gone back to
    "dispatch.replan": Call(
        path=lambda _: "/dispatch/replan", form=_replan, names_things=True, own=ANSWERED | {409}
    ),  # nor is it planned anew twice
    "dispatch.lock": Call(
        path=lambda _: "/dispatch/lock", form=_visit, names_things=True, own=ANSWERED | {404}
    ),  # a plan may leave it out
    "dispatch.fits": Call(path=lambda one: f"/dispatch/fits?plan_id={one.plan_id}&job_id=S001", names_things=True),
    "dispatch.insert": Call(
        path=lambda _: "/dispatch/insert", form=_visit, names_things=True, own=ANSWERED | {409}
    ),  # once the day was asked to be planned, nothing is put into it
    "dispatch.background": Call(path=lambda _: "/dispatch/background/other.json", own=frozenset({404})),
    "periods.page": Call(path=lambda _: "/periods"),
    "periods.rules": Call(path=lambda _: "/periods/rules", form=_rules),
    "periods.plan": Call(path=lambda _: "/periods/plan", form=_weeks),
    "periods.one": _no_period("", None),
    "periods.stop": _no_period("/stop", lambda _: {}),
    "periods.adopt": _no_period("/adopt", lambda _: {}),
    "live.positions": Call(path=lambda _: "/live"),
    "field.day": Call(path=lambda _: "/field"),
    "field.acknowledge": Call(
        path=lambda _: "/field/acknowledge", form=_notice, names_things=True, own=ANSWERED | {404}
    ),  # whoever is no worker was told nothing
    "field.start": Call(path=lambda _: "/field/shift/start", form=lambda _: {}, own=ANSWERED | {404}),
    "field.end": Call(path=lambda _: "/field/shift/end", form=lambda _: {}, own=ANSWERED | {404}),
    "fences.page": Call(path=lambda _: "/fences"),
    "fences.listed": Call(path=lambda _: "/fences/list"),
    "fences.one": Call(path=lambda _: "/fences/one?id=yard"),
    "fences.export": Call(path=lambda _: "/fences/export?format=csv"),
    "fences.save": Call(
        path=lambda _: "/fences/save", form=_fence, own=ANSWERED | {409}
    ),  # the second is there already
    "fences.remove": Call(
        path=lambda _: "/fences/remove", form=lambda _: {"id": "yard", "seen": "1"}, own=ANSWERED | {404}
    ),  # nor is it taken away twice
    "fences.take": Call(path=lambda _: "/fences/import", form=_fence_file),
    "imports.form": Call(path=lambda _: "/imports"),
    "imports.send": Call(path=lambda _: "/imports", form=_file),
    "imports.draft": _draft(""),
    "imports.place": _draft("/place", _address),
    "imports.unplace": _draft("/unplace", _address),
    "imports.crs": _draft("/crs", lambda _: {"crs": "gcj02"}),
    "imports.confirm": _draft("/confirm", lambda _: {}),
    "imports.discard": _draft("/discard", lambda _: {}),
    "tracks.form": Call(path=lambda _: "/tracks"),
    "tracks.ask": Call(path=lambda _: "/tracks", form=_track),
    "tracks.day": Call(path=lambda _: f"/tracks/W1/{SERVICE_ON}"),
    "tracks.data": Call(path=lambda _: "/tracks/data", own=frozenset({403})),  # without a look that is on record
    "tracks.mine": Call(path=lambda _: "/my/track"),
    "visits.day": Call(path=lambda _: f"/visits?on={SERVICE_ON}"),
    "visits.review": Call(path=lambda _: "/visits/review"),
    "visits.one": _no_visit(""),
    "visits.look": _no_visit("/look", lambda _: {"purpose": "complaint"}),
    "visits.photo": _no_visit(f"/photos/{uuid.uuid4()}"),
    "visits.decide": _no_visit("/decide", lambda _: {"kind": "accepted", "seen": f"{NOW.isoformat()}/"}),
    "passes.ask": Call(path=lambda _: "/tracks/passes", form=_search),
    "passes.found": Call(path=lambda _: "/tracks/passes"),
    "passes.sites": Call(path=lambda _: "/tracks/sites?q=S"),
    "security.logout": Call(path=lambda _: "/sign-out", form=lambda _: {}),
}
ASKED = [(route, role) for route in CALLS for role in ROLES]
FOREIGN = [(route, role) for route, role in ASKED if CALLS[route].names_things]


def _is_granted(route: str, role: str) -> bool:
    return ROUTES[route] == MEMBERS or any(act in DEFAULT_GRANTS[role] for act in acts_of(ROUTES[route]))  # type: ignore[index]


def _reaches_company(route: str, role: str) -> bool:
    """Whether the role reaches what is the company's: these members are in no team, so all but one's own does."""
    is_own = route.startswith("field.") or route in {"tracks.mine", "visits.day"}
    if ROUTES[route] == MEMBERS or is_own or CALLS[route].own == {NOT_THERE}:
        return True
    return any(DEFAULT_GRANTS[role].get(act) not in {None, Scope.OWN} for act in acts_of(ROUTES[route]))  # type: ignore[call-overload]


def test_every_route_is_in_the_table_and_has_a_case(pages: Pages) -> None:
    """A route that nobody classified, or that no case tries, fails here."""
    routes = {rule.endpoint for rule in pages.app.url_map.iter_rules()}

    assert routes == set(ROUTES)
    assert set(CALLS) == {route for route, wanted in ROUTES.items() if wanted not in {PUBLIC, CLOSED}}
    tried = len(CALLS) + len(ASKED) + 2 * len(FOREIGN)
    print(f"access: {tried} requests by nobody, each role, and with another company's ids and nobody's")  # noqa: T201


@pytest.mark.parametrize("route", CALLS)
def test_nobody_is_answered_before_sign_in(pages: Pages, route: str) -> None:
    """Whoever is not signed in is sent there, whatever is asked for."""
    answer = CALLS[route].by(pages.nobody(), pages.mine)

    assert answer == 302


@pytest.mark.parametrize(("route", "role"), ASKED)
def test_a_route_answers_the_roles_of_the_table(pages: Pages, route: str, role: str) -> None:
    """Whoever may is answered; whoever may not is told so, and nobody is shown an error."""
    call = CALLS[route]

    answer = call.by(pages.person(role), pages.mine)

    expected = call.own if _is_granted(route, role) and _reaches_company(route, role) else {NOT_ALLOWED}
    assert answer in expected


@pytest.mark.parametrize(("route", "role"), FOREIGN)
def test_another_companys_things_are_not_there(pages: Pages, route: str, role: str) -> None:
    """With the ids of another company's rows the answer is that of ids nobody has."""
    person = pages.person(role)
    unknown = Company(
        database=pages.mine.database,
        tenant_id=pages.mine.tenant_id,
        code="x",
        dispatcher_id=pages.mine.dispatcher_id,
        plan_id=uuid.uuid4(),  # type: ignore[arg-type]
        failed_request_id=uuid.uuid4(),  # type: ignore[arg-type]
        draft_id=uuid.uuid4(),  # type: ignore[arg-type]
    )

    answers = {CALLS[route].by(person, company) for company in (pages.other, unknown)}

    assert answers == {NOT_THERE if _is_granted(route, role) else NOT_ALLOWED}


@pytest.mark.parametrize(
    "act", ["publish", "withdraw", "move", "restore", "progress", "stop", "replan", "lock", "fits", "insert"]
)
def test_a_teams_dispatcher_is_refused_the_companys_day(pages: Pages, act: str) -> None:
    """Somebody in a team sees the team's days: with the ids of the company's there is nothing to be done."""
    person = pages.signed_in("shared@example.com")

    assert CALLS[f"dispatch.{act}"].by(person, pages.mine) == NOT_ALLOWED
    assert "南区" in person.get(f"/dispatch?date={SERVICE_ON}").text
    assert person.get(f"/dispatch?date={SERVICE_ON}&team=north").status_code == NOT_ALLOWED


def test_everybody_lands_on_a_page_of_their_own(own_pages: Pages) -> None:
    """After sign-in each built-in role, and those that only change sites or look at tracks, land where they may be."""
    tracks = {"watcher": Scope.ALL, "tracked": Scope.OWN}
    with quickly_hashed(), own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        for name, scope in tracks.items():
            role = Role(id=RoleId(name), name=name, grants={Act.SEE_TRACKS: scope})
            save_role(session, role, by=OPERATOR, now=NOW)
        for name in ("surveyor", *tracks):
            new = NewMember(login=login_of(name), name=name, role_id=RoleId(name), language=Language.EN)
            add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=NOW)
            set_password_of(session, new.login, PASSWORD, by=OPERATOR, now=NOW)

    for person in map(own_pages.person, (*ROLES, "surveyor", *tracks)):
        assert person.get(person.get("/").location).status_code == 200


def test_a_route_without_a_class_answers_nobody(own_pages: Pages) -> None:
    """What somebody forgot to classify is closed, for administrators too."""
    own_pages.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    answer = own_pages.person("administrator").get("/forgotten")

    assert answer.status_code == NOT_THERE
    assert "secret" not in answer.text
