"""Whether a pool that is shared, interrupted and broken ever shows a request another company's rows."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError
from support.companies import NOW, add_bare_company
from support.databases import Databases

from geo_engine.db.base import TENANT_SETTING
from geo_engine.db.session import Database, DatabaseUnavailable, Session, ValueRefused
from geo_engine.ids import TeamId, TenantId
from geo_engine.tenancy import OPERATOR, Team
from geo_engine.tenancy import service as tenancy

SEED = 20261124
THREADS = 4
SEQUENCES = 1_000
REQUESTS_MOST = 4
STEPS_MOST = 3
NOBODY = None


class Broken(Exception):
    """A request goes wrong in the middle."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look of a request showed: the tenants of the rows, against whose request it was."""

    tenant_id: TenantId | None
    shown: frozenset[TenantId]
    count: int


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[tuple[Database, dict[TenantId, int]]]:
    """Give a pool of two connections and how many teams each of three companies has, none the same number."""
    with databases.clone(pool_size=2, overflow=0) as own:
        counts: dict[TenantId, int] = {}
        for number, code in enumerate(("alpha", "beta", "gamma"), start=2):
            tenant_id = add_bare_company(own.app, code)
            with own.app.bound(tenant_id) as session:
                for team in range(number):
                    tenancy.save_team(session, Team(id=TeamId(f"team {team}"), name=code), by=OPERATOR, now=NOW)
            counts[tenant_id] = number
        yield own.app, counts


def test_a_thousand_sequences_of_requests_never_see_another_company(
    shared: tuple[Database, dict[TenantId, int]], record_property: Callable[[str, object], None]
) -> None:
    """On two connections, four threads read, write, fail, roll back, nest and lose their backend: nothing mixes."""
    pool, team_counts = shared
    seeds = [f"{SEED}/{number}" for number in range(SEQUENCES)]

    with ThreadPoolExecutor(THREADS) as threads:
        results = list(threads.map(lambda seed: _sequence(pool, list(team_counts), random.Random(seed)), seeds))

    looks = [look for looked, _ in results for look in looked]
    counts = sum((counted for _, counted in results), Counter[str]())
    wrong = [
        (seed, look)
        for seed, (looked, _) in zip(seeds, results, strict=True)
        for look in looked
        if look.shown != ({look.tenant_id} if look.tenant_id else set())
        or look.count != team_counts.get(look.tenant_id, 0)
    ]
    assert wrong == []
    assert {look.tenant_id for look in looks} == {*team_counts, NOBODY}
    assert min(counts[kind] for kind in ("lost", "broken", "refused", "bound", "unbound", *_NAMES)) > 0
    told = f"{SEQUENCES} sequences, {len(looks)} looks: {dict(counts)}"
    record_property("pool", told)
    print(f"\npool: {told}")  # noqa: T201 - the counts are the evidence


def _sequence(pool: Database, tenants: list[TenantId], chance: random.Random) -> tuple[list[Seen], Counter[str]]:
    """Make some requests one after the other; return what they saw, and counts of how they went."""
    looks: list[Seen] = []
    counts = Counter[str]()
    for _ in range(chance.randint(1, REQUESTS_MOST)):
        tenant_id = chance.choice([*tenants, NOBODY])
        counts["unbound" if tenant_id is None else "bound"] += 1
        ended = "done"
        try:
            with pool.unbound() if tenant_id is None else pool.bound(tenant_id) as session:
                looks.append(_look(session, tenant_id))
                for step in chance.choices(_STEPS, _WEIGHTS, k=chance.randint(1, STEPS_MOST)):
                    counts[step.__name__] += 1
                    step(session, tenant_id, chance)
                    looks.append(_look(session, tenant_id))
        except DatabaseUnavailable:
            ended = "lost"
        except Broken:
            ended = "broken"
        except ValueRefused:
            ended = "refused"
        counts[ended] += 1
    return looks, counts


def _look(session: Session, tenant_id: TenantId | None) -> Seen:
    rows = session.scalars(text("select tenant_id from team")).all()
    return Seen(tenant_id=tenant_id, shown=frozenset(map(TenantId, rows)), count=len(rows))


def _reads(session: Session, tenant_id: TenantId | None, _: random.Random) -> None:
    session.execute(text("select from role_grant join tenant using (tenant_id)"))


def _writes(session: Session, tenant_id: TenantId | None, chance: random.Random) -> None:
    """Rename teams: the rows stay as many, whether the transaction is committed or not."""
    session.execute(text("update team set name = :name"), {"name": str(chance.random())})


def _nests(session: Session, tenant_id: TenantId | None, chance: random.Random) -> None:
    """Open a savepoint, and either keep it or roll it back after an error."""
    with suppress(DataError), session.begin_nested():
        session.execute(text("update team set name = 'nested'"))
        if chance.random() < 0.5:
            session.execute(text("select 1 / 0"))


def _meddles(session: Session, tenant_id: TenantId | None, _: random.Random) -> None:
    """Leave its own binding on the whole session, which nobody may do."""
    setting = {"name": TENANT_SETTING, "value": "" if tenant_id is None else str(tenant_id)}
    session.execute(text("select set_config(:name, :value, false)"), setting)


def _shadows(session: Session, tenant_id: TenantId | None, _: random.Random) -> None:
    """Leave a temporary table of the name of a real one on the connection; no policy binds its rows."""
    session.execute(text("create temporary table if not exists team (like public.team)"))


def _fails(session: Session, tenant_id: TenantId | None, _: random.Random) -> None:
    session.execute(text("select 1 / 0"))


def _raises(session: Session, tenant_id: TenantId | None, _: random.Random) -> None:
    raise Broken


def _loses_its_backend(session: Session, tenant_id: TenantId | None, _: random.Random) -> None:
    session.execute(text("select pg_terminate_backend(pg_backend_pid())"))


def _ends_others(session: Session, tenant_id: TenantId | None, _: random.Random) -> None:
    """End every other backend of the pool, idle or in the middle of a request."""
    others = "from pg_stat_activity where usename = current_user and pid <> pg_backend_pid()"
    session.execute(text(f"select pg_terminate_backend(pid) {others}"))


_STEPS = (_reads, _writes, _nests, _meddles, _shadows, _fails, _raises, _loses_its_backend, _ends_others)
_WEIGHTS = (16, 12, 12, 8, 8, 6, 6, 1, 1)
_NAMES = [step.__name__ for step in _STEPS]
