"""Pages of two companies, and the people who open them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from re import search

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from geo_engine.db.session import Database
from geo_engine.ids import MemberId, RoleId, TenantId, WorkerId
from geo_engine.settings import Settings
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.permissions import DEFAULT_GRANTS
from geo_engine.tenancy.sign_in import set_password
from geo_engine.words import Language
from geo_engine.workforce.service import link_member
from support.companies import NOW, PASSWORD, Company, add_two, quickly_hashed
from support.databases import Databases, OwnDatabase
from support.photographed import photo_files
from web.app import create_app
from web.roads import RoadShelf
from web.wiring import Wiring

ROLES = tuple(DEFAULT_GRANTS)
CSRF = "csrf_token"


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The app, and the companies it serves.

    Parameters
    ----------
    mine, other
        A company with a member of every role, and another one just the same.
    cache_dir
        Where road graphs are.
    """

    app: Flask
    mine: Company
    other: Company
    cache_dir: Path
    _cookies: dict[tuple[str, str], str] = field(default_factory=dict)

    def person(self, role: str, company: Company | None = None) -> "Person":
        """Return a person who is signed in, in a browser of its own; signing in is done once a role."""
        return self.signed_in(login_of(role), company)

    def signed_in(self, login: str, company: Company | None = None) -> "Person":
        """Return whoever signs in so."""
        someone, code = self.nobody(), (company or self.mine).code
        if (login, code) not in self._cookies:
            answer = someone.post("/sign-in", company=code, login=login, password=PASSWORD)
            assert answer.status_code == 302, answer.text
            cookie = someone.client.get_cookie("session")
            assert cookie is not None
            self._cookies[login, code] = cookie.value
        someone.client.set_cookie("session", self._cookies[login, code])
        return someone

    def with_other(self, *, now: datetime = NOW, cache_dir: Path | None = None) -> "Pages":
        """Return the same pages at another moment, or with other road graphs."""
        return replace(self, app=_app(self.mine.database, cache_dir or self.cache_dir, now))

    def nobody(self) -> "Person":
        """Return somebody who is not signed in."""
        return Person(client=self.app.test_client())


@dataclass(frozen=True, kw_only=True)
class Person:
    """A browser and whoever sits before it."""

    client: FlaskClient

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers=headers)

    def post(
        self, path: str, *, accept: str = "text/html", sent_from: str | None = None, **form: object
    ) -> TestResponse:
        """Send a form as a page holds it, with its token; of which page, as far as the browser tells."""
        page = self.client.get("/no-such-page")  # every page holds one
        token = search(r'name="csrf-token" content="([^"]+)"', page.text)
        assert token is not None
        told = {} if sent_from is None else {"Referer": f"http://localhost{sent_from}"}
        answer = self.client.post(path, data={CSRF: token[1], **form}, headers={"Accept": accept, **told})
        answer.request.environ["wsgi.input"].close()  # a large form lies in a file
        return answer


def login_of(role: str) -> str:
    """Return how the member of a role signs in."""
    return f"{role}@example.com"


@contextmanager
def pages_of_two(databases: Databases, *, cache_dir: Path, now: datetime = NOW) -> Iterator[tuple[OwnDatabase, Pages]]:
    """Give a database with two companies that have a member of every role, none of them in a team, and their pages."""
    with databases.clone_filled(_two_companies) as (own, both):
        mine, other = (replace(company, database=own.app) for company in both)
        yield own, Pages(app=_app(own.app, cache_dir, now), mine=mine, other=other, cache_dir=cache_dir)


def _two_companies(database: Database) -> tuple[Company, Company]:
    both = add_two(database)
    for company in both:
        add_people(database, company.tenant_id)
    return both


def _app(database: Database, cache_dir: Path, now: datetime) -> Flask:
    roads = RoadShelf(Settings(cache_dir=cache_dir))
    return create_app(
        Wiring(database=database, photos=photo_files(), roads=roads, secret_key="s" * 48, now=lambda: now)
    )


def add_people(database: Database, tenant_id: TenantId) -> None:
    """Add a member of every role, none of them in a team; the worker is W2."""
    with quickly_hashed(), database.bound(tenant_id) as session:
        for role in ROLES:
            new = NewMember(login=login_of(role), name=f"{role} <b>王</b>", role_id=RoleId(role), language=Language.EN)
            member = tenancy.add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=NOW)
            set_password(session, member.id, PASSWORD, by=OPERATOR, now=NOW)
            if role == "worker":
                link_member(session, WorkerId("W2"), MemberId(member.id), by=OPERATOR, now=NOW)
