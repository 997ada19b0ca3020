"""Tries at passwords that meet: counted, held to the limits, and in nobody's way while they are looked at."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from support.companies import NOW, PASSWORD, add_bare_company, quickly_hashed
from support.databases import OwnDatabase

from geo_engine.ids import MemberId, RoleId, TenantId
from geo_engine.tenancy import OPERATOR, sign_in
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.passwords import is_password
from geo_engine.tenancy.sign_in import FREE_TRIES, set_password, try_password
from geo_engine.words import Language

LOGIN = "ann@example.com"
WRONG = "wrong password"
NEW = "another one, as long"
AT_ONCE = 16  # more than the pool has connections


class Door:
    """Where a member of a company signs in."""

    def __init__(self, own: OwnDatabase) -> None:
        self._database = own.app
        self._tenant_id: TenantId = add_bare_company(own.app, "acme")
        new = NewMember(login=LOGIN, name="Ann", role_id=RoleId("dispatcher"), language=Language.EN)
        with own.app.bound(self._tenant_id) as session:
            self._member_id: MemberId = tenancy.add_member(
                session, new, member_id=uuid.uuid4(), by=OPERATOR, now=NOW
            ).id
        self.set_password(PASSWORD)

    def set_password(self, password: str) -> None:
        """Give the member a password."""
        with quickly_hashed(), self._database.bound(self._tenant_id) as session:
            set_password(session, self._member_id, password, by=OPERATOR, now=NOW)

    def opens(self, password: str, *, after: timedelta = timedelta(0)) -> bool:
        """Try a password."""
        return try_password(self._database, self._tenant_id, LOGIN, password, now=NOW + after) is not None


@pytest.fixture
def door(own: OwnDatabase) -> Door:
    """Give a door that nobody tried."""
    return Door(own)


def _during_the_look(monkeypatch: pytest.MonkeyPatch, password: str, act: Callable[[], object]) -> None:
    """Have something happen while a password is looked at, the first time."""
    acts = [act]

    def look(tried: str, kept: str | None) -> bool:
        if tried == password and acts:
            acts.pop()()
        return is_password(tried, kept)

    monkeypatch.setattr(sign_in, "is_password", look)


def test_guesses_made_at_once_are_no_more_than_guesses_made_in_turn(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the free tries are compared with the password; while all are looked at, nobody holds a connection."""
    all_look, compared = Barrier(AT_ONCE), list[bool]()

    def look(_tried: str, kept: str | None) -> bool:
        compared.append(kept is not None)
        all_look.wait(timeout=20)
        return False

    monkeypatch.setattr(sign_in, "is_password", look)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        opened = list(threads.map(door.opens, [WRONG] * AT_ONCE))
    monkeypatch.undo()

    assert opened == [False] * AT_ONCE
    assert compared.count(True) == FREE_TRIES
    assert not door.opens(PASSWORD, after=timedelta(seconds=29))
    assert door.opens(PASSWORD, after=timedelta(seconds=31))


def test_a_right_password_takes_back_no_try_made_since(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses that another makes while it is looked at stay counted, and the wait with them."""
    _during_the_look(monkeypatch, PASSWORD, lambda: [door.opens(WRONG) for _ in range(FREE_TRIES)])

    opened = door.opens(PASSWORD)
    guessed_on = door.opens(WRONG), door.opens(PASSWORD)

    assert opened
    assert guessed_on == (False, False)


def test_a_right_password_takes_back_the_tries_before(door: Door) -> None:
    """After it, all the free tries are there again."""
    for _ in range(2):
        assert [door.opens(WRONG) for _ in range(FREE_TRIES - 1)] == [False] * (FREE_TRIES - 1)
        assert door.opens(PASSWORD)


def test_a_password_that_was_changed_meanwhile_opens_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old one was right when it was looked at, and is not any more; the new one is, with nothing counted."""
    _during_the_look(monkeypatch, PASSWORD, lambda: door.set_password(NEW))

    assert not door.opens(PASSWORD)
    assert [door.opens(WRONG) for _ in range(FREE_TRIES - 1)] == [False] * (FREE_TRIES - 1)
    assert door.opens(NEW)
