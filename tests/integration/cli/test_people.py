"""`geo-engine tenant people`: somebody of every role, made once, and shown again as long as the file is there."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.companies import SERVICE_ON, Company
from support.databases import OwnDatabase
from support.program import Run, run_program

from geo_engine.tenancy.permissions import DEFAULT_GRANTS
from geo_engine.tenancy.sign_in import try_password
from geo_engine.workforce.service import access_of


class Desk:
    """Where the people of a company with a published day are asked for."""

    def __init__(self, own: OwnDatabase, company: Company, folder: Path) -> None:
        self.company = company
        self.keep = folder / "sign-in.json"
        self._own = own

    def people(self, *options: str, lang: str = "en", on: str = SERVICE_ON.isoformat()) -> Run:
        """Ask for them."""
        words = ("--lang", lang, "tenant", "people", "alpha", "--date", on, "--keep", self.keep, *options)
        return run_program(*words, environment={**os.environ, "DATABASE_URL": self._own.url()})

    def kept(self) -> dict[str, str]:
        """Return the passwords in the file, by login."""
        return {one["login"]: one["password"] for one in json.loads(self.keep.read_text(encoding="utf-8"))["people"]}

    def worker_of(self, login: str, password: str) -> str | None:
        """Sign somebody in and return which worker it is."""
        found = try_password(self._own.app, self.company.tenant_id, login, password, now=datetime.now(UTC))
        assert found is not None, login
        with self._own.app.bound(self.company.tenant_id) as session:
            access = access_of(session, found.member_id)
            assert not access.team_ids
            return access.worker_id


@pytest.fixture
def desk(own: OwnDatabase, company: Company, tmp_path: Path) -> Desk:
    """Give a desk."""
    return Desk(own, company, tmp_path)


def test_everybody_of_the_table_can_sign_in(desk: Desk) -> None:
    """One member a role, printed with address, company and password; the worker is one with a route, in no team."""
    run = desk.people("--address", "http://127.0.0.1:8080/")

    kept = desk.kept()
    workers = {login: desk.worker_of(login, password) for login, password in kept.items()}
    assert run.code == 0, run.err
    assert run.out.splitlines()[:2] == ["Address: http://127.0.0.1:8080/", "Company code: alpha"]
    assert all(f"{login} " in run.out and password in run.out for login, password in kept.items())
    assert set(kept) == set(DEFAULT_GRANTS)
    assert len(set(kept.values())) == len(kept)
    assert {login for login, worker in workers.items() if worker} == {"worker"}
    assert desk.keep.stat().st_mode & 0o777 == 0o600


def test_a_second_run_shows_the_same(desk: Desk) -> None:
    """Passwords are made once; without the file new ones are, and the old ones end."""
    first, before = desk.people(), desk.kept()

    second, again = desk.people(lang="zh-CN"), desk.kept()
    desk.keep.unlink()
    third, after = desk.people(), desk.kept()

    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert before == again
    assert "企业代码：alpha" in second.out
    assert not set(before.values()) & set(after.values())
    assert [desk.worker_of(*one) is not None for one in after.items()].count(True) == 1


def test_before_a_day_is_published_nobody_is_added(desk: Desk) -> None:
    """Where nobody was given a route the command says so and leaves no file."""
    run = desk.people(on="2031-01-01")

    assert (run.code, run.out) == (2, "")
    assert "2031-01-01" in run.err
    assert not desk.keep.exists()
