"""How a password is kept: as an Argon2id hash (RFC 9106) that tells nothing of it."""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from geo_engine.errors import InvalidInput
from geo_engine.words import Message

LEAST_LENGTH = 10
_MOST_LENGTH = 1_000
_HASHER = PasswordHasher()
_AT_ONCE = BoundedSemaphore(4)  # each takes 64 MiB and all cores: more at once would only take longer each


class UnusablePassword(InvalidInput):
    """The password is too short or too long."""

    def __init__(self) -> None:
        super().__init__(Message("A password has {least} characters or more.", {"least": LEAST_LENGTH}))


def hash_password(password: str) -> str:
    """Return what is kept of a password.

    Raises
    ------
    UnusablePassword
        When it is too short, or longer than anybody types.
    """
    if not LEAST_LENGTH <= len(password) <= _MOST_LENGTH:
        raise UnusablePassword
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Return whether a password is the one that was hashed; nobody's (None) costs as much as a wrong one.

    Few are looked at at once in a process; others wait for their turn.
    """
    try:
        with _AT_ONCE:
            return _HASHER.verify(kept or _NOBODYS, password[:_MOST_LENGTH]) and kept is not None
    except VerificationError:
        return False


def make_password() -> str:
    """Return a password that nobody guesses, easily read and typed."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
# Of words thrown away, at the costs that a hash has today: to make one takes a fifth of a second in every process.
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$PX2+Njksp1gNw0nYrRWJsQ$pmWcBaCrMlWpAEPq6VHWnmxaytGoqYQLc4hwvzsMd7k"
