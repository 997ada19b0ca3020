"""What connections do that are kept for those who write much: they fail and bind as those of the pool do."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext

import pytest
from support.cluster import connected
from support.companies import add_bare_company
from support.databases import OwnDatabase

from geo_engine.db.session import Database, DatabaseTooSlow, DatabaseUnavailable, RowConflict, ValueRefused
from geo_engine.db.wire import DRIVER_ERROR, Wire, Wires
from geo_engine.errors import GeoEngineError
from geo_engine.ids import TenantId

FIRST = "create temporary table noted (number int primary key) on commit delete rows"
NOTE = "insert into pg_temp.noted values (%(number)s::int)"
WHO = "select pg_backend_pid()"
COMPANIES = "select string_agg(code, ' ') from tenant"


@pytest.fixture
def wires(own: OwnDatabase) -> Iterator[Wires]:
    """Give connections that begin with a table of their own."""
    wires = Wires(own.url(), at_first=FIRST)
    yield wires
    wires.close()


def _backend(wires: Wires) -> int:
    with wires.transaction() as wire:
        (pid,) = wire.run(WHO, {}).row()
    assert pid is not None
    return int.from_bytes(pid)


def test_a_connection_is_kept_and_one_that_the_server_ended_is_replaced(own: OwnDatabase, wires: Wires) -> None:
    """Nobody notices that the server has been away in between."""
    first = _backend(wires)
    again = _backend(wires)
    with connected(own.cluster) as server:
        server.execute("select pg_terminate_backend(%s, 5000)", [first])
    other = _backend(wires)

    assert (again == first, other == first) == (True, False)


def test_a_connection_that_breaks_is_told_and_not_kept(wires: Wires) -> None:
    """Whoever was at work may try again, and succeeds."""
    first = _backend(wires)

    with pytest.raises(DatabaseUnavailable), wires.transaction() as wire:
        wire.run("select pg_terminate_backend(pg_backend_pid())", {})

    assert _backend(wires) != first


def test_a_database_that_is_away_is_unavailable_on_the_wire_too() -> None:
    """A server that does not answer is told as such, without its address."""
    away = Database("postgresql://geo_app:secret-word@127.0.0.1:9/none").wires(at_first=FIRST)

    with pytest.raises(DatabaseUnavailable) as told, away.transaction():
        pass

    assert "secret-word" not in str(told.value)


@pytest.mark.parametrize(
    ("statement", "values", "family"),
    [
        (NOTE, {"number": 1}, RowConflict),
        (NOTE, {"number": 3_000_000_000}, ValueRefused),
        ("select %(text)s::text", {"text": "\ud800"}, ValueRefused),
        ("select pg_sleep(%(long)s::int)", {"long": 9}, DatabaseTooSlow),
    ],
)
def test_what_cannot_be_done_is_told_in_its_family(
    wires: Wires, statement: str, values: Mapping[str, object], family: type[GeoEngineError]
) -> None:
    """Also where statements are sent together; nothing of the transaction stays, and the connection can be used."""
    first = _backend(wires)

    for together in (False, True):
        with pytest.raises(family):
            _ask(wires, statement, values, together=together)

    _ask(wires, NOTE, {"number": 2}, together=True)
    assert _backend(wires) == first


def _note(wires: Wires, *numbers: int) -> None:
    with wires.transaction() as wire, wire.together():
        for number in numbers:
            wire.run(NOTE, {"number": number})
        wire.run(WHO, {})


def _ask(wires: Wires, statement: str, values: Mapping[str, object], *, together: bool) -> None:
    with wires.transaction() as wire:
        wire.run("set local statement_timeout = 50", {})
        wire.run(NOTE, {"number": 1})
        with wire.together() if together else nullcontext():
            wire.run(statement, values)
            wire.commit()


@pytest.mark.parametrize("spoil", ["deallocate all", "alter table pg_temp.noted add column more int"])
def test_a_connection_whose_statements_do_not_hold_any_more_is_not_kept(wires: Wires, spoil: str) -> None:
    """Whoever asks behind a pooler that forgets, or after a change of a table, fails once and not for ever."""
    ask = "select * from pg_temp.noted"
    for statement in (ask, spoil):
        with wires.transaction() as wire:
            wire.run(statement, {})

    with pytest.raises(DRIVER_ERROR), wires.transaction() as wire:
        wire.run(ask, {})

    with wires.transaction() as wire:
        wire.run(ask, {})


def test_no_row_is_not_taken_for_one(wires: Wires) -> None:
    """Nor are two: a defect of ours is raised where it is."""
    for count in (0, 2):
        with pytest.raises(LookupError), wires.transaction() as wire:
            wire.run("select from generate_series(1, %(count)s::int)", {"count": count}).row()


def test_values_go_where_their_names_are(wires: Wires) -> None:
    """Each name has its number, also one that stands twice; a doubled percent sign is one."""
    with wires.transaction() as wire:
        told = wire.run("select %(a)s::text, %(b)s::text || '%%', %(a)s::text", {"a": "1", "b": "2"}).row()

    assert told == (b"1", b"2%", b"1")


def test_what_fails_again_and_again_is_prepared_once(wires: Wires) -> None:
    """So is what is sent behind it: it was never prepared, which is not forgotten."""
    for number in (3_000_000_000, 4_000_000_000, 5_000_000_000):
        with pytest.raises(ValueRefused):
            _note(wires, number)

    with wires.transaction() as wire:
        (pid,) = wire.run(WHO, {}).row()
        (count,) = wire.run("select count(*) from pg_prepared_statements where statement ~ 'noted|pid'", {}).row()

    assert pid is not None
    assert count is not None
    assert int.from_bytes(count) == 3  # the one that counts is prepared too


def test_what_is_larger_than_what_is_under_way_at_once_arrives(wires: Wires) -> None:
    """Megabytes both ways, between others that are sent with them, none of them taken for another's."""
    texts = [str(number) * 3_000_000 for number in range(3)]

    with wires.transaction() as wire, wire.together():
        answers = [wire.run("select %(text)s::text", {"text": one}) for one in texts]

    assert [one.row() for one in answers] == [(one.encode(),) for one in texts]


def test_a_defect_of_ours_is_no_family_of_errors(wires: Wires) -> None:
    """A statement that nobody can run is raised as it is."""
    with pytest.raises(DRIVER_ERROR), wires.transaction() as wire:
        wire.run("select nonsense", {})


def test_a_transaction_sees_the_tenant_it_is_bound_to_and_the_next_one_none(own: OwnDatabase, wires: Wires) -> None:
    """Nothing of a binding is left on a kept connection."""
    alpha, beta = (add_bare_company(own.app, code) for code in ("alpha", "beta"))

    with wires.transaction() as wire:
        seen = [_bound_to(wire, tenant_id) for tenant_id in (alpha, beta)]
    with wires.transaction() as wire:
        unbound = wire.run(COMPANIES, {}).row()

    assert seen == ["alpha", "beta"]
    assert unbound == (None,)


def _bound_to(wire: Wire, tenant_id: TenantId) -> str:
    wire.bind(tenant_id)
    (codes,) = wire.run(COMPANIES, {}).row()
    assert codes is not None
    return codes.decode()
