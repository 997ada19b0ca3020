"""A dispatcher of a company who asks a running server over HTTP, as a browser does."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx

from geo_engine.db.session import Database
from geo_engine.ids import RoleId, TenantId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.service import add_member
from geo_engine.tenancy.sign_in import set_password
from support.companies import PASSWORD

_LOGIN = "dispatcher"


def add_dispatcher(database: Database, tenant_id: TenantId) -> None:
    """Add who may see everybody's tracks."""
    now = datetime.now(UTC)
    with database.bound(tenant_id) as session:
        new = NewMember(login=_LOGIN, name=_LOGIN, role_id=RoleId("dispatcher"))
        member = add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=now)
        set_password(session, member.id, PASSWORD, by=OPERATOR, now=now)


class Dispatcher:
    """Who is signed in."""

    def __init__(self, browser: httpx.Client, token: str) -> None:
        self._browser = browser
        self._token = token

    def get(self, path: str, **asked: str) -> httpx.Response:
        """Return what a page answers; 304 is an answer, too."""
        answer = self._browser.get(path, params=asked or None)
        if not (answer.is_success or answer.status_code == 304):
            raise SystemExit(f"{path} was answered with {answer.status_code}: {answer.text[:500]}")
        return answer

    def led_to(self, path: str, **form: str) -> str:
        """Return where a form that was sent leads."""
        answer = self._browser.post(path, data={"csrf_token": self._token, **form})
        if answer.status_code != 303:
            raise SystemExit(f"{path} was answered with {answer.status_code}: {answer.text[:500]}")
        return answer.headers["location"]


@contextmanager
def signed_in(origin: str, company: str) -> Iterator[Dispatcher]:
    """Give the dispatcher of a company, signed in."""
    with httpx.Client(base_url=origin, timeout=60, trust_env=False) as browser:
        form = {"csrf_token": _token(browser), "company": company, "login": _LOGIN, "password": PASSWORD}
        assert browser.post("/sign-in", data=form).status_code == 302
        yield Dispatcher(browser, _token(browser, "/no-such-page"))


def _token(browser: httpx.Client, path: str = "/sign-in") -> str:
    token = re.search(r'name="csrf-token" content="([^"]+)"', browser.get(path).text)
    assert token is not None
    return token[1]
