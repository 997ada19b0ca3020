"""How passwords are looked at."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from argon2 import PasswordHasher

from geo_engine.tenancy import passwords
from geo_engine.tenancy.passwords import hash_password, is_password


class _Watch:
    """A hasher that notes how many used it at once."""

    def __init__(self) -> None:
        self.most = self._now = 0
        self._lock = Lock()

    def verify(self, _kept: str, _password: str) -> bool:
        self.hash("")
        return True

    def hash(self, _password: str) -> str:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.02)
        with self._lock:
            self._now -= 1
        return "kept"


def test_few_passwords_are_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many try or set one, no more than four take memory and cores for it."""
    watch = _Watch()
    monkeypatch.setattr(passwords, "_HASHER", watch)

    with ThreadPoolExecutor(16) as threads:
        looks = [threads.submit(is_password, "a password", "kept") for _ in range(16)]
        hashes = [threads.submit(hash_password, "a long password") for _ in range(16)]

    assert all(look.result() for look in looks)
    assert {one.result() for one in hashes} == {"kept"}
    assert watch.most == 4


def test_nobodys_password_is_looked_at_too() -> None:
    """Whoever has none is refused, by a look that costs the same."""
    assert is_password("a password", hash_password("a password"))
    assert not is_password("another password", hash_password("a password"))
    assert not is_password("a password", None)
    assert not PasswordHasher().check_needs_rehash(passwords._NOBODYS)  # noqa: SLF001 - it costs what others do
