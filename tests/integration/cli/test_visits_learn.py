"""`geo-engine visits learn` prints what was learned as JSON lines, and how far off that is as sentences."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from support.companies import add_alpha
from support.databases import Databases, OwnDatabase
from support.program import Run, run_program
from support.stays import keep_stays

from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.versions.learned_store import find_learning
from geo_engine.tenancy.store import get_tenant


@pytest.fixture(scope="module")
def office(databases: Databases) -> Iterator[OwnDatabase]:
    """Give a database with a company whose worker made a visit on each of the last twelve days."""
    with databases.clone_filled(add_alpha) as (own, company):
        with own.app.bound(company.tenant_id) as session:
            last = datetime.now(UTC).replace(hour=2, minute=0) - timedelta(days=2)
            keep_stays(session, WorkerId("W1"), SiteId("S001"), took_s=[2_040.0] * 12, last=last)
        yield own


def _run(own: OwnDatabase, *arguments: str, lang: str = "en") -> Run:
    return run_program("--lang", lang, *arguments, environment={**os.environ, "DATABASE_URL": own.url()})


def _lines(run: Run) -> list[dict[str, object]]:
    assert run.code == 0, run.err
    return [json.loads(line) for line in run.out.splitlines()]


def test_what_was_learned_is_printed_with_its_errors(office: OwnDatabase) -> None:
    """A line a site with what was given, a line a kind of error; sentences go to stderr, in the reader's language."""
    run = _run(office, "visits", "learn", "alpha", "--dry-run", lang="zh-CN")

    lines = _lines(run)
    (site,) = [line for line in lines if line["kind"] == "service"]
    told = {line["of"]: line for line in lines if line["kind"] == "hold_out"}
    assert (site["site"], site["given_s"], site["visits"]) == ("S001", 900, 12)
    assert site["learned_s"] == pytest.approx(2_040, abs=150)
    assert set(told) == {"service", "service_by_hour", "travel", "travel_by_hour"}
    assert told["service"]["told"] == 2
    assert told["service"]["given_off_s"] == 1_140.0
    assert told["service"]["learned_off_s"] < 200.0  # type: ignore[operator]
    assert "各网点的服务" in run.err


def test_a_dry_run_keeps_nothing_and_learning_does(office: OwnDatabase) -> None:
    """The next plans have what was learned, once it is learned for good; a longer quantile is longer."""
    before = _kept(office)
    _lines(_run(office, "visits", "learn", "alpha", "--dry-run"))
    dry = _kept(office)
    _lines(_run(office, "visits", "learn", "alpha", "--days", "30"))

    assert dry == before
    assert SiteId("S001") not in before
    assert SiteId("S001") in _kept(office)


def _kept(own: OwnDatabase) -> set[SiteId]:
    with own.app.unbound() as session:
        tenant_id = session.connection().exec_driver_sql("select find_tenant('alpha')").scalar_one()
    with own.app.bound(tenant_id) as session:
        assert get_tenant(session).code == "alpha"
        learning = find_learning(session)
    return set() if learning is None else set(learning.times.services)


def test_it_is_switched_off_for_a_company(office: OwnDatabase) -> None:
    """`tenant learning off` says what holds from now on; what is neither on nor off is unusable input."""
    off, on = (_run(office, "tenant", "learning", "alpha", switch) for switch in ("off", "on"))

    assert [json.loads(run.out) for run in (off, on)] == [{"uses_learned": False}, {"uses_learned": True}]
    assert _run(office, "tenant", "learning", "alpha", "perhaps").code == 2


def test_exit_codes_say_what_is_missing(office: OwnDatabase) -> None:
    """A company that is not there and a quantile of 1 are unusable input; a database that is away is missing."""
    nobody = _run(office, "visits", "learn", "nobody")
    quantile = _run(office, "visits", "learn", "alpha", "--quantile", "1")
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    away = run_program("--lang", "en", "visits", "learn", "alpha", environment=environment)

    assert [run.code for run in (nobody, quantile, away)] == [2, 2, 3]
    assert [run.out for run in (nobody, quantile, away)] == ["", "", ""]
